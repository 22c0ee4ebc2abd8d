/*
group_deal
    What each group has bought and is about to buy besides its revenue: how often and how lately.

grain  : one row per as_of_date and group
key    : as_of_date, group_id
inputs : core.account_group, core.opportunity, marts.open_deal, staging.opportunity_line_item, staging.product
params : $as_of_date, $cross_sell_months
readers: newest
columns:
  as_of_date            DATE           snapshot date
  group_id              VARCHAR        group
  won_cnt               BIGINT         deals won in 36 months, those without a known amount too
  days_since_won        BIGINT         days since the newest won deal of all; null where none was ever won
  open_pipeline_amt     DECIMAL(18,2)  open deals with a known amount, 0 where none is open; null where open ones have
                                       no known amount, or nobody has an open deal
  product_families_cnt  BIGINT         different product families won within the cross-selling window, 0 where nothing
                                       was won; null where the families of what was won are unknown, or those of anybody
*/
with won as (

    select
        group_id,
        count(*) filter (where closed_on >= $as_of_date::date - interval 36 month) as won_cnt,
        count(*) filter (where closed_on >= $as_of_date::date - to_months($cross_sell_months::integer))
            as window_won_cnt,
        max(closed_on) as last_won_on
    from core.opportunity
    where is_won and closed_on < $as_of_date::date
    group by group_id

),

pipeline as (

    select
        group_id,
        sum(amount_amt) as open_amt
    from marts.open_deal
    where as_of_date = $as_of_date::date
    group by group_id

),

-- as the KPI cross_sell_cnt counts them
family as (

    select
        opportunity.group_id,
        count(distinct product.product_family) as families_cnt
    from core.opportunity as opportunity
    inner join staging.opportunity_line_item as item on opportunity.opportunity_id = item.opportunity_id
    inner join staging.product as product on item.product_id = product.product_id
    where
        opportunity.is_won
        and opportunity.closed_on < $as_of_date::date
        and opportunity.closed_on >= $as_of_date::date - to_months($cross_sell_months::integer)
        and trim(product.product_family) <> ''
    group by opportunity.group_id

),

-- what nobody has, the source does not hold
anybody as (

    select
        (select count(*) from pipeline) > 0 as has_pipeline,
        (select count(*) from family) > 0 as has_families

)

select
    $as_of_date::date as as_of_date,
    account_group.group_id,
    coalesce(won.won_cnt, 0) as won_cnt,
    $as_of_date::date - won.last_won_on as days_since_won,
    case
        when pipeline.group_id is not null then pipeline.open_amt
        when anybody.has_pipeline then 0
    end::decimal(18, 2) as open_pipeline_amt,
    case
        when family.group_id is not null then family.families_cnt
        when anybody.has_families and coalesce(won.window_won_cnt, 0) = 0 then 0
    end as product_families_cnt
from core.account_group as account_group
cross join anybody
left join won on account_group.group_id = won.group_id
left join pipeline on account_group.group_id = pipeline.group_id
left join family on account_group.group_id = family.group_id
