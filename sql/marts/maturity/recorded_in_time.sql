/*
recorded_in_time
    Completed meetings, calls and e-mails of twelve months that were in the CRM no later than two days after they took
    place; what was planned ahead is in time. To-dos are left out: their date is when they are due. Numerator: those
    recorded in time; null where there is none with a created stamp. Denominator: those with a created stamp; null
    likewise.

inputs : marts.designated_group, core.activity
params : $as_of_date
*/
with recorded as (

    select
        group_id,
        count(*) as activities_cnt,
        count(*) filter (where created_on <= happened_on + 2) as in_time_cnt
    from core.activity
    where
        kind in ('meeting', 'call', 'email')
        and is_completed
        and created_on is not null
        and happened_on < $as_of_date::date
        and happened_on >= $as_of_date::date - interval 12 month
    group by group_id

)

select
    designated.group_id as observed_id,
    recorded.in_time_cnt::double as numerator,
    recorded.activities_cnt::double as denominator,
    (recorded.in_time_cnt / recorded.activities_cnt)::double as value,
    coalesce(
        format('Recorded in time: {} of {} activities.', recorded.in_time_cnt, recorded.activities_cnt),
        'No activity with a created stamp.'
    ) as detail,
    coalesce(
        format('Registreret i tide: {} af {} aktiviteter.', recorded.in_time_cnt, recorded.activities_cnt),
        'Ingen aktivitet med oprettelsestidspunkt.'
    ) as detail_da
from marts.designated_group as designated
left join recorded on designated.group_id = recorded.group_id
where designated.as_of_date = $as_of_date::date
