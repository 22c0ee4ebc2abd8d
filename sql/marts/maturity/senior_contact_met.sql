/*
senior_contact_met
    Whether a senior contact of the key account was met in 180 days, by title. Of the patterns of kam.yaml support wins
    over senior, and senior over other; a title that matches none is unknown. Numerator: 1 where one was; 0 where all
    contacts met are known not to be, or none was met; null where one that is not senior has an unknown title, and
    where no title of any customer is known. Denominator: 1; null likewise.

inputs : marts.designated_group, core.activity, staging.contact
params : $as_of_date, $support_titles, $senior_titles, $other_titles
*/
with meeting as (

    select
        group_id,
        contact_id
    from core.activity
    where
        kind = 'meeting'
        and is_completed
        and group_id is not null
        and happened_on < $as_of_date::date
        and happened_on >= $as_of_date::date - 180

),

person as (

    select
        contact_id,
        title
    from staging.contact
    where contact_id in (select contact_id from meeting)

),

-- each title is read once, however many have it
title as (

    select
        title,
        case
            when regexp_matches(title, $support_titles::varchar) then 'other'
            when regexp_matches(title, $senior_titles::varchar) then 'senior'
            when regexp_matches(title, $other_titles::varchar) then 'other'
        end as seniority
    from (select distinct title from person) as written

),

met as (

    select
        meeting.group_id,
        coalesce(title.seniority, 'unknown') as seniority
    from meeting
    left join person on meeting.contact_id = person.contact_id
    left join title on person.title = title.title

),

recording as (

    select count(*) filter (where seniority <> 'unknown') > 0 as is_usual
    from met

),

counted as (

    select
        designated.group_id,
        count(met.group_id) as meetings_cnt,
        count(*) filter (where met.seniority = 'senior') as senior_cnt,
        count(*) filter (where met.seniority = 'unknown') as unknown_cnt
    from marts.designated_group as designated
    left join met on designated.group_id = met.group_id
    where designated.as_of_date = $as_of_date::date
    group by designated.group_id

),

judged as (

    select
        counted.*,
        case
            when not recording.is_usual then null
            when counted.senior_cnt > 0 then 1
            when counted.unknown_cnt = 0 then 0
        end as is_met
    from counted
    cross join recording

)

select
    group_id as observed_id,
    is_met::double as numerator,
    case when is_met is not null then 1 end::double as denominator,
    is_met::double as value,
    format('Meetings in 180 days: {}; senior: {}; title unknown: {}.', meetings_cnt, senior_cnt, unknown_cnt) as detail,
    format('Møder på 180 dage: {}; topleder: {}; ukendt titel: {}.', meetings_cnt, senior_cnt, unknown_cnt)
        as detail_da
from judged
