/*
currency_rate
    What one unit of the reporting currency costs in each currency, and on which days.

grain  : one row per currency, kind of rate and period
key    : currency_code, rate_kind, valid_from
inputs : core.organisation, staging.currency_type, staging.dated_conversion_rate, staging.configured_rate
params : none
rules  :
  rate_kind in same, dated, static
  units_per_reporting from 0
  valid_from at most valid_until
columns:
  currency_code        VARCHAR  ISO code
  rate_kind            VARCHAR  same (the reporting currency itself), dated, or static
  valid_from           DATE     first day
  valid_until          DATE     day after the last
  units_per_reporting  DOUBLE   units of the currency per one unit of the reporting currency, above 0
*/
with dated as (

    select
        currency_code,
        valid_from,
        coalesce(
            valid_until,
            lead(valid_from) over (partition by currency_code order by valid_from),
            date '9999-12-31'
        ) as valid_until,
        units_per_corporate
    from staging.dated_conversion_rate
    where units_per_corporate > 0
    -- of two rates for one day the larger id counts: the CRM numbers its records in the order it makes them
    qualify row_number() over (partition by currency_code, valid_from order by dated_rate_id desc) = 1

),

-- the corporate currency has no rate of its own, or one of 1: it always costs one
reporting as (

    select
        dated.valid_from,
        dated.valid_until,
        dated.units_per_corporate
    from dated
    inner join core.organisation as organisation
        on dated.currency_code = organisation.reporting_currency
    where organisation.reporting_currency <> organisation.corporate_currency
    union all
    select
        date '0001-01-01' as valid_from,
        date '9999-12-31' as valid_until,
        1.0 as units_per_corporate
    from core.organisation as organisation
    where organisation.reporting_currency = organisation.corporate_currency

),

static as (

    select
        currency_code,
        units_per_reporting,
        1 as preference
    from staging.configured_rate
    union all
    select
        other.currency_code,
        other.units_per_corporate / own.units_per_corporate as units_per_reporting,
        2 as preference
    from staging.currency_type as other
    inner join core.organisation as organisation on true
    inner join staging.currency_type as own on organisation.reporting_currency = own.currency_code
    where other.units_per_corporate > 0 and own.units_per_corporate > 0

)

select
    reporting_currency as currency_code,
    'same' as rate_kind,
    date '0001-01-01' as valid_from,
    date '9999-12-31' as valid_until,
    1.0::double as units_per_reporting
from core.organisation
union all
select
    dated.currency_code,
    'dated' as rate_kind,
    greatest(dated.valid_from, reporting.valid_from) as valid_from,
    least(dated.valid_until, reporting.valid_until) as valid_until,
    (dated.units_per_corporate / reporting.units_per_corporate)::double as units_per_reporting
from dated
inner join reporting on dated.valid_from < reporting.valid_until and reporting.valid_from < dated.valid_until
inner join core.organisation as organisation on dated.currency_code <> organisation.reporting_currency
union all
-- the corporate currency seen from another reporting currency, where only the latter has dated rates
select
    organisation.corporate_currency as currency_code,
    'dated' as rate_kind,
    reporting.valid_from,
    reporting.valid_until,
    (1.0 / reporting.units_per_corporate)::double as units_per_reporting
from reporting
inner join core.organisation as organisation on organisation.corporate_currency <> organisation.reporting_currency
left join dated on organisation.corporate_currency = dated.currency_code
where dated.currency_code is null
union all
select
    static.currency_code,
    'static' as rate_kind,
    date '0001-01-01' as valid_from,
    date '9999-12-31' as valid_until,
    arg_min(static.units_per_reporting, (static.preference, static.units_per_reporting))::double as units_per_reporting
from static
inner join core.organisation as organisation on static.currency_code <> organisation.reporting_currency
group by static.currency_code
