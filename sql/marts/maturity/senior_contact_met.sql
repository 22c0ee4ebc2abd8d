/*
senior_contact_met
    Whether a senior contact of the key account was met in 180 days, by title. Of the patterns of kam.yaml support wins
    over senior, and senior over other; a title that matches none is unknown. Numerator: 1 where one was; 0 where all
    contacts met are known not to be, or none was met; null where one that is not senior has an unknown title, and
    where no title of any customer is known. Denominator: 1; null likewise.

inputs : core.account_group, core.activity, staging.contact
params : $as_of_date, $support_titles, $senior_titles, $other_titles
*/
with met as (

    select
        activity.group_id,
        case
            when regexp_matches(contact.title, $support_titles::varchar) then 'other'
            when regexp_matches(contact.title, $senior_titles::varchar) then 'senior'
            when regexp_matches(contact.title, $other_titles::varchar) then 'other'
            else 'unknown'
        end as seniority
    from core.activity as activity
    left join staging.contact as contact on activity.contact_id = contact.contact_id
    where
        activity.kind = 'meeting'
        and activity.is_completed
        and activity.group_id is not null
        and activity.happened_on < $as_of_date::date
        and activity.happened_on >= $as_of_date::date - 180

),

recording as (

    select count(*) filter (where seniority <> 'unknown') > 0 as is_usual
    from met

),

counted as (

    select
        account_group.group_id,
        count(met.group_id) as meetings_cnt,
        count(*) filter (where met.seniority = 'senior') as senior_cnt,
        count(*) filter (where met.seniority = 'unknown') as unknown_cnt
    from core.account_group as account_group
    left join met on account_group.group_id = met.group_id
    where account_group.is_key_account
    group by account_group.group_id

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
