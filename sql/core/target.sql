/*
target
    What each customer group is to buy in a fiscal year: the targets of its accounts together.

grain  : one row per group and fiscal year with a target
key    : group_id, fiscal_year
inputs : core.feed_row
params : none
stored : view
columns:
  group_id      VARCHAR        group of the accounts
  fiscal_year   INTEGER        calendar year in which the fiscal year ends
  period_start  DATE           its first day
  period_end    DATE           day after its last
  target_amt    DECIMAL(18,2)  target in reporting currency at the static rate
*/
select
    group_id,
    fiscal_year,
    min(dated_on) as period_start,
    (min(dated_on) + interval 12 month)::date as period_end,
    sum(amount_amt)::decimal(18, 2) as target_amt
from core.feed_row
where object = 'feeds.targets' and status = 'used'
group by group_id, fiscal_year
