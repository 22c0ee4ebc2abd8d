/*
delivery
    How recent the knowledge is: when it was extracted, and the newest stamp that it holds.

grain  : one row
key    : extracted_at
inputs : raw.load, raw.account, raw.opportunity, raw.opportunity_line_item, raw.product2, raw.task, raw.event,
         raw.contact, raw.opportunity_contact_role, raw.account_team_member, raw.user, raw.case, raw.currency_type,
         raw.dated_conversion_rate, raw.organization
params : none
columns:
  extracted_at     TIMESTAMP  when the newest delivery was extracted, UTC
  newest_stamp_at  TIMESTAMP  newest created or modified stamp of any record, UTC; null where there are none
*/
with stamp as (

    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.account
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.opportunity
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.opportunity_line_item
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.product2
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.task
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.event
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.contact
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.opportunity_contact_role
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.account_team_member
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw."user"
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw."case"
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.currency_type
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.dated_conversion_rate
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw.organization

),

newest as (

    select max(stamp_at) as newest_stamp_at
    from stamp

),

extraction as (

    select max(known_at) as extracted_at
    from raw.load

)

select
    extraction.extracted_at,
    newest.newest_stamp_at
from extraction
cross join newest
