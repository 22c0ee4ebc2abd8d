/*
order
    Orders of customers, one row each, amounts as the CRM has them. An order counts once it is activated: by StatusCode,
    otherwise by the statuses of mapping.Order.activated. Reduction orders are negative and stay so.

grain  : one row per living order in scope
key    : order_id
inputs : raw.order, staging.order_set_aside, staging.account_merge
params : $activated_statuses
columns:
  order_id         VARCHAR        CRM order id
  account_id       VARCHAR        CRM account id, merges followed
  status           VARCHAR        status as named in the CRM
  is_activated     BOOLEAN        it counts: no draft, not cancelled
  amount_original  DECIMAL(18,4)  amount in the order's own currency
  currency_code    VARCHAR        ISO code of the order's currency
  ordered_on       DATE           start date of the order
*/
select
    record.Id as order_id,
    coalesce(merge.winner_id, record.AccountId) as account_id,
    record.Status as status,
    coalesce(
        lower(trim(record.StatusCode)) = 'activated',
        list_contains($activated_statuses::varchar[], lower(trim(record.Status))),
        false
    ) as is_activated,
    record.TotalAmount as amount_original,
    record.CurrencyIsoCode as currency_code,
    record.EffectiveDate as ordered_on
from raw."order" as record
left join staging.order_set_aside as set_aside on record.Id = set_aside.record_id
left join staging.account_merge as merge on record.AccountId = merge.loser_id
where set_aside.record_id is null
