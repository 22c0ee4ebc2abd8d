/*
relevance_figure
    The figures that the relevance tests hold against their thresholds, of revenue on the chosen basis.

grain  : one row per as_of_date and basis
key    : as_of_date, basis
inputs : marts.revenue_concentration, marts.revenue_window, core.revenue, core.unattributed_revenue
params : $as_of_date
rules  :
  basis in group, account
  entities_cnt, months_cnt from 0
  top_share, top_low, top_high, largest_share between 0 and 1
  top_low at most top_high
columns:
  as_of_date          DATE     snapshot date
  basis               VARCHAR  group or account
  entities_cnt        BIGINT   groups or accounts with revenue above zero in the window
  months_cnt          BIGINT   whole calendar months between the first revenue (won close, order, invoiced month) after
                               the last gap of more than three years and the date
  unattributed_share  DOUBLE   share of revenue without account, amount or rate, 0..1; a won deal, an order or a row of
                               the feed without a known amount counts with the mean of the others, credits with 0; null
                               without any
  top_share           DOUBLE   share of the top 10 %, null without revenue
  top_low             DOUBLE   lower end of its interval
  top_high            DOUBLE   upper end of its interval
  largest_share       DOUBLE   share of the largest, null without revenue
*/
with year_window as (

    select
        until_on,
        (until_on - interval 12 month)::date as start_on,
        case
            when day(history_on) = 1 then history_on
            else (date_trunc('month', history_on) + interval 1 month)::date
        end as first_month,
        date_trunc('month', as_of_date)::date as end_month
    from marts.revenue_window
    where as_of_date = $as_of_date::date

),

-- per account and day, and per record that was set aside
part as (

    select
        revenue.revenue_amt,
        revenue.positive_amt,
        revenue.known_cnt,
        0 as lacking_positive_amt,
        revenue.unknown_cnt as valueless_cnt,
        revenue.unknown_cnt as lacking_cnt
    from core.revenue as revenue
    inner join year_window
        on revenue.earned_on < year_window.until_on and revenue.earned_on >= year_window.start_on
    union all
    select
        lacking.amount_amt as revenue_amt,
        greatest(lacking.amount_amt, 0) as positive_amt,
        (lacking.amount_amt is not null)::bigint as known_cnt,
        greatest(lacking.amount_amt, 0) as lacking_positive_amt,
        (lacking.amount_amt is null)::bigint as valueless_cnt,
        1 as lacking_cnt
    from core.unattributed_revenue as lacking
    inner join year_window
        on lacking.earned_on < year_window.until_on and lacking.earned_on >= year_window.start_on

),

total as (

    select
        coalesce(sum(positive_amt), 0) as positive_amt,
        coalesce(sum(lacking_positive_amt), 0) as lacking_positive_amt,
        sum(valueless_cnt) * greatest((sum(revenue_amt) / nullif(sum(known_cnt), 0))::decimal(18, 2), 0)
            as presumed_amt,
        coalesce(sum(known_cnt + valueless_cnt), 0) as fact_cnt,
        coalesce(sum(lacking_cnt), 0) as lacking_cnt
    from part

),

measured as (

    select
        basis,
        max(accounts_cnt) as entities_cnt,
        max(value) filter (where metric = 'top_10_pct_share') as top_share,
        max(ci_low) filter (where metric = 'top_10_pct_share') as top_low,
        max(ci_high) filter (where metric = 'top_10_pct_share') as top_high,
        max(value) filter (where metric = 'largest_share') as largest_share
    from marts.revenue_concentration
    where as_of_date = $as_of_date::date and window_months = 12
    group by basis

)

select
    $as_of_date::date as as_of_date,
    view_of.basis,
    coalesce(measured.entities_cnt, 0) as entities_cnt,
    coalesce(greatest(
        12 * (year(year_window.end_month) - year(year_window.first_month))
        + month(year_window.end_month) - month(year_window.first_month), 0
    ), 0) as months_cnt,
    case
        when total.fact_cnt = total.lacking_cnt and total.fact_cnt > 0 then 1.0
        when total.fact_cnt > 0
            then
                coalesce(
                    (total.lacking_positive_amt + coalesce(total.presumed_amt, 0))
                    / nullif(total.positive_amt + coalesce(total.presumed_amt, 0), 0), 0
                )
    end::double as unattributed_share,
    measured.top_share,
    measured.top_low,
    measured.top_high,
    measured.largest_share
from (select unnest(['group', 'account']) as basis) as view_of
cross join year_window
cross join total
left join measured on view_of.basis = measured.basis
