/*
known_field
    Which fields the source has: what can be measured, and what is not configured.

grain  : one row per object and field that was ever delivered
key    : object, field
inputs : raw.load, raw.field_presence
params : none
stored : view
columns:
  object      VARCHAR  CRM object
  field       VARCHAR  field as the CRM calls it, one of the organisation's own too, or our name for one that `mapping`
                       finds
  is_present  BOOLEAN  the newest delivery of the object has it
*/
with newest as (

    select
        object,
        arg_max(run_id, known_at) as run_id
    from raw.load
    where is_present
    group by object

)

select
    presence.object,
    presence.field,
    presence.presence in ('present', 'new', 'retyped') as is_present
from raw.field_presence as presence
inner join newest on presence.object = newest.object and presence.run_id = newest.run_id
