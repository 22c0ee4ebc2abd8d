/*
kpi_entity
    Whom KPIs are given for: groups that are designated, on the list or near it, portfolios and segments, with the
    groups that each of them holds. Designated ones also where none of their criteria is known.

grain  : one row per as_of_date, entity and group in it
key    : as_of_date, entity_type, entity_id, group_id
inputs : core.account_group, core.account, marts.key_account_candidate, marts.designation_source,
         marts.designated_group
params : $as_of_date, $segment_fields
columns:
  as_of_date   DATE     snapshot date
  entity_type  VARCHAR  group, portfolio or segment
  entity_id    VARCHAR  group id; key, other or all; field:value, the value being that of the account at the top
  group_id     VARCHAR  group in it; membership is as of the date
*/
with placed as (

    select
        account_group.group_id,
        case when source.source <> 'none' then designated.group_id is not null end as is_key_account,
        top.account_type,
        top.industry,
        top.country
    from core.account_group as account_group
    inner join marts.designation_source as source on source.as_of_date = $as_of_date::date
    left join marts.designated_group as designated
        on account_group.group_id = designated.group_id and designated.as_of_date = $as_of_date::date
    left join core.account as top on account_group.group_id = top.account_id

),

segmented as (

    unpivot (
        select
            group_id,
            coalesce(nullif(trim(industry), ''), '(unknown)') as industry,
            coalesce(nullif(trim(country), ''), '(unknown)') as country,
            coalesce(nullif(trim(account_type), ''), '(unknown)') as account_type
        from placed
    ) on industry, country, account_type
    into name field value content

)

select
    $as_of_date::date as as_of_date,
    'group' as entity_type,
    group_id as entity_id,
    group_id
from marts.key_account_candidate
where as_of_date = $as_of_date::date and (is_in_list or is_key_account or band <> 'outside')
union
select
    as_of_date,
    'group' as entity_type,
    group_id as entity_id,
    group_id
from marts.designated_group
where as_of_date = $as_of_date::date
union all
select
    $as_of_date::date as as_of_date,
    'portfolio' as entity_type,
    'all' as entity_id,
    group_id
from placed
union all
select
    $as_of_date::date as as_of_date,
    'portfolio' as entity_type,
    case when is_key_account then 'key' else 'other' end as entity_id,
    group_id
from placed
where is_key_account is not null
union all
select
    $as_of_date::date as as_of_date,
    'segment' as entity_type,
    field || ':' || content as entity_id,
    group_id
from segmented
where list_contains($segment_fields::varchar[], field)
