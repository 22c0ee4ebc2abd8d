/*
activity_set_aside
    Tasks and events that do not reach staging, and why.

grain  : one row per living raw task or event that is not staged
key    : object, record_id
inputs : raw.task, raw.event
params : none
columns:
  object       VARCHAR  CRM object
  record_id    VARCHAR  CRM id
  disposition  VARCHAR  rejected, deleted or out_of_scope
  reason       VARCHAR  one sentence
*/
with judged as (

    select
        'Task' as object,
        Id as record_id,
        case
            when Id like 'no-id:%' then 'rejected: The row has no id.'
            when _is_gone then 'deleted: No longer in the source.'
            when coalesce(IsDeleted, false) then 'deleted: In the recycle bin.'
            when coalesce(IsRecurrence, false) then 'out_of_scope: Master of a series, no activity of its own.'
            when _unparsed is not null and json_extract_string(_unparsed, '$.ActivityDate') is not null
                then
                    'rejected: ActivityDate cannot be read as a date: '
                    || json_extract_string(_unparsed, '$.ActivityDate')
        end as verdict
    from raw.task
    union all
    select
        'Event' as object,
        Id as record_id,
        case
            when Id like 'no-id:%' then 'rejected: The row has no id.'
            when _is_gone then 'deleted: No longer in the source.'
            when coalesce(IsDeleted, false) then 'deleted: In the recycle bin.'
            when coalesce(IsRecurrence, false) then 'out_of_scope: Master of a series, no activity of its own.'
            when coalesce(IsChild, false) then 'out_of_scope: Copy of a group meeting for one invitee.'
            when _unparsed is not null and json_extract_string(_unparsed, '$.ActivityDate') is not null
                then
                    'rejected: ActivityDate cannot be read as a date: '
                    || json_extract_string(_unparsed, '$.ActivityDate')
        end as verdict
    from raw.event

)

select
    object,
    record_id,
    split_part(verdict, ': ', 1) as disposition,
    substr(verdict, strpos(verdict, ': ') + 2) as reason
from judged
where verdict is not null
