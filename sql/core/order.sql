/*
order
    Orders with their group and their amount in the reporting currency, at the rate of their start date where there are
    dated rates.

grain  : one row per living order in scope
key    : order_id
inputs : staging.order, core.account_root, core.organisation, core.currency_rate
params : $record_url
rules  :
  group_id, account_id, is_activated not null
  account_id references core.account
  group_id references core.account_group
  amount_status in known, no_amount, no_rate, out_of_range
  rate_kind in same, dated, static
columns:
  order_id         VARCHAR        CRM order id
  group_id         VARCHAR        group of the account
  account_id       VARCHAR        CRM account id
  is_activated     BOOLEAN        it counts: no draft, not cancelled
  amount_amt       DECIMAL(18,2)  amount in reporting currency, null where amount or rate is unknown
  amount_status    VARCHAR        known, no_amount, no_rate or out_of_range
  amount_original  DECIMAL(18,4)  amount in the order's own currency
  currency_code    VARCHAR        the order's own currency
  rate_kind        VARCHAR        same, dated or static; null where there is no rate
  ordered_on       DATE           start date of the order
  record_url       VARCHAR        address of the record in the CRM, null where not configured
*/
-- rates are looked up once per currency and day, not once per order
with coded as (

    select
        record.*,
        coalesce(record.currency_code, organisation.corporate_currency, organisation.reporting_currency) as own_code
    from staging."order" as record
    cross join core.organisation as organisation

),

rate as (

    select
        wanted.own_code,
        wanted.ordered_on,
        coalesce(
            max(rate.units_per_reporting) filter (where rate.rate_kind in ('same', 'dated')),
            max(rate.units_per_reporting)
        ) as units_per_reporting,
        -- the words sort as they are preferred: dated, same, static
        min(rate.rate_kind) as rate_kind
    from (select distinct own_code, ordered_on from coded) as wanted
    inner join core.currency_rate as rate
        on
            wanted.own_code = rate.currency_code
            and coalesce(wanted.ordered_on, date '9999-12-30') >= rate.valid_from
            and coalesce(wanted.ordered_on, date '9999-12-30') < rate.valid_until
    group by wanted.own_code, wanted.ordered_on

),

converted as (

    select
        coded.*,
        rate.rate_kind,
        -- no order has fourteen digits before the point; sums of those that have fewer stay within their type
        case
            when rate.rate_kind = 'same' and abs(coded.amount_original) < 10000000000000
                then coded.amount_original::decimal(18, 2)
            when
                rate.rate_kind <> 'same'
                and abs(coded.amount_original / rate.units_per_reporting) < 10000000000000
                then round(coded.amount_original / rate.units_per_reporting, 2)::decimal(18, 2)
        end as amount_amt
    from coded
    left join rate on coded.own_code = rate.own_code and coded.ordered_on is not distinct from rate.ordered_on

)

select
    converted.order_id,
    root.group_id,
    converted.account_id,
    converted.is_activated,
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
    converted.ordered_on,
    replace($record_url::varchar, '{id}', converted.order_id) as record_url
from converted
inner join core.account_root as root on converted.account_id = root.account_id
