/*
entity_revenue
    Revenue of each account and each group in the three years before the date, on the chosen basis: what everything is
    ranked by. The windows end with marts.revenue_window.

grain  : one row per as_of_date, basis and account or group with revenue in the 36 months, of known amount or not
key    : as_of_date, basis, entity_id
inputs : core.revenue, marts.revenue_window
params : $as_of_date
rules  :
  basis in group, account
  revenue_amt, prior_amt, before_amt, mean_3y_amt, won_cnt, unknown_cnt, unknown_12m_cnt, unknown_prior_cnt not null
  won_cnt, unknown_cnt, unknown_12m_cnt, unknown_prior_cnt from 0
  unknown_12m_cnt at most unknown_cnt
columns:
  as_of_date          DATE           snapshot date, exclusive end of the windows
  basis               VARCHAR        group or account
  entity_id           VARCHAR        group id or account id
  revenue_amt         DECIMAL(18,2)  revenue of the last 12 months, reporting currency; 0 where no amount is known
  prior_amt           DECIMAL(18,2)  revenue of the 12 months before those
  before_amt          DECIMAL(18,2)  revenue of the 12 months before those again
  mean_3y_amt         DECIMAL(18,2)  a third of the revenue of the 36 months
  won_cnt             BIGINT         won deals, orders or invoiced rows with a known amount in the last 12 months
  unknown_cnt         BIGINT         those of the 36 months whose amount or rate is unknown
  unknown_12m_cnt     BIGINT         those of the last 12 months among them
  unknown_prior_cnt   BIGINT         those of the 12 months before those
*/
with year_start as (

    select
        until_on,
        (until_on - interval 12 month)::date as last_on,
        (until_on - interval 24 month)::date as prior_on,
        (until_on - interval 36 month)::date as before_on
    from marts.revenue_window
    where as_of_date = $as_of_date::date

),

earned as (

    select
        revenue.account_id,
        revenue.group_id,
        sum(revenue.revenue_amt) filter (where revenue.earned_on >= year_start.last_on) as revenue_amt,
        sum(revenue.revenue_amt) filter (
            where revenue.earned_on < year_start.last_on and revenue.earned_on >= year_start.prior_on
        ) as prior_amt,
        sum(revenue.revenue_amt) filter (where revenue.earned_on < year_start.prior_on) as before_amt,
        sum(revenue.known_cnt) filter (where revenue.earned_on >= year_start.last_on) as won_cnt,
        sum(revenue.unknown_cnt) as unknown_cnt,
        sum(revenue.unknown_cnt) filter (where revenue.earned_on >= year_start.last_on) as unknown_12m_cnt,
        sum(revenue.unknown_cnt) filter (
            where revenue.earned_on < year_start.last_on and revenue.earned_on >= year_start.prior_on
        ) as unknown_prior_cnt
    from core.revenue as revenue
    inner join year_start
        on revenue.earned_on < year_start.until_on and revenue.earned_on >= year_start.before_on
    group by revenue.account_id, revenue.group_id

),

entity as (

    select
        'account' as basis,
        account_id as entity_id,
        coalesce(revenue_amt, 0) as revenue_amt,
        coalesce(prior_amt, 0) as prior_amt,
        coalesce(before_amt, 0) as before_amt,
        coalesce(won_cnt, 0) as won_cnt,
        unknown_cnt,
        coalesce(unknown_12m_cnt, 0) as unknown_12m_cnt,
        coalesce(unknown_prior_cnt, 0) as unknown_prior_cnt
    from earned
    union all
    select
        'group' as basis,
        group_id as entity_id,
        sum(coalesce(revenue_amt, 0)) as revenue_amt,
        sum(coalesce(prior_amt, 0)) as prior_amt,
        sum(coalesce(before_amt, 0)) as before_amt,
        sum(coalesce(won_cnt, 0)) as won_cnt,
        sum(unknown_cnt) as unknown_cnt,
        sum(coalesce(unknown_12m_cnt, 0)) as unknown_12m_cnt,
        sum(coalesce(unknown_prior_cnt, 0)) as unknown_prior_cnt
    from earned
    group by group_id

)

select
    $as_of_date::date as as_of_date,
    basis,
    entity_id,
    revenue_amt::decimal(18, 2) as revenue_amt,
    prior_amt::decimal(18, 2) as prior_amt,
    before_amt::decimal(18, 2) as before_amt,
    round((revenue_amt + prior_amt + before_amt) / 3, 2)::decimal(18, 2) as mean_3y_amt,
    won_cnt::bigint as won_cnt,
    unknown_cnt::bigint as unknown_cnt,
    unknown_12m_cnt::bigint as unknown_12m_cnt,
    unknown_prior_cnt::bigint as unknown_prior_cnt
from entity
