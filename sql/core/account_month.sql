/*
account_month
    What each customer bought, was invoiced and cost, month by month. Months on or after a snapshot are kept here:
    tables of a snapshot leave them out.

grain  : one row per account and month with any of the three
key    : account_id, month_on
inputs : core.feed_row, core.opportunity
params : none
rules  :
  group_id not null
  account_id references core.account
columns:
  account_id    VARCHAR        CRM account id
  group_id      VARCHAR        group of the account
  month_on      DATE           first day of the month
  bookings_amt  DECIMAL(18,2)  deals won with a close date in the month, as far as their amounts are known; null where
                               there are none
  invoiced_amt  DECIMAL(18,2)  invoiced revenue from the feed; null where it has no row
  cost_amt      DECIMAL(18,2)  costs from the feed, credits deducted; null where it has no row
*/
with fact as (

    select
        account_id,
        group_id,
        date_trunc('month', closed_on)::date as month_on,
        amount_amt as bookings_amt,
        null::decimal(18, 2) as invoiced_amt,
        null::decimal(18, 2) as cost_amt
    from core.opportunity
    where is_won and amount_amt is not null
    union all
    select
        account_id,
        group_id,
        dated_on as month_on,
        null as bookings_amt,
        case when object = 'feeds.actuals' then amount_amt end as invoiced_amt,
        case when object = 'feeds.costs' then amount_amt end as cost_amt
    from core.feed_row
    where object in ('feeds.actuals', 'feeds.costs') and status = 'used'

)

select
    account_id,
    min(group_id) as group_id,
    month_on,
    sum(bookings_amt)::decimal(18, 2) as bookings_amt,
    sum(invoiced_amt)::decimal(18, 2) as invoiced_amt,
    sum(cost_amt)::decimal(18, 2) as cost_amt
from fact
group by account_id, month_on
