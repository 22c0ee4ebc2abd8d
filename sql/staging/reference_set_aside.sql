/*
reference_set_aside
    Records of the smaller objects that do not reach staging, and why.

grain  : one row per living raw record of these objects that is not staged
key    : object, record_id
inputs : raw.opportunity_line_item, raw.product2, raw.contact, raw.opportunity_contact_role, raw.account_team_member,
         raw.user, raw.case, raw.currency_type, raw.dated_conversion_rate, raw.organization
params : none
columns:
  object       VARCHAR  CRM object
  record_id    VARCHAR  CRM id
  disposition  VARCHAR  rejected, merged or deleted
  reason       VARCHAR  one sentence
*/
with record as (

    select
        'OpportunityLineItem' as object,
        Id,
        coalesce(IsDeleted, false) as is_deleted,
        _is_gone,
        null as master_id,
        null as bad_value
    from raw.opportunity_line_item
    union all
    select
        'Product2' as object,
        Id,
        coalesce(IsDeleted, false) as is_deleted,
        _is_gone,
        null as master_id,
        null as bad_value
    from raw.product2
    union all
    select
        'Contact' as object,
        Id,
        coalesce(IsDeleted, false) as is_deleted,
        _is_gone,
        MasterRecordId as master_id,
        null as bad_value
    from raw.contact
    union all
    select
        'OpportunityContactRole' as object,
        Id,
        coalesce(IsDeleted, false) as is_deleted,
        _is_gone,
        null as master_id,
        null as bad_value
    from raw.opportunity_contact_role
    union all
    select
        'AccountTeamMember' as object,
        Id,
        coalesce(IsDeleted, false) as is_deleted,
        _is_gone,
        null as master_id,
        null as bad_value
    from raw.account_team_member
    union all
    select
        'User' as object,
        Id,
        false as is_deleted,
        _is_gone,
        null as master_id,
        null as bad_value
    from raw."user"
    union all
    select
        'Case' as object,
        Id,
        coalesce(IsDeleted, false) as is_deleted,
        _is_gone,
        MasterRecordId as master_id,
        null as bad_value
    from raw."case"
    union all
    select
        'CurrencyType' as object,
        Id,
        false as is_deleted,
        _is_gone,
        null as master_id,
        json_extract_string(_unparsed, '$.ConversionRate') as bad_value
    from raw.currency_type
    union all
    select
        'DatedConversionRate' as object,
        Id,
        false as is_deleted,
        _is_gone,
        null as master_id,
        coalesce(json_extract_string(_unparsed, '$.ConversionRate'), json_extract_string(_unparsed, '$.StartDate'))
            as bad_value
    from raw.dated_conversion_rate
    union all
    select
        'Organization' as object,
        Id,
        false as is_deleted,
        _is_gone,
        null as master_id,
        null as bad_value
    from raw.organization

),

judged as (

    select
        object,
        Id as record_id,
        case
            when Id like 'no-id:%' then 'rejected: The row has no id.'
            when (is_deleted or _is_gone) and master_id is not null then 'merged: Merged into ' || master_id || '.'
            when _is_gone then 'deleted: No longer in the source.'
            when is_deleted then 'deleted: In the recycle bin.'
            when bad_value is not null then 'rejected: A rate or date cannot be read: ' || bad_value
        end as verdict
    from record

)

select
    object,
    record_id,
    split_part(verdict, ': ', 1) as disposition,
    substr(verdict, strpos(verdict, ': ') + 2) as reason
from judged
where verdict is not null
