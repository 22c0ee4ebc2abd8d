/*
reconciliation
    Where every living record of the raw tables went: nothing may get lost on the way to staging.

grain  : one row per CRM object and feed
key    : object
inputs : raw.account, raw.opportunity, raw.opportunity_line_item, raw.product2, raw.task, raw.event, raw.contact,
         raw.opportunity_contact_role, raw.account_team_member, raw.user, raw.case, raw.currency_type,
         raw.dated_conversion_rate, raw.organization, raw.order, raw.feed_satisfaction, raw.feed_costs,
         raw.feed_actuals, raw.feed_targets, raw.feed_decisions, staging.account, staging.opportunity, staging.order,
         staging.opportunity_line_item, staging.product, staging.task, staging.event, staging.contact,
         staging.opportunity_contact_role, staging.account_team_member, staging.user, staging.case,
         staging.currency_type, staging.dated_conversion_rate, staging.organization, staging.account_set_aside,
         staging.opportunity_set_aside, staging.order_set_aside, staging.activity_set_aside,
         staging.reference_set_aside, staging.feed_row
params : none
columns:
  object            VARCHAR  CRM object or feed
  living_cnt        BIGINT   records whose newest version is in raw
  staged_cnt        BIGINT   records that reached staging
  rejected_cnt      BIGINT   records set aside because they cannot be used
  out_of_scope_cnt  BIGINT   records left out by scope or because they are copies
  deleted_cnt       BIGINT   records deleted in the CRM or gone from the source
  merged_cnt        BIGINT   records merged into another
  lost_cnt          BIGINT   records in none of these; anything but 0 is a defect
*/
with feed as (

    select 'feeds.satisfaction' as object, count(*) as living_cnt from raw.feed_satisfaction
    union all
    select 'feeds.costs', count(*) from raw.feed_costs
    union all
    select 'feeds.actuals', count(*) from raw.feed_actuals
    union all
    select 'feeds.targets', count(*) from raw.feed_targets
    union all
    select 'feeds.decisions', count(*) from raw.feed_decisions

),

staged as (

    select
        object,
        count(*) as staged_cnt
    from staging.feed_row
    where disposition = 'staged'
    group by object

),

living as (

    select 'Account' as object, count(*) as living_cnt, (select count(*) from staging.account) as staged_cnt
    from raw.account
    union all
    select 'Opportunity', count(*), (select count(*) from staging.opportunity)
    from raw.opportunity
    union all
    select 'OpportunityLineItem', count(*), (select count(*) from staging.opportunity_line_item)
    from raw.opportunity_line_item
    union all
    select 'Product2', count(*), (select count(*) from staging.product)
    from raw.product2
    union all
    select 'Task', count(*), (select count(*) from staging.task)
    from raw.task
    union all
    select 'Event', count(*), (select count(*) from staging.event)
    from raw.event
    union all
    select 'Contact', count(*), (select count(*) from staging.contact)
    from raw.contact
    union all
    select 'OpportunityContactRole', count(*), (select count(*) from staging.opportunity_contact_role)
    from raw.opportunity_contact_role
    union all
    select 'AccountTeamMember', count(*), (select count(*) from staging.account_team_member)
    from raw.account_team_member
    union all
    select 'User', count(*), (select count(*) from staging."user")
    from raw."user"
    union all
    select 'Case', count(*), (select count(*) from staging."case")
    from raw."case"
    union all
    select 'CurrencyType', count(*), (select count(*) from staging.currency_type)
    from raw.currency_type
    union all
    select 'DatedConversionRate', count(*), (select count(*) from staging.dated_conversion_rate)
    from raw.dated_conversion_rate
    union all
    select 'Organization', count(*), (select count(*) from staging.organization)
    from raw.organization
    union all
    select 'Order', count(*), (select count(*) from staging."order")
    from raw."order"
    union all
    select feed.object, feed.living_cnt, coalesce(staged.staged_cnt, 0)
    from feed
    left join staged on feed.object = staged.object

),

set_aside as (

    select object, disposition from staging.account_set_aside
    union all
    select object, disposition from staging.opportunity_set_aside
    union all
    select object, disposition from staging.order_set_aside
    union all
    select object, disposition from staging.activity_set_aside
    union all
    select object, disposition from staging.reference_set_aside
    union all
    select object, disposition from staging.feed_row
    where disposition <> 'staged'

)

select
    living.object,
    living.living_cnt,
    living.staged_cnt,
    count(*) filter (where set_aside.disposition = 'rejected') as rejected_cnt,
    count(*) filter (where set_aside.disposition = 'out_of_scope') as out_of_scope_cnt,
    count(*) filter (where set_aside.disposition = 'deleted') as deleted_cnt,
    count(*) filter (where set_aside.disposition = 'merged') as merged_cnt,
    living.living_cnt - living.staged_cnt - count(set_aside.disposition) as lost_cnt
from living
left join set_aside on living.object = set_aside.object
group by living.object, living.living_cnt, living.staged_cnt
