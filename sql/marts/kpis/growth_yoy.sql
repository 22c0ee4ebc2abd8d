/*
growth_yoy
    Bookings of the period over those of the same days a year before, minus 1.

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
        case when has_base then base_amt end as base_amt,
        has_base,
        cohort_cnt,
        unknown_won_cnt + base_unknown_cnt as unknown_cnt
    from marts.kpi_entity_period
    where as_of_date = $as_of_date::date

)

select
    entity_type,
    entity_id,
    period_type,
    period_start,
    (case when base_amt > 0 then bookings_amt / base_amt - 1 end)::double as value,
    bookings_amt::double as numerator,
    base_amt::double as denominator,
    cohort_cnt as n,
    case
        when not has_base then 'short_history'
        when base_amt is null or base_amt <= 0 then 'no_base'
        when bookings_amt is null then 'no_known_amount'
        when unknown_cnt > 0 then 'unknown_won_amounts'
    end as reason,
    unknown_cnt as reason_cnt
from compared
