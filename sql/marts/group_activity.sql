/*
group_activity
    How much contact there is with each group, counted as the KPIs of the same names count it.

    The strength of the relationship is a judgement, not a finding: three plain parts that weigh alike. Five contacts
    met or called within the contact window, twelve meetings in a year, and a meeting today are full marks; a meeting
    180 days ago or longer counts as none.

grain  : one row per as_of_date and group
key    : as_of_date, group_id
inputs : core.account_group, core.activity
params : $as_of_date, $contact_days
readers: newest
columns:
  as_of_date             DATE     snapshot date
  group_id               VARCHAR  group
  engaged_contacts_cnt   BIGINT   different contacts met or called within the contact window; null where no meeting or
                                  call with it names a contact, or nobody was met or called
  meetings_cnt           BIGINT   meetings of the last 12 months; null where there were none with anybody
  days_since_meeting     BIGINT   days since the newest meeting; null where there never was one
  relationship_strength  DOUBLE   0..1: mean of engaged contacts of 5, meetings of 12 and how lately of 180 days; null
                                  where contacts or meetings are unknown
*/
with named as (

    select
        group_id,
        contact_id,
        count(*) as touches_cnt
    from core.activity
    where
        kind in ('meeting', 'call')
        and is_completed
        and group_id is not null
        and happened_on < $as_of_date::date
        and happened_on >= $as_of_date::date - to_days($contact_days::integer)
    group by group_id, contact_id

),

touch as (

    select
        group_id,
        count(contact_id) as contacts_cnt
    from named
    group by group_id

),

meeting as (

    select
        group_id,
        count(*) filter (where happened_on >= $as_of_date::date - interval 12 month) as meetings_cnt,
        max(happened_on) as last_meeting_on
    from core.activity
    where kind = 'meeting' and is_completed and group_id is not null and happened_on < $as_of_date::date
    group by group_id

),

-- what nobody has, the source does not hold
anybody as (

    select
        (select count(*) from touch) > 0 as has_touches,
        (select coalesce(sum(meetings_cnt), 0) from meeting) > 0 as has_meetings

),

counted as (

    select
        account_group.group_id,
        case
            when touch.group_id is not null then nullif(touch.contacts_cnt, 0)
            when anybody.has_touches then 0
        end as engaged_contacts_cnt,
        case when anybody.has_meetings then coalesce(meeting.meetings_cnt, 0) end as meetings_cnt,
        $as_of_date::date - meeting.last_meeting_on as days_since_meeting
    from core.account_group as account_group
    cross join anybody
    left join touch on account_group.group_id = touch.group_id
    left join meeting on account_group.group_id = meeting.group_id

)

select
    $as_of_date::date as as_of_date,
    group_id,
    engaged_contacts_cnt,
    meetings_cnt,
    days_since_meeting,
    -- least would take what is unknown for the most
    case
        when engaged_contacts_cnt is not null and meetings_cnt is not null
            then (
                least(engaged_contacts_cnt, 5) / 5.0
                + least(meetings_cnt, 12) / 12.0
                + 1 - least(coalesce(days_since_meeting, 180), 180) / 180.0
            )::double / 3
    end as relationship_strength
from counted
