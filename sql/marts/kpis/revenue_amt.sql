/*
revenue_amt
    Invoiced revenue of the whole months of the period, added up.

inputs : marts.kpi_entity_feed
params : $as_of_date
*/
select
    entity_type,
    entity_id,
    period_type,
    period_start,
    (case when has_month then invoiced_amt end)::double as value,
    null::double as numerator,
    null::double as denominator,
    null::bigint as n,
    case when not has_month then 'no_month' when invoiced_amt is null then 'no_invoices' end as reason,
    null::bigint as reason_cnt
from marts.kpi_entity_feed
where as_of_date = $as_of_date::date
