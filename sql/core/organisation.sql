/*
organisation
    What holds for the whole organisation: reporting currency, day and fiscal year, and where each came from.

grain  : one row
key    : reporting_currency
inputs : staging.organization, staging.currency_type
params : $reporting_currency, $timezone, $fiscal_year_start_month
rules  :
  fiscal_year_start_month between 1 and 12
  time_zone not null
columns:
  reporting_currency       VARCHAR  ISO code; XXX (ISO 4217: no currency) where nothing says which it is
  corporate_currency       VARCHAR  ISO code that the CRM's rates are relative to; null where there are no rates
  currency_source          VARCHAR  kam.yaml, corporate currency, organisation default, or unknown
  time_zone                VARCHAR  IANA time zone of the organisation's day; UTC where none is given that exists
  has_known_time_zone      BOOLEAN  the time zone given, if any, exists
  fiscal_year_start_month  BIGINT   1..12; from kam.yaml, otherwise from the CRM
*/
with organization as (

    select
        max(default_currency_code) as default_currency_code,
        max(time_zone) as time_zone,
        max(fiscal_year_start_month) as fiscal_year_start_month
    from staging.organization

),

corporate as (

    select max(currency_code) as currency_code
    from staging.currency_type
    where is_corporate

)

select
    coalesce($reporting_currency::varchar, corporate.currency_code, organization.default_currency_code, 'XXX')
        as reporting_currency,
    coalesce(corporate.currency_code, organization.default_currency_code) as corporate_currency,
    case
        when $reporting_currency::varchar is not null then 'kam.yaml'
        when corporate.currency_code is not null then 'corporate currency'
        when organization.default_currency_code is not null then 'organisation default'
        else 'unknown'
    end as currency_source,
    coalesce($timezone::varchar, zone.name, 'UTC') as time_zone,
    organization.time_zone is null or zone.name is not null as has_known_time_zone,
    coalesce($fiscal_year_start_month::bigint, organization.fiscal_year_start_month, 1) as fiscal_year_start_month
from organization
cross join corporate
left join pg_timezone_names() as zone on organization.time_zone = zone.name
