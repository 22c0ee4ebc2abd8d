/*
dependence_risk
    How much hangs on a few customers. A risk, not a reason for key account management: hhi never decides relevance.

grain  : one row per as_of_date, basis and test
key    : as_of_date, basis, test
inputs : marts.revenue_concentration, marts.dependence_band
params : $as_of_date
readers: published
rules  :
  basis in group, account
  test in largest_share, cr_3, cr_5, hhi
  value, threshold, high_threshold between 0 and 1
  band in low, elevated, high
  source, source_da not null
columns:
  as_of_date      DATE     snapshot date
  basis           VARCHAR  group or account
  test            VARCHAR  largest_share, cr_3, cr_5 or hhi
  passed          BOOLEAN  whether the figure stays below the threshold; null without revenue
  value           DOUBLE   share of revenue, 0..1; hhi 0..1; null without revenue
  threshold       DOUBLE   from here on the band is at least elevated
  high_threshold  DOUBLE   from here on the band is high
  band            VARCHAR  low, elevated or high; null without revenue
  source          VARCHAR  where the thresholds come from, or judgement
  source_da       VARCHAR  the same in Danish
  reason          VARCHAR  one sentence, with the source of the thresholds
  reason_da       VARCHAR  the same sentence in Danish
*/
with subject (test, subject, subject_da) as (

    values
    ('largest_share', 'The largest customer brings', 'Den største kunde står for'),
    ('cr_3', 'The three largest customers bring', 'De tre største kunder står for'),
    ('cr_5', 'The five largest customers bring', 'De fem største kunder står for'),
    ('hhi', 'The Herfindahl index is', 'Herfindahl-indekset er')

),

-- a share is written in per cent, the index as it is
written as (

    select
        measured.basis,
        measured.value,
        subject.*,
        band.elevated_from,
        band.high_from,
        band.source,
        band.source_da,
        case
            when subject.test = 'hhi' then format('{:.3f}', measured.value)
            else format('{:.1f} % of revenue', 100 * measured.value)
        end as value_text,
        case
            when subject.test = 'hhi' then format('{:g}', band.elevated_from)
            else format('{:g} %', 100 * band.elevated_from)
        end as elevated_text,
        case
            when subject.test = 'hhi' then format('{:g}', band.high_from)
            else format('{:g} %', 100 * band.high_from)
        end as high_text
    from marts.revenue_concentration as measured
    inner join subject on measured.metric = subject.test
    inner join marts.dependence_band as band
        on measured.metric = band.test and band.as_of_date = $as_of_date::date
    where measured.as_of_date = $as_of_date::date and measured.window_months = 12

)

select
    $as_of_date::date as as_of_date,
    basis,
    test,
    value < elevated_from as passed,
    value,
    elevated_from as threshold,
    high_from as high_threshold,
    case
        when value >= high_from then 'high'
        when value >= elevated_from then 'elevated'
        when value is not null then 'low'
    end as band,
    source,
    source_da,
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
