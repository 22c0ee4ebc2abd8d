/*
kpi_subject
    Every entity that KPIs are given for, also the portfolios that nobody is in, with what stands in the way.

grain  : one row per as_of_date and entity
key    : as_of_date, entity_type, entity_id
inputs : marts.kpi_entity
params : $as_of_date
columns:
  as_of_date   DATE     snapshot date
  entity_type  VARCHAR  group, portfolio or segment
  entity_id    VARCHAR  which
  groups_cnt   BIGINT   groups in it
  hindrance    VARCHAR  no_designation, nobody_designated or everybody_designated; null where nothing stands in the way
*/
with portfolio as (

    select unnest(['key', 'other']) as entity_id

),

designation as (

    select
        count(*) filter (where entity_id = 'key') as key_cnt,
        count(*) filter (where entity_id = 'other') as other_cnt
    from marts.kpi_entity
    where as_of_date = $as_of_date::date and entity_type = 'portfolio'

)

select
    $as_of_date::date as as_of_date,
    entity_type,
    entity_id,
    count(*) as groups_cnt,
    null::varchar as hindrance
from marts.kpi_entity
where as_of_date = $as_of_date::date
group by entity_type, entity_id
union all
select
    $as_of_date::date as as_of_date,
    'portfolio' as entity_type,
    portfolio.entity_id,
    0::bigint as groups_cnt,
    case
        when designation.key_cnt + designation.other_cnt = 0 then 'no_designation'
        when portfolio.entity_id = 'key' then 'nobody_designated'
        else 'everybody_designated'
    end as hindrance
from portfolio
cross join designation
where case portfolio.entity_id when 'key' then designation.key_cnt else designation.other_cnt end = 0
