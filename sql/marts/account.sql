/*
account
    Every customer account with its place in its group, as of the newest run.

grain  : one row per account in scope
key    : account_id
inputs : core.account, marts.designation_source, marts.designated_account
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
  is_key_account  BOOLEAN        itself on the designated list; null where nothing says who is
  potential_amt   DECIMAL(18,2)  potential in reporting currency, null where unknown
  record_url      VARCHAR        address of the record in the CRM, null where not configured
*/
with newest as (

    select
        max(as_of_date) as as_of_date,
        arg_max(source, as_of_date) as source
    from marts.designation_source

)

select
    account.account_id,
    account.group_id,
    account.parent_id,
    account.depth,
    account.account_name,
    account.account_type,
    account.industry,
    account.country,
    case when newest.source <> 'none' then designated.account_id is not null end as is_key_account,
    account.potential_amt,
    account.record_url
from core.account as account
cross join newest
left join marts.designated_account as designated
    on account.account_id = designated.account_id and newest.as_of_date = designated.as_of_date
