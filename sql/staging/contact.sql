/*
contact
    Contacts of customers.

grain  : one row per living contact
key    : contact_id
inputs : raw.contact, staging.reference_set_aside
params : none
stored : view
columns:
  contact_id    VARCHAR  CRM contact id
  account_id    VARCHAR  CRM account id as the CRM has it
  contact_name  VARCHAR  name
  title         VARCHAR  job title as written
  department    VARCHAR  department as written
*/
select
    record.Id as contact_id,
    record.AccountId as account_id,
    record.Name as contact_name,
    record.Title as title,
    record.Department as department
from raw.contact as record
left join staging.reference_set_aside as set_aside
    on record.Id = set_aside.record_id and set_aside.object = 'Contact'
where set_aside.record_id is null
