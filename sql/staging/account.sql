/*
account
    Living customers of the CRM, one row each, before groups are formed.

grain  : one row per living account in scope
key    : account_id
inputs : raw.account, staging.account_set_aside, staging.account_merge
params : none
columns:
  account_id            VARCHAR        CRM account id
  account_name          VARCHAR        name, the id where the CRM has none
  parent_id             VARCHAR        id of the parent account as the CRM has it, merges followed
  account_type          VARCHAR        account type of the CRM
  industry              VARCHAR        industry of the CRM
  country               VARCHAR        billing country as written in the CRM
  owner_id              VARCHAR        user id of the owner
  external_id           VARCHAR        id of the account in another system
  key_account_flag      VARCHAR        mapped key-account field as written
  executive_sponsor_id  VARCHAR        user id of our sponsor
  potential_original    DECIMAL(18,4)  mapped potential in the account's own currency
  annual_revenue_original DECIMAL(18,4) the customer's own turnover a year, in the account's own currency
  employees_cnt         BIGINT         employees of the customer as the CRM has it
  currency_code         VARCHAR        ISO code of the account's currency
  created_at            TIMESTAMP      when the record was made, UTC
*/
select
    account.Id as account_id,
    coalesce(account.Name, account.Id) as account_name,
    coalesce(merge.winner_id, account.ParentId) as parent_id,
    account.Type as account_type,
    account.Industry as industry,
    account.BillingCountry as country,
    account.OwnerId as owner_id,
    account.ExternalId as external_id,
    account.IsKeyAccount as key_account_flag,
    account.ExecutiveSponsorId as executive_sponsor_id,
    account.PotentialAmount as potential_original,
    account.AnnualRevenue as annual_revenue_original,
    account.NumberOfEmployees as employees_cnt,
    account.CurrencyIsoCode as currency_code,
    account.CreatedDate as created_at
from raw.account as account
left join staging.account_set_aside as set_aside on account.Id = set_aside.record_id
left join staging.account_merge as merge on account.ParentId = merge.loser_id
where set_aside.record_id is null
