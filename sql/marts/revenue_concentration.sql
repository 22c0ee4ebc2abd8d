/*
revenue_concentration
    How concentrated revenue is, metric by metric, in windows of 12, 24 and 36 months.

grain  : one row per as_of_date, basis, window and metric
key    : as_of_date, basis, window_months, metric
inputs : marts.entity_revenue, marts.concentration_window, marts.concentration_measure, marts.concentration_interval
params : $as_of_date
readers: published
rules  :
  basis in group, account
  window_months between 12 and 36
  metric in revenue_amt, gini, gini_corrected, hhi, effective_accounts, largest_share, cr_3, cr_5, cr_10,
    top_1_pct_share, top_5_pct_share, top_10_pct_share, top_20_pct_share, theil, palma
  status in measured, insufficient_data
  status not null
  value, ci_low, ci_high, value_with_zero from 0
  accounts_cnt, excluded_cnt, zero_cnt, excluded_amt from 0
  ci_low at most ci_high
columns:
  as_of_date       DATE           snapshot date, exclusive end of the window
  basis            VARCHAR        group (ultimate parents) or account (leaves)
  window_months    INTEGER        length of the window: 12, 24 or 36
  metric           VARCHAR        revenue_amt in reporting currency; gini, gini_corrected, hhi,
                                  largest_share, cr_k and top_p_pct_share are 0..1; effective_accounts is 1 / hhi;
                                  theil is 0..ln(n); palma is the top 10 % over the bottom 40 %
  value            DOUBLE         the metric, null where it is not defined or the history does not cover the window
  ci_low           DOUBLE         lower end of the 95 % bootstrap interval (accounts resampled); null for plain facts
  ci_high          DOUBLE         upper end
  accounts_cnt     BIGINT         entities with revenue above zero in the window, the n of the metric
  excluded_cnt     BIGINT         entities left out because their revenue in the window is negative
  excluded_amt     DECIMAL(18,2)  how much below zero these are together, as an amount from 0
  zero_cnt         BIGINT         entities with revenue in the 36 months and none in the window, not even of an unknown
                                  amount; left out too
  value_with_zero  DOUBLE         gini, gini_corrected and top shares if these counted as well; null for other metrics
  status           VARCHAR        measured or insufficient_data
  reason           VARCHAR        why there is no value
  reason_da        VARCHAR        the same in Danish
*/
with frame as (

    select
        population.basis,
        frame.window_months,
        frame.first_on,
        frame.is_covered
    from marts.concentration_window as frame
    cross join (
        select distinct basis
        from marts.entity_revenue
        where as_of_date = $as_of_date::date
    ) as population
    where frame.as_of_date = $as_of_date::date

),

-- with those of zero behind everybody else the Gini coefficient is (n gini + m - n) / m
measured as (

    select
        *,
        revenue_amt::double as amount,
        accounts_cnt + zero_cnt as m
    from marts.concentration_measure
    where as_of_date = $as_of_date::date

),

long as (

    select
        basis,
        window_months,
        accounts_cnt,
        excluded_cnt,
        excluded_amt,
        zero_cnt,
        unnest([
            'revenue_amt', 'gini', 'gini_corrected', 'hhi', 'effective_accounts', 'largest_share', 'cr_3', 'cr_5',
            'cr_10', 'top_1_pct_share', 'top_5_pct_share', 'top_10_pct_share', 'top_20_pct_share', 'theil', 'palma'
        ]) as metric,
        unnest([
            amount, gini, gini_corrected, hhi, effective_accounts, largest_share, cr_3, cr_5,
            cr_10, top_1_pct_share, top_5_pct_share, top_10_pct_share, top_20_pct_share, theil, palma
        ]) as value,
        unnest([
            null, (accounts_cnt * gini + zero_cnt) / m,
            case when m > 1 then (accounts_cnt * gini + zero_cnt) / (m - 1) end, null, null, null, null, null,
            null, with_zero_1, with_zero_5, with_zero_10, with_zero_20, null, null
        ]) as value_with_zero
    from measured
    union all
    select
        basis,
        window_months,
        null as accounts_cnt,
        null as excluded_cnt,
        null as excluded_amt,
        null as zero_cnt,
        unnest([
            'revenue_amt', 'gini', 'gini_corrected', 'hhi', 'effective_accounts', 'largest_share', 'cr_3', 'cr_5',
            'cr_10', 'top_1_pct_share', 'top_5_pct_share', 'top_10_pct_share', 'top_20_pct_share', 'theil', 'palma'
        ]) as metric,
        null as value,
        null as value_with_zero
    from frame
    where not is_covered

)

select
    $as_of_date::date as as_of_date,
    long.basis,
    long.window_months,
    long.metric,
    long.value::double as value,
    interval.ci_low,
    interval.ci_high,
    long.accounts_cnt::bigint as accounts_cnt,
    long.excluded_cnt::bigint as excluded_cnt,
    long.excluded_amt::decimal(18, 2) as excluded_amt,
    long.zero_cnt::bigint as zero_cnt,
    long.value_with_zero::double as value_with_zero,
    case when long.value is null then 'insufficient_data' else 'measured' end as status,
    case
        when long.value is not null then null
        when frame.is_covered then 'Too few customers have revenue for this measure.'
        else format(
            'Revenue begins on {}; a window of {} months is not covered.',
            frame.first_on, frame.window_months
        )
    end as reason,
    case
        when long.value is not null then null
        when frame.is_covered then 'For få kunder har omsætning til dette mål.'
        else format(
            'Omsætningen begynder {}; perioden på {} måneder er ikke dækket.',
            strftime(frame.first_on, '%d-%m-%Y'), frame.window_months
        )
    end as reason_da
from long
inner join frame on long.basis = frame.basis and long.window_months = frame.window_months
left join marts.concentration_interval as interval
    on
        interval.as_of_date = $as_of_date::date
        and long.basis = interval.basis
        and long.window_months = interval.window_months
        and long.metric = interval.metric
