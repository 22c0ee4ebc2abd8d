/*
account_root
    The group of each account: its ultimate parent, or the group that the groups file names.

grain  : one row per account in scope
key    : account_id
inputs : core.account_parent, core.hierarchy_cycle
params : none
rules  :
  link in top, parent, override, self, unknown_parent, excluded_parent, cycle
  group_id not null
  depth from 0
columns:
  account_id  VARCHAR  CRM account id
  group_id    VARCHAR  account id of the ultimate parent, or the name of a group from the groups file
  parent_id   VARCHAR  account one level up, null at the top
  depth       INTEGER  levels below the top, 0 at the top
  link        VARCHAR  top, parent, override, self, unknown_parent, excluded_parent or cycle
*/
with recursive link as (

    select
        parent.account_id,
        parent.named_group_id,
        case when cycle.account_id is null then parent.parent_id end as parent_id,
        case when cycle.account_id is null then parent.link else 'cycle' end as link
    from core.account_parent as parent
    left join core.hierarchy_cycle as cycle
        on parent.account_id = cycle.account_id and parent.account_id = cycle.top_account_id

),

walk as (

    select
        account_id,
        coalesce(named_group_id, account_id) as group_id,
        parent_id,
        0 as depth,
        link
    from link
    where parent_id is null
    union all
    select
        link.account_id,
        walk.group_id,
        link.parent_id,
        walk.depth + 1 as depth,
        link.link
    from walk
    inner join link on walk.account_id = link.parent_id

)

select
    account_id,
    group_id,
    parent_id,
    depth,
    link
from walk
