/*
measurement_continuity
    The last twelve months: was there a publication with the knowledge of the time. One row per calendar month of the
    last twelve. Numerator: 1 where there was, otherwise 0; null before the first publication. Denominator: 12; null
    likewise.

inputs : marts.measured_month
params : $as_of_date
*/
select
    strftime(month_on, '%Y-%m') as observed_id,
    case when is_known then (snapshots_cnt > 0)::integer end::double as numerator,
    case when is_known then 12 end::double as denominator,
    case when is_known then (snapshots_cnt > 0)::integer end::double as value,
    format('Dates published: {}.', snapshots_cnt) as detail,
    format('Publicerede datoer: {}.', snapshots_cnt) as detail_da
from marts.measured_month
where as_of_date = $as_of_date::date
