/*
cagr_3y
    Yearly growth over three years: the last twelve months over the twelve months three years before them.

inputs : marts.kpi_entity_period
params : $as_of_date
*/
with compared as (

    select
        entity_type,
        entity_id,
        period_type,
        period_start,
        case when won_cnt = 0 then 0 else bookings_amt end as bookings_amt,
        case when has_base_3y then start_3y_amt end as start_amt,
        has_base_3y,
        won_cnt,
        unknown_won_cnt
    from marts.kpi_entity_period
    where as_of_date = $as_of_date::date and period_type = 'ttm'

)

select
    entity_type,
    entity_id,
    period_type,
    period_start,
    (case when start_amt > 0 and bookings_amt >= 0 then power(bookings_amt / start_amt, 1 / 3.0) - 1 end)::double
        as value,
    bookings_amt::double as numerator,
    start_amt::double as denominator,
    won_cnt as n,
    case
        when not has_base_3y then 'short_history_3y'
        when start_amt is null or start_amt <= 0 then 'no_base'
        when bookings_amt is null then 'no_known_amount'
        when bookings_amt < 0 then 'negative_bookings'
        when unknown_won_cnt > 0 then 'unknown_won_amounts'
    end as reason,
    unknown_won_cnt as reason_cnt
from compared
