/*
load_per_owner
    How many key accounts the owner of each key account has. The owner of a group is that of the account at the top,
    otherwise of the designated account with the smallest id. Value: key accounts of its owner; null without an owner.

inputs : core.account, marts.designated_account, marts.designated_group
params : $as_of_date
*/
with responsible as (

    select
        designated.group_id,
        coalesce(
            max(account.owner_id) filter (where account.account_id = designated.group_id),
            arg_min(account.owner_id, account.account_id) filter (where leaf.account_id is not null)
        ) as owner_id
    from marts.designated_group as designated
    inner join core.account as account on designated.group_id = account.group_id
    left join marts.designated_account as leaf
        on account.account_id = leaf.account_id and leaf.as_of_date = $as_of_date::date
    where designated.as_of_date = $as_of_date::date
    group by designated.group_id

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
