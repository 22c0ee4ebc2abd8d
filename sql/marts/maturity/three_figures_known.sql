/*
three_figures_known
    Whether growth, margin and satisfaction of the key account are all known, as its KPIs of the last twelve months
    know them: won revenue on the same days a year before to grow from, within the company's history; costs of at least
    $min_cost_coverage of its revenue; an answer to a survey. Numerator: 1 where all three are, otherwise 0.
    Denominator: 1.

inputs : marts.group_metric, marts.kpi_group_feed, marts.kpi_group_period, marts.kpi_period
params : $as_of_date, $min_cost_coverage
*/
with twelve_months as (

    select
        period_start,
        has_base
    from marts.kpi_period
    where as_of_date = $as_of_date::date and period_type = 'ttm'

),

growing as (

    select fact.group_id
    from marts.kpi_group_period as fact
    inner join twelve_months on fact.period_start = twelve_months.period_start and twelve_months.has_base
    where
        fact.as_of_date = $as_of_date::date
        and fact.period_type = 'ttm'
        and fact.base_amt > 0
        and (fact.won_cnt = 0 or fact.bookings_amt is not null)

),

fed as (

    select
        fact.group_id,
        fact.cost_amt is not null
        and fact.costed_revenue_amt > 0
        and (
            fact.costed_revenue_amt = fact.revenue_amt
            or fact.revenue_amt > 0
            and fact.costed_revenue_amt / fact.revenue_amt >= $min_cost_coverage::double
        ) as is_costed,
        fact.answers_cnt > 0 as is_answered
    from marts.kpi_group_feed as fact
    inner join twelve_months on fact.period_start = twelve_months.period_start
    where fact.as_of_date = $as_of_date::date and fact.period_type = 'ttm'

),

judged as (

    select
        metric.group_id,
        growing.group_id is not null as has_growth,
        coalesce(fed.is_costed, false) as has_margin,
        coalesce(fed.is_answered, false) as has_satisfaction,
        has_growth and has_margin and has_satisfaction as has_all
    from marts.group_metric as metric
    left join growing on metric.group_id = growing.group_id
    left join fed on metric.group_id = fed.group_id
    where metric.as_of_date = $as_of_date::date and metric.is_key_account

)

select
    group_id as observed_id,
    has_all::integer::double as numerator,
    1::double as denominator,
    has_all::integer::double as value,
    case
        when has_all then 'All three are known.'
        else
            format(
                'Not known: {}.',
                concat_ws(
                    ', ',
                    case when not has_growth then 'growth' end,
                    case when not has_margin then 'margin' end,
                    case when not has_satisfaction then 'satisfaction' end
                )
            )
    end as detail,
    case
        when has_all then 'Alle tre er kendt.'
        else
            format(
                'Ikke kendt: {}.',
                concat_ws(
                    ', ',
                    case when not has_growth then 'vækst' end,
                    case when not has_margin then 'dækningsgrad' end,
                    case when not has_satisfaction then 'tilfredshed' end
                )
            )
    end as detail_da
from judged
