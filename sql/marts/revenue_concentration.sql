/*
revenue_concentration
    How concentrated revenue is, metric by metric; groups without revenue in the window are no part of it.

grain  : one row per as_of_date, basis, window and metric
key    : as_of_date, basis, window_months, metric
inputs : marts.entity_revenue, marts.concentration_interval
params : $as_of_date
readers: published
rules  :
  basis in group, account
  metric in revenue_amt, gini, gini_corrected, hhi, effective_accounts, largest_share, cr_3, cr_5, cr_10,
    top_1_pct_share, top_5_pct_share, top_10_pct_share, top_20_pct_share, theil, palma
  value, ci_low, ci_high from 0
  accounts_cnt, excluded_cnt from 0
  ci_low at most ci_high
columns:
  as_of_date     DATE     snapshot date, exclusive end of the window
  basis          VARCHAR  group (ultimate parents) or account (leaves)
  window_months  INTEGER  length of the window
  metric         VARCHAR  revenue_amt in reporting currency (bookings); gini, gini_corrected, hhi, largest_share, cr_k
                          and top_p_pct_share are 0..1; effective_accounts is 1 / hhi; theil is 0..ln(n); palma is the
                          top 10 % over the bottom 40 %
  value          DOUBLE   the metric, null where it is not defined
  ci_low         DOUBLE   lower end of the 95 % bootstrap interval (accounts resampled); null for plain facts
  ci_high        DOUBLE   upper end
  accounts_cnt   BIGINT   entities with revenue above zero in the window, the n of the metric
  excluded_cnt   BIGINT   entities left out because their revenue in the window is negative
*/
with ranked as (

    select
        basis,
        revenue_amt,
        row_number() over (partition by basis order by revenue_amt desc, entity_id) as place,
        count(*) over (partition by basis) as n,
        sum(revenue_amt) over (partition by basis) as total
    from marts.entity_revenue
    where as_of_date = $as_of_date::date and revenue_amt > 0

),

negative as (

    select
        basis,
        count(*) as excluded_cnt
    from marts.entity_revenue
    where as_of_date = $as_of_date::date and revenue_amt < 0
    group by basis

),

-- decimal literals, because ceil(0.10 * 70) in floating point is 8; decimal sums, because floating-point ones depend on
-- the order in which threads meet the rows
wide as (

    select
        basis,
        n as accounts_cnt,
        max(total)::double as revenue_amt,
        sum((n + 1 - 2 * place) * revenue_amt)::double / (n * max(total)) as gini,
        case when n > 1 then sum((n + 1 - 2 * place) * revenue_amt)::double / ((n - 1) * max(total)) end
            as gini_corrected,
        sum(((revenue_amt / total) * (revenue_amt / total))::decimal(38, 20))::double as hhi,
        1 / sum(((revenue_amt / total) * (revenue_amt / total))::decimal(38, 20))::double as effective_accounts,
        max(revenue_amt) / max(total) as largest_share,
        sum(revenue_amt) filter (where place <= 3) / max(total) as cr_3,
        sum(revenue_amt) filter (where place <= 5) / max(total) as cr_5,
        sum(revenue_amt) filter (where place <= 10) / max(total) as cr_10,
        sum(revenue_amt) filter (where place <= ceil(0.01 * n)) / max(total) as top_1_pct_share,
        sum(revenue_amt) filter (where place <= ceil(0.05 * n)) / max(total) as top_5_pct_share,
        sum(revenue_amt) filter (where place <= ceil(0.10 * n)) / max(total) as top_10_pct_share,
        sum(revenue_amt) filter (where place <= ceil(0.20 * n)) / max(total) as top_20_pct_share,
        sum(((revenue_amt * n / total) * ln(revenue_amt * n / total))::decimal(38, 15))::double / n as theil,
        sum(revenue_amt) filter (where place <= ceil(0.10 * n))
        / nullif(sum(revenue_amt) filter (where place > n - floor(0.40 * n)), 0) as palma
    from ranked
    group by basis, n

),

long as (

    select *
    from wide
    unpivot include nulls (
        value for metric in (
            revenue_amt, gini, gini_corrected, hhi, effective_accounts, largest_share, cr_3, cr_5, cr_10,
            top_1_pct_share, top_5_pct_share, top_10_pct_share, top_20_pct_share, theil, palma
        )
    )

)

select
    $as_of_date::date as as_of_date,
    long.basis,
    12 as window_months,
    long.metric,
    long.value::double as value,
    interval.ci_low,
    interval.ci_high,
    long.accounts_cnt,
    coalesce(negative.excluded_cnt, 0) as excluded_cnt
from long
left join marts.concentration_interval as interval
    on
        interval.as_of_date = $as_of_date::date
        and long.basis = interval.basis
        and long.metric = interval.metric
left join negative on long.basis = negative.basis
