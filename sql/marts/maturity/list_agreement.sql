/*
list_agreement
    Every group that is designated or proposed: is it both. One row per group that is designated or in the proposed
    list. Numerator: 1 where it is designated and in the proposed list, otherwise 0; null where nobody can be proposed.
    Denominator: 1; null likewise.

inputs : marts.candidate_rank
params : $as_of_date
*/
with listed as (

    select
        group_id,
        is_in_list,
        coalesce(is_key_account, false) as is_designated,
        count(*) filter (where is_in_list) over () as proposed_cnt
    from marts.candidate_rank
    where as_of_date = $as_of_date::date

)

select
    group_id as observed_id,
    case when proposed_cnt > 0 then (is_in_list and is_designated)::integer end::double as numerator,
    case when proposed_cnt > 0 then 1 end::double as denominator,
    case when proposed_cnt > 0 then (is_in_list and is_designated)::integer end::double as value,
    case
        when proposed_cnt = 0 then 'Nobody can be proposed.'
        when is_in_list and is_designated then 'Designated and proposed.'
        when is_in_list then 'Proposed, not designated.'
        else 'Designated, not proposed.'
    end as detail,
    case
        when proposed_cnt = 0 then 'Ingen kan foreslås.'
        when is_in_list and is_designated then 'Udpeget og foreslået.'
        when is_in_list then 'Foreslået, men ikke udpeget.'
        else 'Udpeget, men ikke foreslået.'
    end as detail_da
from listed
where is_in_list or is_designated
