"""The three published tables of maturity: contracts and frames.

What belongs here: turning results into rows. What does not: getting them (measuring.py, scoring.py).
"""

import numpy as np
import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.maturity.levels import ladder_levels
from kam_pipeline.maturity.measuring import Result, Surroundings, measure_all
from kam_pipeline.maturity.scoring import MeasuredIndicator, score_all
from kam_pipeline.maturity.words import anchors_text
from kam_pipeline.maturity_catalogue import INDICATORS, PRACTICES
from kam_pipeline.maturity_catalogue.declaration import Ladder
from kam_pipeline.settings import Configuration
from kam_pipeline.settings.maturity import Maturity
from kam_pipeline.warehouse import Warehouse

MATURITY_INDICATOR = parse_contract(
    "marts",
    """
maturity_indicator
    How mature the key account programme is, indicator by indicator; also those that are not measured, and why.

grain  : one row per as_of_date, practice and indicator that this version declares
key    : as_of_date, practice, indicator
inputs : marts.maturity_observation, core.account_group, core.feed, staging.known_field, settings.maturity
readers: published
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
inputs : marts.maturity_indicator, core.account_group, settings.maturity
readers: published
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

_PRACTICE_OF = {indicator.key: practice.key for practice in PRACTICES for indicator in practice.indicators}


def indicator_frame(warehouse: Warehouse, configuration: Configuration, evaluation: Evaluation) -> pd.DataFrame:
    """Return every declared indicator as rows of `MATURITY_INDICATOR`.

    Parameters
    ----------
    warehouse : Warehouse
        With `marts.maturity_observation` of the date.
    configuration : Configuration
        The settings.
    evaluation : Evaluation
        The run.

    Returns
    -------
    pd.DataFrame
        One row per indicator, in the order of the catalogue.
    """
    rows = warehouse.connection.execute(
        "select indicator, observed_id, numerator, denominator, value from marts.maturity_observation "
        "where as_of_date = $day order by indicator, observed_id",
        {"day": evaluation.as_of_date},
    ).df()
    rules = configuration.settings.maturity
    results = measure_all(rows, _surroundings(warehouse), rules)
    frame = pd.DataFrame([_indicator_row(result, rules) for result in results])
    frame = frame.astype(
        dict.fromkeys(
            ("value", "numerator", "denominator", "coverage", "level", "level_low", "level_high", "ci_low", "ci_high"),
            "float64",
        )
    )
    return frame.assign(as_of_date=evaluation.as_of_date, anchor_version=configuration.anchor_version)


def _surroundings(warehouse: Warehouse) -> Surroundings:
    fields = warehouse.rows("select object, field, is_present from staging.known_field")
    available = {name for name, _, _ in fields}
    available |= {f"{name}.{field}" for name, field, is_present in fields if is_present}
    available |= {f"feeds.{feed}" for (feed,) in warehouse.rows("select feed from core.feed where is_configured")}
    return Surroundings(_designated_count(warehouse), available)


def _designated_count(warehouse: Warehouse) -> int:
    return int(warehouse.value("select count(*) from core.account_group where is_key_account"))


def _indicator_row(result: Result, rules: Maturity) -> dict[str, object]:
    indicator = result.indicator
    anchors = anchors_text(rules.scale_of(indicator), indicator.unit)
    level_low, level_high = result.level_range or (None, None)
    ci_low, ci_high = result.interval or (None, None)
    return {
        "practice": _PRACTICE_OF[indicator.key],
        "indicator": indicator.key,
        "name_en": indicator.name.en,
        "name_da": indicator.name.da,
        "value": result.value,
        "unit": indicator.unit,
        "numerator": result.numerator,
        "denominator": result.denominator,
        "coverage": result.coverage,
        "level": result.level,
        "level_low": level_low,
        "level_high": level_high,
        "ci_low": ci_low,
        "ci_high": ci_high,
        "weight": result.weight,
        "anchors": anchors.en,
        "anchors_da": anchors.da,
        "anchor_source": indicator.source.en,
        "anchor_source_da": indicator.source.da,
        "status": result.status,
        "reason": result.reason.en,
        "reason_da": result.reason.da,
        "remedy": result.remedy.en or None,
        "remedy_da": result.remedy.da or None,
        "caveat": indicator.caveat.en,
        "caveat_da": indicator.caveat.da,
    }


def evidence_frame(warehouse: Warehouse, configuration: Configuration, evaluation: Evaluation) -> pd.DataFrame:
    """Return the customers behind the indicators as rows of `MATURITY_EVIDENCE`.

    Parameters
    ----------
    warehouse : Warehouse
        With `marts.maturity_observation` and `marts.maturity_indicator` of the date.
    configuration : Configuration
        The settings.
    evaluation : Evaluation
        The run.

    Returns
    -------
    pd.DataFrame
        One row per indicator that is measured or lacks data, and group observed.
    """
    frame = warehouse.connection.execute(
        "select seen.as_of_date, judged.practice, seen.indicator, account_group.group_id, account_group.group_name, "
        "seen.value, seen.detail, seen.detail_da, account_group.record_url "
        "from marts.maturity_observation as seen "
        "inner join marts.maturity_indicator as judged on judged.as_of_date = seen.as_of_date "
        "and judged.indicator = seen.indicator "
        "inner join core.account_group as account_group on account_group.group_id = seen.observed_id "
        "where seen.as_of_date = $day and judged.status <> 'not_configured'",
        {"day": evaluation.as_of_date},
    ).df()
    frame["is_for"] = pd.Series(pd.NA, index=frame.index, dtype="boolean")
    rules = configuration.settings.maturity
    for key, rows in frame.groupby("indicator"):
        scale = rules.scale_of(INDICATORS[str(key)])
        if isinstance(scale, Ladder):
            known = rows["value"].dropna()
            levels = ladder_levels(scale, known.to_numpy(dtype=np.float64))
            frame.loc[known.index, "is_for"] = levels >= rules.target_of(_PRACTICE_OF[str(key)])
    return frame


def score_frame(warehouse: Warehouse, configuration: Configuration, evaluation: Evaluation) -> pd.DataFrame:
    """Return practices and programme as rows of `MATURITY_SCORE`.

    Parameters
    ----------
    warehouse : Warehouse
        With `marts.maturity_indicator` of the date.
    configuration : Configuration
        The settings.
    evaluation : Evaluation
        The run.

    Returns
    -------
    pd.DataFrame
        Ten rows.
    """
    stored = warehouse.rows(
        "select indicator, status, weight, level, level_low, level_high from marts.maturity_indicator "
        "where as_of_date = $day",
        {"day": evaluation.as_of_date},
    )
    designated = _designated_count(warehouse)
    scores = score_all([MeasuredIndicator(*row) for row in stored], designated, configuration.settings.maturity)
    frame = pd.DataFrame(
        [
            {
                "practice": score.practice,
                "name_en": score.name.en,
                "name_da": score.name.da,
                "level": score.level,
                "ci_low": score.low,
                "ci_high": score.high,
                "target": score.target,
                "gap": score.gap,
                "measured_cnt": score.measured_cnt,
                "declared_cnt": score.declared_cnt,
                "status": score.status,
                "reason": score.reason.en,
                "reason_da": score.reason.da,
            }
            for score in scores
        ]
    ).astype(dict.fromkeys(("level", "ci_low", "ci_high", "gap"), "float64"))
    return frame.assign(as_of_date=evaluation.as_of_date)
