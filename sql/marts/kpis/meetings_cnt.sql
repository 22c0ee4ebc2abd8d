/*
meetings_cnt
    Meetings held in the period.

inputs : marts.kpi_entity_period
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    (case when all_meetings_cnt > 0 then meetings_cnt end)::double as value,
    null::double as numerator,
    null::double as denominator,
    meetings_cnt as n,
    case when all_meetings_cnt = 0 then 'no_meeting_of_anybody' end as reason,
    null::bigint as reason_cnt
from marts.kpi_entity_period
where as_of_date = $as_of_date::date
