/*
group_in_focus
    Groups whose deals and activities readers get: designated, on the list or near it in any kept snapshot.

grain  : one row per group
key    : group_id
inputs : marts.key_account_candidate, marts.designated_group, core.account_group
params : $facts
columns:
  group_id  VARCHAR  group
*/
select group_id
from core.account_group
where $facts::varchar = 'all'
union
select group_id
from marts.designated_group
union
select group_id
from marts.key_account_candidate
where is_in_list or is_key_account or band <> 'outside'
