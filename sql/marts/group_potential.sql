/*
group_potential
    What similar customers buy, beside what the customer buys itself: a hint, never the only reason for a decision.

grain  : one row per as_of_date and group; of dates past publish.keep_days only groups of the ranking
key    : as_of_date, group_id
inputs : marts.potential_input, marts.potential_estimate, marts.potential_model
params : $as_of_date
readers: published, newest
rules  :
  group_id references core.account_group
  status in measured, insufficient_data, not_configured
  status not null
  similar_revenue_amt, gap_amt from 0
columns:
  as_of_date           DATE           snapshot date
  group_id             VARCHAR        group
  similar_revenue_amt  DECIMAL(18,2)  half of the customers like this one that buy, buy more a year; the group's own
                                      revenue plays no part; null unless measured
  revenue_mean_3y_amt  DECIMAL(18,2)  a third of the revenue of 36 months, null where not above 0
  gap_amt              DECIMAL(18,2)  how much more similar customers buy a year, 0 where they buy less; null unless
                                      measured
  status               VARCHAR        measured; insufficient_data: no model, or nothing known of this customer;
                                      not_configured: turned off
  reason               VARCHAR        why nothing is estimated, null where it is; the error is in potential_model
  reason_da            VARCHAR        the same in Danish
*/
select
    $as_of_date::date as as_of_date,
    input.group_id,
    estimate.similar_revenue_amt,
    input.revenue_mean_3y_amt,
    case
        when estimate.similar_revenue_amt > coalesce(input.revenue_mean_3y_amt, 0)
            then estimate.similar_revenue_amt - coalesce(input.revenue_mean_3y_amt, 0)
        when estimate.similar_revenue_amt is not null then 0
    end::decimal(18, 2) as gap_amt,
    case
        when model.status = 'measured' and estimate.group_id is null then 'insufficient_data'
        else model.status
    end as status,
    case
        when model.status <> 'measured' then model.reason
        when estimate.group_id is null
            then 'The CRM knows nothing of this customer that the model could use: neither industry nor size.'
    end as reason,
    case
        when model.status <> 'measured' then model.reason_da
        when estimate.group_id is null
            then 'CRM ved intet om denne kunde, som modellen kan bruge: hverken branche eller størrelse.'
    end as reason_da
from marts.potential_input as input
inner join marts.potential_model as model on input.as_of_date = model.as_of_date
left join marts.potential_estimate as estimate
    on input.as_of_date = estimate.as_of_date and input.group_id = estimate.group_id
where input.as_of_date = $as_of_date::date
