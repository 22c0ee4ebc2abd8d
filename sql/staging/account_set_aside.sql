/*
account_set_aside
    Accounts that do not reach staging, and why.

grain  : one row per living raw account that is not staged
key    : record_id
inputs : raw.account, staging.account_merge
params : $excluded_account_types, $excluded_account_record_types, $excluded_account_names, $excluded_account_ids
columns:
  object       VARCHAR  CRM object
  record_id    VARCHAR  CRM id
  disposition  VARCHAR  rejected, merged, deleted or out_of_scope
  reason       VARCHAR  one sentence
*/
with judged as (

    select
        account.Id as record_id,
        case
            when account.Id like 'no-id:%' then 'rejected'
            when merge.loser_id is not null then 'merged'
            when coalesce(account.IsDeleted, false) or account._is_gone then 'deleted'
            when coalesce(account.IsInternal, false) then 'out_of_scope'
            when
                list_contains($excluded_account_ids::varchar[], account.Id)
                or (
                    strlen(account.Id) = 18
                    and list_contains($excluded_account_ids::varchar[], substr(account.Id, 1, 15))
                )
                then 'out_of_scope'
            when list_contains($excluded_account_types::varchar[], account.Type) then 'out_of_scope'
            when
                list_contains($excluded_account_record_types::varchar[], account.RecordTypeId)
                or list_contains($excluded_account_record_types::varchar[], substr(account.RecordTypeId, 1, 15))
                then 'out_of_scope'
            when len(list_filter($excluded_account_names::varchar[], lambda part: contains(account.Name, part))) > 0
                then 'out_of_scope'
        end as disposition,
        case
            when account.Id like 'no-id:%' then 'The row has no id.'
            when merge.loser_id is not null then 'Merged into ' || merge.winner_id || '.'
            when account._is_gone then 'No longer in the source.'
            when coalesce(account.IsDeleted, false) then 'In the recycle bin.'
            when coalesce(account.IsInternal, false) then 'Flagged as internal or test.'
            else 'Left out by scope.exclude_accounts in kam.yaml.'
        end as reason
    from raw.account as account
    left join staging.account_merge as merge on account.Id = merge.loser_id

)

select
    'Account' as object,
    record_id,
    disposition,
    reason
from judged
where disposition is not null
