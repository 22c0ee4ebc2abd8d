/*
candidate_list_figure
    The figures of the proposed list as a whole: how long it is, what it covers, how firm it is.

grain  : one row per as_of_date
key    : as_of_date
inputs : marts.candidate_rank, marts.candidate_decision, marts.candidate_criterion, marts.candidate_stability,
         marts.criterion, marts.group_metric
params : $as_of_date, $cap
columns:
  as_of_date         DATE     snapshot date
  status             VARCHAR  measured; insufficient_data where the list is empty
  customers_cnt      BIGINT   groups with revenue in 12 months
  list_cnt           BIGINT   groups on the list
  cap                BIGINT   longest list allowed
  is_capped          BOOLEAN  the cap, not the 10 %, ends the list
  keep_cnt           BIGINT   designated groups on the list
  add_cnt            BIGINT   others on the list
  review_cnt         BIGINT   designated groups just outside it
  exit_cnt           BIGINT   designated groups far from it
  included_cnt       BIGINT   on the list by a decision
  excluded_cnt       BIGINT   off the list by a decision
  barred_cnt         BIGINT   groups that cannot be chosen, excluded ones among them
  covered_share      DOUBLE   share of revenue of the list, 0..1
  best_share         DOUBLE   share of revenue of the groups with the most revenue, as many as the list has
  coverage           DOUBLE   covered_share over best_share, 0..1
  mean_stability     DOUBLE   mean band stability of the list, 0..1; null where it was not drawn
  left_out           VARCHAR  criteria that too few groups have figures for, their weight given to others; null: none
  left_out_label     VARCHAR  what people call them
  left_out_label_da  VARCHAR  the same in Danish
  tied_cnt           BIGINT   groups level with the last one on the list, on either side of its end
*/
with ranked as (

    select
        ranked.*,
        decided.decision,
        stability.band_stability
    from marts.candidate_rank as ranked
    inner join marts.candidate_decision as decided
        on ranked.group_id = decided.group_id and decided.as_of_date = $as_of_date::date
    left join marts.candidate_stability as stability
        on ranked.group_id = stability.group_id and stability.as_of_date = $as_of_date::date
    where ranked.as_of_date = $as_of_date::date

),

population as (

    select
        count(*) as customers_cnt,
        sum(revenue_amt) as revenue_amt
    from marts.group_metric
    where as_of_date = $as_of_date::date and revenue_amt > 0

),

left_out as (

    select
        string_agg(declared.criterion, ', ' order by declared.ordinal) as left_out,
        string_agg(declared.label, ', ' order by declared.ordinal) as left_out_label,
        string_agg(declared.label_da, ', ' order by declared.ordinal) as left_out_label_da
    from marts.criterion as declared
    where
        declared.as_of_date = $as_of_date::date
        and declared.weight > 0
        and declared.criterion not in (
            select criterion
            from marts.candidate_criterion
            where as_of_date = $as_of_date::date and weight > 0
        )

),

listed as (

    select
        count(*) filter (where is_in_list) as list_cnt,
        count(*) filter (where decision = 'keep') as keep_cnt,
        count(*) filter (where decision = 'add') as add_cnt,
        count(*) filter (where decision = 'review') as review_cnt,
        count(*) filter (where decision = 'exit') as exit_cnt,
        count(*) filter (where override = 'include') as included_cnt,
        count(*) filter (where override = 'exclude') as excluded_cnt,
        count(*) filter (where not is_eligible) as barred_cnt,
        sum(greatest(revenue_amt, 0)) filter (where is_in_list) as covered_amt,
        avg(band_stability::decimal(18, 15)) filter (where is_in_list) as mean_stability,
        max(rank) filter (where is_in_list and override is null) as last_rank
    from ranked

),

best as (

    select sum(ranked.revenue_amt) as best_amt
    from ranked
    cross join listed
    where ranked.revenue_rank <= listed.list_cnt

),

-- level on both sides of the end of the list: otherwise nobody has been favoured
tied as (

    select if(bool_or(level.is_in_list) and not bool_and(level.is_in_list), count(*), 0) as tied_cnt
    from ranked as level
    inner join ranked as last on level.score = last.score and level.revenue_amt is not distinct from last.revenue_amt
    inner join listed on last.rank = listed.last_rank
    where level.is_eligible and level.override is null

)

select
    $as_of_date::date as as_of_date,
    case
        when listed.list_cnt = 0 then 'insufficient_data'
        else 'measured'
    end as status,
    population.customers_cnt,
    listed.list_cnt,
    $cap::bigint as cap,
    ceil(0.10 * population.customers_cnt) > $cap::bigint as is_capped,
    listed.keep_cnt,
    listed.add_cnt,
    listed.review_cnt,
    listed.exit_cnt,
    listed.included_cnt,
    listed.excluded_cnt,
    listed.barred_cnt,
    (listed.covered_amt / population.revenue_amt)::double as covered_share,
    (best.best_amt / population.revenue_amt)::double as best_share,
    (listed.covered_amt / nullif(best.best_amt, 0))::double as coverage,
    listed.mean_stability::double as mean_stability,
    left_out.left_out,
    left_out.left_out_label,
    left_out.left_out_label_da,
    coalesce(tied.tied_cnt, 0) as tied_cnt
from population
cross join listed
cross join best
cross join left_out
cross join tied
