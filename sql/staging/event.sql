/*
event
    Living calendar events, series masters and invitees' copies left out.

grain  : one row per living event
key    : event_id
inputs : raw.event, staging.activity_set_aside
params : none
stored : view
columns:
  event_id    VARCHAR    CRM event id
  account_id  VARCHAR    account as the CRM gives it
  what_id     VARCHAR    record the event is about
  who_id      VARCHAR    contact or lead
  owner_id    VARCHAR    user id of the owner
  event_type  VARCHAR    type as entered
  location    VARCHAR    location as entered
  status      VARCHAR    status where the source has one
  starts_on   DATE       activity date
  starts_at   TIMESTAMP  start, UTC
  modified_at TIMESTAMP  newest stamp of the record, UTC; null where the source has none
  created_at  TIMESTAMP  when the record was made, UTC
*/
select
    event.Id as event_id,
    event.AccountId as account_id,
    event.WhatId as what_id,
    event.WhoId as who_id,
    event.OwnerId as owner_id,
    coalesce(event.Type, event.EventSubtype) as event_type,
    event.Location as location,
    event.Status as status,
    event.ActivityDate as starts_on,
    event.ActivityDateTime as starts_at,
    greatest(event.SystemModstamp, event.LastModifiedDate) as modified_at,
    event.CreatedDate as created_at
from raw.event as event
left join staging.activity_set_aside as set_aside
    on event.Id = set_aside.record_id and set_aside.object = 'Event'
where set_aside.record_id is null
