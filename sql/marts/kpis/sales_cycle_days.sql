/*
sales_cycle_days
    Days from creation to close, in the middle of all deals closed in the period, won or lost.

inputs : marts.kpi_entity_period
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    cycle_median_days as value,
    null::double as numerator,
    null::double as denominator,
    cycle_cnt as n,
    case
        when cycle_cnt = 0 and backwards_cnt > 0 then 'only_backwards'
        when cycle_cnt = 0 then 'nothing_closed'
        when backwards_cnt > 0 then 'some_backwards'
    end as reason,
    backwards_cnt as reason_cnt
from marts.kpi_entity_period
where as_of_date = $as_of_date::date
