/*
pipeline_coverage
    Open deals closing in the running fiscal year over what is still missing to its target, of the groups with a target.

inputs : marts.kpi_entity, marts.kpi_group_target, marts.open_deal
params : $as_of_date
*/
with aim as (

    select
        group_id,
        period_start,
        period_end,
        unknown_won_cnt,
        target_amt - bookings_amt as missing_amt
    from marts.kpi_group_target
    where as_of_date = $as_of_date::date

),

pipeline as (

    select
        open_deal.group_id,
        sum(open_deal.amount_amt) as open_amt,
        count(open_deal.amount_amt) as open_cnt
    from marts.open_deal as open_deal
    inner join aim
        on
            open_deal.group_id = aim.group_id
            and open_deal.closes_on >= aim.period_start and open_deal.closes_on < aim.period_end
    where open_deal.as_of_date = $as_of_date::date
    group by open_deal.group_id

),

added as (

    select
        entity.entity_type,
        entity.entity_id,
        count(aim.group_id) as aims_cnt,
        coalesce(sum(pipeline.open_amt), 0) as open_amt,
        coalesce(sum(pipeline.open_cnt), 0) as open_cnt,
        case when count(aim.missing_amt) = count(aim.group_id) then sum(aim.missing_amt) end as missing_amt,
        coalesce(sum(aim.unknown_won_cnt), 0)::bigint as unknown_won_cnt
    from marts.kpi_entity as entity
    left join aim on entity.group_id = aim.group_id
    left join pipeline on entity.group_id = pipeline.group_id
    where entity.as_of_date = $as_of_date::date
    group by entity.entity_type, entity.entity_id

)

select
    entity_type,
    entity_id,
    'as_of' as period_type,
    $as_of_date::date as period_start,
    (case when missing_amt > 0 then open_amt / missing_amt end)::double as value,
    open_amt::double as numerator,
    missing_amt::double as denominator,
    open_cnt::bigint as n,
    case
        when aims_cnt = 0 then 'no_target'
        when missing_amt is null then 'no_known_amount'
        when missing_amt <= 0 then 'target_met'
        when unknown_won_cnt > 0 then 'unknown_won_amounts'
    end as reason,
    unknown_won_cnt as reason_cnt
from added
