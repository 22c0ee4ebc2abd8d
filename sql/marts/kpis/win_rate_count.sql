/*
win_rate_count
    Won deals over won and lost deals, by close date.

inputs : marts.kpi_entity_period
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    won_cnt / nullif(won_cnt + lost_cnt, 0) as value,
    won_cnt::double as numerator,
    (won_cnt + lost_cnt)::double as denominator,
    won_cnt + lost_cnt as n,
    case when won_cnt + lost_cnt = 0 then 'nothing_closed' end as reason,
    null::bigint as reason_cnt
from marts.kpi_entity_period
where as_of_date = $as_of_date::date
