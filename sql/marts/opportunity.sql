/*
opportunity
    Deals of the groups in focus, as of the newest run: the records behind the figures.

grain  : one row per living opportunity of a group in focus
key    : opportunity_id
inputs : core.opportunity, marts.group_in_focus
params : none
stored : view
readers: published
columns:
  opportunity_id    VARCHAR        CRM opportunity id
  group_id          VARCHAR        group of the account
  account_id        VARCHAR        CRM account id
  opportunity_name  VARCHAR        name
  stage_name        VARCHAR        stage as named in the CRM
  is_closed         BOOLEAN        won or lost
  is_won            BOOLEAN        won
  amount_amt        DECIMAL(18,2)  amount in reporting currency, null where amount or rate is unknown
  amount_status     VARCHAR        known, no_amount, no_rate or out_of_range
  amount_original   DECIMAL(18,4)  amount in the deal's own currency
  currency_code     VARCHAR        the deal's own currency
  rate_kind         VARCHAR        same, dated or static; null where there is no rate
  closed_on         DATE           close date, expected while the deal is open
  created_on        DATE           day the record was made
  loss_reason       VARCHAR        loss reason as written, null where none is given
  record_url        VARCHAR        address of the record in the CRM, null where not configured
*/
select
    opportunity.opportunity_id,
    opportunity.group_id,
    opportunity.account_id,
    opportunity.opportunity_name,
    opportunity.stage_name,
    opportunity.is_closed,
    opportunity.is_won,
    opportunity.amount_amt,
    opportunity.amount_status,
    opportunity.amount_original,
    opportunity.currency_code,
    opportunity.rate_kind,
    opportunity.closed_on,
    opportunity.created_on,
    opportunity.loss_reason,
    opportunity.record_url
from core.opportunity as opportunity
inner join marts.group_in_focus as focus on opportunity.group_id = focus.group_id
