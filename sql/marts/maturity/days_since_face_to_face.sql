/*
days_since_face_to_face
    Days since the last completed meeting in person or on video. Value: from the last one to as_of_date; where there
    never was one, from the first with any customer, if that is more than 365 days ago; null otherwise, where all its
    meetings are of unknown form, and where more than half of all key accounts' meetings of twelve months are.

inputs : marts.designated_group, core.activity
params : $as_of_date
*/
with meeting as (

    select
        group_id,
        mode,
        happened_on
    from core.activity
    where kind = 'meeting' and is_completed and group_id is not null and happened_on < $as_of_date::date

),

form as (

    select 2 * count(*) filter (where meeting.mode = 'unknown') <= count(*) as is_known
    from meeting
    inner join marts.designated_group as designated on meeting.group_id = designated.group_id
    where designated.as_of_date = $as_of_date::date and meeting.happened_on >= $as_of_date::date - interval 12 month

),

recording as (

    select min(happened_on) as first_on
    from meeting
    where mode in ('in_person', 'video')

),

judged as (

    select
        designated.group_id,
        max(meeting.happened_on) filter (where meeting.mode in ('in_person', 'video')) as met_on,
        count(*) filter (where meeting.mode = 'unknown') as unknown_cnt
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
        when not form.is_known then null
        when judged.met_on is not null then $as_of_date::date - judged.met_on
        when judged.unknown_cnt > 0 then null
        when recording.first_on < $as_of_date::date - 365 then $as_of_date::date - recording.first_on
    end::double as value,
    case
        when judged.met_on is not null then format('Last met on {}.', strftime(judged.met_on, '%Y-%m-%d'))
        when judged.unknown_cnt > 0 then 'Met, nobody knows in which form.'
        when recording.first_on is null then 'No meeting is recorded.'
        else format('Never met since {}, when recording began.', strftime(recording.first_on, '%Y-%m-%d'))
    end as detail,
    case
        when judged.met_on is not null then format('Sidst mødt {}.', strftime(judged.met_on, '%d-%m-%Y'))
        when judged.unknown_cnt > 0 then 'Mødt, men formen kendes ikke.'
        when recording.first_on is null then 'Der er ikke registreret et møde.'
        else format('Aldrig mødt siden {}, da registreringen begyndte.', strftime(recording.first_on, '%d-%m-%Y'))
    end as detail_da
from judged
cross join recording
cross join form
