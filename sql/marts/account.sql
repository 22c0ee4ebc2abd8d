/*
account
    Every customer account with its place in its group, as of the newest run.

grain  : one row per account in scope
key    : account_id
inputs : core.account
params : none
stored : view
readers: published
columns:
  account_id      VARCHAR        CRM account id
  group_id        VARCHAR        the group it belongs to
  parent_id       VARCHAR        account one level up, null at the top
  depth           INTEGER        levels below the top of its group, 0 at the top
  account_name    VARCHAR        name
  account_type    VARCHAR        account type of the CRM
  industry        VARCHAR        industry of the CRM
  country         VARCHAR        billing country as written in the CRM
  is_key_account  BOOLEAN        designated in the CRM; null where no field says so
  potential_amt   DECIMAL(18,2)  potential in reporting currency, null where unknown
  record_url      VARCHAR        address of the record in the CRM, null where not configured
*/
select
    account_id,
    group_id,
    parent_id,
    depth,
    account_name,
    account_type,
    industry,
    country,
    is_key_account,
    potential_amt,
    record_url
from core.account
