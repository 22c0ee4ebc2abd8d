/*
dependence_risk
    How much hangs on a few customers. A risk, not a reason for key account management: hhi never decides relevance.

grain  : one row per as_of_date, basis and test
key    : as_of_date, basis, test
inputs : marts.revenue_concentration
params : $as_of_date, $dependence_share
readers: published
rules  :
  basis in group, account
  test in largest_share, cr_3, cr_5, hhi
  value, threshold between 0 and 1
  band in low, elevated, high
columns:
  as_of_date  DATE     snapshot date
  basis       VARCHAR  group or account
  test        VARCHAR  largest_share, cr_3, cr_5 or hhi
  value       DOUBLE   share of revenue, 0..1; hhi 0..1; null without revenue
  threshold   DOUBLE   from here on the band is at least elevated
  band        VARCHAR  low, elevated or high; null without revenue
  reason      VARCHAR  one sentence, with the source of the thresholds
  reason_da   VARCHAR  the same sentence in Danish
*/
with threshold (test, elevated, high, subject, subject_da, source, source_da) as (

    values
    (
        'largest_share', $dependence_share::double, 0.30::double,
        'The largest customer brings', 'Den største kunde står for',
        'disclosure from 10 % (ASC 280-10-50-42, IFRS 8.34); 30 % is lending practice',
        'oplysningspligt fra 10 % (ASC 280-10-50-42, IFRS 8.34); 30 % er långiveres praksis'
    ),
    (
        'cr_3', 0.50, 0.70,
        'The three largest customers bring', 'De tre største kunder står for',
        'lending practice, judgement', 'långiveres praksis, skøn'
    ),
    (
        'cr_5', 0.70, 0.85,
        'The five largest customers bring', 'De fem største kunder står for',
        'lending practice, judgement', 'långiveres praksis, skøn'
    ),
    (
        'hhi', 0.10, 0.25,
        'The Herfindahl index is', 'Herfindahl-indekset er',
        'judgement; market thresholds are no norm for customers',
        'skøn; grænser for markeder er ingen norm for kunder'
    )

),

-- a share is written in per cent, the index as it is
written as (

    select
        measured.basis,
        measured.value,
        threshold.*,
        case
            when threshold.test = 'hhi' then format('{:.3f}', measured.value)
            else format('{:.1f} % of revenue', 100 * measured.value)
        end as value_text,
        case
            when threshold.test = 'hhi' then format('{:g}', threshold.elevated)
            else format('{:g} %', 100 * threshold.elevated)
        end as elevated_text,
        case
            when threshold.test = 'hhi' then format('{:g}', threshold.high)
            else format('{:g} %', 100 * threshold.high)
        end as high_text
    from marts.revenue_concentration as measured
    inner join threshold on measured.metric = threshold.test
    where measured.as_of_date = $as_of_date::date and measured.window_months = 12

)

select
    $as_of_date::date as as_of_date,
    basis,
    test,
    value,
    elevated as threshold,
    case
        when value >= high then 'high'
        when value >= elevated then 'elevated'
        when value is not null then 'low'
    end as band,
    coalesce(
        format('{} {}; elevated from {}, high from {} ({}).', subject, value_text, elevated_text, high_text, source),
        'There is no revenue to judge.'
    ) as reason,
    coalesce(
        format(
            '{} {}; forhøjet fra {}, høj fra {} ({}).',
            subject_da,
            replace(translate(value_text, ',.', '.,'), 'of revenue', 'af omsætningen'),
            translate(elevated_text, ',.', '.,'),
            translate(high_text, ',.', '.,'),
            source_da
        ),
        'Der er ingen omsætning at vurdere.'
    ) as reason_da
from written
