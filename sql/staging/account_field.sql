/*
account_field
    What the CRM says of each customer in fields that criteria may be made of: those that everybody has, and those of
    one's own that `mapping` takes along. Texts of more than 255 characters are left out: they are notes, not values.

grain  : one row per staged account and field that has a value
key    : account_id, field
inputs : raw.account, staging.account
params : none
stored : view
columns:
  account_id   VARCHAR  CRM account id
  field        VARCHAR  our name of the field; of one of the organisation's own the name that kam.yaml takes it by
  field_value  VARCHAR  value as written, without blanks around it; amounts in the account's own currency
*/
with known as (

    unpivot (
        select
            account.Id as account_id,
            account.Industry as "Industry",
            account.Type as "Type",
            account.BillingCountry as "BillingCountry",
            -- a number has one spelling
            case
                when account.AnnualRevenue is not null
                    then rtrim(rtrim(account.AnnualRevenue::varchar, '0'), '.')
            end as "AnnualRevenue",
            account.NumberOfEmployees::varchar as "NumberOfEmployees",
            account.StrategicFit as "StrategicFit",
            account.MarketInfluence as "MarketInfluence"
        from raw.account as account
    ) on Industry, Type, BillingCountry, AnnualRevenue, NumberOfEmployees, StrategicFit, MarketInfluence
    into name field value content

),

own as (

    select
        account.Id as account_id,
        unnest(map_entries(try_cast(account._custom::json as map (varchar, varchar)))) as entry
    from raw.account as account
    where account._custom is not null

),

found as (

    select
        account_id,
        field,
        trim(content) as field_value
    from known
    union all
    select
        account_id,
        entry.key as field,
        trim(entry.value) as field_value
    from own
    where
        lower(entry.key) not in (
            'industry', 'type', 'billingcountry', 'annualrevenue', 'numberofemployees', 'strategicfit',
            'marketinfluence'
        )

)

select
    found.account_id,
    found.field,
    found.field_value
from found
inner join staging.account as account on found.account_id = account.account_id
where found.field_value <> '' and length(found.field_value) <= 255
