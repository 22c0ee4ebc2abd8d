/*
product
    Products, with the families that cross-selling is counted in.

grain  : one row per living product
key    : product_id
inputs : raw.product2, staging.reference_set_aside
params : none
stored : view
columns:
  product_id      VARCHAR  CRM product id
  product_name    VARCHAR  name
  product_family  VARCHAR  product family
  is_active       BOOLEAN  still sold
*/
select
    record.Id as product_id,
    record.Name as product_name,
    record.Family as product_family,
    record.IsActive as is_active
from raw.product2 as record
left join staging.reference_set_aside as set_aside
    on record.Id = set_aside.record_id and set_aside.object = 'Product2'
where set_aside.record_id is null
