/*
account_group
    Customers as decisions are made about them: groups of accounts, as of the newest run.

grain  : one row per group
key    : group_id
inputs : core.account_group
params : none
stored : view
readers: published
columns:
  group_id        VARCHAR        account id of the ultimate parent, or the name from the groups file
  group_name      VARCHAR        name of the account at the top, or the name from the groups file
  accounts_cnt    BIGINT         accounts in the group
  countries_cnt   BIGINT         different billing countries, unknown ones not counted
  industry        VARCHAR        industry of the account at the top
  is_key_account  BOOLEAN        at least one account is designated in the CRM; null where no field says so
  potential_amt   DECIMAL(18,2)  potential in reporting currency, null where none is known
  record_url      VARCHAR        address of the top account in the CRM
*/
select
    group_id,
    group_name,
    accounts_cnt,
    countries_cnt,
    industry,
    is_key_account,
    potential_amt,
    record_url
from core.account_group
