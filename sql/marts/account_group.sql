/*
account_group
    Customers as decisions are made about them: groups of accounts, as of the newest run.

grain  : one row per group
key    : group_id
inputs : core.account_group, marts.designation_source, marts.designated_group
params : none
stored : view
readers: published
columns:
  group_id        VARCHAR        account id of the ultimate parent, or the name from the groups file
  group_name      VARCHAR        name of the account at the top, or the name from the groups file
  accounts_cnt    BIGINT         accounts in the group
  countries_cnt   BIGINT         different billing countries, unknown ones not counted
  industry        VARCHAR        industry of the account at the top
  is_key_account  BOOLEAN        on the designated list; null where nothing says who is
  potential_amt   DECIMAL(18,2)  potential in reporting currency, null where none is known
  record_url      VARCHAR        address of the top account in the CRM
*/
with newest as (

    select
        max(as_of_date) as as_of_date,
        arg_max(source, as_of_date) as source
    from marts.designation_source

)

select
    account_group.group_id,
    account_group.group_name,
    account_group.accounts_cnt,
    account_group.countries_cnt,
    account_group.industry,
    case when newest.source <> 'none' then designated.group_id is not null end as is_key_account,
    account_group.potential_amt,
    account_group.record_url
from core.account_group as account_group
cross join newest
left join marts.designated_group as designated
    on account_group.group_id = designated.group_id and newest.as_of_date = designated.as_of_date
