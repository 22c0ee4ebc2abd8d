/*
nps
    Net promoter score: customers weigh alike, each contact counts by its newest answer.

inputs : marts.kpi_entity_feed
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    nps_total / nullif(answering_cnt, 0) as value,
    nps_total as numerator,
    nullif(answering_cnt, 0)::double as denominator,
    answers_cnt as n,
    case
        when asked_cnt = 0 then 'nobody_asked'
        when answers_cnt = 0 then 'no_answer'
        when nps_total is null then 'scale_is_not_nps'
    end as reason,
    asked_cnt as reason_cnt
from marts.kpi_entity_feed
where as_of_date = $as_of_date::date and period_type in ('fiscal_year', 'ttm')
