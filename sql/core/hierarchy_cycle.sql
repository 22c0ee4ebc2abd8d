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

-- UNION, not UNION ALL: a pair found again is dropped, so that going round ends
climb as (

    select
        account_id,
        parent_id as ancestor_id
    from unreached
    union
    select
        climb.account_id,
        unreached.parent_id as ancestor_id
    from climb
    inner join unreached on climb.ancestor_id = unreached.account_id

),

on_circle as (

    select account_id
    from climb
    where account_id = ancestor_id

)

select
    climb.account_id,
    min(climb.ancestor_id) as top_account_id
from climb
inner join on_circle on climb.account_id = on_circle.account_id
inner join on_circle as other on climb.ancestor_id = other.account_id
group by climb.account_id
