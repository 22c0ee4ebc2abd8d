/*
relevance_figure
    The figures that the relevance tests hold against their thresholds.

grain  : one row per as_of_date and basis
key    : as_of_date, basis
inputs : marts.revenue_concentration, core.opportunity, core.currency_rate, core.organisation,
         staging.opportunity_set_aside
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
  months_cnt          BIGINT   whole calendar months between the first won close and the date
  unattributed_share  DOUBLE   share of revenue without account, amount or rate, 0..1; a won deal without a known
                               amount counts with the mean of the others; null without any won deal
  top_share           DOUBLE   share of the top 10 %, null without revenue
  top_low             DOUBLE   lower end of its interval
  top_high            DOUBLE   upper end of its interval
  largest_share       DOUBLE   share of the largest, null without revenue
*/
with first_won as (

    select min(closed_on) as closed_on
    from core.opportunity
    where is_won and closed_on < $as_of_date::date

),

month as (

    select
        case
            when day(closed_on) = 1 then closed_on
            else (date_trunc('month', closed_on) + interval 1 month)::date
        end as first_month,
        date_trunc('month', $as_of_date::date)::date as end_month
    from first_won

),

static_rate as (

    select
        currency_code,
        units_per_reporting
    from core.currency_rate
    where rate_kind in ('same', 'static')

),

won as (

    select
        amount_amt,
        amount_status <> 'known' as lacks
    from core.opportunity
    where is_won and closed_on < $as_of_date::date and closed_on >= $as_of_date::date - interval 12 month
    union all
    select
        try_cast(set_aside.amount_original / static_rate.units_per_reporting as decimal(18, 2)) as amount_amt,
        true as lacks
    from staging.opportunity_set_aside as set_aside
    cross join core.organisation as organisation
    left join static_rate
        on
            coalesce(set_aside.currency_code, organisation.corporate_currency, organisation.reporting_currency)
            = static_rate.currency_code
    where
        set_aside.is_won
        and set_aside.lacks is not null
        and set_aside.closed_on < $as_of_date::date
        and set_aside.closed_on >= $as_of_date::date - interval 12 month

),

mean as (

    select (sum(amount_amt) / count(amount_amt))::decimal(18, 2) as amount_amt
    from won

),

attribution as (

    select
        sum(greatest(coalesce(won.amount_amt, mean.amount_amt), 0)) filter (where won.lacks)
        / nullif(sum(greatest(coalesce(won.amount_amt, mean.amount_amt), 0)), 0) as unattributed_share,
        count(*) as won_cnt,
        count(*) filter (where won.lacks) as lacking_cnt
    from won
    cross join mean

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
        12 * (year(month.end_month) - year(month.first_month)) + month(month.end_month) - month(month.first_month), 0
    ), 0) as months_cnt,
    case
        when attribution.won_cnt = attribution.lacking_cnt and attribution.won_cnt > 0 then 1.0
        when attribution.won_cnt > 0 then coalesce(attribution.unattributed_share, 0)
    end as unattributed_share,
    measured.top_share,
    measured.top_low,
    measured.top_high,
    measured.largest_share
from (select unnest(['group', 'account']) as basis) as view_of
cross join month
cross join attribution
left join measured on view_of.basis = measured.basis
