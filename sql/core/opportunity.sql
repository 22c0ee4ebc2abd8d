/*
opportunity
    Deals with their group and their amount in the reporting currency.

grain  : one row per living opportunity in scope
key    : opportunity_id
inputs : staging.opportunity, core.account_root, core.organisation, core.currency_rate
params : $record_url
rules  :
  group_id, account_id, is_closed, is_won not null
  account_id references core.account
  group_id references core.account_group
  amount_status in known, no_amount, no_rate, out_of_range
  rate_kind in same, dated, static
  is_won at most is_closed
columns:
  opportunity_id     VARCHAR        CRM opportunity id
  group_id           VARCHAR        group of the account
  account_id         VARCHAR        CRM account id
  opportunity_name   VARCHAR        name
  stage_name         VARCHAR        stage as named in the CRM
  is_closed          BOOLEAN        won or lost
  is_won             BOOLEAN        won
  amount_amt         DECIMAL(18,2)  amount in reporting currency, null where amount or rate is unknown
  amount_status      VARCHAR        known, no_amount, no_rate or out_of_range
  amount_original    DECIMAL(18,4)  amount in the deal's own currency
  currency_code      VARCHAR        the deal's own currency
  rate_kind          VARCHAR        same, dated or static; null where there is no rate
  closed_on          DATE           close date, expected while the deal is open
  created_on         DATE           day the record was made, in the organisation's time zone
  probability_pct    DOUBLE         probability as entered, 0..100
  forecast_category  VARCHAR        forecast category of the CRM
  opportunity_type   VARCHAR        type of the CRM
  loss_reason        VARCHAR        loss reason as written, null where none is given
  modified_at        TIMESTAMP      newest stamp of the record, UTC
  record_url         VARCHAR        address of the record in the CRM, null where not configured
*/
-- rates are looked up once per currency and day, not once per deal
with wanted as (

    select distinct
        coalesce(opportunity.currency_code, organisation.corporate_currency, organisation.reporting_currency)
            as currency_code,
        opportunity.closed_on
    from staging.opportunity as opportunity
    cross join core.organisation as organisation

),

rate as (

    select
        wanted.currency_code,
        wanted.closed_on,
        coalesce(
            max(rate.units_per_reporting) filter (where rate.rate_kind in ('same', 'dated')),
            max(rate.units_per_reporting)
        ) as units_per_reporting,
        -- the words sort as they are preferred: dated, same, static
        min(rate.rate_kind) as rate_kind
    from wanted
    inner join core.currency_rate as rate
        on
            wanted.currency_code = rate.currency_code
            and coalesce(wanted.closed_on, date '9999-12-30') >= rate.valid_from
            and coalesce(wanted.closed_on, date '9999-12-30') < rate.valid_until
    group by wanted.currency_code, wanted.closed_on

),

converted as (

    select
        opportunity.*,
        rate.rate_kind,
        coalesce(opportunity.currency_code, organisation.corporate_currency, organisation.reporting_currency)
            as own_code,
        organisation.time_zone,
        -- no deal has fourteen digits before the point; sums of those that have fewer stay within their type
        case
            when rate.rate_kind = 'same' and abs(opportunity.amount_original) < 10000000000000
                then opportunity.amount_original::decimal(18, 2)
            when
                rate.rate_kind <> 'same'
                and abs(opportunity.amount_original / rate.units_per_reporting) < 10000000000000
                then round(opportunity.amount_original / rate.units_per_reporting, 2)::decimal(18, 2)
        end as amount_amt
    from staging.opportunity as opportunity
    cross join core.organisation as organisation
    left join rate
        on
            coalesce(opportunity.currency_code, organisation.corporate_currency, organisation.reporting_currency)
            = rate.currency_code
            and opportunity.closed_on is not distinct from rate.closed_on

)

select
    converted.opportunity_id,
    root.group_id,
    converted.account_id,
    converted.opportunity_name,
    converted.stage_name,
    converted.is_closed,
    converted.is_won,
    converted.amount_amt,
    case
        when converted.amount_original is null then 'no_amount'
        when converted.rate_kind is null then 'no_rate'
        when converted.amount_amt is null then 'out_of_range'
        else 'known'
    end as amount_status,
    converted.amount_original,
    converted.own_code as currency_code,
    converted.rate_kind,
    converted.closed_on,
    timezone(converted.time_zone, timezone('UTC', converted.created_at))::date as created_on,
    converted.probability_pct,
    converted.forecast_category,
    converted.opportunity_type,
    nullif(trim(converted.loss_reason), '') as loss_reason,
    converted.modified_at,
    replace($record_url::varchar, '{id}', converted.opportunity_id) as record_url
from converted
inner join core.account_root as root on converted.account_id = root.account_id
