/*
weighted_pipeline_amt
    Open deals times their probability as entered, added up.

inputs : marts.kpi_entity_state
params : $as_of_date, $min_valued_share
*/
select
    entity_type,
    entity_id,
    'as_of' as period_type,
    as_of_date as period_start,
    (
        case
            when open_cnt = 0 then 0
            -- of deals that have been closed since, the probability of the time is not known
            when likely_cnt >= $min_valued_share::double * open_cnt then weighted_amt
        end
    )::double as value,
    null::double as numerator,
    null::double as denominator,
    likely_cnt as n,
    case
        when likely_cnt < $min_valued_share::double * open_cnt then 'no_probability'
        when likely_cnt < open_cnt then 'some_without_probability'
    end as reason,
    open_cnt - likely_cnt as reason_cnt
from marts.kpi_entity_state
where as_of_date = $as_of_date::date
