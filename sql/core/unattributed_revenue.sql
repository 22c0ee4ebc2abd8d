/*
unattributed_revenue
    What would be revenue on the chosen basis if its customer or its amount could be told: records that were set aside.
    An account's own deals, orders and rows without a rate are counted in core.revenue.

grain  : one row per such record with a date
key    : record_id
inputs : staging.opportunity_set_aside, staging.order_set_aside, core.feed_row, core.currency_rate, core.organisation
params : $revenue_basis
columns:
  record_id   VARCHAR        CRM id, or id of the row of the feed
  earned_on   DATE           close date, start date of the order, or first day of the month
  amount_amt  DECIMAL(18,2)  amount at the static rate, null where it or the rate is unknown
*/
with set_aside as (

    select
        record_id,
        closed_on as earned_on,
        amount_original,
        currency_code,
        is_won as counts
    from staging.opportunity_set_aside
    where lacks is not null and $revenue_basis::varchar = 'bookings'
    union all
    select
        record_id,
        ordered_on as earned_on,
        amount_original,
        currency_code,
        is_activated as counts
    from staging.order_set_aside
    where lacks is not null and $revenue_basis::varchar = 'orders'

),

static_rate as (

    select
        currency_code,
        units_per_reporting
    from core.currency_rate
    where rate_kind in ('same', 'static')

)

select
    set_aside.record_id,
    set_aside.earned_on,
    try_cast(set_aside.amount_original / static_rate.units_per_reporting as decimal(18, 2)) as amount_amt
from set_aside
cross join core.organisation as organisation
left join static_rate
    on
        coalesce(set_aside.currency_code, organisation.corporate_currency, organisation.reporting_currency)
        = static_rate.currency_code
where set_aside.counts and set_aside.earned_on is not null
union all
-- the feed's own amounts have been converted, those of unknown customers too
select
    record_id,
    dated_on as earned_on,
    amount_amt
from core.feed_row
where
    object = 'feeds.actuals'
    and $revenue_basis::varchar = 'invoiced'
    and status in ('unmatched', 'rejected')
    and problem not in ('no_rate', 'out_of_range')
    and dated_on is not null
