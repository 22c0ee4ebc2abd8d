/*
decision
    What has been decided about customers: designations and overrides that can be used, whatever the date.

grain  : one row per usable row of feeds.decisions
key    : decision_id
inputs : core.feed_row, core.feed_customer, core.decision_conflict, staging.feed_row, staging.decision
params : none
rules  :
  status in key_account, include, exclude
  group_id references core.account_group
  account_id references core.account
  holds_from_on at most since_on
columns:
  decision_id    VARCHAR  id of the row; made from its content where it has none of its own
  group_id       VARCHAR  group of the account
  account_id     VARCHAR  CRM account id, merges followed
  written_id     VARCHAR  account id as it stands in the file
  is_merged      BOOLEAN  the account written has been merged into this one
  status         VARCHAR  key_account (designated), include (in the list whatever the score) or exclude (never in it)
  since_on       DATE     first day, as written
  holds_from_on  DATE     first day on which it holds: that of the first designation that overlaps with it, otherwise
                          since_on
  until_on       DATE     first day on which it no longer holds; null where it has no end
  reason         VARCHAR  why
  approved_by    VARCHAR  who approved it
*/
with replaced as (

    select
        conflict.counting_id,
        min(earlier.since_on) as since_on
    from core.decision_conflict as conflict
    inner join staging.decision as earlier on conflict.record_id = earlier.record_id
    where conflict.problem = 'duplicate'
    group by conflict.counting_id

)

select
    used.record_id as decision_id,
    used.group_id,
    used.account_id,
    staged.written_id,
    customer.is_merged,
    given.status,
    given.since_on,
    least(given.since_on, coalesce(replaced.since_on, given.since_on)) as holds_from_on,
    given.until_on,
    given.reason,
    given.approved_by
from core.feed_row as used
inner join staging.decision as given on used.record_id = given.record_id
inner join staging.feed_row as staged on used.record_id = staged.record_id and used.object = staged.object
inner join core.feed_customer as customer on staged.written_id = customer.written_id
left join replaced on used.record_id = replaced.counting_id
where used.object = 'feeds.decisions' and used.status = 'used'
