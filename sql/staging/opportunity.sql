/*
opportunity
    Living deals of customers, one row each, amounts as the CRM has them.

grain  : one row per living opportunity in scope
key    : opportunity_id
inputs : raw.opportunity, staging.opportunity_set_aside, staging.account_merge
params : $won_stages, $lost_stages
columns:
  opportunity_id     VARCHAR        CRM opportunity id
  account_id         VARCHAR        CRM account id, merges followed
  opportunity_name   VARCHAR        name
  stage_name         VARCHAR        stage as named in the CRM
  is_won             BOOLEAN        won; from IsWon, otherwise from the stage names
  is_closed          BOOLEAN        won or lost; from IsClosed, otherwise from the stage names
  amount_original    DECIMAL(18,4)  amount in the deal's own currency
  currency_code      VARCHAR        ISO code of the deal's currency
  closed_on          DATE           close date, expected while the deal is open
  created_at         TIMESTAMP      when the record was made, UTC
  modified_at        TIMESTAMP      newest stamp of the record, UTC
  probability_pct    DOUBLE         probability as entered, 0..100
  forecast_category  VARCHAR        forecast category of the CRM
  opportunity_type   VARCHAR        type of the CRM
  owner_id           VARCHAR        user id of the owner
  loss_reason        VARCHAR        mapped loss reason as written
*/
with judged as (

    select
        *,
        -- a deal that is said to be open is not won, whatever its stage is called
        coalesce(
            IsWon,
            IsClosed is distinct from false and list_contains($won_stages::varchar[], StageName),
            false
        ) as is_won
    from raw.opportunity

)

select
    opportunity.Id as opportunity_id,
    coalesce(merge.winner_id, opportunity.AccountId) as account_id,
    opportunity.Name as opportunity_name,
    opportunity.StageName as stage_name,
    opportunity.is_won,
    opportunity.is_won or coalesce(
        opportunity.IsClosed,
        list_contains($won_stages::varchar[], opportunity.StageName)
        or list_contains($lost_stages::varchar[], opportunity.StageName),
        false
    ) as is_closed,
    opportunity.Amount as amount_original,
    opportunity.CurrencyIsoCode as currency_code,
    opportunity.CloseDate as closed_on,
    opportunity.CreatedDate as created_at,
    greatest(opportunity.SystemModstamp, opportunity.LastModifiedDate) as modified_at,
    opportunity.Probability as probability_pct,
    opportunity.ForecastCategory as forecast_category,
    opportunity.Type as opportunity_type,
    opportunity.OwnerId as owner_id,
    opportunity.LossReason as loss_reason
from judged as opportunity
left join staging.opportunity_set_aside as set_aside on opportunity.Id = set_aside.record_id
left join staging.account_merge as merge on opportunity.AccountId = merge.loser_id
where set_aside.record_id is null
