"""The table data_quality: every gate with its figure and outcome, and what keeps a date from being published.

What belongs here: putting the figures together, having them judged, the rows. What does not: the single gates and what
is counted for them.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import pandas as pd

from kam_pipeline.contracts import TableContract, parse_contract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.quality.contract_gates import contract_figures, is_gated
from kam_pipeline.quality.designations import designation_figures
from kam_pipeline.quality.expectations import judge
from kam_pipeline.quality.feeds import feed_figures
from kam_pipeline.quality.gate import Figure, QualityCheck
from kam_pipeline.quality.records import load_figures, record_figures
from kam_pipeline.quality.repairs import repair_figures
from kam_pipeline.quality.results import result_figures
from kam_pipeline.quality.revenue import revenue_figures
from kam_pipeline.quality.rows import age_figures, row_figures
from kam_pipeline.quality.values import value_figures
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse

DATA_QUALITY = parse_contract(
    "marts",
    """
data_quality
    Every check of a run with its figure. A failed check of severity error keeps the run from being published; its rows
    are then in the warehouse only.

grain  : one row per as_of_date, check and object
key    : as_of_date, check, object
inputs : staging.reconciliation, staging.event, staging.account_alias, staging.group_override, staging.opportunity,
         staging.opportunity_set_aside, staging.order, staging.order_set_aside, core.order, core.revenue,
         core.organisation, core.account_root, core.hierarchy_cycle, core.activity, core.opportunity, core.feed,
         core.feed_row, core.account, core.decision, core.natural_date, core.satisfaction, marts.key_account_candidate,
         marts.designation_source, marts.designated_group, marts.designation, marts.relevance_figure,
         marts.rejected_row, marts.entity_revenue, marts.snapshot, raw.load, raw.field_presence, settings.quality,
         settings.revenue_basis, settings.relevance, settings.criteria, settings.feeds, settings.mapping
readers: published
columns:
  as_of_date  DATE     snapshot date
  run_id      VARCHAR  run
  check       VARCHAR  name of the check; key_unique, key_complete and the rules of a table stand in its header
  object      VARCHAR  CRM object, feed or table it is about
  severity    VARCHAR  error (blocks publishing) or warning
  passed      BOOLEAN  whether it holds; null where it cannot be known
  value       DOUBLE   the figure
  threshold   DOUBLE   what it was held against, the highest allowed where there are two bounds; null where it only
                       informs
  detail      VARCHAR  first which failure it catches, then what was seen and what to do
""",
    __name__,
)


def quality_inputs(contracts: Sequence[TableContract]) -> tuple[str, ...]:
    """Return the tables that are counted for data_quality: those of its header, and all that are gated or compared."""
    counted = {
        item.full_name for item in contracts if is_gated(item) or (item.is_published and item.name != DATA_QUALITY.name)
    }
    return tuple(sorted(counted | set(DATA_QUALITY.inputs)))


def quality_figures(
    warehouse: Warehouse, settings: Settings, evaluation: Evaluation, contracts: Sequence[TableContract]
) -> list[Figure]:
    """Count everything that a gate judges; parameters as for `measure_quality`."""
    gated = [contract for contract in contracts if is_gated(contract)]
    return [
        *record_figures(warehouse, settings, evaluation),
        *load_figures(warehouse, settings, evaluation),
        *repair_figures(warehouse, evaluation),
        *value_figures(warehouse, settings, evaluation),
        *feed_figures(warehouse, settings, evaluation),
        *designation_figures(warehouse, settings, evaluation),
        *result_figures(warehouse, settings, evaluation),
        *revenue_figures(warehouse, settings, evaluation),
        *age_figures(warehouse, settings),
        *row_figures(warehouse, settings, evaluation, contracts),
        *contract_figures(warehouse, evaluation, gated),
    ]


def measure_quality(
    warehouse: Warehouse, settings: Settings, evaluation: Evaluation, contracts: Sequence[TableContract]
) -> list[QualityCheck]:
    """Return every check for an evaluation.

    Parameters
    ----------
    warehouse : Warehouse
        With all tables but publication built for the evaluation.
    settings : Settings
        Thresholds.
    evaluation : Evaluation
        The run.
    contracts : Sequence[TableContract]
        Every table after raw.

    Returns
    -------
    list[QualityCheck]
        Records, loads, repairs, values, feeds, designations, results, revenue, rows, then each table by its header.
    """
    return judge(quality_figures(warehouse, settings, evaluation, contracts))


def stored_checks(warehouse: Warehouse, as_of_date: date) -> list[QualityCheck]:
    """Return the checks of a date as they are in the warehouse, blocked or not; none where it was never checked."""
    if not warehouse.has_table(DATA_QUALITY.full_name):
        return []
    rows = warehouse.rows(
        'select "check", object, severity, passed, value, threshold, detail from warehouse.marts.data_quality '
        "where as_of_date = $day order by all",
        {"day": as_of_date},
    )
    return [QualityCheck(*row) for row in rows]


def blocking_checks(warehouse: Warehouse, as_of_date: date) -> list[str]:
    """Return one line for each check that keeps a date from being published."""
    return [
        f"{item.check} of {item.object}: {item.value:.4g} against {item.threshold:.4g}. {item.detail}"
        for item in stored_checks(warehouse, as_of_date)
        if item.severity == "error" and item.passed is False
    ]


def quality_frame(checks: list[QualityCheck], evaluation: Evaluation) -> pd.DataFrame:
    """Return checks as rows of `DATA_QUALITY`."""
    frame = pd.DataFrame([asdict(check) for check in checks])
    frame = frame.astype({"passed": "boolean", "value": "float64", "threshold": "float64"})
    return frame.assign(as_of_date=evaluation.as_of_date, run_id=evaluation.run_id)
