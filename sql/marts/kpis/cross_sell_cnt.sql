/*
cross_sell_cnt
    Different product families won within the cross-selling window; for several customers per buying customer.

inputs : core.opportunity, marts.kpi_entity, staging.opportunity_line_item, staging.product
params : $as_of_date, $cross_sell_months
*/
with family as (

    select
        opportunity.group_id,
        count(distinct product.product_family) as families_cnt,
        count(distinct opportunity.opportunity_id) as deals_cnt
    from core.opportunity as opportunity
    inner join staging.opportunity_line_item as item on opportunity.opportunity_id = item.opportunity_id
    inner join staging.product as product on item.product_id = product.product_id
    where
        opportunity.is_won
        and opportunity.closed_on < $as_of_date::date
        and opportunity.closed_on >= $as_of_date::date - to_months($cross_sell_months::integer)
        and trim(product.product_family) <> ''
    group by opportunity.group_id

)

select
    entity.entity_type,
    entity.entity_id,
    'as_of' as period_type,
    $as_of_date::date as period_start,
    (sum(family.families_cnt) / nullif(count(family.group_id), 0))::double as value,
    sum(family.families_cnt)::double as numerator,
    count(family.group_id)::double as denominator,
    coalesce(sum(family.deals_cnt), 0)::bigint as n,
    case when count(family.group_id) = 0 then 'no_product_family' end as reason,
    null::bigint as reason_cnt
from marts.kpi_entity as entity
left join family on entity.group_id = family.group_id
where entity.as_of_date = $as_of_date::date
group by entity.entity_type, entity.entity_id
