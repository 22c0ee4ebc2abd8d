/*
pipeline_hygiene
    Two checks for each open deal of the key account: its close date lies ahead, and it has an amount. Numerator:
    checks passed; null without an open deal. Denominator: checks made, two per deal; null likewise.

inputs : marts.designated_group, core.opportunity
params : $as_of_date
*/
with open_deal as (

    select
        group_id,
        count(*) as deals_cnt,
        count(*) filter (where closed_on >= $as_of_date::date) as ahead_cnt,
        count(*) filter (where amount_amt > 0) as with_amount_cnt
    from core.opportunity
    where not is_closed and coalesce(created_on < $as_of_date::date, true)
    group by group_id

)

select
    designated.group_id as observed_id,
    (open_deal.ahead_cnt + open_deal.with_amount_cnt)::double as numerator,
    (2 * open_deal.deals_cnt)::double as denominator,
    ((open_deal.ahead_cnt + open_deal.with_amount_cnt) / (2 * open_deal.deals_cnt))::double as value,
    coalesce(
        format(
            'Open deals: {}; close date ahead: {}; with an amount: {}.',
            open_deal.deals_cnt, open_deal.ahead_cnt, open_deal.with_amount_cnt
        ),
        'No open deal.'
    ) as detail,
    coalesce(
        format(
            'Åbne salg: {}; lukkedato ikke overskredet: {}; med beløb: {}.',
            open_deal.deals_cnt, open_deal.ahead_cnt, open_deal.with_amount_cnt
        ),
        'Ingen åbne salg.'
    ) as detail_da
from marts.designated_group as designated
left join open_deal on designated.group_id = open_deal.group_id
where designated.as_of_date = $as_of_date::date
