/*
median_deal_amt
    Amount in the middle of the won deals of the period; credit notes and deals without an amount left out.

inputs : marts.kpi_entity_period
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    won_median_amt::double as value,
    null::double as numerator,
    null::double as denominator,
    won_value_cnt as n,
    case
        when won_cnt = 0 then 'nothing_won'
        when won_value_cnt = 0 then 'won_without_amount'
        when won_value_cnt < won_cnt then 'some_without_amount'
    end as reason,
    won_cnt - won_value_cnt as reason_cnt
from marts.kpi_entity_period
where as_of_date = $as_of_date::date
