/*
profit_amt
    Revenue less costs, of the accounts and months whose costs are known.

inputs : marts.kpi_entity_feed
params : $as_of_date, $min_cost_coverage
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    (
        case when has_month and cost_coverage >= $min_cost_coverage::double then costed_revenue_amt - cost_amt end
    )::double as value,
    null::double as numerator,
    null::double as denominator,
    null::bigint as n,
    case
        when not has_month then 'no_month'
        when cost_amt is null then 'no_costs'
        when cost_coverage < $min_cost_coverage::double then 'few_costs'
        when cost_coverage < 1 then 'some_costs'
    end as reason,
    floor(100 * cost_coverage)::bigint as reason_cnt
from marts.kpi_entity_feed
where as_of_date = $as_of_date::date
