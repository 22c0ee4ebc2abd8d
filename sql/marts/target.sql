/*
target
    What each customer group is to buy in a fiscal year, from the targets feed, as of the newest run.

grain  : one row per group and fiscal year with a target
key    : group_id, fiscal_year
inputs : core.target, core.account_group
params : none
stored : view
readers: published
columns:
  group_id      VARCHAR        group
  group_name    VARCHAR        its name
  fiscal_year   INTEGER        calendar year in which the fiscal year ends
  period_start  DATE           its first day
  period_end    DATE           day after its last
  target_amt    DECIMAL(18,2)  target in reporting currency at the static rate, all accounts of the group together
*/
select
    target.group_id,
    account_group.group_name,
    target.fiscal_year,
    target.period_start,
    target.period_end,
    target.target_amt
from core.target as target
inner join core.account_group as account_group on target.group_id = account_group.group_id
