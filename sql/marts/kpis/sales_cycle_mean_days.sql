/*
sales_cycle_mean_days
    Days from creation to close, on average over all deals closed in the period, won or lost.

inputs : marts.kpi_entity_period
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    cycle_days / nullif(cycle_cnt, 0) as value,
    (case when cycle_cnt > 0 then cycle_days end)::double as numerator,
    cycle_cnt::double as denominator,
    cycle_cnt as n,
    case
        when won_cnt + lost_cnt = 0 then 'nothing_closed'
        when cycle_cnt = 0 then 'no_cycle'
        when cycle_cnt < won_cnt + lost_cnt then 'some_without_cycle'
    end as reason,
    won_cnt + lost_cnt - cycle_cnt as reason_cnt
from marts.kpi_entity_period
where as_of_date = $as_of_date::date
