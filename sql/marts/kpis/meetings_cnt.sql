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
    meetings_cnt::double as value,
    null::double as numerator,
    null::double as denominator,
    meetings_cnt as n,
    null::varchar as reason,
    null::bigint as reason_cnt
from marts.kpi_entity_period
where as_of_date = $as_of_date::date
