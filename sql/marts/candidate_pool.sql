/*
candidate_pool
    Who can be proposed at all, and what admits a group: revenue, its designation, enough potential, or a decision to
    include it.

grain  : one row per as_of_date and group with revenue in 36 months, designated, with enough potential, or included
key    : as_of_date, group_id
inputs : marts.group_metric, marts.designation
params : $as_of_date, $potential_percentile
rules  :
  admitted_by in revenue, designation, potential, decision
  admitted_by not null
columns:
  as_of_date   DATE     snapshot date
  group_id     VARCHAR  group
  admitted_by  VARCHAR  revenue, designation, potential or decision
*/
with metric as (

    select
        group_id,
        is_key_account,
        revenue_amt,
        revenue_mean_3y_amt,
        unknown_won_cnt,
        potential_amt
    from marts.group_metric
    where as_of_date = $as_of_date::date

),

gate as (

    -- no percentile, no gate: nobody is admitted without revenue
    select
        case
            when $potential_percentile::double is not null
                then quantile_cont(potential_amt, coalesce($potential_percentile::double, 1.0))
        end as potential_amt
    from metric
    where potential_amt > 0

),

admitted as (

    select
        metric.group_id,
        case
            when metric.revenue_mean_3y_amt > 0 or metric.revenue_amt > 0 or metric.unknown_won_cnt > 0 then 'revenue'
            when metric.is_key_account then 'designation'
            when metric.potential_amt >= gate.potential_amt then 'potential'
            when included.group_id is not null then 'decision'
        end as admitted_by
    from metric
    cross join gate
    left join marts.designation as included
        on
            metric.group_id = included.group_id
            and included.as_of_date = $as_of_date::date
            and included.override = 'include'
            and included.override_status = 'applied'

)

select
    $as_of_date::date as as_of_date,
    group_id,
    admitted_by
from admitted
where admitted_by is not null
