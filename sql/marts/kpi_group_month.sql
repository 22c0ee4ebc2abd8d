/*
kpi_group_month
    What every customer did month by month, to be added up freely: no ratios, no distinct counts.

grain  : one row per group and month of the last 48, only months with a fact before the date of the newest run
key    : group_id, month
inputs : core.account_month, core.activity, core.opportunity, core.satisfaction
params : $as_of_date, $satisfaction_lowest, $satisfaction_highest
readers: published
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
-- activities are many: added up by month before they meet the others
with touch as (

    select
        group_id,
        date_trunc('month', happened_on)::date as happened_on,
        count(*) filter (where kind = 'meeting') as meetings_cnt,
        count(*) filter (where kind = 'call') as calls_cnt,
        count(*) filter (where kind = 'email') as emails_cnt
    from core.activity
    where
        is_completed
        and group_id is not null
        and kind in ('meeting', 'call', 'email')
        and happened_on < $as_of_date::date
        and happened_on >= $as_of_date::date - interval 49 month
    group by group_id, date_trunc('month', happened_on)

),

fact as (

    select
        group_id,
        closed_on as happened_on,
        case when is_won then amount_amt end as bookings_amt,
        is_won::integer as won_cnt,
        (is_won and amount_amt is null)::integer as unknown_won_cnt,
        (not is_won)::integer as lost_cnt,
        case when not is_won then amount_amt end as lost_amt,
        case when is_won and amount_amt > 0 then amount_amt end as won_value_amt,
        case when not is_won and amount_amt > 0 then amount_amt end as lost_value_amt,
        case when closed_on >= created_on then closed_on - created_on end as cycle_days
    from core.opportunity
    where is_closed
    union all by name
    select
        group_id,
        created_on as happened_on,
        1 as created_cnt
    from core.opportunity
    union all by name
    select
        group_id,
        happened_on,
        meetings_cnt,
        calls_cnt,
        emails_cnt
    from touch
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
        (score is not null)::integer as answers_cnt,
        score::decimal(18, 6) as score,
        coalesce(score >= 9, false)::integer as promoters_cnt,
        coalesce(score <= 6, false)::integer as detractors_cnt
    from core.satisfaction

),

scale as (

    select $satisfaction_lowest::double = 0 and $satisfaction_highest::double = 10 as is_nps

)

select
    fact.group_id,
    date_trunc('month', fact.happened_on)::date as month,
    sum(fact.bookings_amt)::decimal(18, 2) as bookings_amt,
    coalesce(sum(fact.won_cnt), 0)::bigint as won_cnt,
    coalesce(sum(fact.unknown_won_cnt), 0)::bigint as unknown_won_cnt,
    coalesce(sum(fact.lost_cnt), 0)::bigint as lost_cnt,
    sum(fact.lost_amt)::decimal(18, 2) as lost_amt,
    sum(fact.won_value_amt)::decimal(18, 2) as won_value_amt,
    count(fact.won_value_amt) as won_value_cnt,
    sum(fact.lost_value_amt)::decimal(18, 2) as lost_value_amt,
    count(fact.lost_value_amt) as lost_value_cnt,
    coalesce(sum(fact.cycle_days), 0)::bigint as cycle_days,
    count(fact.cycle_days) as cycle_cnt,
    coalesce(sum(fact.created_cnt), 0)::bigint as created_cnt,
    coalesce(sum(fact.meetings_cnt), 0)::bigint as meetings_cnt,
    coalesce(sum(fact.calls_cnt), 0)::bigint as calls_cnt,
    coalesce(sum(fact.emails_cnt), 0)::bigint as emails_cnt,
    sum(fact.invoiced_amt)::decimal(18, 2) as invoiced_amt,
    sum(fact.cost_amt)::decimal(18, 2) as cost_amt,
    sum(fact.costed_bookings_amt)::decimal(18, 2) as costed_bookings_amt,
    sum(fact.costed_invoiced_amt)::decimal(18, 2) as costed_invoiced_amt,
    coalesce(sum(fact.asked_cnt), 0)::bigint as asked_cnt,
    coalesce(sum(fact.answers_cnt), 0)::bigint as answers_cnt,
    sum(fact.score)::double as score_sum,
    case when scale.is_nps then coalesce(sum(fact.promoters_cnt), 0) end::bigint as promoters_cnt,
    case when scale.is_nps then coalesce(sum(fact.detractors_cnt), 0) end::bigint as detractors_cnt
from fact
cross join scale
where
    fact.happened_on < $as_of_date::date
    and fact.happened_on >= date_trunc('month', $as_of_date::date - interval 1 day) - interval 47 month
group by fact.group_id, date_trunc('month', fact.happened_on), scale.is_nps
