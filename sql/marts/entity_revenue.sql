/*
entity_revenue
    Won revenue of each account and each group in the three years before the date: what everything is ranked by.

grain  : one row per as_of_date, basis and account or group with a won deal in the 36 months
key    : as_of_date, basis, entity_id
inputs : core.opportunity
params : $as_of_date
rules  :
  basis in group, account
  revenue_amt, prior_amt, before_amt, mean_3y_amt, won_cnt not null
  won_cnt from 0
columns:
  as_of_date          DATE           snapshot date, exclusive end of the windows
  basis               VARCHAR        group or account
  entity_id           VARCHAR        group id or account id
  revenue_amt         DECIMAL(18,2)  bookings of the last 12 months, reporting currency
  prior_amt           DECIMAL(18,2)  bookings of the 12 months before those
  before_amt          DECIMAL(18,2)  bookings of the 12 months before those again
  mean_3y_amt         DECIMAL(18,2)  a third of the bookings of the 36 months
  won_cnt             BIGINT         won deals with a known amount in the last 12 months
*/
with won as (

    select
        account_id,
        group_id,
        sum(amount_amt) filter (where closed_on >= $as_of_date::date - interval 12 month) as revenue_amt,
        sum(amount_amt) filter (
            where closed_on < $as_of_date::date - interval 12 month
            and closed_on >= $as_of_date::date - interval 24 month
        ) as prior_amt,
        sum(amount_amt) filter (where closed_on < $as_of_date::date - interval 24 month) as before_amt,
        count(*) filter (where closed_on >= $as_of_date::date - interval 12 month) as won_cnt
    from core.opportunity
    where
        is_won
        and amount_amt is not null
        and closed_on < $as_of_date::date
        and closed_on >= $as_of_date::date - interval 36 month
    group by account_id, group_id

),

entity as (

    select
        'account' as basis,
        account_id as entity_id,
        coalesce(revenue_amt, 0) as revenue_amt,
        coalesce(prior_amt, 0) as prior_amt,
        coalesce(before_amt, 0) as before_amt,
        won_cnt
    from won
    union all
    select
        'group' as basis,
        group_id as entity_id,
        sum(coalesce(revenue_amt, 0)) as revenue_amt,
        sum(coalesce(prior_amt, 0)) as prior_amt,
        sum(coalesce(before_amt, 0)) as before_amt,
        sum(won_cnt) as won_cnt
    from won
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
    won_cnt::bigint as won_cnt
from entity
