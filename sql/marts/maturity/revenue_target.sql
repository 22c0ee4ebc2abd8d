/*
revenue_target
    Whether there is a revenue target above zero for the key account in the running fiscal year, the one of the day
    before as_of_date. Numerator: 1 where there is, otherwise 0. Denominator: 1.

inputs : marts.designated_group, core.target
params : $as_of_date
*/
with running as (

    select
        group_id,
        max(fiscal_year) as fiscal_year,
        sum(target_amt) as target_amt
    from core.target
    where period_start < $as_of_date::date and period_end >= $as_of_date::date
    group by group_id

)

select
    designated.group_id as observed_id,
    coalesce(running.target_amt > 0, false)::integer::double as numerator,
    1::double as denominator,
    coalesce(running.target_amt > 0, false)::integer::double as value,
    case
        when running.target_amt > 0 then format('Target for fiscal year {}.', running.fiscal_year)
        else 'No target for the running fiscal year.'
    end as detail,
    case
        when running.target_amt > 0 then format('Mål for regnskabsåret {}.', running.fiscal_year)
        else 'Intet mål for det løbende regnskabsår.'
    end as detail_da
from marts.designated_group as designated
left join running on designated.group_id = running.group_id
where designated.as_of_date = $as_of_date::date
