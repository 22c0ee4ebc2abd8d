/*
dated_conversion_rate
    Exchange rates of the CRM with the days they hold for.

grain  : one row per living currency and period
key    : dated_rate_id
inputs : raw.dated_conversion_rate, staging.reference_set_aside
params : none
stored : view
columns:
  dated_rate_id        VARCHAR  CRM id
  currency_code        VARCHAR  ISO code
  valid_from           DATE     first day
  valid_until          DATE     day after the last, null where the CRM does not say
  units_per_corporate  DOUBLE   units of the currency per one unit of the corporate currency
*/
select
    record.Id as dated_rate_id,
    record.IsoCode as currency_code,
    record.StartDate as valid_from,
    record.NextStartDate as valid_until,
    record.ConversionRate as units_per_corporate
from raw.dated_conversion_rate as record
left join staging.reference_set_aside as set_aside
    on record.Id = set_aside.record_id and set_aside.object = 'DatedConversionRate'
where set_aside.record_id is null
