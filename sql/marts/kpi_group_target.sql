/*
kpi_group_target
    Targets of the running fiscal year, the one that the last day before the date lies in, and what has been reached.

grain  : one row per as_of_date and group with a target above 0
key    : as_of_date, group_id
inputs : core.target, marts.kpi_group_period, marts.kpi_period
params : $as_of_date
columns:
  as_of_date    DATE           snapshot date
  group_id      VARCHAR        group
  period_start  DATE           first day of the fiscal year
  period_end    DATE           day after the last one
  passed_share  DOUBLE         share of the fiscal year that has passed, 0..1
  target_amt    DECIMAL(18,2)  target
  bookings_amt  DECIMAL(18,2)  bookings of the fiscal year so far; null where deals were won and none has a known amount
  target_share  DOUBLE         the latter over the former; null where those are not known
  unknown_won_cnt BIGINT       won deals of the fiscal year without a known amount
*/
with running as (

    select
        period_start,
        period_end,
        (until_on - period_start) / (period_end - period_start) as passed_share
    from marts.kpi_period
    where as_of_date = $as_of_date::date and period_type = 'fiscal_year' and period_end >= $as_of_date::date
    qualify row_number() over (order by period_start desc) = 1

)

select
    $as_of_date::date as as_of_date,
    target.group_id,
    running.period_start,
    running.period_end,
    running.passed_share::double as passed_share,
    target.target_amt,
    (case when coalesce(fact.won_cnt, 0) = 0 then 0 else fact.bookings_amt end)::decimal(18, 2) as bookings_amt,
    (case when coalesce(fact.won_cnt, 0) = 0 then 0 else fact.bookings_amt end / target.target_amt)::double
        as target_share,
    coalesce(fact.unknown_won_cnt, 0) as unknown_won_cnt
from core.target as target
inner join running on target.period_start = running.period_start
left join marts.kpi_group_period as fact
    on
        fact.as_of_date = $as_of_date::date
        and target.group_id = fact.group_id
        and fact.period_type = 'fiscal_year'
        and running.period_start = fact.period_start
where target.target_amt > 0
