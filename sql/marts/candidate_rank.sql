/*
candidate_rank
    The order of the groups that can be proposed, with their bands, before names and words.

grain  : one row per as_of_date and group with revenue in 36 months, designated, or with enough potential
key    : as_of_date, group_id
inputs : marts.candidate_criterion, marts.group_metric
params : $as_of_date, $cap
columns:
  as_of_date              DATE           snapshot date
  group_id                VARCHAR        group
  rank                    BIGINT         place by score; ties by revenue of 12 months, then group id
  score                   DOUBLE         0..1, weighted sum of the criteria
  strongest               VARCHAR        criterion that contributes most; ties by name
  strongest_contribution  DOUBLE         what it contributes
  revenue_rank            BIGINT         place by revenue of 12 months; null without revenue
  revenue_amt             DECIMAL(18,2)  bookings of the last 12 months; null where unknown
  revenue_share           DOUBLE         share of all positive group revenue, 0..1; null without revenue
  cumulative_share        DOUBLE         share of revenue of this and all better ranked groups, 0..1
  revenue_growth          DOUBLE         last 12 months over the 12 before, minus 1; null where undefined
  unknown_won_cnt         BIGINT         deals won in 36 months whose amount or rate is unknown
  band                    VARCHAR        top_5_pct, top_10_pct, near_miss (to 15 %) or outside, by rank
  revenue_band            VARCHAR        the same by revenue rank
  is_in_list              BOOLEAN        among the first min(10 % of groups with revenue, cap)
  is_key_account          BOOLEAN        designated in the CRM; null where no field says so
*/
with total as (

    select
        count(*) as n,
        sum(revenue_amt) as revenue_amt
    from marts.group_metric
    where as_of_date = $as_of_date::date and revenue_amt > 0

),

-- summed as decimals: floating-point sums depend on the order in which threads meet the rows
scored as (

    select
        group_id,
        sum(contribution::decimal(18, 15))::double as score
    from marts.candidate_criterion
    where as_of_date = $as_of_date::date
    group by group_id

),

strongest as (

    select
        group_id,
        criterion,
        contribution
    from marts.candidate_criterion
    where as_of_date = $as_of_date::date
    qualify row_number() over (partition by group_id order by contribution desc nulls last, criterion) = 1

),

ranked as (

    select
        metric.*,
        scored.score,
        strongest.criterion as strongest,
        strongest.contribution as strongest_contribution,
        total.n,
        total.revenue_amt as total_amt,
        row_number() over (order by scored.score desc, metric.revenue_amt desc nulls last, metric.group_id) as rank,
        case
            when metric.revenue_amt > 0
                then row_number() over (order by metric.revenue_amt desc, metric.group_id)
        end as revenue_rank
    from marts.group_metric as metric
    inner join scored on metric.group_id = scored.group_id
    inner join strongest on metric.group_id = strongest.group_id
    cross join total
    where metric.as_of_date = $as_of_date::date

),

decided as (

    select
        ranked.*,
        rank <= least(ceil(0.10 * n), $cap::bigint) as is_in_list,
        case
            when rank <= ceil(0.05 * n) then 'top_5_pct'
            when rank <= ceil(0.10 * n) then 'top_10_pct'
            when rank <= ceil(0.15 * n) then 'near_miss'
            else 'outside'
        end as band,
        case
            when revenue_rank <= ceil(0.05 * n) then 'top_5_pct'
            when revenue_rank <= ceil(0.10 * n) then 'top_10_pct'
            when revenue_rank <= ceil(0.15 * n) then 'near_miss'
            else 'outside'
        end as revenue_band,
        case when revenue_amt > 0 then revenue_amt / total_amt end as revenue_share
    from ranked

)

select
    $as_of_date::date as as_of_date,
    group_id,
    rank,
    score,
    strongest,
    strongest_contribution,
    revenue_rank,
    revenue_amt,
    revenue_share,
    (
        sum(greatest(coalesce(revenue_amt, 0), 0)) over (order by rank rows unbounded preceding) / total_amt
    )::double as cumulative_share,
    revenue_growth,
    unknown_won_cnt,
    band,
    revenue_band,
    is_in_list,
    is_key_account
from decided
