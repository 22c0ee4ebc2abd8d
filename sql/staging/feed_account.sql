/*
feed_account
    What the account ids in the feeds mean: a customer by its CRM id, else by its external id, else an account that is
    no customer. An account that was merged away lends both to the one it became.

grain  : one row per id as written and account it can mean; several where customers share an external id
key    : written_id, account_id
inputs : raw.feed_satisfaction, raw.feed_costs, raw.feed_actuals, raw.feed_targets, raw.feed_decisions, raw.account,
         staging.account, staging.account_alias, staging.account_merge, staging.account_set_aside
params : none
columns:
  written_id  VARCHAR  id as it stands in a feed, without blanks around it
  account_id  VARCHAR  CRM account id, merges followed
  standing    VARCHAR  customer, out_of_scope or deleted
  is_merged   BOOLEAN  it was written for an account that has been merged into this one
*/
with written as (

    select trim(account_id) as written_id from raw.feed_satisfaction
    union
    select trim(account_id) as written_id from raw.feed_costs
    union
    select trim(account_id) as written_id from raw.feed_actuals
    union
    select trim(account_id) as written_id from raw.feed_targets
    union
    select trim(account_id) as written_id from raw.feed_decisions

),

known as (

    select
        account.Id as known_id,
        trim(account.ExternalId) as external_id,
        coalesce(merge.winner_id, account.Id) as account_id
    from raw.account as account
    left join staging.account_merge as merge on account.Id = merge.loser_id

),

no_customer as (

    select
        known.known_id,
        known.external_id,
        known.account_id,
        set_aside.disposition as standing
    from known
    inner join staging.account_set_aside as set_aside on known.account_id = set_aside.record_id
    where set_aside.disposition in ('out_of_scope', 'deleted')

),

-- of several meanings of an id the one with the smallest preference counts
meaning as (

    select
        written_id,
        account_id,
        'customer' as standing,
        not starts_with(account_id, written_id) as is_merged,
        1 as preference
    from staging.account_alias
    union all
    select
        known.external_id as written_id,
        known.account_id,
        'customer' as standing,
        known.known_id <> known.account_id as is_merged,
        2 as preference
    from known
    inner join staging.account as customer on known.account_id = customer.account_id
    union all
    select
        known_id as written_id,
        account_id,
        standing,
        known_id <> account_id as is_merged,
        3 as preference
    from no_customer
    union all
    select
        substr(known_id, 1, 15) as written_id,
        account_id,
        standing,
        known_id <> account_id as is_merged,
        3 as preference
    from no_customer
    where strlen(known_id) = 18
    union all
    select
        external_id as written_id,
        account_id,
        standing,
        known_id <> account_id as is_merged,
        4 as preference
    from no_customer

),

preferred as (

    select meaning.*
    from meaning
    inner join written on meaning.written_id = written.written_id
    where meaning.written_id <> ''
    qualify meaning.preference = min(meaning.preference) over (partition by meaning.written_id)

)

select
    written_id,
    account_id,
    standing,
    bool_and(is_merged) as is_merged
from preferred
group by written_id, account_id, standing
