/*
opportunity_set_aside
    Opportunities that do not reach staging, and why.

grain  : one row per living raw opportunity that is not staged
key    : record_id
inputs : raw.opportunity, staging.account, staging.account_merge, staging.account_set_aside
params : $excluded_opportunity_types, $excluded_opportunity_record_types, $won_stages, $lost_stages
columns:
  object           VARCHAR        CRM object
  record_id        VARCHAR        CRM id
  disposition      VARCHAR        rejected, deleted or out_of_scope
  reason           VARCHAR        one sentence
  lacks            VARCHAR        account or amount, where that is what a won deal was rejected for
  amount_original  DECIMAL(18,4)  amount of a rejected deal in its own currency
  currency_code    VARCHAR        ISO code of its currency
  closed_on        DATE           its close date
  is_won           BOOLEAN        it is won
*/
with placed as (

    select
        opportunity.Id as record_id,
        opportunity.* exclude (IsWon, IsClosed),
        account.account_id as known_account_id,
        account_aside.disposition as account_disposition,
        json_extract_string(opportunity._unparsed, '$.CloseDate') as bad_date,
        json_extract_string(opportunity._unparsed, '$.Amount') as bad_amount,
        coalesce(
            opportunity.IsWon,
            opportunity.IsClosed is distinct from false
            and list_contains($won_stages::varchar[], opportunity.StageName),
            false
        ) as is_won,
        is_won or coalesce(
            opportunity.IsClosed,
            list_contains($won_stages::varchar[], opportunity.StageName)
            or list_contains($lost_stages::varchar[], opportunity.StageName),
            false
        ) as is_closed
    from raw.opportunity as opportunity
    left join staging.account_merge as merge on opportunity.AccountId = merge.loser_id
    left join staging.account as account on coalesce(merge.winner_id, opportunity.AccountId) = account.account_id
    left join staging.account_set_aside as account_aside
        on coalesce(merge.winner_id, opportunity.AccountId) = account_aside.record_id

),

judged as (

    select
        *,
        case
            when record_id like 'no-id:%' then 'rejected: The row has no id.'
            when _is_gone then 'deleted: No longer in the source.'
            when coalesce(IsDeleted, false) then 'deleted: In the recycle bin.'
            when
                list_contains($excluded_opportunity_types::varchar[], Type)
                or list_contains($excluded_opportunity_record_types::varchar[], RecordTypeId)
                or list_contains($excluded_opportunity_record_types::varchar[], substr(RecordTypeId, 1, 15))
                then 'out_of_scope: Left out by scope.exclude_opportunities in kam.yaml.'
            when
                account_disposition = 'out_of_scope'
                then 'out_of_scope: Its account ' || AccountId || ' is out of scope.'
            when bad_date is not null then 'rejected: CloseDate cannot be read as a date: ' || bad_date
            when bad_amount is not null then 'rejected: Amount cannot be read as a number: ' || bad_amount
            when AccountId is null then 'rejected: It has no account.'
            when account_disposition = 'deleted' then 'rejected: Its account ' || AccountId || ' has been deleted.'
            when known_account_id is null then 'rejected: Its account ' || AccountId || ' is not in the source.'
            when is_closed and CloseDate is null then 'rejected: It is closed and has no CloseDate.'
        end as verdict
    from placed

)

select
    'Opportunity' as object,
    record_id,
    split_part(verdict, ': ', 1) as disposition,
    substr(verdict, strpos(verdict, ': ') + 2) as reason,
    case
        when verdict like 'rejected: Amount%' then 'amount'
        when verdict like 'rejected: It%account%' then 'account'
    end as lacks,
    Amount as amount_original,
    CurrencyIsoCode as currency_code,
    CloseDate as closed_on,
    is_won
from judged
where verdict is not null
