/*
loss_reasons
    Deals of the key account lost in twelve months that have a reason. Numerator: those with a reason; null where none
    was lost. Denominator: deals lost; null likewise.

inputs : marts.designated_group, core.opportunity
params : $as_of_date
*/
with lost as (

    select
        group_id,
        count(*) as deals_cnt,
        count(loss_reason) as with_reason_cnt
    from core.opportunity
    where
        is_closed
        and not is_won
        and closed_on < $as_of_date::date
        and closed_on >= $as_of_date::date - interval 12 month
    group by group_id

)

select
    designated.group_id as observed_id,
    lost.with_reason_cnt::double as numerator,
    lost.deals_cnt::double as denominator,
    (lost.with_reason_cnt / lost.deals_cnt)::double as value,
    coalesce(format('With a reason: {} of {} lost deals.', lost.with_reason_cnt, lost.deals_cnt), 'No lost deal.')
        as detail,
    coalesce(format('Med årsag: {} af {} tabte salg.', lost.with_reason_cnt, lost.deals_cnt), 'Ingen tabte salg.')
        as detail_da
from marts.designated_group as designated
left join lost on designated.group_id = lost.group_id
where designated.as_of_date = $as_of_date::date
