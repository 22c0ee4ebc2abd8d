/*
candidate_rank
    The order of the groups that can be proposed, with their bands and the list, before names and words. Groups that do
    not pass a gate or are excluded by a decision come after all others. Without a score there is no rank.

grain  : one row per as_of_date and group that can be proposed and has a score
key    : as_of_date, group_id
inputs : marts.candidate_criterion, marts.candidate_gate, marts.criterion, marts.designation, marts.group_metric
params : $as_of_date, $cap
columns:
  as_of_date              DATE           snapshot date
  group_id                VARCHAR        group
  rank                    BIGINT         place by score, those that can be chosen first; ties by revenue of 12 months,
                                         then group id
  score                   DOUBLE         0..1, weighted sum of the criteria
  tied_cnt                BIGINT         other groups with the same score and revenue: the id decides between them
  strongest               VARCHAR        criterion with a known figure that contributes most; ties by place in kam.yaml
  strongest_contribution  DOUBLE         what it contributes; null where no figure is known
  revenue_rank            BIGINT         place by revenue of 12 months; null without revenue
  revenue_amt             DECIMAL(18,2)  revenue of the last 12 months; null where unknown
  revenue_share           DOUBLE         share of all positive group revenue, 0..1; null without revenue
  cumulative_share        DOUBLE         share of revenue of this and all better ranked groups, 0..1
  revenue_growth          DOUBLE         last 12 months over the 12 before, minus 1; null where undefined
  unknown_won_cnt         BIGINT         deals won in 36 months whose amount or rate is unknown
  n                       BIGINT         groups with revenue in 12 months
  list_size               BIGINT         places on the list: 10 % of n rounded up, at most the cap
  is_estimate_alone       BOOLEAN        nothing measured counts for it but an estimate from other customers
  is_eligible             BOOLEAN        passes all gates, is not excluded, and not for an estimate alone
  band                    VARCHAR        top_5_pct, top_10_pct, near_miss (to 15 %) or outside, by rank; outside where
                                         not eligible
  revenue_band            VARCHAR        the same by revenue rank
  override                VARCHAR        include or exclude, by a decision that holds; null otherwise
  is_in_list              BOOLEAN        has a place on the list: included groups first, then by rank
  is_key_account          BOOLEAN        on the designated list; null where nothing says who is
*/
with total as (

    select
        count(*) as n,
        sum(revenue_amt) as revenue_amt,
        least(ceil(0.10 * count(*)), $cap::bigint)::bigint as list_size
    from marts.group_metric
    where as_of_date = $as_of_date::date and revenue_amt > 0

),

-- summed as decimals: floating-point sums depend on the order in which threads meet the rows
scored as (

    select
        criterion.group_id,
        least(1, sum(criterion.contribution::decimal(18, 15)))::double as score,
        -- only what is known can speak for a group: a median that stands in says nothing of it
        arg_max(criterion.criterion, (criterion.contribution, -declared.ordinal)) filter (
            where criterion.status = 'measured'
        ) as strongest,
        max(criterion.contribution) filter (where criterion.status = 'measured') as strongest_contribution,
        max(if(declared.is_modelled and criterion.status = 'measured', criterion.contribution, 0)) > 0
        and max(if(not declared.is_modelled and criterion.status = 'measured', criterion.contribution, 0)) = 0
            as is_estimate_alone
    from marts.candidate_criterion as criterion
    inner join marts.criterion as declared
        on criterion.criterion = declared.criterion and declared.as_of_date = $as_of_date::date
    where criterion.as_of_date = $as_of_date::date
    group by criterion.group_id
    having sum(criterion.weight) > 0

),

joined as (

    select
        metric.group_id,
        metric.revenue_amt,
        metric.revenue_growth,
        metric.unknown_won_cnt,
        scored.* exclude (group_id),
        total.n,
        total.list_size,
        total.revenue_amt as total_amt,
        metric.is_key_account,
        case when designation.override_status = 'applied' then designation.override end as override,
        scored.group_id not in (
            select group_id
            from marts.candidate_gate
            where as_of_date = $as_of_date::date
        )
        and not scored.is_estimate_alone
        and coalesce(designation.override <> 'exclude' or designation.override_status <> 'applied', true)
            as is_eligible
    from scored
    inner join marts.group_metric as metric
        on scored.group_id = metric.group_id and metric.as_of_date = $as_of_date::date
    cross join total
    left join marts.designation as designation
        on scored.group_id = designation.group_id and designation.as_of_date = $as_of_date::date

),

ranked as (

    select
        *,
        row_number() over (
            order by is_eligible desc, score desc, revenue_amt desc nulls last, group_id
        ) as rank,
        count(*) over (partition by is_eligible, score, revenue_amt) - 1 as tied_cnt,
        case
            when revenue_amt > 0
                then row_number() over (order by revenue_amt desc, group_id)
        end as revenue_rank
    from joined

),

placed as (

    select
        *,
        row_number() over (order by override is not distinct from 'include' desc, rank) as place
    from ranked

)

select
    $as_of_date::date as as_of_date,
    group_id,
    rank,
    score,
    tied_cnt,
    strongest,
    strongest_contribution,
    revenue_rank,
    revenue_amt,
    (case when revenue_amt > 0 then revenue_amt / total_amt end)::double as revenue_share,
    (
        sum(greatest(coalesce(revenue_amt, 0), 0)) over (order by rank rows unbounded preceding) / total_amt
    )::double as cumulative_share,
    revenue_growth,
    unknown_won_cnt,
    n,
    list_size,
    is_estimate_alone,
    is_eligible,
    case
        when not is_eligible or rank > ceil(0.15 * n) then 'outside'
        when rank <= ceil(0.05 * n) then 'top_5_pct'
        when rank <= ceil(0.10 * n) then 'top_10_pct'
        else 'near_miss'
    end as band,
    case
        when revenue_rank <= ceil(0.05 * n) then 'top_5_pct'
        when revenue_rank <= ceil(0.10 * n) then 'top_10_pct'
        when revenue_rank <= ceil(0.15 * n) then 'near_miss'
        else 'outside'
    end as revenue_band,
    override,
    place <= list_size and (is_eligible or override is not distinct from 'include') as is_in_list,
    is_key_account
from placed
