/*
account_merge
    Which account a merged-away account became, followed through chains of merges.

grain  : one row per account that was merged into another
key    : loser_id
inputs : raw.account
params : none
columns:
  loser_id   VARCHAR  id of the account that was merged away
  winner_id  VARCHAR  id of the account that lives on at the end of the chain
*/
with recursive merged as (

    select
        Id as loser_id,
        MasterRecordId as winner_id
    from raw.account
    where
        MasterRecordId is not null
        and MasterRecordId <> Id
        and (coalesce(IsDeleted, false) or _is_gone)

),

chain as (

    select
        loser_id,
        winner_id,
        1 as step
    from merged
    union all
    select
        chain.loser_id,
        merged.winner_id,
        chain.step + 1 as step
    from chain
    inner join merged on chain.winner_id = merged.loser_id
    -- merges that lead back to themselves never end; no real chain is this long
    where chain.step < 50

)

select
    chain.loser_id,
    chain.winner_id
from chain
left join merged on chain.winner_id = merged.loser_id
where merged.loser_id is null
