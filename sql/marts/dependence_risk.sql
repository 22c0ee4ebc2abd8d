/*
dependence_risk
    How much hangs on a few customers. A risk, not a reason for key account management: hhi never decides relevance.

grain  : one row per as_of_date, basis and test
key    : as_of_date, basis, test
inputs : marts.revenue_concentration
params : $as_of_date, $dependence_share
readers: published
columns:
  as_of_date  DATE     snapshot date
  basis       VARCHAR  group or account
  test        VARCHAR  largest_share, cr_3, cr_5 or hhi
  value       DOUBLE   share of revenue, 0..1; hhi 0..1
  threshold   DOUBLE   from here on the band is at least elevated
  band        VARCHAR  low, elevated or high
  reason      VARCHAR  one sentence, with the source of the thresholds
*/
with threshold as (

    select
        'largest_share' as test,
        $dependence_share::double as elevated,
        0.30 as high,
        'The largest customer' as subject,
        'disclosure from 10 % (ASC 280-10-50-42, IFRS 8.34); 30 % is lending practice' as source
    union all
    select 'cr_3', 0.50, 0.70, 'The three largest customers', 'lending practice, judgement'
    union all
    select 'cr_5', 0.70, 0.85, 'The five largest customers', 'lending practice, judgement'
    union all
    select 'hhi', 0.10, 0.25, 'The Herfindahl index', 'judgement; market thresholds are no norm for customers'

)

select
    $as_of_date::date as as_of_date,
    measured.basis,
    threshold.test,
    measured.value,
    threshold.elevated::double as threshold,
    case
        when measured.value >= threshold.high then 'high'
        when measured.value >= threshold.elevated then 'elevated'
        else 'low'
    end as band,
    case
        when threshold.test = 'hhi' then format('{} is {:.3f}', threshold.subject, measured.value)
        when
            threshold.test = 'largest_share'
            then format('{} brings {:.1f} % of revenue', threshold.subject, 100 * measured.value)
        else format('{} bring {:.1f} % of revenue', threshold.subject, 100 * measured.value)
    end
    || format(
        '; elevated from {:.2f}, high from {:.2f} ({}).',
        threshold.elevated::double,
        threshold.high::double,
        threshold.source
    )
        as reason
from marts.revenue_concentration as measured
inner join threshold on measured.metric = threshold.test
where measured.as_of_date = $as_of_date::date and measured.window_months = 12
