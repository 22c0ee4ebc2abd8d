/*
account_group
    Customers as decisions are made about them: a group of accounts under one ultimate parent.

grain  : one row per group
key    : group_id
inputs : core.account
params : none
rules  :
  accounts_cnt from 1
  countries_cnt from 0
columns:
  group_id          VARCHAR        account id of the ultimate parent, or the name from the groups file
  group_name        VARCHAR        name of the account at the top, or the name from the groups file
  accounts_cnt      BIGINT         accounts in the group
  countries_cnt     BIGINT         different billing countries, unknown ones not counted
  industry          VARCHAR        industry of the account at the top
  is_key_account    BOOLEAN        at least one account is designated in the CRM; null where no field says so
  potential_amt     DECIMAL(18,2)  potential of all accounts in reporting currency, null where none is known, or the sum
                                   is too large to be money
  strategic_fit     DOUBLE         highest strategic fit of its accounts, null where none has a number
  market_influence  DOUBLE         highest market influence of its accounts, null where none has a number
  record_url        VARCHAR        address of the top account in the CRM
*/
select
    group_id,
    coalesce(max(account_name) filter (where account_id = group_id), group_id) as group_name,
    count(*) as accounts_cnt,
    count(distinct country) as countries_cnt,
    max(industry) filter (where account_id = group_id) as industry,
    bool_or(is_key_account) as is_key_account,
    try_cast(sum(potential_amt) as decimal(18, 2)) as potential_amt,
    max(strategic_fit) as strategic_fit,
    max(market_influence) as market_influence,
    max(record_url) filter (where account_id = group_id) as record_url
from core.account
group by group_id
