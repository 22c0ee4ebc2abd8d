/*
account_field
    What the CRM says of each customer in fields that criteria may be made of: those that everybody has, and those of
    one's own that `mapping` takes along. Texts of more than 255 characters are left out: they are notes, not values.
    Here alone texts become numbers, for fields and metrics alike: a separator of thousands counts as one only where
    three digits follow, so that 1,5 is never read as 15.

grain  : one row per staged account and field that has a value
key    : account_id, field
inputs : raw.account, staging.account, staging.delivery
params : none
stored : view
columns:
  account_id    VARCHAR  CRM account id
  field         VARCHAR  our name of the field; of one of the organisation's own the name that kam.yaml takes it by
  field_value   VARCHAR  value as written, without blanks around it; amounts in the account's own currency
  field_number  DOUBLE   the value as a number in the notation of the source; yes and no are 1 and 0; null where it is
                         none
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

),

entered as (

    select
        account_id,
        entry.key as field,
        trim(entry.value) as field_value,
        is_own
    from pair

),

written as (

    select
        entered.*,
        -- numbers that have a type of their own have a point
        case
            when not entered.is_own and entered.field in ('AnnualRevenue', 'NumberOfEmployees') then '.'
            else delivery.decimal_separator
        end as separator
    from entered
    cross join staging.delivery as delivery

),

spelt as (

    select
        * exclude (separator, is_own),
        case
            when lower(field_value) in ('true', 'yes', 'y', 'ja') then '1'
            when lower(field_value) in ('false', 'no', 'n', 'nej') then '0'
            when not contains(field_value, ',') and (separator = '.' or not contains(field_value, '.')) then field_value
            when separator = '.' and regexp_full_match(field_value, '[+-]?\d{1,3}(,\d{3})+(\.\d*)?')
                then replace(field_value, ',', '')
            when separator = ',' and regexp_full_match(field_value, '[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?')
                then replace(replace(field_value, '.', ''), ',', '.')
            when separator = ',' then replace(field_value, ',', '.')
        end as number_text
    from written
    where
        field_value <> ''
        and length(field_value) <= 255
        -- a column of one's own never stands for a field that everybody has
        and not (
            is_own
            and lower(field) in (
                'industry', 'type', 'billingcountry', 'annualrevenue', 'numberofemployees', 'strategicfit',
                'marketinfluence'
            )
        )

)

select
    account_id,
    field,
    field_value,
    case when isfinite(try_cast(number_text as double)) then try_cast(number_text as double) end as field_number
from spelt
