/*
kpi_group_month
    What every customer did month by month, to be added up freely: no ratios, no distinct counts.

grain  : one row per group and month of the last 48, only months with a fact before the date of the newest run
key    : group_id, month
inputs : core.account_month, core.activity, core.opportunity, core.satisfaction
params : $as_of_date, $satisfaction_lowest, $satisfaction_highest
readers: published
rules  :
  group_id references core.account_group
  won_cnt, unknown_won_cnt, lost_cnt, won_value_cnt, lost_value_cnt, cycle_days, cycle_cnt, created_cnt, meetings_cnt,
    calls_cnt, emails_cnt, asked_cnt, answers_cnt, promoters_cnt, detractors_cnt from 0
  won_value_amt, lost_value_amt from 0
  answers_cnt at most asked_cnt
columns:
  group_id            VARCHAR        group
  month               DATE           first day of the month
  bookings_amt        DECIMAL(18,2)  won deals closed in the month, known amounts; null where none is known
  won_cnt             BIGINT         won deals
  unknown_won_cnt     BIGINT         won deals without a known amount
  lost_cnt            BIGINT         lost deals
  lost_amt            DECIMAL(18,2)  their known amounts; null where none is known
  won_value_amt       DECIMAL(18,2)  won deals with an amount above 0: over won_value_cnt the mean deal
  won_value_cnt       BIGINT         how many
  lost_value_amt      DECIMAL(18,2)  lost deals with an amount above 0
  lost_value_cnt      BIGINT         how many
  cycle_days          BIGINT         days from creation to close of the closed deals: over cycle_cnt the mean cycle
  cycle_cnt           BIGINT         closed deals that were not closed before they were made
  created_cnt         BIGINT         deals made in the month
  meetings_cnt        BIGINT         meetings held
  calls_cnt           BIGINT         calls made
  emails_cnt          BIGINT         e-mails sent or received, as recorded
  invoiced_amt        DECIMAL(18,2)  invoiced revenue; null where none is delivered
  cost_amt            DECIMAL(18,2)  costs; null where none are delivered
  costed_bookings_amt DECIMAL(18,2)  bookings of the accounts whose costs are known; null where there are none
  costed_invoiced_amt DECIMAL(18,2)  invoiced revenue of the accounts whose costs are known; null likewise
  asked_cnt           BIGINT         persons asked in surveys
  answers_cnt         BIGINT         answers
  score_sum           DOUBLE         their scores added up: over answers_cnt the mean score
  promoters_cnt       BIGINT         answers of 9 or 10; null where the scale is not 0 to 10
  detractors_cnt      BIGINT         answers of 0 to 6; null likewise
*/
-- closed deals, activities and the rest are each added up before they meet: one wide sum over all costs a third more
with closed as (

    select
        group_id,
        date_trunc('month', closed_on)::date as month,
        sum(amount_amt) filter (where is_won) as bookings_amt,
        count(*) filter (where is_won) as won_cnt,
        count(*) filter (where is_won and amount_amt is null) as unknown_won_cnt,
        count(*) filter (where not is_won) as lost_cnt,
        sum(amount_amt) filter (where not is_won) as lost_amt,
        sum(amount_amt) filter (where is_won and amount_amt > 0) as won_value_amt,
        count(*) filter (where is_won and amount_amt > 0) as won_value_cnt,
        sum(amount_amt) filter (where not is_won and amount_amt > 0) as lost_value_amt,
        count(*) filter (where not is_won and amount_amt > 0) as lost_value_cnt,
        sum(closed_on - created_on) filter (where closed_on >= created_on) as cycle_days,
        count(*) filter (where closed_on >= created_on) as cycle_cnt
    from core.opportunity
    where
        is_closed and closed_on < $as_of_date::date
        and closed_on >= date_trunc('month', $as_of_date::date - interval 1 day) - interval 47 month
    group by group_id, date_trunc('month', closed_on)

),

