/*
activity
    Meetings, calls, e-mails and to-dos with the customer they belong to.

grain  : one row per living task or event, series masters and invitees' copies left out
key    : activity_id
inputs : staging.task, staging.event, staging.opportunity, staging.contact, staging.account_merge, core.account_root,
         core.organisation
params : $held_statuses
rules  :
  account_id references core.account
  kind in meeting, call, email, task
  mode in in_person, video, phone, unknown
  is_completed not null
columns:
  activity_id   VARCHAR  CRM task or event id
  group_id      VARCHAR  group of the account, null where the activity belongs to no customer
  account_id    VARCHAR  account, from the record itself, its deal or its contact; null where none can be found
  kind          VARCHAR  meeting, call, email or task
  mode          VARCHAR  in_person, video, phone or unknown; never guessed from a blank location
  happened_on   DATE     day it took place or is planned for, in the organisation's time zone
  is_completed  BOOLEAN  it has been marked as done, by flag or status; a meeting without a status counts once its day
                         has come
  created_on    DATE     day the record was made, in the organisation's time zone; null where the source does not say
  contact_id    VARCHAR  contact or lead
  owner_id      VARCHAR  user id of the owner
*/
with event as (

    select
        *,
        lower(event_type) as type_text,
        type_text like '%call%' or type_text like '%phone%' or type_text like '%telefon%' or type_text like '%opkald%'
        or type_text like '%anruf%' as is_call,
        lower(concat_ws(' ', event_type, location)) as words,
        nullif(lower(trim(status)), '') as status_text
    from staging.event

),

touch as (

    select
        task.task_id as activity_id,
        task.account_id,
        task.what_id,
        task.who_id,
        task.owner_id,
        case
            when task.task_subtype = 'Call' or task.task_type ilike '%call%' then 'call'
            when task.task_subtype in ('Email', 'ListEmail') or task.task_type ilike '%email%' then 'email'
            when task.task_type ilike '%meeting%' then 'meeting'
            else 'task'
        end as kind,
        case when task.task_subtype = 'Call' or task.task_type ilike '%call%' then 'phone' else 'unknown' end as mode,
        task.due_on as given_on,
        task.created_at,
        task.completed_at as given_at,
        coalesce(task.is_closed, list_contains($held_statuses::varchar[], lower(task.status)), false) as is_completed
    from staging.task as task
    union all
    select
        event.event_id as activity_id,
        event.account_id,
        event.what_id,
        event.who_id,
        event.owner_id,
        case
            when event.is_call then 'call'
            when event.type_text like '%email%' or event.type_text like '%e-mail%' then 'email'
            else 'meeting'
        end as kind,
        case
            when
                event.words like '%video%' or event.words like '%teams%' or event.words like '%zoom%'
                or event.words like '%webex%' or event.words like '%online%' or event.words like '%http:%'
                or event.words like '%https:%'
                then 'video'
            when event.is_call then 'phone'
            when
                event.type_text like '%visit%' or event.type_text like '%on-site%' or event.type_text like '%onsite%'
                or event.type_text like '%in person%' or event.type_text like '%besøg%'
                or event.type_text like '%besök%' or event.type_text like '%besuch%' or trim(event.location) <> ''
                then 'in_person'
            else 'unknown'
        end as mode,
        event.starts_on as given_on,
        event.created_at,
        event.starts_at as given_at,
        event.status_text is null or list_contains($held_statuses::varchar[], event.status_text) as is_completed
    from event

),

-- the record's own account first, then the one of its deal, of what it is about, of its contact; these are looked up
-- only where the record has none of its own
placed as (

    select
        touch.*,
        coalesce(touch.account_id, opportunity.account_id, about.account_id, about_merge.winner_id, contact.account_id)
            as found_account_id
    from touch
    left join staging.opportunity as opportunity
        on case when touch.account_id is null then touch.what_id end = opportunity.opportunity_id
    left join core.account_root as about
        on case when touch.account_id is null then touch.what_id end = about.account_id
    left join staging.account_merge as about_merge
        on case when touch.account_id is null then touch.what_id end = about_merge.loser_id
    left join staging.contact as contact
        on case when touch.account_id is null then touch.who_id end = contact.contact_id

)

select
    placed.activity_id,
    root.group_id,
    root.account_id,
    placed.kind,
    placed.mode,
    coalesce(placed.given_on, timezone(organisation.time_zone, timezone('UTC', placed.given_at))::date) as happened_on,
    placed.is_completed,
    timezone(organisation.time_zone, timezone('UTC', placed.created_at))::date as created_on,
    placed.who_id as contact_id,
    placed.owner_id
from placed
cross join core.organisation as organisation
left join staging.account_merge as merge on placed.found_account_id = merge.loser_id
left join core.account_root as root on coalesce(merge.winner_id, placed.found_account_id) = root.account_id
