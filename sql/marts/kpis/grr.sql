/*
grr
    The same with every customer capped at what it brought before: growth of one cannot hide the loss of another.

inputs : marts.kpi_entity_period
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    (case when has_base and cohort_base_amt > 0 then cohort_kept_amt / cohort_base_amt end)::double as value,
    (case when has_base then cohort_kept_amt end)::double as numerator,
    (case when has_base then cohort_base_amt end)::double as denominator,
    cohort_cnt as n,
    case
        when not has_base then 'short_history'
        when cohort_cnt = 0 and base_amt > 0 then 'no_known_amount'
        when cohort_cnt = 0 then 'no_base'
        when unknown_won_cnt + base_unknown_cnt > 0 then 'unknown_won_amounts'
    end as reason,
    unknown_won_cnt + base_unknown_cnt as reason_cnt
from marts.kpi_entity_period
where as_of_date = $as_of_date::date and period_type in ('fiscal_year', 'ttm')
