/*
unread_value
    Values that could not be read as their declared type and were left empty, in records that are used all the same. A
    row of a feed with such a value is rejected, see staging.feed_row.

grain  : one row per living record with such a value
key    : object, record_id
inputs : raw.account, raw.opportunity, raw.opportunity_line_item, raw.product2, raw.task, raw.event, raw.contact,
         raw.opportunity_contact_role, raw.account_team_member, raw.user, raw.case, raw.currency_type,
         raw.dated_conversion_rate, raw.organization, raw.order, staging.account_set_aside,
         staging.opportunity_set_aside, staging.order_set_aside, staging.activity_set_aside, staging.reference_set_aside
params : none
columns:
  object       VARCHAR  CRM object
  record_id    VARCHAR  CRM id
  unread       VARCHAR  JSON object: field and text as received
*/
with unread as (

    select 'Account' as object, Id, _unparsed from raw.account
    where _unparsed is not null and not _is_gone
    union all
    select 'Opportunity' as object, Id, _unparsed from raw.opportunity
    where _unparsed is not null and not _is_gone
    union all
    select 'OpportunityLineItem' as object, Id, _unparsed
    from raw.opportunity_line_item
    where _unparsed is not null and not _is_gone
    union all
    select 'Product2' as object, Id, _unparsed from raw.product2
    where _unparsed is not null and not _is_gone
    union all
    select 'Task' as object, Id, _unparsed from raw.task
    where _unparsed is not null and not _is_gone
    union all
    select 'Event' as object, Id, _unparsed from raw.event
    where _unparsed is not null and not _is_gone
    union all
    select 'Contact' as object, Id, _unparsed from raw.contact
    where _unparsed is not null and not _is_gone
    union all
    select 'OpportunityContactRole' as object, Id, _unparsed
    from raw.opportunity_contact_role
    where _unparsed is not null and not _is_gone
    union all
    select 'AccountTeamMember' as object, Id, _unparsed
    from raw.account_team_member
    where _unparsed is not null and not _is_gone
    union all
    select 'User' as object, Id, _unparsed from raw."user"
    where _unparsed is not null and not _is_gone
    union all
    select 'Case' as object, Id, _unparsed from raw."case"
    where _unparsed is not null and not _is_gone
    union all
    select 'CurrencyType' as object, Id, _unparsed from raw.currency_type
    where _unparsed is not null and not _is_gone
    union all
    select 'DatedConversionRate' as object, Id, _unparsed
    from raw.dated_conversion_rate
    where _unparsed is not null and not _is_gone
    union all
    select 'Organization' as object, Id, _unparsed from raw.organization
    where _unparsed is not null and not _is_gone
    union all
    select 'Order' as object, Id, _unparsed from raw."order"
    where _unparsed is not null and not _is_gone

),

set_aside as (

    select object, record_id from staging.account_set_aside
    union all
    select object, record_id from staging.opportunity_set_aside
    union all
    select object, record_id from staging.order_set_aside
    union all
    select object, record_id from staging.activity_set_aside
    union all
    select object, record_id from staging.reference_set_aside

)

select
    unread.object,
    unread.Id as record_id,
    unread._unparsed as unread
from unread
left join set_aside on unread.object = set_aside.object and unread.Id = set_aside.record_id
where set_aside.record_id is null