touch as (

    select
        group_id,
        date_trunc('month', happened_on)::date as month,
        count(*) filter (where kind = 'meeting') as meetings_cnt,
        count(*) filter (where kind = 'call') as calls_cnt,
        count(*) filter (where kind = 'email') as emails_cnt
    from core.activity
    where
        is_completed and group_id is not null and kind in ('meeting', 'call', 'email')
        and happened_on < $as_of_date::date
        and happened_on >= date_trunc('month', $as_of_date::date - interval 1 day) - interval 47 month
    group by group_id, date_trunc('month', happened_on)

),

other as (

    select
        group_id,
        date_trunc('month', happened_on)::date as month,
        count(created_cnt) as created_cnt,
        sum(invoiced_amt) as invoiced_amt,
        sum(cost_amt) as cost_amt,
        sum(costed_bookings_amt) as costed_bookings_amt,
        sum(costed_invoiced_amt) as costed_invoiced_amt,
        count(asked_cnt) as asked_cnt,
        count(score) as answers_cnt,
        sum(score) as score_sum,
        count(*) filter (where score >= 9) as promoters_cnt,
        count(*) filter (where score <= 6) as detractors_cnt
    from (
        select
            group_id,
            created_on as happened_on,
            1 as created_cnt
        from core.opportunity
        union all by name
        select
            group_id,
            month_on as happened_on,
            invoiced_amt,
            cost_amt,
            case when cost_amt is not null then bookings_amt end as costed_bookings_amt,
            case when cost_amt is not null then invoiced_amt end as costed_invoiced_amt
        from core.account_month
        where invoiced_amt is not null or cost_amt is not null
        union all by name
        select
            group_id,
            surveyed_on as happened_on,
            1 as asked_cnt,
            score::decimal(18, 6) as score
        from core.satisfaction
    ) as fact
    where
        happened_on < $as_of_date::date
        and happened_on >= date_trunc('month', $as_of_date::date - interval 1 day) - interval 47 month
    group by group_id, date_trunc('month', happened_on)

),

scale as (select $satisfaction_lowest::double = 0 and $satisfaction_highest::double = 10 as is_nps)

select
    coalesce(closed.group_id, touch.group_id, other.group_id) as group_id,
    coalesce(closed.month, touch.month, other.month) as month,
    closed.bookings_amt::decimal(18, 2) as bookings_amt,
    coalesce(closed.won_cnt, 0) as won_cnt,
    coalesce(closed.unknown_won_cnt, 0) as unknown_won_cnt,
    coalesce(closed.lost_cnt, 0) as lost_cnt,
    closed.lost_amt::decimal(18, 2) as lost_amt,
    closed.won_value_amt::decimal(18, 2) as won_value_amt,
    coalesce(closed.won_value_cnt, 0) as won_value_cnt,
    closed.lost_value_amt::decimal(18, 2) as lost_value_amt,
    coalesce(closed.lost_value_cnt, 0) as lost_value_cnt,
    coalesce(closed.cycle_days, 0)::bigint as cycle_days,
    coalesce(closed.cycle_cnt, 0) as cycle_cnt,
    coalesce(other.created_cnt, 0) as created_cnt,
    coalesce(touch.meetings_cnt, 0) as meetings_cnt,
    coalesce(touch.calls_cnt, 0) as calls_cnt,
    coalesce(touch.emails_cnt, 0) as emails_cnt,
    other.invoiced_amt::decimal(18, 2) as invoiced_amt,
    other.cost_amt::decimal(18, 2) as cost_amt,
    other.costed_bookings_amt::decimal(18, 2) as costed_bookings_amt,
    other.costed_invoiced_amt::decimal(18, 2) as costed_invoiced_amt,
    coalesce(other.asked_cnt, 0) as asked_cnt,
    coalesce(other.answers_cnt, 0) as answers_cnt,
    other.score_sum::double as score_sum,
    case when scale.is_nps then coalesce(other.promoters_cnt, 0) end as promoters_cnt,
    case when scale.is_nps then coalesce(other.detractors_cnt, 0) end as detractors_cnt
from closed
full join touch on closed.group_id = touch.group_id and closed.month = touch.month
full join other
    on coalesce(closed.group_id, touch.group_id) = other.group_id and coalesce(closed.month, touch.month) = other.month
cross join scale
