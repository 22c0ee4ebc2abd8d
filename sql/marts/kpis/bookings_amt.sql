/*
bookings_amt
    Won deals closed in the period, added up.

inputs : marts.kpi_entity_period
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    (case when won_cnt = 0 then 0 else bookings_amt end)::double as value,
    null::double as numerator,
    null::double as denominator,
    won_cnt - unknown_won_cnt as n,
    case when unknown_won_cnt > 0 then 'unknown_won_amounts' end as reason,
    unknown_won_cnt as reason_cnt
from marts.kpi_entity_period
where as_of_date = $as_of_date::date
