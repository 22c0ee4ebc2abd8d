/*
group_metric
    The figures that criteria are made of, for every group that can be proposed.

grain  : one row per as_of_date and group with revenue in 36 months, designated, or with enough potential
key    : as_of_date, group_id
inputs : core.account_group, core.opportunity, marts.entity_revenue, marts.open_deal
params : $as_of_date, $potential_percentile
rules  :
  group_id references core.account_group
  admitted_by in revenue, designation, potential
  unknown_won_cnt from 0
columns:
  as_of_date          DATE           snapshot date
  group_id            VARCHAR        group
  revenue_amt         DECIMAL(18,2)  bookings of the last 12 months, 0 where none; null where only deals without a
                                     known amount were won
  revenue_mean_3y_amt DECIMAL(18,2)  a third of the bookings of 36 months; 0 and null likewise
  revenue_growth      DOUBLE         last 12 months over the 12 before, minus 1; null where those are not above 0
  potential_amt       DECIMAL(18,2)  mapped potential, null where unknown
  open_pipeline_amt   DECIMAL(18,2)  open deals with a known amount, null where there are none
  unknown_won_cnt     BIGINT         deals won in 36 months whose amount or rate is unknown
  is_key_account      BOOLEAN        designated in the CRM; null where no field says so
  admitted_by         VARCHAR        revenue, designation or potential
*/
with pipeline as (

    select
        group_id,
        sum(amount_amt) as open_pipeline_amt
    from marts.open_deal
    where as_of_date = $as_of_date::date
    group by group_id

),

unknown as (

    select
        group_id,
        count(*) as unknown_won_cnt,
        count(*) filter (where closed_on >= $as_of_date::date - interval 12 month) as unknown_12m_cnt
    from core.opportunity
    where
        is_won
        and amount_amt is null
        and closed_on < $as_of_date::date
        and closed_on >= $as_of_date::date - interval 36 month
    group by group_id

),

gate as (

    -- no percentile, no gate: nobody is admitted without revenue
    select
        case
            when $potential_percentile::double is not null
                then quantile_cont(potential_amt, coalesce($potential_percentile::double, 1.0))
        end as potential_amt
    from core.account_group
    where potential_amt > 0

),

revenue as (

    select *
    from marts.entity_revenue
    where as_of_date = $as_of_date::date and basis = 'group'

),

placed as (

    select
        account_group.*,
        revenue.revenue_amt,
        revenue.prior_amt,
        revenue.mean_3y_amt,
        coalesce(unknown.unknown_won_cnt, 0) as unknown_won_cnt,
        coalesce(unknown.unknown_12m_cnt, 0) as unknown_12m_cnt,
        case
            when revenue.mean_3y_amt > 0 or revenue.revenue_amt > 0 or unknown.unknown_won_cnt > 0 then 'revenue'
            when account_group.is_key_account then 'designation'
            when account_group.potential_amt >= gate.potential_amt then 'potential'
        end as admitted_by
    from core.account_group as account_group
    left join revenue on account_group.group_id = revenue.entity_id
    left join unknown on account_group.group_id = unknown.group_id
    cross join gate

)

select
    $as_of_date::date as as_of_date,
    placed.group_id,
    case
        when placed.unknown_12m_cnt = 0 or placed.revenue_amt <> 0 then coalesce(placed.revenue_amt, 0)
    end::decimal(18, 2) as revenue_amt,
    case
        when placed.unknown_won_cnt = 0 or placed.mean_3y_amt <> 0 then coalesce(placed.mean_3y_amt, 0)
    end::decimal(18, 2) as revenue_mean_3y_amt,
    case when placed.prior_amt > 0 then placed.revenue_amt / placed.prior_amt - 1 end::double as revenue_growth,
    placed.potential_amt,
    pipeline.open_pipeline_amt::decimal(18, 2) as open_pipeline_amt,
    placed.unknown_won_cnt,
    placed.is_key_account,
    placed.admitted_by
from placed
left join pipeline on placed.group_id = pipeline.group_id
where placed.admitted_by is not null
