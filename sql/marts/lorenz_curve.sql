/*
lorenz_curve
    The Lorenz curve in 101 points: the smallest share of accounts first.

grain  : one row per as_of_date, basis, window and point
key    : as_of_date, basis, window_months, point
inputs : marts.entity_revenue
params : $as_of_date
readers: published
rules  :
  basis in group, account
  point between 0 and 100
  account_share, revenue_share between 0 and 1
  account_share, revenue_share not null
  revenue_share at most account_share
columns:
  as_of_date     DATE     snapshot date, exclusive end of the window
  basis          VARCHAR  group or account
  window_months  INTEGER  length of the window
  point          INTEGER  0..100, per cent of the accounts from the smallest up
  account_share  DOUBLE   share of accounts with revenue, 0..1: whole accounts, so not always point / 100
  revenue_share  DOUBLE   share of revenue that these accounts bring, 0..1
*/
with ranked as (

    select
        basis,
        row_number() over (partition by basis order by revenue_amt, entity_id) as place,
        count(*) over (partition by basis) as n,
        sum(revenue_amt) over (partition by basis order by revenue_amt, entity_id rows unbounded preceding) as running,
        sum(revenue_amt) over (partition by basis) as total
    from marts.entity_revenue
    where as_of_date = $as_of_date::date and revenue_amt > 0

),

wanted as (

    select
        size.basis,
        step.point::integer as point,
        round(step.point * size.n / 100.0)::bigint as place
    from (select distinct basis, n from ranked) as size
    cross join (select unnest(range(0, 101)) as point) as step

)

select
    $as_of_date::date as as_of_date,
    wanted.basis,
    12 as window_months,
    wanted.point,
    coalesce(ranked.place / ranked.n, 0)::double as account_share,
    coalesce(ranked.running / ranked.total, 0)::double as revenue_share
from wanted
left join ranked on wanted.basis = ranked.basis and wanted.place = ranked.place
