/*
days_since_any_meeting
    Days since the last completed meeting, whatever its form. Value: from the last one to as_of_date; where there never
    was one, from the first with any customer, if that is more than 365 days ago; null otherwise.

inputs : marts.designated_group, core.activity
params : $as_of_date
*/
with meeting as (

    select
        group_id,
        happened_on
    from core.activity
    where kind = 'meeting' and is_completed and group_id is not null and happened_on < $as_of_date::date

),

recording as (

    select min(happened_on) as first_on
    from meeting

),

judged as (

    select
        designated.group_id,
        max(meeting.happened_on) as met_on
    from marts.designated_group as designated
    left join meeting on designated.group_id = meeting.group_id
    where designated.as_of_date = $as_of_date::date
    group by designated.group_id

)

select
    judged.group_id as observed_id,
    null::double as numerator,
    null::double as denominator,
    case
        when judged.met_on is not null then $as_of_date::date - judged.met_on
        when recording.first_on < $as_of_date::date - 365 then $as_of_date::date - recording.first_on
    end::double as value,
    case
        when judged.met_on is not null then format('Last met on {}.', strftime(judged.met_on, '%Y-%m-%d'))
        when recording.first_on is null then 'No meeting is recorded.'
        else format('Never met since {}, when recording began.', strftime(recording.first_on, '%Y-%m-%d'))
    end as detail,
    case
        when judged.met_on is not null then format('Sidst mødt {}.', strftime(judged.met_on, '%d-%m-%Y'))
        when recording.first_on is null then 'Der er ikke registreret et møde.'
        else format('Aldrig mødt siden {}, da registreringen begyndte.', strftime(recording.first_on, '%d-%m-%Y'))
    end as detail_da
from judged
cross join recording
