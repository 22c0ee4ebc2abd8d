/*
hierarchy_cycle
    Accounts that are their own ancestor: their circle is opened at the smallest id.

grain  : one row per account that lies on a circle of parents
key    : account_id
inputs : core.account_parent
params : none
columns:
  account_id      VARCHAR  CRM account id
  top_account_id  VARCHAR  account of the circle that becomes its top: the smallest id
*/
with recursive reached as (

    select account_id
    from core.account_parent
    where parent_id is null
    union all
    select child.account_id
    from reached
    inner join core.account_parent as child on reached.account_id = child.parent_id

),

unreached as (

    select
        parent.account_id,
        parent.parent_id
    from core.account_parent as parent
    left join reached on parent.account_id = reached.account_id
    where reached.account_id is null

),

-- pointer doubling: after step k the target is 2^k parents up, and `smallest_id` the least of all passed on the way;
-- 2^20 steps lead everybody onto a circle, and once round it
doubled as (

    select
        account_id,
        parent_id as target_id,
        account_id as smallest_id,
        0 as step
    from unreached
    union all
    select
        near.account_id,
        far.target_id,
        least(near.smallest_id, far.smallest_id) as smallest_id,
        near.step + 1 as step
    from doubled as near
    inner join doubled as far on near.target_id = far.account_id
    where near.step < 20

),

on_circle as (

    select distinct target_id as account_id
    from doubled
    where step = 20

)

select
    doubled.account_id,
    doubled.smallest_id as top_account_id
from doubled
inner join on_circle on doubled.account_id = on_circle.account_id
where doubled.step = 20
