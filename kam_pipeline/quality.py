"""Data quality: what was counted, what it was held against, and whether a run may be published.

What belongs here: the table of checks and what blocks. What does not: the single checks (quality_checks.py,
quality_values.py), setting records aside (sql/staging) and repairing.
"""

from dataclasses import asdict
from datetime import date

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.quality_checks import (
    QualityCheck,
    load_checks,
    record_checks,
    repair_checks,
    result_checks,
)
from kam_pipeline.quality_feeds import feed_checks
from kam_pipeline.quality_values import value_checks
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse

DATA_QUALITY = parse_contract(
    "marts",
    """
data_quality
    Every check of a run with its figure. A failed check of severity error keeps the run from being published.

grain  : one row per as_of_date, check and object
key    : as_of_date, check, object
inputs : staging.reconciliation, staging.event, staging.account_alias, staging.group_override, core.organisation,
         core.account_root, core.hierarchy_cycle, core.activity, core.opportunity, core.feed, core.feed_row,
         core.satisfaction, marts.key_account_candidate, marts.relevance_figure, marts.rejected_row,
         marts.entity_revenue, raw.load,
         settings.quality, settings.relevance, settings.criteria, settings.feeds, settings.mapping
readers: published
columns:
  as_of_date  DATE     snapshot date
  run_id      VARCHAR  run
  check       VARCHAR  name of the check
  object      VARCHAR  CRM object, feed or table it is about
  severity    VARCHAR  error (blocks publishing) or warning
  passed      BOOLEAN  whether it holds; null where it cannot be known
  value       DOUBLE   the figure
  threshold   DOUBLE   what it was held against, null where it only informs
  detail      VARCHAR  one sentence: which failure it catches, and what to do
""",
    __name__,
)


def measure_quality(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> list[QualityCheck]:
    """Return every check for an evaluation.

    Parameters
    ----------
    warehouse : Warehouse
        With all tables but publication built for the evaluation.
    settings : Settings
        Thresholds.
    evaluation : Evaluation
        The run.

    Returns
    -------
    list[QualityCheck]
        Records, then loads, then repairs, then values, then feeds, then results.
    """
    return [
        *record_checks(warehouse, settings, evaluation),
        *load_checks(warehouse, settings, evaluation),
        *repair_checks(warehouse, evaluation),
        *value_checks(warehouse, settings, evaluation),
        *feed_checks(warehouse, settings, evaluation),
        *result_checks(warehouse, settings, evaluation),
    ]


def blocking_checks(warehouse: Warehouse, as_of_date: date) -> list[str]:
    """Return one line for each check that keeps a date from being published."""
    rows = warehouse.rows(
        'select "check", object, value, threshold, detail from warehouse.marts.data_quality '
        "where as_of_date = $day and severity = 'error' and not passed order by all",
        {"day": as_of_date},
    )
    return [
        f"{check} of {name}: {value:.4g} against {threshold:.4g}. {detail}"
        for check, name, value, threshold, detail in rows
    ]


def quality_frame(checks: list[QualityCheck], evaluation: Evaluation) -> pd.DataFrame:
    """Return checks as rows of `DATA_QUALITY`."""
    frame = pd.DataFrame([asdict(check) for check in checks])
    frame = frame.astype({"passed": "boolean", "value": "float64", "threshold": "float64"})
    return frame.assign(as_of_date=evaluation.as_of_date, run_id=evaluation.run_id)
