/*
feed_customer
    Which customer an account id in a feed means, merges followed; ids that mean several groups belong to nobody.

grain  : one row per id as written that means a customer
key    : written_id
inputs : staging.feed_account, core.account_root
params : none
columns:
  written_id    VARCHAR  id as it stands in a feed, without blanks around it
  is_ambiguous  BOOLEAN  it is an external id of accounts of several groups
  account_id    VARCHAR  CRM account id; of several in a group the topmost, then smallest id; null where ambiguous
  group_id      VARCHAR  group of the account; null where ambiguous
  is_merged     BOOLEAN  it was written for an account that has been merged into this one
*/
select
    meaning.written_id,
    count(distinct root.group_id) > 1 as is_ambiguous,
    case when not is_ambiguous then arg_min(root.account_id, (root.depth, root.account_id)) end as account_id,
    case when not is_ambiguous then min(root.group_id) end as group_id,
    bool_and(meaning.is_merged) as is_merged
from staging.feed_account as meaning
inner join core.account_root as root on meaning.account_id = root.account_id
where meaning.standing = 'customer'
group by meaning.written_id
