/*
currency_type
    Static exchange rates of the CRM.

grain  : one row per living currency
key    : currency_type_id
inputs : raw.currency_type, staging.reference_set_aside
params : none
stored : view
columns:
  currency_type_id     VARCHAR  CRM id
  currency_code        VARCHAR  ISO code
  units_per_corporate  DOUBLE   units of the currency per one unit of the corporate currency
  is_corporate         BOOLEAN  the corporate currency
*/
select
    record.Id as currency_type_id,
    record.IsoCode as currency_code,
    record.ConversionRate as units_per_corporate,
    record.IsCorporate as is_corporate
from raw.currency_type as record
left join staging.reference_set_aside as set_aside
    on record.Id = set_aside.record_id and set_aside.object = 'CurrencyType'
where set_aside.record_id is null
