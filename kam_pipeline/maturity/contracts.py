"""What the tables of maturity promise: indicators, the customers behind them, practices and programme.

What belongs here: the contracts. What does not: the rows (results.py), what is observed (observing.py).
"""

from kam_pipeline.contracts import parse_contract

MATURITY_INDICATOR = parse_contract(
    "marts",
    """
maturity_indicator
    How mature the key account programme is, indicator by indicator; also those that are not measured, and why.

grain  : one row per as_of_date, practice and indicator that this version declares
key    : as_of_date, practice, indicator
inputs : marts.maturity_observation, marts.designation_source, marts.designated_group, core.feed, staging.known_field,
         settings.maturity
readers: published
rules  :
  value, numerator, denominator from 0 (warning)
  coverage between 0 and 1
  level, level_low, level_high between 1 and 5
  level_low at most level_high
  ci_low at most ci_high
  weight from 0
  status in measured, insufficient_data, not_configured, not_measurable
  status, reason, reason_da not null
columns:
  as_of_date        DATE     snapshot date
  practice          VARCHAR  one of the nine practices
  indicator         VARCHAR  indicator
  name_en           VARCHAR  name
  name_da           VARCHAR  name in Danish
  value             DOUBLE   the figure in its unit, shares 0..1; null unless measured
  unit              VARCHAR  share, ratio, count or days
  numerator         DOUBLE   what was counted or summed; null for medians and unless measured
  denominator       DOUBLE   out of how much; null likewise
  coverage          DOUBLE   share of the key accounts (or customers, or months) it could be judged for, 0..1; null
                             where it was not tried
  level             DOUBLE   1 to 5 by the anchors; null unless measured, never 1 for what is not known
  level_low         DOUBLE   level at the less mature end of the interval; 1 where one customer is all there is
  level_high        DOUBLE   level at the more mature end; 5 likewise
  ci_low            DOUBLE   low end of the 95 % interval of the figure: Wilson for shares of customers, resampled
                             customers for medians and ratios; null for facts
  ci_high           DOUBLE   high end
  weight            DOUBLE   weight in its practice; 0 does not count
  anchors           VARCHAR  upper ends of levels 1 to 4; or target bands of levels 5 to 2
  anchors_da        VARCHAR  the same in Danish
  anchor_source     VARCHAR  where they come from, or judgement
  anchor_source_da  VARCHAR  the same in Danish
  anchor_version    VARCHAR  content version of all weights, anchors and title patterns
  status            VARCHAR  measured, insufficient_data, not_configured (a field, object or feed would make it
                             measurable) or not_measurable (nothing in a CRM can)
  reason            VARCHAR  what the level rests on, or why there is none
  reason_da         VARCHAR  the same in Danish
  remedy            VARCHAR  what to map, deliver or switch on; null where it is measured
  remedy_da         VARCHAR  the same in Danish
  caveat            VARCHAR  what it cannot say, and how it could be made to look better than things are
  caveat_da         VARCHAR  the same in Danish
""",
    __name__,
)

MATURITY_EVIDENCE = parse_contract(
    "marts",
    """
maturity_evidence
    The customers behind each indicator: what was seen, and whether it counts for or against.

grain  : one row per as_of_date, indicator and group observed, of indicators that could be tried
key    : as_of_date, practice, indicator, group_id
inputs : marts.maturity_observation, marts.maturity_indicator, core.account_group, settings.maturity
readers: published
rules  :
  group_id references core.account_group (warning)
  group_id not null
columns:
  as_of_date  DATE     snapshot date
  practice    VARCHAR  practice
  indicator   VARCHAR  indicator
  group_id    VARCHAR  group
  group_name  VARCHAR  name at the date of the run
  is_for      BOOLEAN  this customer alone would reach the level aimed at; null where it cannot be judged, where it
                       has nothing to divide by (it counts in the sum all the same), or where no single customer
                       counts for or against
  value       DOUBLE   figure of this customer in the unit of the indicator; null where it cannot be judged, or has
                       nothing to divide by
  detail      VARCHAR  what was seen, in words
  detail_da   VARCHAR  the same in Danish
  record_url  VARCHAR  address of the customer in the CRM, null where not configured
""",
    __name__,
)

MATURITY_SCORE = parse_contract(
    "marts",
    """
maturity_score
    Level of the nine practices and of the programme, with the level aimed at.

grain  : one row per as_of_date and practice, and one for the programme
key    : as_of_date, practice
inputs : marts.maturity_indicator, marts.designated_group, settings.maturity
readers: published
rules  :
  level, ci_low, ci_high, target between 1 and 5
  ci_low at most ci_high
  measured_cnt, declared_cnt from 0
  measured_cnt at most declared_cnt
  status in measured, insufficient_data, not_configured, not_measurable
  status, reason, reason_da not null
columns:
  as_of_date    DATE     snapshot date
  practice      VARCHAR  one of the nine practices, or programme
  name_en       VARCHAR  name
  name_da       VARCHAR  name in Danish
  level         DOUBLE   1 to 5: weighted mean of the measured indicators, mean of the practices for the
                         programme; null where too few are measured
  ci_low        DOUBLE   mean of the indicators' low ends, as if all were off the same way
  ci_high       DOUBLE   mean of their high ends
  target        DOUBLE   level aimed at, from kam.yaml
  gap           DOUBLE   target minus level; negative above the target
  measured_cnt  BIGINT   indicators that count, or practices measured
  declared_cnt  BIGINT   indicators of the practice, stand-ins left out; or nine
  status        VARCHAR  measured, insufficient_data, not_configured or not_measurable
  reason        VARCHAR  how much is measured, and what is weakest
  reason_da     VARCHAR  the same in Danish
""",
    __name__,
)
