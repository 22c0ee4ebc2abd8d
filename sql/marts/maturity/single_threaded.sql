/*
single_threaded
    Whether one contact has at least 60 % of the meetings and calls of 180 days that name a contact. Numerator: 1 where
    one has, otherwise 0; null with fewer than three of them. Denominator: 1; null likewise.

inputs : marts.designated_group, core.activity
params : $as_of_date
*/
with touch as (

    select
        group_id,
        contact_id,
        count(*) as touches_cnt
    from core.activity
    where
        kind in ('meeting', 'call')
        and is_completed
        and group_id is not null
        and contact_id is not null
        and happened_on < $as_of_date::date
        and happened_on >= $as_of_date::date - 180
    group by group_id, contact_id

),

thread as (

    select
        group_id,
        sum(touches_cnt)::bigint as touches_cnt,
        max(touches_cnt) as largest_cnt
    from touch
    group by group_id

),

judged as (

    select
        designated.group_id,
        coalesce(thread.touches_cnt, 0) as touches_cnt,
        coalesce(thread.largest_cnt, 0) as largest_cnt,
        case when thread.touches_cnt >= 3 then (10 * thread.largest_cnt >= 6 * thread.touches_cnt)::integer end
            as is_single
    from marts.designated_group as designated
    left join thread on designated.group_id = thread.group_id
    where designated.as_of_date = $as_of_date::date

)

select
    group_id as observed_id,
    is_single::double as numerator,
    case when is_single is not null then 1 end::double as denominator,
    is_single::double as value,
    format('Meetings and calls that name a contact: {}; most with one: {}.', touches_cnt, largest_cnt) as detail,
    format('Møder og opkald med en kontakt: {}; flest med én: {}.', touches_cnt, largest_cnt) as detail_da
from judged
