/*
rejected_row
    What the source sent and the figures leave out, or had to be repaired, record by record, with the reason.

grain  : one row per as_of_date, record and part of it
key    : as_of_date, object, record_id, part
inputs : staging.account_set_aside, staging.opportunity_set_aside, staging.activity_set_aside,
         staging.reference_set_aside, staging.order_set_aside, staging.unread_value, staging.account, core.account,
         core.opportunity, core.order, core.account_root, core.hierarchy_cycle, core.feed_row, raw.duplicate, raw.load
params : $as_of_date, $run_id
readers: published
rules  :
  part in record, amount, parent, version, field
  reason not null
columns:
  as_of_date  DATE     snapshot date
  run_id      VARCHAR  run
  object      VARCHAR  CRM object or feed
  record_id   VARCHAR  CRM id; made from the row's content where it has none
  part        VARCHAR  record (not used at all; of two opposite decisions not while both hold), amount (the record is
                       known, its amount is not), parent (the link to the parent was cut), version (another row of the
                       same id was newer), field (left empty)
  reason      VARCHAR  one sentence
*/
with newest_load as (

    select
        object,
        arg_max(run_id, known_at) as run_id
    from raw.load
    where is_present
    group by object

),

set_aside as (

    select object, record_id, disposition, reason from staging.account_set_aside
    union all
    select object, record_id, disposition, reason from staging.opportunity_set_aside
    union all
    select object, record_id, disposition, reason from staging.order_set_aside
    union all
    select object, record_id, disposition, reason from staging.activity_set_aside
    union all
    select object, record_id, disposition, reason from staging.reference_set_aside

),

part as (

    select
        object,
        record_id,
        'record' as part,
        reason
    from set_aside
    where disposition = 'rejected'
    union all
    select
        'Opportunity' as object,
        opportunity_id as record_id,
        'amount' as part,
        case
            when amount_status = 'no_rate' then 'There is no exchange rate for ' || currency_code || '.'
            when amount_status = 'out_of_range' then 'The converted amount is too large to be money.'
            else 'It is won and has no amount.'
        end as reason
    from core.opportunity
    where amount_status in ('no_rate', 'out_of_range') or (amount_status = 'no_amount' and is_won)
    union all
    select
        'Order' as object,
        order_id as record_id,
        'amount' as part,
        case
            when amount_status = 'no_rate' then 'There is no exchange rate for ' || currency_code || '.'
            when amount_status = 'out_of_range' then 'The converted amount is too large to be money.'
            else 'It is activated and has no amount.'
        end as reason
    from core."order"
    where amount_status in ('no_rate', 'out_of_range') or (amount_status = 'no_amount' and is_activated)
    union all
    select
        'Account' as object,
        account.account_id as record_id,
        'amount' as part,
        'There is no exchange rate for its potential.' as reason
    from core.account as account
    inner join staging.account as source on account.account_id = source.account_id
    where source.potential_original is not null and account.potential_amt is null
    union all
    select
        object,
        record_id,
        'field' as part,
        'Left empty, because it cannot be read: ' || unread as reason
    from staging.unread_value
    union all
    select
        'Account' as object,
        account_id as record_id,
        'parent' as part,
        case link
            when 'self' then 'It names itself as its parent.'
            else 'Its parent is not in the source or has been deleted.'
        end as reason
    from core.account_root
    where link in ('self', 'unknown_parent')
    union all
    select
        'Account' as object,
        account_id as record_id,
        'parent' as part,
        'Its parents lead back to itself; the circle is opened at ' || top_account_id || '.' as reason
    from core.hierarchy_cycle
    union all
    select
        object,
        record_id,
        case when problem = 'no_rate' then 'amount' else 'record' end as part,
        reason
    from core.feed_row
    where status in ('unmatched', 'rejected') or problem = 'contradictory'
    union all
    select
        duplicate.object,
        duplicate.record_id,
        'version' as part,
        format(
            'The id is there {} times; the {} counts.',
            duplicate.version_cnt,
            case when duplicate.object like 'feeds.%' then 'row whose text sorts last' else 'newest stamp' end
        ) as reason
    from raw.duplicate as duplicate
    inner join newest_load on duplicate.object = newest_load.object and duplicate.run_id = newest_load.run_id

)

select
    $as_of_date::date as as_of_date,
    $run_id::varchar as run_id,
    object,
    record_id,
    part,
    reason
from part
