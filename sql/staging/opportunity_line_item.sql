/*
opportunity_line_item
    Product lines of deals.

grain  : one row per living product line
key    : line_item_id
inputs : raw.opportunity_line_item, staging.reference_set_aside
params : none
stored : view
columns:
  line_item_id    VARCHAR        CRM line item id
  opportunity_id  VARCHAR        CRM opportunity id
  product_id      VARCHAR        CRM product id
  quantity        DOUBLE         units sold
  total_original  DECIMAL(18,4)  line total in the deal's own currency
  currency_code   VARCHAR        ISO code of the currency
*/
select
    record.Id as line_item_id,
    record.OpportunityId as opportunity_id,
    record.Product2Id as product_id,
    record.Quantity as quantity,
    record.TotalPrice as total_original,
    record.CurrencyIsoCode as currency_code
from raw.opportunity_line_item as record
left join staging.reference_set_aside as set_aside
    on record.Id = set_aside.record_id and set_aside.object = 'OpportunityLineItem'
where set_aside.record_id is null
