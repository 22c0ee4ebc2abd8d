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
    (case when won_cnt = 0 and has_closed then 0 else bookings_amt end)::double as value,
    null::double as numerator,
    null::double as denominator,
    won_cnt - unknown_won_cnt as n,
    case
        when not has_closed then 'nothing_closed_yet'
        when unknown_won_cnt > 0 and unknown_won_cnt = won_cnt then 'no_known_amount'
        when unknown_won_cnt > 0 then 'unknown_won_amounts'
    end as reason,
    unknown_won_cnt as reason_cnt
from marts.kpi_entity_period
where as_of_date = $as_of_date::date
