/*
account_alias
    By which ids an account may be named in a file that people keep: its own, its first 15 characters, and those of
    accounts merged into it.

grain  : one row per id that an account answers to
key    : written_id
inputs : staging.account, staging.account_merge
params : none
columns:
  written_id  VARCHAR  id as somebody may write it
  account_id  VARCHAR  CRM account id
*/
with own as (

    select
        account_id as known_id,
        account_id
    from staging.account
    union all
    select
        merge.loser_id as known_id,
        account.account_id
    from staging.account_merge as merge
    inner join staging.account as account on merge.winner_id = account.account_id

)

select
    known_id as written_id,
    account_id
from own
union
-- reports and spreadsheets give the first 15 of 18 characters
select
    substr(known_id, 1, 15) as written_id,
    min(account_id) as account_id
from own
where strlen(known_id) = 18
group by substr(known_id, 1, 15)
