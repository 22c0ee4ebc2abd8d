/*
lorenz_curve
    The Lorenz curve in 101 points, the smallest accounts first; none for a window that the history does not cover.

grain  : one row per as_of_date, basis, window and point
key    : as_of_date, basis, window_months, point
inputs : marts.entity_revenue, marts.concentration_window
params : $as_of_date
readers: published
rules  :
  basis in group, account
  window_months between 12 and 36
  point between 0 and 100
  account_share, revenue_share between 0 and 1
  account_share, revenue_share not null
  revenue_share at most account_share
columns:
  as_of_date     DATE     snapshot date, exclusive end of the window
  basis          VARCHAR  group or account
  window_months  INTEGER  length of the window: 12, 24 or 36; revenue_concentration says why one is not there
  point          INTEGER  0..100, per cent of the accounts from the smallest up
  account_share  DOUBLE   share of accounts with revenue, 0..1: whole accounts, so not always point / 100
  revenue_share  DOUBLE   share of revenue that these accounts bring, 0..1
*/
with amount as (

    select
        revenue.basis,
        revenue.entity_id,
        frame.window_months,
        case frame.window_months
            when 12 then revenue.revenue_amt
            when 24 then revenue.revenue_amt + revenue.prior_amt
            else revenue.revenue_amt + revenue.prior_amt + revenue.before_amt
        end::decimal(18, 2) as amount
    from marts.entity_revenue as revenue
    inner join marts.concentration_window as frame on revenue.as_of_date = frame.as_of_date and frame.is_covered
    where revenue.as_of_date = $as_of_date::date

),

ranked as (

    select
        basis,
        window_months,
        row_number() over (partition by basis, window_months order by amount, entity_id) as place,
        count(*) over (partition by basis, window_months) as n,
        sum(amount) over (
            partition by basis, window_months
            order by amount, entity_id rows unbounded preceding
        ) as running,
        sum(amount) over (partition by basis, window_months) as total
    from amount
    where amount > 0

),

wanted as (

    select
        size.basis,
        size.window_months,
        step.point::integer as point,
        round(step.point * size.n / 100.0)::bigint as place
    from (select distinct basis, window_months, n from ranked) as size
    cross join (select unnest(range(0, 101)) as point) as step

)

select
    $as_of_date::date as as_of_date,
    wanted.basis,
    wanted.window_months,
    wanted.point,
    coalesce(ranked.place / ranked.n, 0)::double as account_share,
    coalesce(ranked.running / ranked.total, 0)::double as revenue_share
from wanted
left join ranked
    on
        wanted.basis = ranked.basis
        and wanted.window_months = ranked.window_months
        and wanted.place = ranked.place
