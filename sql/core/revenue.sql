/*
revenue
    What each customer brought, day by day, on the basis set in kam.yaml: bookings are won deals by close date, orders
    activated orders by start date, invoiced is the feed of actuals by month. Days on or after a snapshot are kept here:
    tables of a snapshot leave them out.

grain  : one row per account and day with a won deal or an activated order, or month with an invoiced amount
key    : account_id, earned_on
inputs : core.opportunity, core.order, core.feed_row
params : $revenue_basis
rules  :
  group_id, revenue_basis not null
  account_id references core.account
  group_id references core.account_group
  revenue_basis in bookings, invoiced, orders
  known_cnt, unknown_cnt from 0
columns:
  account_id     VARCHAR        CRM account id
  group_id       VARCHAR        group of the account
  earned_on      DATE           close date, start date of the order, or first day of the month
  revenue_basis  VARCHAR        bookings, invoiced or orders, the same in every row
  revenue_amt    DECIMAL(18,2)  revenue in reporting currency, credits deducted; null where no amount of it is known
  positive_amt   DECIMAL(18,2)  the amounts above 0 among it
  known_cnt      BIGINT         deals, orders or rows of the feed with a known amount
  unknown_cnt    BIGINT         those whose amount or rate is unknown: they count nowhere as 0
*/
with fact as (

    select
        account_id,
        group_id,
        closed_on as earned_on,
        amount_amt
    from core.opportunity
    where is_won and $revenue_basis::varchar = 'bookings'
    union all
    select
        account_id,
        group_id,
        ordered_on as earned_on,
        amount_amt
    from core."order"
    where is_activated and $revenue_basis::varchar = 'orders'
    union all
    select
        account_id,
        group_id,
        dated_on as earned_on,
        case when status = 'used' then amount_amt end as amount_amt
    from core.feed_row
    where
        object = 'feeds.actuals'
        and (status = 'used' or problem in ('no_rate', 'out_of_range'))
        and $revenue_basis::varchar = 'invoiced'

)

select
    account_id,
    min(group_id) as group_id,
    earned_on,
    $revenue_basis::varchar as revenue_basis,
    sum(amount_amt)::decimal(18, 2) as revenue_amt,
    (sum(amount_amt) filter (where amount_amt > 0))::decimal(18, 2) as positive_amt,
    count(amount_amt) as known_cnt,
    count(*) - count(amount_amt) as unknown_cnt
from fact
group by account_id, earned_on
