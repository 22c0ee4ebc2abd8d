/*
revenue_window
    Where the windows of revenue end, and how far back revenue goes. Invoiced revenue is known by whole months, so that
    its windows end with the last whole month before the date: a part month never counts as a whole one.

grain  : one row per as_of_date
key    : as_of_date
inputs : core.revenue
params : $as_of_date, $revenue_basis
rules  :
  revenue_basis in bookings, invoiced, orders
  until_on not null
  first_on at most history_on
columns:
  as_of_date     DATE     snapshot date
  revenue_basis  VARCHAR  bookings, invoiced or orders
  until_on       DATE     exclusive end of every window: the date itself, of invoiced revenue the first of its month
  first_on       DATE     first day, or month, with revenue before that, of known amount or not; null where none is
  history_on     DATE     the same after the last gap of more than three years: a single date far back is a slip
*/
with frame as (

    select
        case
            when $revenue_basis::varchar = 'invoiced' then date_trunc('month', $as_of_date::date)
            else $as_of_date::date
        end::date as until_on

),

earned as (

    select distinct revenue.earned_on
    from core.revenue as revenue
    inner join frame on revenue.earned_on < frame.until_on

),

followed as (

    select
        earned_on,
        lag(earned_on) over (order by earned_on) as earned_before
    from earned

),

history as (

    select
        min(earned_on) as first_on,
        max(earned_on) filter (where earned_before is null or earned_before < earned_on - interval 36 month)
            as history_on
    from followed

)

select
    $as_of_date::date as as_of_date,
    $revenue_basis::varchar as revenue_basis,
    frame.until_on,
    history.first_on,
    history.history_on
from frame
cross join history
