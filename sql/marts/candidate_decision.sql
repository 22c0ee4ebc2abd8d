/*
candidate_decision
    What is proposed for each group. A designated group near the list is reviewed, not removed, so that it does not come
    and go; what is read is the designation, never our own last list.

grain  : one row per as_of_date and group that can be proposed and has a score
key    : as_of_date, group_id
inputs : marts.candidate_rank
params : $as_of_date
columns:
  as_of_date  DATE     snapshot date
  group_id    VARCHAR  group
  decision    VARCHAR  keep, review or exit for designated groups; add or none for the others; a designated group whose
                       revenue is not fully known is never exit, unless it cannot be chosen at all
  standing    VARCHAR  list; full: would have a place but for the cap; near: to 15 %; far; barred: cannot be chosen
*/
select
    $as_of_date::date as as_of_date,
    group_id,
    case
        when is_key_account and is_in_list then 'keep'
        when is_key_account and is_eligible and (band <> 'outside' or unknown_won_cnt > 0) then 'review'
        when is_key_account then 'exit'
        when is_in_list then 'add'
        else 'none'
    end as decision,
    case
        when is_in_list then 'list'
        when not is_eligible then 'barred'
        when band in ('top_5_pct', 'top_10_pct') then 'full'
        when band = 'near_miss' then 'near'
        else 'far'
    end as standing
from marts.candidate_rank
where as_of_date = $as_of_date::date
