/*
kpi_snapshot
    Every KPI of every entity and period at the date, with what it is made from, its interval, and why it is not known.

grain  : one row per as_of_date, entity, period and kpi
key    : as_of_date, entity_type, entity_id, period_type, period_start, kpi
inputs : marts.kpi_interval, marts.kpi_measure, marts.kpi_period, marts.kpi_reason, marts.kpi_standing,
         marts.kpi_subject
params : $as_of_date
readers: published
rules  :
  entity_type in group, portfolio, segment
  period_type in month, quarter, fiscal_year, ttm, as_of
  period_end, is_complete, unit, basis, status not null
  kpi references marts.kpi_definition
  period_start at most period_end
  n from 0
  ci_low at most ci_high
  unit in money, share, ratio, count, days, score
  basis in bookings, invoiced, revenue, deals, pipeline, activities, survey, products
  status in measured, insufficient_data, not_configured
columns:
  as_of_date    DATE     snapshot date
  entity_type   VARCHAR  group (designated, proposed or near it), portfolio or segment
  entity_id     VARCHAR  group id; key, other or all; field:value
  period_type   VARCHAR  month, quarter, fiscal_year, ttm (twelve months before the date) or as_of (the date itself)
  period_start  DATE     first day
  kpi           VARCHAR  key; see kpi_definition
  period_end    DATE     day after the last one
  is_complete   BOOLEAN  the period had ended by the date; otherwise it is compared with the same days a year before
  value         DOUBLE   the figure in its unit; null where it is not known
  numerator     DOUBLE   what is divided; null where nothing is
  denominator   DOUBLE   by what
  n             BIGINT   cases behind the figure: deals, meetings, customers or answers
  ci_low        DOUBLE   lower end of the 95 % interval; null where none is sound
  ci_high       DOUBLE   upper end
  unit          VARCHAR  money, share, ratio, count, days or score
  basis         VARCHAR  what it is made from: bookings, invoiced, deals, pipeline, activities, survey or products
  status        VARCHAR  measured, insufficient_data or not_configured
  reason        VARCHAR  why it is not known, or what to bear in mind; null where there is nothing to say
  reason_da     VARCHAR  the same in Danish
*/
with wanted as (

    select
        subject.entity_type,
        subject.entity_id,
        subject.hindrance,
        period.period_type,
        period.period_start,
        period.period_end,
        period.is_complete,
        standing.kpi,
        standing.unit,
        standing.basis,
        standing.interval_method,
        standing.is_configured,
        standing.reason as missing,
        standing.reason_da as missing_da
    from marts.kpi_subject as subject
    inner join marts.kpi_period as period on subject.as_of_date = period.as_of_date
    inner join marts.kpi_standing as standing
        on
            standing.as_of_date = $as_of_date::date
            and case standing.periods
                when 'flow' then period.period_type <> 'as_of'
                when 'year' then period.period_type in ('fiscal_year', 'ttm')
                else period.period_type = standing.periods
            end
    where subject.as_of_date = $as_of_date::date

),

judged as (

    select
        wanted.*,
        measure.value,
        measure.numerator,
        measure.denominator,
        measure.n,
        measure.reason_cnt,
        case
            when not wanted.is_configured or wanted.hindrance = 'no_designation' then 'not_configured'
            when wanted.hindrance is not null or measure.value is null then 'insufficient_data'
            else 'measured'
        end as status,
        wanted.is_configured and wanted.hindrance is null as is_known,
        coalesce(wanted.hindrance, measure.reason) as reason
    from wanted
    left join marts.kpi_measure as measure
        on
            measure.as_of_date = $as_of_date::date
            and wanted.kpi = measure.kpi
            and wanted.entity_type = measure.entity_type
            and wanted.entity_id = measure.entity_id
            and wanted.period_type = measure.period_type
            and wanted.period_start = measure.period_start

),

-- Wilson (1927) without continuity correction; 1.96 and its square are those of the 97.5th percentile of the normal
with_wilson as (

    select
        *,
        status = 'measured' and interval_method = 'wilson' as has_wilson,
        (numerator + 3.841458820694124 / 2) / (denominator + 3.841458820694124) as wilson_middle,
        1.959963984540054
        * sqrt(numerator * (denominator - numerator) / denominator + 3.841458820694124 / 4)
        / (denominator + 3.841458820694124) as wilson_half
    from judged

)

select
    $as_of_date::date as as_of_date,
    judged.entity_type,
    judged.entity_id,
    judged.period_type,
    judged.period_start,
    judged.kpi,
    judged.period_end,
    judged.is_complete,
    case when judged.status = 'measured' then judged.value end as value,
    case when judged.is_known then judged.numerator end as numerator,
    case when judged.is_known then judged.denominator end as denominator,
    case when judged.is_known then judged.n end as n,
    case when judged.has_wilson then greatest(judged.wilson_middle - judged.wilson_half, 0) else interval.ci_low end
        as ci_low,
    case when judged.has_wilson then least(judged.wilson_middle + judged.wilson_half, 1) else interval.ci_high end
        as ci_high,
    judged.unit,
    judged.basis,
    judged.status,
    case
        when not judged.is_configured then judged.missing
        else replace(reason.text_en, '{}', coalesce(judged.reason_cnt, 0)::varchar)
    end as reason,
    case
        when not judged.is_configured then judged.missing_da
        else replace(reason.text_da, '{}', coalesce(judged.reason_cnt, 0)::varchar)
    end as reason_da
from with_wilson as judged
left join marts.kpi_interval as interval
    on
        interval.as_of_date = $as_of_date::date
        and judged.kpi = interval.kpi
        and judged.entity_type = interval.entity_type
        and judged.entity_id = interval.entity_id
        and judged.period_type = interval.period_type
        and judged.period_start = interval.period_start
        and judged.status = 'measured'
left join marts.kpi_reason as reason on reason.as_of_date = $as_of_date::date and judged.reason = reason.reason
