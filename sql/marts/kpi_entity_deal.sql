/*
kpi_entity_deal
    What cannot be added up over groups: days and amounts in the middle of an entity's closed deals.

grain  : one row per as_of_date, entity and period with a closed deal
key    : as_of_date, entity_type, entity_id, period_type, period_start
inputs : core.opportunity, marts.kpi_entity, marts.kpi_period
params : $as_of_date
columns:
  as_of_date           DATE           snapshot date
  entity_type          VARCHAR        group, portfolio or segment
  entity_id            VARCHAR        which
  period_type          VARCHAR        month, quarter, fiscal_year or ttm
  period_start         DATE           first day
  cycle_days           BIGINT         days from creation to close, summed over the closed deals that are counted
  cycle_cnt            BIGINT         closed deals counted: those that were not closed before they were made
  backwards_cnt        BIGINT         closed deals that were closed before they were made
  cycle_median_days    DOUBLE         days in the middle of the deals counted
  won_cycle_cnt        BIGINT         won deals among them
  won_cycle_median_days DOUBLE        days in the middle of the won ones
  won_median_amt       DECIMAL(18,2)  amount in the middle of the won deals with an amount above 0
*/
with period_day as (

    select
        unnest(range(period_start, until_on, interval 1 day))::date as day,
        period_type,
        period_start
    from marts.kpi_period
    where as_of_date = $as_of_date::date

),

deal as (

    select
        group_id,
        closed_on,
        is_won,
        case when closed_on >= created_on then closed_on - created_on end as cycle_days,
        closed_on < created_on as is_backwards,
        case when is_won and amount_amt > 0 then amount_amt end as won_amt
    from core.opportunity
    where is_closed

)

select
    $as_of_date::date as as_of_date,
    entity.entity_type,
    entity.entity_id,
    period_day.period_type,
    period_day.period_start,
    coalesce(sum(deal.cycle_days), 0)::bigint as cycle_days,
    count(deal.cycle_days) as cycle_cnt,
    count(*) filter (where deal.is_backwards) as backwards_cnt,
    median(deal.cycle_days)::double as cycle_median_days,
    count(deal.cycle_days) filter (where deal.is_won) as won_cycle_cnt,
    (median(deal.cycle_days) filter (where deal.is_won))::double as won_cycle_median_days,
    round(median(deal.won_amt), 2)::decimal(18, 2) as won_median_amt
from deal
inner join period_day on deal.closed_on = period_day.day
inner join marts.kpi_entity as entity on deal.group_id = entity.group_id and entity.as_of_date = $as_of_date::date
group by entity.entity_type, entity.entity_id, period_day.period_type, period_day.period_start
