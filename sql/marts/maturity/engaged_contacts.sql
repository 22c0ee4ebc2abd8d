/*
engaged_contacts
    How many contacts of the key account were met or called in 180 days. Value: different contacts of completed
    meetings and calls; 0 without any where other customers have some; null where none of them names a contact.

inputs : marts.designated_group, core.activity
params : $as_of_date
*/
with touch as (

    select
        group_id,
        contact_id
    from core.activity
    where
        kind in ('meeting', 'call')
        and is_completed
        and group_id is not null
        and happened_on < $as_of_date::date
        and happened_on >= $as_of_date::date - 180

),

recording as (

    select count(contact_id) > 0 as is_usual
    from touch

),

judged as (

    select
        designated.group_id,
        count(touch.group_id) as touches_cnt,
        count(distinct touch.contact_id) as contacts_cnt
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
        when recording.is_usual and (judged.touches_cnt = 0 or judged.contacts_cnt > 0) then judged.contacts_cnt
    end::double as value,
    format('Meetings and calls in 180 days: {}, contacts: {}.', judged.touches_cnt, judged.contacts_cnt) as detail,
    format('Møder og opkald på 180 dage: {}, kontakter: {}.', judged.touches_cnt, judged.contacts_cnt) as detail_da
from judged
cross join recording
