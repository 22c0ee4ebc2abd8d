/*
account
    Every customer account with its place in its group.

grain  : one row per account in scope
key    : account_id
inputs : staging.account, staging.account_field, staging.delivery, core.account_root, core.organisation,
         core.currency_rate
params : $record_url
rules  :
  group_id not null
  group_id references core.account_group
  parent_id references core.account.account_id
  depth from 0
  account_name not null (warning)
columns:
  account_id            VARCHAR        CRM account id
  group_id              VARCHAR        the group it belongs to
  parent_id             VARCHAR        account one level up, null at the top
  depth                 INTEGER        levels below the top of its group, 0 at the top
  account_name          VARCHAR        name
  account_type          VARCHAR        account type of the CRM
  industry              VARCHAR        industry of the CRM
  country               VARCHAR        billing country as written in the CRM
  external_id           VARCHAR        id of the account in another system
  owner_id              VARCHAR        user id of the owner
  executive_sponsor_id  VARCHAR        user id of our sponsor
  is_key_account        BOOLEAN        designated in the CRM; null where no field says so
  potential_amt         DECIMAL(18,2)  potential in reporting currency at the static rate, null where unknown
  strategic_fit         DOUBLE         mapped strategic fit, as far as it is a number; yes and no are 1 and 0
  market_influence      DOUBLE         mapped market influence, likewise
  annual_revenue_amt    DECIMAL(18,2)  the customer's own turnover a year, reporting currency at the static rate; null
                                       where unknown
  employees_cnt         BIGINT         employees of the customer, null where unknown
  record_url            VARCHAR        address of the record in the CRM, null where not configured
*/
with rate as (

    select
        currency_code,
        units_per_reporting
    from core.currency_rate
    where rate_kind in ('same', 'static')

),

judged as (

    select
        account_id,
        max(field_number) filter (where field = 'StrategicFit') as strategic_fit,
        max(field_number) filter (where field = 'MarketInfluence') as market_influence
    from staging.account_field
    where field in ('StrategicFit', 'MarketInfluence')
    group by account_id

)

select
    account.account_id,
    root.group_id,
    root.parent_id,
    root.depth,
    account.account_name,
    account.account_type,
    account.industry,
    account.country,
    account.external_id,
    account.owner_id,
    account.executive_sponsor_id,
    case
        when delivery.has_designation
            then
                coalesce(
                    lower(trim(account.key_account_flag)) not in ('', '0', 'false', 'no', 'n', 'none', 'nej'), false
                )
    end as is_key_account,
    try_cast(round(account.potential_original / rate.units_per_reporting, 2) as decimal(18, 2)) as potential_amt,
    judged.strategic_fit,
    judged.market_influence,
    try_cast(round(account.annual_revenue_original / rate.units_per_reporting, 2) as decimal(18, 2))
        as annual_revenue_amt,
    account.employees_cnt,
    replace($record_url::varchar, '{id}', account.account_id) as record_url
from staging.account as account
inner join core.account_root as root on account.account_id = root.account_id
left join judged on account.account_id = judged.account_id
cross join core.organisation as organisation
cross join staging.delivery as delivery
left join
    rate
    on
        coalesce(account.currency_code, organisation.corporate_currency, organisation.reporting_currency)
        = rate.currency_code
