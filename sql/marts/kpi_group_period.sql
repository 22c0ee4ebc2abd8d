/*
kpi_group_period
    What can be added up over groups: deals and meetings of each group in each period and in its base a year before.

grain  : one row per as_of_date, group and period with a fact in the period or its base
key    : as_of_date, group_id, period_type, period_start
inputs : core.opportunity, core.activity, marts.kpi_period
params : $as_of_date
columns:
  as_of_date         DATE           snapshot date
  group_id           VARCHAR        group
  period_type        VARCHAR        month, quarter, fiscal_year or ttm
  period_start       DATE           first day
  bookings_amt       DECIMAL(18,2)  won deals closed in the period; null where none has a known amount
  won_cnt            BIGINT         won deals
  unknown_won_cnt    BIGINT         of those, without a known amount
  lost_cnt           BIGINT         lost deals
  won_value_amt      DECIMAL(18,2)  won deals with an amount above 0
  won_value_cnt      BIGINT         how many
  lost_value_amt     DECIMAL(18,2)  lost deals with an amount above 0
  lost_value_cnt     BIGINT         how many
  base_amt           DECIMAL(18,2)  won deals closed on the same days a year before
  base_unknown_cnt   BIGINT         won deals of those days without a known amount
  closed_value_amt   DECIMAL(18,2)  won and lost deals with an amount above 0
  cohort_base_amt    DECIMAL(18,2)  base_amt where it is above 0, so that the group is one of last year's customers, and
                                    its bookings of the period are known
  cohort_amt         DECIMAL(18,2)  bookings of such a group, 0 where it has none
  cohort_kept_amt    DECIMAL(18,2)  the same, never above cohort_base_amt and never below 0
  start_3y_amt       DECIMAL(18,2)  won deals closed on the same days three years before, last twelve months only
  meetings_cnt       BIGINT         meetings held in the period
*/
-- every day with the periods that it counts for, so that records find their periods by equality
with period_day as (

    select
        unnest(range(period_start, until_on, interval 1 day))::date as day,
        period_type,
        period_start,
        'period' as part
    from marts.kpi_period
    where as_of_date = $as_of_date::date
    union all
    select
        unnest(range(base_start, base_until_on, interval 1 day))::date as day,
        period_type,
        period_start,
        'base' as part
    from marts.kpi_period
    where as_of_date = $as_of_date::date
    union all
    select
        unnest(
            range((period_start - interval 36 month)::date, (until_on - interval 36 month)::date, interval 1 day)
        )::date as day,
        period_type,
        period_start,
        'start' as part
    from marts.kpi_period
    where as_of_date = $as_of_date::date and period_type = 'ttm'

),

deal as (

    select
        opportunity.group_id,
        period_day.period_type,
        period_day.period_start,
        sum(opportunity.amount_amt) filter (where period_day.part = 'period' and opportunity.is_won) as bookings_amt,
        count(*) filter (where period_day.part = 'period' and opportunity.is_won) as won_cnt,
        count(*) filter (where period_day.part = 'period' and opportunity.is_won and opportunity.amount_amt is null)
            as unknown_won_cnt,
        count(*) filter (where period_day.part = 'period' and not opportunity.is_won) as lost_cnt,
        sum(opportunity.amount_amt) filter (
            where period_day.part = 'period' and opportunity.is_won and opportunity.amount_amt > 0
        ) as won_value_amt,
        count(*) filter (where period_day.part = 'period' and opportunity.is_won and opportunity.amount_amt > 0)
            as won_value_cnt,
        sum(opportunity.amount_amt) filter (
            where period_day.part = 'period' and not opportunity.is_won and opportunity.amount_amt > 0
        ) as lost_value_amt,
        count(*) filter (where period_day.part = 'period' and not opportunity.is_won and opportunity.amount_amt > 0)
            as lost_value_cnt,
        sum(opportunity.amount_amt) filter (where period_day.part = 'base' and opportunity.is_won) as base_amt,
        count(*) filter (where period_day.part = 'base' and opportunity.is_won and opportunity.amount_amt is null)
            as base_unknown_cnt,
        sum(opportunity.amount_amt) filter (where period_day.part = 'start' and opportunity.is_won) as start_3y_amt,
        -- a customer that has won deals and no known amount of any has neither stayed nor left, as far as is known
        base_amt > 0 and (won_cnt = 0 or bookings_amt is not null) as is_cohort
    from core.opportunity as opportunity
    inner join period_day on opportunity.closed_on = period_day.day
    where opportunity.is_closed
    group by opportunity.group_id, period_day.period_type, period_day.period_start

),

meeting as (

    select
        activity.group_id,
        period_day.period_type,
        period_day.period_start,
        count(*) as meetings_cnt
    from core.activity as activity
    inner join period_day on activity.happened_on = period_day.day
    where
        activity.kind = 'meeting'
        and activity.is_completed
        and activity.group_id is not null
        and period_day.part = 'period'
    group by activity.group_id, period_day.period_type, period_day.period_start

)

select
    $as_of_date::date as as_of_date,
    coalesce(deal.group_id, meeting.group_id) as group_id,
    coalesce(deal.period_type, meeting.period_type) as period_type,
    coalesce(deal.period_start, meeting.period_start) as period_start,
    deal.bookings_amt::decimal(18, 2) as bookings_amt,
    coalesce(deal.won_cnt, 0) as won_cnt,
    coalesce(deal.unknown_won_cnt, 0) as unknown_won_cnt,
    coalesce(deal.lost_cnt, 0) as lost_cnt,
    deal.won_value_amt::decimal(18, 2) as won_value_amt,
    coalesce(deal.won_value_cnt, 0) as won_value_cnt,
    deal.lost_value_amt::decimal(18, 2) as lost_value_amt,
    coalesce(deal.lost_value_cnt, 0) as lost_value_cnt,
    deal.base_amt::decimal(18, 2) as base_amt,
    coalesce(deal.base_unknown_cnt, 0) as base_unknown_cnt,
    (coalesce(deal.won_value_amt, 0) + coalesce(deal.lost_value_amt, 0))::decimal(18, 2) as closed_value_amt,
    (case when deal.is_cohort then deal.base_amt end)::decimal(18, 2) as cohort_base_amt,
    (case when deal.is_cohort then coalesce(deal.bookings_amt, 0) end)::decimal(18, 2) as cohort_amt,
    case
        when deal.is_cohort then least(greatest(coalesce(deal.bookings_amt, 0), 0), deal.base_amt)
    end::decimal(18, 2) as cohort_kept_amt,
    deal.start_3y_amt::decimal(18, 2) as start_3y_amt,
    coalesce(meeting.meetings_cnt, 0) as meetings_cnt
from deal
full join meeting
    on
        deal.group_id = meeting.group_id
        and deal.period_type = meeting.period_type
        and deal.period_start = meeting.period_start
