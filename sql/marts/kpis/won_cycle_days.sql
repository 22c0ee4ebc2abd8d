/*
won_cycle_days
    Days from creation to close, in the middle of the deals won in the period.

inputs : marts.kpi_entity_period
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    won_cycle_median_days as value,
    null::double as numerator,
    null::double as denominator,
    won_cycle_cnt as n,
    case
        when won_cnt = 0 then 'nothing_won'
        when won_cycle_cnt = 0 then 'no_cycle'
        when won_cycle_cnt < won_cnt then 'some_without_cycle'
    end as reason,
    won_cnt - won_cycle_cnt as reason_cnt
from marts.kpi_entity_period
where as_of_date = $as_of_date::date
