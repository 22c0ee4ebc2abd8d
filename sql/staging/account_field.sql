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
-- all pairs of an account at once: an unpivot takes twice as long
with pair as (

    select
        record.Id as account_id,
        unnest(
            [
                { 'key': 'Industry', 'value': record.Industry },
                { 'key': 'Type', 'value': record.Type },
                { 'key': 'BillingCountry', 'value': record.BillingCountry },
                -- a number has one spelling
                { 'key': 'AnnualRevenue', 'value': rtrim(rtrim(record.AnnualRevenue::varchar, '0'), '.') },
                { 'key': 'NumberOfEmployees', 'value': record.NumberOfEmployees::varchar },
                { 'key': 'StrategicFit', 'value': record.StrategicFit },
                { 'key': 'MarketInfluence', 'value': record.MarketInfluence }
            ]
        ) as entry,
        false as is_own
    from raw.account as record
    inner join staging.account as account on record.Id = account.account_id
    union all
    select
        record.Id as account_id,
        unnest(map_entries(try_cast(record._custom::json as map (varchar, varchar)))) as entry,
        true as is_own
    from raw.account as record
    inner join staging.account as account on record.Id = account.account_id
    where record._custom is not null

)

select
    account_id,
    entry.key as field,
    trim(entry.value) as field_value
from pair
where
    trim(entry.value) <> ''
    and length(trim(entry.value)) <= 255
    -- a column of one's own never stands for a field that everybody has
    and not (
        is_own
        and lower(entry.key) in (
            'industry', 'type', 'billingcountry', 'annualrevenue', 'numberofemployees', 'strategicfit',
            'marketinfluence'
        )
    )
