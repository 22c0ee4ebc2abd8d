/*
met_in_90_days
    Whether there was a completed meeting with the key account in 90 days. Numerator: 1 where there was, otherwise 0;
    null where no customer had one. Denominator: 1; null likewise.

inputs : marts.designated_group, core.activity
params : $as_of_date
*/
with meeting as (

    select
        group_id,
        count(*) as meetings_cnt
    from core.activity
    where
        kind = 'meeting'
        and is_completed
        and group_id is not null
        and happened_on < $as_of_date::date
        and happened_on >= $as_of_date::date - 90
    group by group_id

),

recording as (

    select count(*) > 0 as is_usual
    from meeting

)

select
    designated.group_id as observed_id,
    case when recording.is_usual then (meeting.meetings_cnt is not null)::integer end::double as numerator,
    case when recording.is_usual then 1 end::double as denominator,
    case when recording.is_usual then (meeting.meetings_cnt is not null)::integer end::double as value,
    format('Meetings in 90 days: {}.', coalesce(meeting.meetings_cnt, 0)) as detail,
    format('Møder på 90 dage: {}.', coalesce(meeting.meetings_cnt, 0)) as detail_da
from marts.designated_group as designated
cross join recording
left join meeting on designated.group_id = meeting.group_id
where designated.as_of_date = $as_of_date::date
