/*
functions_in_touch
    How many functions of ours had a meeting, call or e-mail with the key account in 90 days. Value: different
    departments of the owners of completed activities; 0 without any where other customers have some; null where no
    owner has a department.

inputs : marts.designated_group, core.activity, staging.user
params : $as_of_date
*/
with touch as (

    select
        activity.group_id,
        nullif(lower(trim(colleague.department)), '') as department
    from core.activity as activity
    left join staging.user as colleague on activity.owner_id = colleague.user_id
    where
        activity.kind in ('meeting', 'call', 'email')
        and activity.is_completed
        and activity.group_id is not null
        and activity.happened_on < $as_of_date::date
        and activity.happened_on >= $as_of_date::date - 90

),

recording as (

    select count(department) > 0 as is_usual
    from touch

),

judged as (

    select
        designated.group_id,
        count(touch.group_id) as touches_cnt,
        count(distinct touch.department) as departments_cnt
    from marts.designated_group as designated
    left join touch on designated.group_id = touch.group_id
    where designated.as_of_date = $as_of_date::date
    group by designated.group_id

)

select
    judged.group_id as observed_id,
    null::double as numerator,
    null::double as denominator,
    case
        when recording.is_usual and (judged.touches_cnt = 0 or judged.departments_cnt > 0) then judged.departments_cnt
    end::double as value,
    format('Contacts in 90 days: {}, departments: {}.', judged.touches_cnt, judged.departments_cnt) as detail,
    format('Kontakter på 90 dage: {}, afdelinger: {}.', judged.touches_cnt, judged.departments_cnt) as detail_da
from judged
cross join recording
