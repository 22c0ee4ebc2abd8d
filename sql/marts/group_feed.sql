/*
group_feed
    What the feeds say of each group in the last twelve months: what it earns us, and how satisfied it is.

grain  : one row per as_of_date and group that a feed speaks of
key    : as_of_date, group_id
inputs : core.satisfaction, marts.kpi_group_feed
params : $as_of_date, $min_cost_coverage
readers: newest
columns:
  as_of_date          DATE           snapshot date
  group_id            VARCHAR        group
  profit_amt          DECIMAL(18,2)  revenue less costs of the last 12 whole months, of the accounts and months whose
                                     costs are known; null where these hold less than kpis.min_cost_coverage of revenue
  gross_margin_share  DOUBLE         profit_amt over the revenue it is made from, where that is above 0; null likewise
  satisfaction_mean   DOUBLE         answers of 12 months on their own scale: the mean of the accounts' means
*/
-- as the KPIs profit_amt and gross_margin_share know it
with earned as (

    select
        group_id,
        costed_revenue_amt,
        margin_amt
    from marts.kpi_group_feed
    where
        as_of_date = $as_of_date::date
        and period_type = 'ttm'
        and cost_amt is not null
        and case
            when costed_revenue_amt = coalesce(revenue_amt, 0) then 1
            when revenue_amt > 0 then least(greatest(costed_revenue_amt / revenue_amt, 0), 1)
            else 0
        end >= $min_cost_coverage::double

),

answered as (

    select
        group_id,
        account_id,
        avg(score::decimal(18, 6)) as score_mean
    from core.satisfaction
    where surveyed_on < $as_of_date::date and surveyed_on >= $as_of_date::date - interval 12 month
    group by group_id, account_id

),

satisfied as (

    select
        group_id,
        avg(score_mean::decimal(18, 9)) as satisfaction_mean
    from answered
    where score_mean is not null
    group by group_id

)

select
    $as_of_date::date as as_of_date,
    coalesce(earned.group_id, satisfied.group_id) as group_id,
    earned.margin_amt::decimal(18, 2) as profit_amt,
    case when earned.costed_revenue_amt > 0 then earned.margin_amt / earned.costed_revenue_amt end::double
        as gross_margin_share,
    satisfied.satisfaction_mean::double as satisfaction_mean
from earned
full join satisfied on earned.group_id = satisfied.group_id
