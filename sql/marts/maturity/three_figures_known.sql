/*
three_figures_known
    Whether growth, margin and satisfaction of the key account are all known: revenue in the year before to grow from,
    a cost within twelve months, an answer to a survey within twelve months. Numerator: 1 where all three are,
    otherwise 0. Denominator: 1.

inputs : marts.group_metric, core.account_month, core.satisfaction
params : $as_of_date
*/
with costed as (

    select distinct group_id
    from core.account_month
    where
        cost_amt is not null
        and month_on < $as_of_date::date
        and month_on >= $as_of_date::date - interval 12 month

),

answered as (

    select distinct group_id
    from core.satisfaction
    where
        score is not null
        and surveyed_on < $as_of_date::date
        and surveyed_on >= $as_of_date::date - interval 12 month

),

judged as (

    select
        metric.group_id,
        metric.revenue_growth is not null as has_growth,
        costed.group_id is not null as has_margin,
        answered.group_id is not null as has_satisfaction
    from marts.group_metric as metric
    left join costed on metric.group_id = costed.group_id
    left join answered on metric.group_id = answered.group_id
    where metric.as_of_date = $as_of_date::date and metric.is_key_account

)

select
    group_id as observed_id,
    (has_growth and has_margin and has_satisfaction)::integer::double as numerator,
    1::double as denominator,
    (has_growth and has_margin and has_satisfaction)::integer::double as value,
    case
        when has_growth and has_margin and has_satisfaction then 'All three are known.'
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
        when has_growth and has_margin and has_satisfaction then 'Alle tre er kendt.'
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
