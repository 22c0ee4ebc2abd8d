/*
load_per_owner
    How many key accounts the owner of each key account has. The owner of a group is that of the account at the top,
    otherwise of the designated account with the smallest id. Value: key accounts of its owner; null without an owner.

inputs : core.account, core.account_group
params : none
*/
with responsible as (

    select
        account_group.group_id,
        coalesce(
            max(account.owner_id) filter (where account.account_id = account_group.group_id),
            arg_min(account.owner_id, account.account_id) filter (where account.is_key_account)
        ) as owner_id
    from core.account_group as account_group
    inner join core.account as account on account_group.group_id = account.group_id
    where account_group.is_key_account
    group by account_group.group_id

),

loaded as (

    select
        group_id,
        case when owner_id is not null then count(*) over (partition by owner_id) end as accounts_cnt
    from responsible

)

select
    group_id as observed_id,
    null::double as numerator,
    null::double as denominator,
    accounts_cnt::double as value,
    coalesce(format('Key accounts of its owner: {}.', accounts_cnt), 'It has no owner.') as detail,
    coalesce(format('Nøglekunder hos dens ansvarlige: {}.', accounts_cnt), 'Den har ingen ansvarlig.') as detail_da
from loaded
