/*
days_since_meeting
    Days since the newest meeting; for several customers the one in the middle of those that had a meeting.

inputs : marts.kpi_entity_state
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    'as_of' as period_type,
    as_of_date as period_start,
    median_meeting_days as value,
    null::double as numerator,
    null::double as denominator,
    met_groups_cnt as n,
    case
        when met_groups_cnt = 0 then 'no_meeting'
        when met_groups_cnt < groups_cnt then 'groups_without_meeting'
    end as reason,
    groups_cnt - met_groups_cnt as reason_cnt
from marts.kpi_entity_state
where as_of_date = $as_of_date::date
