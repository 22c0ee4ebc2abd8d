/*
explicit_designation
    Of the groups that make up the top 20 % by won revenue of twelve months: who is designated. One row per group among
    the ceil(20 %) largest by revenue above 0; ties by group id. Numerator: 1 where it is designated, otherwise 0.
    Denominator: 1.

inputs : marts.entity_revenue, marts.designated_group
params : $as_of_date
*/
with ranked as (

    select
        entity_id as group_id,
        row_number() over (order by revenue_amt desc, entity_id) as place,
        count(*) over () as groups_cnt
    from marts.entity_revenue
    where as_of_date = $as_of_date::date and basis = 'group' and revenue_amt > 0

)

select
    ranked.group_id as observed_id,
    (designated.group_id is not null)::integer::double as numerator,
    1::double as denominator,
    (designated.group_id is not null)::integer::double as value,
    format('Place {} by revenue', ranked.place)
    || case when designated.group_id is not null then ': designated.' else ': not designated.' end as detail,
    format('Nr. {} efter omsætning', ranked.place)
    || case when designated.group_id is not null then ': udpeget.' else ': ikke udpeget.' end as detail_da
from ranked
left join marts.designated_group as designated
    on ranked.group_id = designated.group_id and designated.as_of_date = $as_of_date::date
where ranked.place <= ceil(0.20 * ranked.groups_cnt)
