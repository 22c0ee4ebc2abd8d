/*
candidate_criterion
    Why a group has its score: every criterion with its figure, its 0..1 score and what it contributes.

grain  : one row per as_of_date, group that can be proposed and criterion
key    : as_of_date, group_id, criterion
inputs : marts.candidate_pool, marts.criterion, marts.criterion_band, marts.criterion_value, marts.group_metric
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
  raw_value     DOUBLE   the figure itself, null where unknown; money in reporting currency, growth as a ratio; of a
                         picklist the score of its value
  score         DOUBLE   0..1; a missing figure takes the median of the known ones, or 0, as kam.yaml says
  weight        DOUBLE   share of the score, 0..1; 0 where too few have data: others weigh more, an estimate up to half
  contribution  DOUBLE   weight times score; the contributions of a group add up to its score
  status        VARCHAR  measured; insufficient_data: the group has no figure or is below the criterion's revenue gate,
                         or too few groups have one; not_configured: nobody has a figure
*/
with pair as (

    select
        pool.group_id,
        criterion.*,
        value.raw_value,
        coalesce(metric.revenue_mean_3y_amt < criterion.counts_above_amt, false) as is_below_gate
    from marts.candidate_pool as pool
    inner join marts.group_metric as metric
        on pool.group_id = metric.group_id and metric.as_of_date = $as_of_date::date
    cross join marts.criterion as criterion
    left join marts.criterion_value as value
        on
            pool.group_id = value.group_id
            and criterion.criterion = value.criterion
            and value.as_of_date = $as_of_date::date
    where pool.as_of_date = $as_of_date::date and criterion.as_of_date = $as_of_date::date

),

-- percentiles are taken among the groups that the criterion counts for
scale as (

    select
        criterion,
        weight,
        is_modelled,
        ln(quantile_cont(raw_value, 0.1) filter (where raw_value > 0)) as ln_low,
        ln(max(raw_value) filter (where raw_value > 0)) as ln_high,
        count(raw_value) as known_cnt,
        count(raw_value) >= min_known_cnt and count(raw_value) >= min_known_share * count(*) as is_known_enough
    from pair
    where not is_below_gate
    group by criterion, weight, is_modelled, min_known_cnt, min_known_share

),

-- added up in one order, as sums of floating-point numbers depend on it; an estimate counts for half at most, or alone
total as (

    select
        coalesce(sum(weight order by criterion) filter (where not is_modelled), 0) as measured,
        coalesce(sum(weight order by criterion) filter (where is_modelled), 0) as estimated,
        if(measured > 0, least(estimated, measured), estimated) as counted
    from scale
    where is_known_enough

),

-- mid-rank: half of the equals count as below
place as (

    select
        criterion,
        raw_value,
        sum(count(*)) over (partition by criterion order by raw_value) - count(*) / 2.0 as below_cnt
    from pair
    where transform = 'percentile' and not is_below_gate and raw_value is not null
    group by criterion, raw_value

),

scored as (

    select
        pair.*,
        coalesce(scale.known_cnt, 0) as known_cnt,
        total.measured + total.counted as total_weight,
        case when scale.is_known_enough then pair.weight else 0 end
        * if(pair.is_modelled and total.estimated > 0, total.counted / total.estimated, 1) as used_weight,
        case
            when pair.raw_value is null or pair.is_below_gate then null
            when pair.transform = 'log' and pair.raw_value <= 0 then 0.0
            when pair.transform = 'log' and scale.ln_high = scale.ln_low
                then case when ln(pair.raw_value) < scale.ln_low then 0.0 else 1.0 end
            when pair.transform = 'log'
                then greatest(0.0, least(1.0, (ln(pair.raw_value) - scale.ln_low) / (scale.ln_high - scale.ln_low)))
            when pair.transform = 'boolean' then (pair.raw_value <> 0)::integer
            when pair.transform = 'map' then pair.raw_value
            when pair.transform = 'bands' then coalesce(band.score, 0.0)
            else place.below_cnt / scale.known_cnt
        end as higher_score,
        if(pair.direction = 'lower', 1 - higher_score, higher_score) as own_score
    from pair
    cross join total
    left join scale on pair.criterion = scale.criterion
    left join place on pair.criterion = place.criterion and pair.raw_value = place.raw_value and not pair.is_below_gate
    left join marts.criterion_band as band
        on
            pair.criterion = band.criterion
            and band.as_of_date = $as_of_date::date
            and pair.raw_value >= band.from_value and pair.raw_value < band.below_value

),

typical as (

    select criterion, median(own_score) as score
    from scored
    where not is_below_gate and when_missing = 'median'
    group by criterion

),

filled as (

    select
        scored.*,
        case
            when scored.is_below_gate then 0.0
            when scored.own_score is not null then scored.own_score
            when scored.when_missing = 'median' then typical.score
            else 0.0
        end as score
    from scored
    left join typical on scored.criterion = typical.criterion

)

select
    $as_of_date::date as as_of_date,
    group_id,
    criterion,
    raw_value,
    score::double as score,
    (used_weight / nullif(total_weight, 0))::double as weight,
    (score * used_weight / nullif(total_weight, 0))::double as contribution,
    case
        when known_cnt = 0 then 'not_configured'
        when used_weight = 0 and weight > 0 or raw_value is null or is_below_gate then 'insufficient_data'
        else 'measured'
    end as status
from filled
