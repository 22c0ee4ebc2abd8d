/*
group_field
    What the CRM says of each group in fields that criteria may be made of, value by value: those that everybody has,
    and those of one's own that kam.yaml takes along.

grain  : one row per as_of_date, group, field and different value that any of its accounts has
key    : as_of_date, group_id, field, field_value
inputs : core.account, core.account_group, staging.account_field
params : $as_of_date
readers: published, newest
rules  :
  group_id references core.account_group
  accounts_cnt from 1
  is_top not null
columns:
  as_of_date    DATE     snapshot date
  group_id      VARCHAR  group
  field         VARCHAR  our name of the field; of one of the organisation's own the name that kam.yaml takes it by
  field_value   VARCHAR  value as written, without blanks around it; amounts in the account's own currency
  field_number  DOUBLE   the value as a number in the notation of the source; yes and no are 1 and 0; null where it is
                         none
  accounts_cnt  BIGINT   accounts of the group that have it
  is_top        BOOLEAN  the account at the top of the group has it
*/
with found as materialized (

    select
        account.group_id,
        account.account_id = account.group_id as is_top,
        account_group.accounts_cnt > 1 as is_shared,
        field.field,
        field.field_value,
        field.field_number
    from staging.account_field as field
    inner join core.account as account on field.account_id = account.account_id
    inner join core.account_group as account_group on account.group_id = account_group.group_id

)

-- most groups are one account: there is nothing to add up
select
    $as_of_date::date as as_of_date,
    group_id,
    field,
    field_value,
    field_number,
    1::bigint as accounts_cnt,
    is_top
from found
where not is_shared
union all
select
    $as_of_date::date as as_of_date,
    group_id,
    field,
    field_value,
    max(field_number) as field_number,
    count(*) as accounts_cnt,
    bool_or(is_top) as is_top
from found
where is_shared
group by group_id, field, field_value
