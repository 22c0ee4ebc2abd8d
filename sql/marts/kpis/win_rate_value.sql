/*
win_rate_value
    Amount of won deals over that of won and lost deals, by close date.

inputs : marts.kpi_entity_period
params : $as_of_date, $min_valued_share
*/
with closed as (

    select
        entity_type,
        entity_id,
        period_type,
        period_start,
        won_value_amt,
        coalesce(won_value_amt, 0) + coalesce(lost_value_amt, 0) as closed_amt,
        won_value_cnt + lost_value_cnt as valued_cnt,
        won_cnt + lost_cnt as closed_cnt,
        -- lost deals without amounts would make every deal look won, and the other way round
        won_value_cnt >= $min_valued_share::double * won_cnt and lost_value_cnt >= $min_valued_share::double * lost_cnt
            as is_valued
    from marts.kpi_entity_period
    where as_of_date = $as_of_date::date

)

select
    entity_type,
    entity_id,
    period_type,
    period_start,
    (case when is_valued then coalesce(won_value_amt, 0) / nullif(closed_amt, 0) end)::double as value,
    coalesce(won_value_amt, 0)::double as numerator,
    closed_amt::double as denominator,
    valued_cnt as n,
    case
        when closed_cnt = 0 then 'nothing_closed'
        when not is_valued then 'closed_without_amount'
        when valued_cnt < closed_cnt then 'some_without_amount'
    end as reason,
    closed_cnt - valued_cnt as reason_cnt
from closed
