/*
weighted_pipeline_amt
    Open deals times their probability as entered, added up.

inputs : marts.kpi_entity_state
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    'as_of' as period_type,
    as_of_date as period_start,
    (case when open_cnt = 0 then 0 else weighted_amt end)::double as value,
    null::double as numerator,
    null::double as denominator,
    likely_cnt as n,
    case
        when open_cnt > 0 and likely_cnt = 0 then 'no_probability'
        when likely_cnt < open_cnt then 'some_without_probability'
    end as reason,
    open_cnt - likely_cnt as reason_cnt
from marts.kpi_entity_state
where as_of_date = $as_of_date::date
