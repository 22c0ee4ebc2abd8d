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
        when won_cnt + lost_cnt = 0 then 'nothing_closed'
        when cycle_cnt = 0 then 'no_cycle'
        when cycle_cnt < won_cnt + lost_cnt then 'some_without_cycle'
    end as reason,
    won_cnt + lost_cnt - cycle_cnt as reason_cnt
from marts.kpi_entity_period
where as_of_date = $as_of_date::date
