/*
organization
    The organisation whose CRM this is.

grain  : one row per living organisation
key    : organization_id
inputs : raw.organization, staging.reference_set_aside
params : none
stored : view
columns:
  organization_id          VARCHAR  CRM id
  organization_name        VARCHAR  name
  default_currency_code    VARCHAR  ISO code
  fiscal_year_start_month  BIGINT   1..12
  time_zone                VARCHAR  IANA time zone
*/
select
    record.Id as organization_id,
    record.Name as organization_name,
    record.DefaultCurrencyIsoCode as default_currency_code,
    record.FiscalYearStartMonth as fiscal_year_start_month,
    record.TimeZoneSidKey as time_zone
from raw.organization as record
left join staging.reference_set_aside as set_aside
    on record.Id = set_aside.record_id and set_aside.object = 'Organization'
where set_aside.record_id is null
