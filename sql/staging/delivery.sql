/*
delivery
    What the newest delivery is like: when it was extracted, its newest stamp, whether it designates key accounts, and
    how its texts write numbers.

grain  : one row
key    : extracted_at
inputs : raw.load, raw.field_presence, raw.account, raw.opportunity, raw.opportunity_line_item, raw.product2, raw.task,
         raw.event, raw.contact, raw.opportunity_contact_role, raw.account_team_member, raw.user, raw.case,
         raw.currency_type, raw.dated_conversion_rate, raw.organization, raw.order
params : $decimal_separator
columns:
  extracted_at       TIMESTAMP  when the newest delivery was extracted, UTC
  clock_at           TIMESTAMP  what time it was then by the source's own clock, UTC; ours where it has none
  newest_stamp_at    TIMESTAMP  newest created or modified stamp of any record, UTC; null where there are none
  has_designation    BOOLEAN    a field says which accounts are key accounts
  is_live            BOOLEAN    the source holds what is true now; files hold what once was
  decimal_separator  VARCHAR    . or , as kam.yaml says of files; the other stands between thousands
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
    union all
    select greatest(max(CreatedDate), max(LastModifiedDate), max(SystemModstamp)) as stamp_at
    from raw."order"

),

newest as (

    select max(stamp_at) as newest_stamp_at
    from stamp

),

extraction as (

    select
        max(known_at) as extracted_at,
        arg_max(coalesce(clock_at, known_at), known_at) as clock_at,
        arg_max(coalesce(is_live, false), known_at) as is_live
    from raw.load

),

-- a delivery without accounts leaves the earlier ones in force, and what they said of themselves
accounts as (

    select arg_max(run_id, known_at) as run_id
    from raw.load
    where object = 'Account' and is_present

),

designation as (

    select count(*) > 0 as has_designation
    from raw.field_presence as presence
    inner join accounts on presence.run_id = accounts.run_id
    where
        presence.object = 'Account'
        and presence.field = 'IsKeyAccount'
        and presence.presence in ('present', 'new', 'retyped')

)

select
    extraction.extracted_at,
    extraction.clock_at,
    newest.newest_stamp_at,
    designation.has_designation,
    extraction.is_live,
    $decimal_separator::varchar as decimal_separator
from extraction
cross join newest
cross join designation
