/*
open_deal
    Deals that were open on the date: made before it, and not closed or closed only later.

grain  : one row per as_of_date and deal
key    : as_of_date, opportunity_id
inputs : core.opportunity
params : $as_of_date
columns:
  as_of_date       DATE           snapshot date
  opportunity_id   VARCHAR        CRM opportunity id
  group_id         VARCHAR        group of the account
  amount_amt       DECIMAL(18,2)  amount in reporting currency, null where amount or rate is unknown
  probability_pct  DOUBLE         probability as entered; of a deal that has been closed since, unknown
  closes_on        DATE           close date expected; of a deal that has been closed since, the day of that
*/
select
    $as_of_date::date as as_of_date,
    opportunity_id,
    group_id,
    amount_amt,
    case when not is_closed then probability_pct end as probability_pct,
    closed_on as closes_on
from core.opportunity
where
    coalesce(created_on < $as_of_date::date, true)
    and (not is_closed or closed_on >= $as_of_date::date)
