/*
open_pipeline_amt
    Open deals with a known amount, added up.

inputs : marts.kpi_entity_state
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    'as_of' as period_type,
    as_of_date as period_start,
    open_amt::double as value,
    null::double as numerator,
    null::double as denominator,
    open_cnt - open_unknown_cnt as n,
    case when open_unknown_cnt > 0 then 'open_without_amount' end as reason,
    open_unknown_cnt as reason_cnt
from marts.kpi_entity_state
where as_of_date = $as_of_date::date
