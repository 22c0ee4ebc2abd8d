/*
order_set_aside
    Orders that do not reach staging, and why.

grain  : one row per living raw order that is not staged
key    : record_id
inputs : raw.order, staging.account, staging.account_merge, staging.account_set_aside
params : $activated_statuses
columns:
  object           VARCHAR        CRM object
  record_id        VARCHAR        CRM id
  disposition      VARCHAR        rejected, deleted or out_of_scope
  reason           VARCHAR        one sentence
  lacks            VARCHAR        account or amount, where that is what an order was rejected for
  amount_original  DECIMAL(18,4)  amount of a rejected order in its own currency
  currency_code    VARCHAR        ISO code of its currency
  ordered_on       DATE           its start date
  is_activated     BOOLEAN        it is activated
*/
with placed as (

    select
        record.Id as record_id,
        record.*,
        account.account_id as known_account_id,
        account_aside.disposition as account_disposition,
        json_extract_string(record._unparsed, '$.EffectiveDate') as bad_date,
        json_extract_string(record._unparsed, '$.TotalAmount') as bad_amount,
        coalesce(
            lower(trim(record.StatusCode)) = 'activated',
            list_contains($activated_statuses::varchar[], lower(trim(record.Status))),
            false
        ) as is_activated
    from raw."order" as record
    left join staging.account_merge as merge on record.AccountId = merge.loser_id
    left join staging.account as account on coalesce(merge.winner_id, record.AccountId) = account.account_id
    left join staging.account_set_aside as account_aside
        on coalesce(merge.winner_id, record.AccountId) = account_aside.record_id

),

judged as (

    select
        *,
        case
            when record_id like 'no-id:%' then 'rejected: The row has no id.'
            when _is_gone then 'deleted: No longer in the source.'
            when coalesce(IsDeleted, false) then 'deleted: In the recycle bin.'
            when
                account_disposition = 'out_of_scope'
                then 'out_of_scope: Its account ' || AccountId || ' is out of scope.'
            when bad_date is not null then 'rejected: EffectiveDate cannot be read as a date: ' || bad_date
            when bad_amount is not null then 'rejected: TotalAmount cannot be read as a number: ' || bad_amount
            when AccountId is null then 'rejected: It has no account.'
            when account_disposition = 'deleted' then 'rejected: Its account ' || AccountId || ' has been deleted.'
            when known_account_id is null then 'rejected: Its account ' || AccountId || ' is not in the source.'
            when is_activated and EffectiveDate is null then 'rejected: It is activated and has no EffectiveDate.'
        end as verdict
    from placed

)

select
    'Order' as object,
    record_id,
    split_part(verdict, ': ', 1) as disposition,
    substr(verdict, strpos(verdict, ': ') + 2) as reason,
    case
        when verdict like 'rejected: TotalAmount%' then 'amount'
        when verdict like 'rejected: It%account%' then 'account'
    end as lacks,
    TotalAmount as amount_original,
    CurrencyIsoCode as currency_code,
    EffectiveDate as ordered_on,
    is_activated
from judged
where verdict is not null
