/*
kpi_entity_period
    What the KPIs of a period are made from: every entity with its deals and meetings added up.

grain  : one row per as_of_date, entity and period, also those without any fact
key    : as_of_date, entity_type, entity_id, period_type, period_start
inputs : core.opportunity, marts.kpi_entity, marts.kpi_entity_deal, marts.kpi_group_period, marts.kpi_period,
         marts.kpi_subject
params : $as_of_date
columns:
  as_of_date            DATE           snapshot date
  entity_type           VARCHAR        group, portfolio or segment
  entity_id             VARCHAR        which
  period_type           VARCHAR        month, quarter, fiscal_year or ttm
  period_start          DATE           first day
  has_base              BOOLEAN        the history reaches back to the same days a year before
  has_base_3y           BOOLEAN        it reaches back three years further than the period
  has_closed            BOOLEAN        some deal of somebody had been closed by the end of the period
  groups_cnt            BIGINT         groups in the entity
  bookings_amt          DECIMAL(18,2)  won deals closed in the period; null where none has a known amount
  won_cnt               BIGINT         won deals
  unknown_won_cnt       BIGINT         of those, without a known amount
  lost_cnt              BIGINT         lost deals
  won_value_amt         DECIMAL(18,2)  won deals with an amount above 0
  won_value_cnt         BIGINT         how many
  lost_value_amt        DECIMAL(18,2)  lost deals with an amount above 0
  lost_value_cnt        BIGINT         how many
  base_amt              DECIMAL(18,2)  won deals closed on the same days a year before
  base_unknown_cnt      BIGINT         won deals of those days without a known amount
  start_3y_amt          DECIMAL(18,2)  won deals of the same days three years before, last twelve months only
  cohort_cnt            BIGINT         groups with bookings above 0 on those days a year before: the cohort
  cohort_base_amt       DECIMAL(18,2)  their bookings then
  cohort_amt            DECIMAL(18,2)  their bookings in the period
  cohort_kept_amt       DECIMAL(18,2)  the same, each group capped at what it was before and never below 0
  meetings_cnt          BIGINT         meetings held
  all_meetings_cnt      BIGINT         meetings held with anybody: without any, nobody knows
  cycle_days            BIGINT         days from creation to close, summed over closed deals
  cycle_cnt             BIGINT         closed deals counted: those that were not closed before they were made
  backwards_cnt         BIGINT         closed deals left out, because they were closed before they were made
  cycle_median_days     DOUBLE         days in the middle
  won_cycle_cnt         BIGINT         won deals among those counted
  won_cycle_median_days DOUBLE         days in the middle of the won ones
  won_median_amt        DECIMAL(18,2)  amount in the middle of the won deals with an amount above 0
*/
with closed as (

    select coalesce(min(closed_on), date '9999-12-31') as first_on
    from core.opportunity
    where is_closed

),

added as (

    select
        entity.entity_type,
        entity.entity_id,
        fact.period_type,
        fact.period_start,
        sum(fact.bookings_amt) as bookings_amt,
        sum(fact.won_cnt) as won_cnt,
        sum(fact.unknown_won_cnt) as unknown_won_cnt,
        sum(fact.lost_cnt) as lost_cnt,
        sum(fact.won_value_amt) as won_value_amt,
        sum(fact.won_value_cnt) as won_value_cnt,
        sum(fact.lost_value_amt) as lost_value_amt,
        sum(fact.lost_value_cnt) as lost_value_cnt,
        sum(fact.base_amt) as base_amt,
        sum(fact.base_unknown_cnt) as base_unknown_cnt,
        sum(fact.start_3y_amt) as start_3y_amt,
        count(fact.cohort_base_amt) as cohort_cnt,
        sum(fact.cohort_base_amt) as cohort_base_amt,
        sum(fact.cohort_amt) as cohort_amt,
        sum(fact.cohort_kept_amt) as cohort_kept_amt,
        sum(fact.meetings_cnt) as meetings_cnt
    from marts.kpi_group_period as fact
    inner join marts.kpi_entity as entity
        on fact.group_id = entity.group_id and entity.as_of_date = $as_of_date::date
    where fact.as_of_date = $as_of_date::date
    group by entity.entity_type, entity.entity_id, fact.period_type, fact.period_start

)

select
    $as_of_date::date as as_of_date,
    entity.entity_type,
    entity.entity_id,
    period.period_type,
    period.period_start,
    period.has_base,
    period.has_base_3y,
    closed.first_on < period.until_on as has_closed,
    entity.groups_cnt,
    added.bookings_amt::decimal(18, 2) as bookings_amt,
    coalesce(added.won_cnt, 0)::bigint as won_cnt,
    coalesce(added.unknown_won_cnt, 0)::bigint as unknown_won_cnt,
    coalesce(added.lost_cnt, 0)::bigint as lost_cnt,
    added.won_value_amt::decimal(18, 2) as won_value_amt,
    coalesce(added.won_value_cnt, 0)::bigint as won_value_cnt,
    added.lost_value_amt::decimal(18, 2) as lost_value_amt,
    coalesce(added.lost_value_cnt, 0)::bigint as lost_value_cnt,
    added.base_amt::decimal(18, 2) as base_amt,
    coalesce(added.base_unknown_cnt, 0)::bigint as base_unknown_cnt,
    added.start_3y_amt::decimal(18, 2) as start_3y_amt,
    coalesce(added.cohort_cnt, 0) as cohort_cnt,
    added.cohort_base_amt::decimal(18, 2) as cohort_base_amt,
    added.cohort_amt::decimal(18, 2) as cohort_amt,
    added.cohort_kept_amt::decimal(18, 2) as cohort_kept_amt,
    coalesce(added.meetings_cnt, 0)::bigint as meetings_cnt,
    coalesce(everybody.meetings_cnt, 0)::bigint as all_meetings_cnt,
    coalesce(deal.cycle_days, 0) as cycle_days,
    coalesce(deal.cycle_cnt, 0) as cycle_cnt,
    coalesce(deal.backwards_cnt, 0) as backwards_cnt,
    deal.cycle_median_days,
    coalesce(deal.won_cycle_cnt, 0) as won_cycle_cnt,
    deal.won_cycle_median_days,
    deal.won_median_amt
from marts.kpi_subject as entity
cross join closed
inner join marts.kpi_period as period
    on period.as_of_date = $as_of_date::date and period.period_type <> 'as_of'
left join added
    on
        entity.entity_type = added.entity_type
        and entity.entity_id = added.entity_id
        and period.period_type = added.period_type
        and period.period_start = added.period_start
left join added as everybody
    on
        everybody.entity_type = 'portfolio'
        and everybody.entity_id = 'all'
        and period.period_type = everybody.period_type
        and period.period_start = everybody.period_start
left join marts.kpi_entity_deal as deal
    on
        deal.as_of_date = $as_of_date::date
        and entity.entity_type = deal.entity_type
        and entity.entity_id = deal.entity_id
        and period.period_type = deal.period_type
        and period.period_start = deal.period_start
where entity.as_of_date = $as_of_date::date
