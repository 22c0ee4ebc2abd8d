/*
account_parent
    Whom each account belongs under: the CRM's parent, corrected by the groups file, bad links cut.

grain  : one row per account in scope
key    : account_id
inputs : staging.account, staging.account_alias, staging.account_set_aside, staging.group_override
params : none
columns:
  account_id     VARCHAR  CRM account id
  parent_id      VARCHAR  account one level up, null at the top
  named_group_id VARCHAR  name given by the groups file to a group that is no account
  link           VARCHAR  top, parent, override, self, unknown_parent or excluded_parent
*/
-- the groups file may name accounts by 15 characters, or as they were called before a merge
with override as (

    select
        alias.account_id,
        coalesce(group_alias.account_id, given.group_id) as group_id
    from staging.group_override as given
    inner join staging.account_alias as alias on given.account_id = alias.written_id
    left join staging.account_alias as group_alias on given.group_id = group_alias.written_id
    qualify
        row_number() over (
            partition by alias.account_id order by (given.account_id <> alias.account_id), given.account_id
        ) = 1

),

proposed as (

    select
        account.account_id,
        account.parent_id,
        override.group_id as override_id,
        target.account_id as override_account_id
    from staging.account as account
    left join override on account.account_id = override.account_id
    left join staging.account as target on override.group_id = target.account_id

)

select
    proposed.account_id,
    case
        when proposed.override_account_id = proposed.account_id then null
        when proposed.override_account_id is not null then proposed.override_account_id
        when proposed.override_id is not null then null
        when proposed.parent_id <> proposed.account_id then parent.account_id
    end as parent_id,
    case when proposed.override_id is not null and proposed.override_account_id is null then proposed.override_id end
        as named_group_id,
    case
        when proposed.override_id is not null then 'override'
        when proposed.parent_id is null then 'top'
        when proposed.parent_id = proposed.account_id then 'self'
        when parent.account_id is not null then 'parent'
        when set_aside.disposition = 'out_of_scope' then 'excluded_parent'
        else 'unknown_parent'
    end as link
from proposed
left join staging.account as parent on proposed.parent_id = parent.account_id
left join staging.account_set_aside as set_aside on proposed.parent_id = set_aside.record_id
