/*
candidate_criterion
    Why a group has its score: every criterion with its figure, its 0..1 score and what it contributes.

grain  : one row per as_of_date, group and criterion
key    : as_of_date, group_id, criterion
inputs : marts.candidate_pool, marts.group_metric, marts.criterion
params : $as_of_date
readers: published
rules  :
  group_id references marts.key_account_candidate
  score, weight between 0 and 1
  contribution between 0 and 1
  status in measured, insufficient_data, not_configured
  status not null
columns:
  as_of_date    DATE     snapshot date
  group_id      VARCHAR  group
  criterion     VARCHAR  name of the criterion in kam.yaml
  raw_value     DOUBLE   the figure itself, null where unknown; money in reporting currency, growth as a ratio
  score         DOUBLE   0..1; a missing figure takes the median of the known ones
  weight        DOUBLE   share of the score, 0..1; 0 where nobody has data, the others then weigh more
  contribution  DOUBLE   weight times score; the contributions of a group add up to its score
  status        VARCHAR  measured, insufficient_data or not_configured
*/
with figure as (

    unpivot (
        select
            group_id,
            revenue_mean_3y_amt as own_revenue,
            revenue_mean_3y_amt::double as revenue_mean_3y_amt,
            revenue_growth,
            potential_amt::double as potential_amt,
            open_pipeline_amt::double as open_pipeline_amt
        from marts.group_metric
        where as_of_date = $as_of_date::date
    ) on revenue_mean_3y_amt, revenue_growth, potential_amt, open_pipeline_amt
    into name metric value raw_value

),

pair as (

    select
        metric.group_id,
        criterion.*,
        figure.raw_value,
        coalesce(metric.revenue_mean_3y_amt < criterion.counts_above_amt, false) as is_below_gate
    from marts.candidate_pool as pool
    inner join marts.group_metric as metric on pool.group_id = metric.group_id and metric.as_of_date = $as_of_date::date
    cross join marts.criterion as criterion
    left join figure on metric.group_id = figure.group_id and criterion.metric = figure.metric
    where pool.as_of_date = $as_of_date::date and criterion.as_of_date = $as_of_date::date

),

-- percentiles are taken among the groups that the criterion counts for
scale as (

    select
        criterion,
        ln(quantile_cont(raw_value, 0.1) filter (where raw_value > 0)) as ln_low,
        ln(max(raw_value) filter (where raw_value > 0)) as ln_high,
        count(raw_value) as known_cnt
    from pair
    where not is_below_gate
    group by criterion

),

scored as (

    select
        pair.*,
        coalesce(scale.known_cnt, 0) as known_cnt,
        case
            when pair.raw_value is null then null
            when pair.is_below_gate then 0.0
            when pair.transform = 'log' and pair.raw_value <= 0 then 0.0
            when pair.transform = 'log' and scale.ln_high = scale.ln_low
                then case when ln(pair.raw_value) < scale.ln_low then 0.0 else 1.0 end
            when pair.transform = 'log'
                then greatest(0.0, least(1.0, (ln(pair.raw_value) - scale.ln_low) / (scale.ln_high - scale.ln_low)))
            -- mid-rank: half of the equals count as below
            else (
                rank() over counted - 1
                + (count(pair.raw_value) over (partition by pair.criterion, pair.is_below_gate, pair.raw_value) / 2.0)
            ) / scale.known_cnt
        end as own_score
    from pair
    left join scale on pair.criterion = scale.criterion
    window counted as (
        partition by pair.criterion, pair.is_below_gate order by pair.raw_value nulls last
    )

),

filled as (

    select
        scored.*,
        case
            when is_below_gate then 0.0
            else coalesce(
                own_score, median(own_score) filter (where not is_below_gate)
                    over (partition by criterion)
            )
        end as score,
        case when known_cnt > 0 then weight else 0 end as used_weight
    from scored

)

select
    $as_of_date::date as as_of_date,
    group_id,
    criterion,
    raw_value,
    score::double as score,
    (used_weight / nullif(sum(used_weight) over (partition by group_id), 0))::double as weight,
    (score * used_weight / nullif(sum(used_weight) over (partition by group_id), 0))::double as contribution,
    case
        when known_cnt = 0 then 'not_configured'
        when raw_value is null or is_below_gate then 'insufficient_data'
        else 'measured'
    end as status
from filled
