/*
kpi_period
    The periods that KPIs are given for: the current and the last complete month, quarter and fiscal year, the last
    twelve months, and the date itself.

grain  : one row per as_of_date, period_type and period_start
key    : as_of_date, period_type, period_start
inputs : core.organisation, core.opportunity
params : $as_of_date
columns:
  as_of_date      DATE     snapshot date
  period_type     VARCHAR  month, quarter, fiscal_year, ttm (twelve months before the date) or as_of (the date itself)
  period_start    DATE     first day
  period_end      DATE     day after the last one
  is_complete     BOOLEAN  it had ended by the date
  until_on        DATE     day after the last one that has passed by the date: facts count before it
  base_start      DATE     first day of the same days a year before
  base_until_on   DATE     day after the last of them
  months_start    DATE     first month of what is known by whole months (feeds)
  months_until    DATE     month after the last of them
  has_base        BOOLEAN  the company's history, won deals without a gap of over three years, covers the base but for
                           at most the first tenth of its days
  has_base_3y     BOOLEAN  it covers the same days three years before likewise
*/
with frame as (

    select
        ($as_of_date::date - interval 1 day)::date as last_day,
        date_trunc('month', $as_of_date::date)::date as months_until,
        fiscal_year_start_month as start_month
    from core.organisation

),

won_day as (

    select distinct closed_on
    from core.opportunity
    where is_won and closed_on < $as_of_date::date

),

-- a single date far back is a slip and no history: it begins after the last gap of more than three years
history as (

    select max(closed_on) as first_on
    from (
        select
            closed_on,
            lag(closed_on) over (order by closed_on) as closed_before
        from won_day
    ) as followed
    where closed_before is null or closed_before < closed_on - interval 36 month

),

-- the current period is the one that the last day before the date lies in
current_period as (

    select
        'month' as period_type,
        1 as months,
        date_trunc('month', last_day) as period_start
    from frame
    union all
    select
        'quarter' as period_type,
        3 as months,
        date_trunc('month', last_day) - to_months(((month(last_day) - start_month + 12) % 3)::integer) as period_start
    from frame
    union all
    select
        'fiscal_year' as period_type,
        12 as months,
        date_trunc('month', last_day) - to_months(((month(last_day) - start_month + 12) % 12)::integer) as period_start
    from frame

),

period as (

    select
        period_type,
        period_start::date as period_start,
        (period_start + to_months(months))::date as period_end
    from current_period
    union all
    select
        period_type,
        (period_start - to_months(months))::date as period_start,
        period_start::date as period_end
    from current_period
    where period_start + to_months(months) > $as_of_date::date
    union all
    select
        'ttm' as period_type,
        ($as_of_date::date - interval 12 month)::date as period_start,
        $as_of_date::date as period_end
    union all
    select
        'as_of' as period_type,
        $as_of_date::date as period_start,
        $as_of_date::date as period_end

)

select
    $as_of_date::date as as_of_date,
    period.period_type,
    period.period_start,
    period.period_end,
    period.period_end <= $as_of_date::date as is_complete,
    least(period.period_end, $as_of_date::date) as until_on,
    (period.period_start - interval 12 month)::date as base_start,
    (least(period.period_end, $as_of_date::date) - interval 12 month)::date as base_until_on,
    case when period.period_type = 'ttm' then frame.months_until - interval 12 month else period.period_start end::date
        as months_start,
    least(period.period_end, frame.months_until) as months_until,
    -- the first deal of a company comes some days after its first day: a tenth of the length is granted
    coalesce(
        history.first_on - (period.period_start - interval 12 month)::date
        <= 0.1 * (least(period.period_end, $as_of_date::date) - period.period_start), false
    ) as has_base,
    coalesce(
        history.first_on - (period.period_start - interval 36 month)::date
        <= 0.1 * (least(period.period_end, $as_of_date::date) - period.period_start), false
    ) as has_base_3y
from period
cross join frame
cross join history
