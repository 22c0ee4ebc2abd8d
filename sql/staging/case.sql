/*
case
    Service cases of customers.

grain  : one row per living case
key    : case_id
inputs : raw.case, staging.reference_set_aside
params : none
stored : view
columns:
  case_id     VARCHAR    CRM case id
  account_id  VARCHAR    CRM account id as the CRM has it
  contact_id  VARCHAR    CRM contact id
  priority    VARCHAR    priority as entered
  is_closed   BOOLEAN    closed
  created_at  TIMESTAMP  when the case was opened, UTC
  closed_at   TIMESTAMP  when it was closed, UTC
*/
select
    record.Id as case_id,
    record.AccountId as account_id,
    record.ContactId as contact_id,
    record.Priority as priority,
    record.IsClosed as is_closed,
    record.CreatedDate as created_at,
    record.ClosedDate as closed_at
from raw."case" as record
left join staging.reference_set_aside as set_aside
    on record.Id = set_aside.record_id and set_aside.object = 'Case'
where set_aside.record_id is null
