/*
kpi_group_feed
    What the feeds say of each group in each period: revenue and costs by whole months, and answers to surveys.

grain  : one row per as_of_date, group and period with a feed row in it
key    : as_of_date, group_id, period_type, period_start
inputs : core.account_month, core.feed, core.satisfaction, marts.kpi_period
params : $as_of_date, $satisfaction_lowest, $satisfaction_highest, $satisfied_from
columns:
  as_of_date          DATE           snapshot date
  group_id            VARCHAR        group
  period_type         VARCHAR        month, quarter, fiscal_year or ttm
  period_start        DATE           first day
  invoiced_amt        DECIMAL(18,2)  invoiced in the whole months of the period; null where nothing is delivered
  revenue_amt         DECIMAL(18,2)  the same where actuals are delivered, otherwise bookings
  costed_revenue_amt  DECIMAL(18,2)  revenue of the accounts and months whose costs are known
  cost_amt            DECIMAL(18,2)  costs of the whole months; null where none are known
  margin_amt          DECIMAL(18,2)  costed_revenue_amt less cost_amt
  asked_cnt           BIGINT         persons asked in the period
  answers_cnt         BIGINT         answers among them
  answering_cnt       BIGINT         1 where anybody has answered
  nps                 DOUBLE         per cent of 9-10 less per cent of 0-6, each contact by its newest answer
  satisfied_share     DOUBLE         share of contacts whose newest answer counts as satisfied, 0..1
*/
with period_month as (

    select
        unnest(range(months_start, months_until, interval 1 month))::date as month_on,
        period_type,
        period_start
    from marts.kpi_period
    where as_of_date = $as_of_date::date and period_type <> 'as_of'

),

account_month as (

    select
        account_month.group_id,
        account_month.month_on,
        account_month.invoiced_amt,
        case when actuals.is_configured then account_month.invoiced_amt else account_month.bookings_amt end
            as revenue_amt,
        account_month.cost_amt
    from core.account_month as account_month
    inner join core.feed as actuals on actuals.feed = 'actuals'

),

money as (

    select
        account_month.group_id,
        period_month.period_type,
        period_month.period_start,
        sum(account_month.invoiced_amt) as invoiced_amt,
        sum(account_month.revenue_amt) as revenue_amt,
        sum(coalesce(account_month.revenue_amt, 0)) filter (where account_month.cost_amt is not null)
            as costed_revenue_amt,
        sum(account_month.cost_amt) as cost_amt
    from account_month
    inner join period_month on account_month.month_on = period_month.month_on
    group by account_month.group_id, period_month.period_type, period_month.period_start

),

answer as (

    select
        satisfaction.group_id,
        period.period_type,
        period.period_start,
        satisfaction.score,
        satisfaction.score is not null and row_number() over (
            partition by
                satisfaction.group_id, period.period_type, period.period_start, satisfaction.score is not null,
                coalesce(satisfaction.contact_id, satisfaction.response_id)
            order by satisfaction.surveyed_on desc, satisfaction.response_id desc
        ) = 1 as is_newest
    from core.satisfaction as satisfaction
    inner join marts.kpi_period as period
        on satisfaction.surveyed_on >= period.period_start and satisfaction.surveyed_on < period.until_on
    where period.as_of_date = $as_of_date::date and period.period_type in ('fiscal_year', 'ttm')

),

survey as (

    select
        group_id,
        period_type,
        period_start,
        count(*) as asked_cnt,
        count(score) as answers_cnt,
        max(is_newest::integer) as answering_cnt,
        case
            when $satisfaction_lowest::double = 0 and $satisfaction_highest::double = 10
                then
                    100.0 * (
                        count(*) filter (where is_newest and score >= 9)
                        - count(*) filter (where is_newest and score <= 6)
                    ) / nullif(count(*) filter (where is_newest), 0)
        end as nps,
        case
            when $satisfied_from::double is not null
                then
                    count(*) filter (where is_newest and score >= $satisfied_from::double)
                    / nullif(count(*) filter (where is_newest), 0)
        end as satisfied_share
    from answer
    group by group_id, period_type, period_start

)

select
    $as_of_date::date as as_of_date,
    coalesce(money.group_id, survey.group_id) as group_id,
    coalesce(money.period_type, survey.period_type) as period_type,
    coalesce(money.period_start, survey.period_start) as period_start,
    money.invoiced_amt::decimal(18, 2) as invoiced_amt,
    money.revenue_amt::decimal(18, 2) as revenue_amt,
    money.costed_revenue_amt::decimal(18, 2) as costed_revenue_amt,
    money.cost_amt::decimal(18, 2) as cost_amt,
    (money.costed_revenue_amt - money.cost_amt)::decimal(18, 2) as margin_amt,
    coalesce(survey.asked_cnt, 0) as asked_cnt,
    coalesce(survey.answers_cnt, 0) as answers_cnt,
    coalesce(survey.answering_cnt, 0)::bigint as answering_cnt,
    survey.nps::double as nps,
    survey.satisfied_share::double as satisfied_share
from money
full join survey
    on
        money.group_id = survey.group_id
        and money.period_type = survey.period_type
        and money.period_start = survey.period_start
