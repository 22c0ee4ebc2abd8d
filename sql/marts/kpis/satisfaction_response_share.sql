/*
satisfaction_response_share
    Answers over persons asked.

inputs : marts.kpi_entity_feed
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    answers_cnt / nullif(asked_cnt, 0) as value,
    answers_cnt::double as numerator,
    asked_cnt::double as denominator,
    asked_cnt as n,
    case when asked_cnt = 0 then 'nobody_asked' end as reason,
    null::bigint as reason_cnt
from marts.kpi_entity_feed
where as_of_date = $as_of_date::date and period_type in ('fiscal_year', 'ttm')
