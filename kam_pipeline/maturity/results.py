"""The rows of the three published tables of maturity.

What belongs here: turning results into rows. What does not: contracts (contracts.py), getting the results
(measuring.py, scoring.py).
"""

from datetime import date

import numpy as np
import pandas as pd

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
    results = measure_all(rows, _surroundings(warehouse, evaluation.as_of_date), rules)
    frame = pd.DataFrame([_indicator_row(result, rules) for result in results])
    frame = frame.astype(
        dict.fromkeys(
            ("value", "numerator", "denominator", "coverage", "level", "level_low", "level_high", "ci_low", "ci_high"),
            "float64",
        )
    )
    return frame.assign(as_of_date=evaluation.as_of_date, anchor_version=configuration.anchor_version)


def _surroundings(warehouse: Warehouse, day: date) -> Surroundings:
    fields = warehouse.rows("select object, field, is_present from staging.known_field")
    available = {name for name, _, _ in fields}
    available |= {f"{name}.{field}" for name, field, is_present in fields if is_present}
    available |= {f"feeds.{feed}" for (feed,) in warehouse.rows("select feed from core.feed where is_configured")}
    source = warehouse.value("select source from marts.designation_source where as_of_date = $day", {"day": day})
    return Surroundings(_designated_count(warehouse, day), available, is_designation_known=source != "none")


def _designated_count(warehouse: Warehouse, day: date) -> int:
    return int(warehouse.value("select count(*) from marts.designated_group where as_of_date = $day", {"day": day}))


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
    designated = _designated_count(warehouse, evaluation.as_of_date)
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
