/*
win_rate_shrunk
    Win rate by count, pulled towards that of all customers as if so many deals more had been closed at it.

inputs : marts.kpi_entity_period
params : $as_of_date, $shrink_deals
*/
with overall as (

    select
        period_type,
        period_start,
        won_cnt / nullif(won_cnt + lost_cnt, 0) as rate
    from marts.kpi_entity_period
    where as_of_date = $as_of_date::date and entity_type = 'portfolio' and entity_id = 'all'

),

pulled as (

    select
        own.entity_type,
        own.entity_id,
        own.period_type,
        own.period_start,
        own.won_cnt + own.lost_cnt as closed_cnt,
        own.won_cnt + $shrink_deals::double * overall.rate as won,
        own.won_cnt + own.lost_cnt + $shrink_deals::double as closed
    from marts.kpi_entity_period as own
    left join overall on own.period_type = overall.period_type and own.period_start = overall.period_start
    where own.as_of_date = $as_of_date::date

)

select
    entity_type,
    entity_id,
    period_type,
    period_start,
    (case when closed_cnt > 0 then won / closed end)::double as value,
    (case when closed_cnt > 0 then won end)::double as numerator,
    (case when closed_cnt > 0 then closed end)::double as denominator,
    closed_cnt as n,
    case when closed_cnt = 0 then 'nothing_closed' end as reason,
    null::bigint as reason_cnt
from pulled
