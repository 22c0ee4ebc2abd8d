/*
satisfaction_response_share
    Answers over persons asked. A survey that delivers answers only does not say how many were asked.

inputs : core.satisfaction, marts.kpi_entity_feed
params : $as_of_date
*/
with survey as (

    select count(*) > count(score) as has_unanswered
    from core.satisfaction
    where surveyed_on < $as_of_date::date

)

select
    fact.entity_type,
    fact.entity_id,
    fact.period_type,
    fact.period_start,
    case when survey.has_unanswered then fact.answers_cnt / nullif(fact.asked_cnt, 0) end as value,
    fact.answers_cnt::double as numerator,
    case when survey.has_unanswered then fact.asked_cnt end::double as denominator,
    fact.asked_cnt as n,
    case when not survey.has_unanswered then 'only_answers' when fact.asked_cnt = 0 then 'nobody_asked' end as reason,
    null::bigint as reason_cnt
from marts.kpi_entity_feed as fact
cross join survey
where fact.as_of_date = $as_of_date::date and fact.period_type in ('fiscal_year', 'ttm')
