/*
opportunity_contact_role
    Which contacts take part in which deals.

grain  : one row per living contact role on a deal
key    : contact_role_id
inputs : raw.opportunity_contact_role, staging.reference_set_aside
params : none
stored : view
columns:
  contact_role_id  VARCHAR  CRM id
  opportunity_id   VARCHAR  CRM opportunity id
  contact_id       VARCHAR  CRM contact id
  role             VARCHAR  role as entered
  is_primary       BOOLEAN  primary contact of the deal
*/
select
    record.Id as contact_role_id,
    record.OpportunityId as opportunity_id,
    record.ContactId as contact_id,
    record.Role as role,
    record.IsPrimary as is_primary
from raw.opportunity_contact_role as record
left join staging.reference_set_aside as set_aside
    on record.Id = set_aside.record_id and set_aside.object = 'OpportunityContactRole'
where set_aside.record_id is null
