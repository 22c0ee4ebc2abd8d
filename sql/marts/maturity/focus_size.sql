/*
focus_size
    How many key accounts there are, beside the number of groups with won revenue in twelve months. Numerator: 1.
    Denominator: groups with revenue above 0; null where there are none.

inputs : marts.designated_group, marts.entity_revenue
params : $as_of_date
*/
with population as (

    select nullif(count(*), 0) as groups_cnt
    from marts.entity_revenue
    where as_of_date = $as_of_date::date and basis = 'group' and revenue_amt > 0

)

select
    designated.group_id as observed_id,
    case when population.groups_cnt is not null then 1 end::double as numerator,
    population.groups_cnt::double as denominator,
    case when population.groups_cnt is not null then 1 end::double as value,
    'Designated.' as detail,
    'Udpeget.' as detail_da
from marts.designated_group as designated
cross join population
where designated.as_of_date = $as_of_date::date
