"""Data quality: what was counted, what it was held against, and whether a run may be published.

What belongs here: the checks with their severity. What does not: setting records aside (sql/staging) and repairing.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse

DATA_QUALITY = parse_contract(
    "marts",
    """
data_quality
    Every check of a run with its figure. A failed check of severity error keeps the run from being published.

grain  : one row per as_of_date, check and object
key    : as_of_date, check, object
inputs : staging.reconciliation, staging.opportunity_set_aside, core.organisation, core.account_root,
         core.opportunity, marts.key_account_candidate, marts.relevance_figure, marts.rejected_row, raw.load
readers: published
columns:
  as_of_date  DATE     snapshot date
  run_id      VARCHAR  run
  check       VARCHAR  name of the check
  object      VARCHAR  CRM object or table it is about
  severity    VARCHAR  error (blocks publishing) or warning
  passed      BOOLEAN  whether it holds; null where it cannot be known
  value       DOUBLE   the figure
  threshold   DOUBLE   what it was held against, null where it only informs
  detail      VARCHAR  one sentence: which failure it catches, and what to do
""",
    __name__,
)

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class QualityCheck:
    """One check with its outcome; see the columns of `DATA_QUALITY`."""

    check: str
    object: str
    severity: Severity
    passed: bool | None
    value: float | None
    threshold: float | None
    detail: str


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
        Records, then loads, then repairs, then results.
    """
    return [
        *_record_checks(warehouse, settings),
        *_load_checks(warehouse, settings),
        *_repair_checks(warehouse, evaluation),
        *_result_checks(warehouse, settings, evaluation),
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


def _record_checks(warehouse: Warehouse, settings: Settings) -> Iterator[QualityCheck]:
    allowed = settings.quality.max_rejected_share
    for name, living, rejected, deleted, merged, lost in warehouse.rows(
        "select object, living_cnt, rejected_cnt, deleted_cnt, merged_cnt, lost_cnt from staging.reconciliation "
        "where living_cnt > 0 order by object"
    ):
        yield QualityCheck(
            "records_accounted_for",
            name,
            "error",
            lost == 0,
            lost,
            0,
            "Catches records lost between raw and staging; a defect in the pipeline, report it.",
        )
        usable = living - deleted - merged
        share = rejected / usable if usable else 0.0
        yield QualityCheck(
            "rejected_share",
            name,
            "error",
            share <= allowed,
            share,
            allowed,
            f"Catches a broken export: {rejected} of {usable} records cannot be used; see rejected_row for each reason "
            "and quality.max_rejected_share for the limit.",
        )


def _load_checks(warehouse: Warehouse, settings: Settings) -> Iterator[QualityCheck]:
    allowed = settings.quality.max_vanished_share
    rows = warehouse.rows(
        "select object, is_present, coalesce(read_cnt, 0), coalesce(vanished_cnt, 0), coalesce(living_before_cnt, 0), "
        "coalesce(duplicate_cnt, 0), note from raw.load qualify known_at = max(known_at) over () order by object"
    )
    known_before = {name for (name,) in warehouse.rows("select distinct object from raw.load where is_present")}
    for name, is_present, read, vanished, before, duplicates, note in rows:
        if not is_present:
            if name in known_before:
                yield QualityCheck(
                    "object_delivered", name, "warning", False, 0, None,
                    "Catches an object that earlier deliveries held and this one lacks; its last known records count.",
                )  # fmt: skip
            continue
        if before:
            share = vanished / before
            yield QualityCheck(
                "vanished_share",
                name,
                "error",
                share <= allowed,
                share,
                allowed,
                f"Catches a partial delivery: {vanished} of {before} records are no longer there and count as deleted; "
                "deliver all parts, or raise quality.max_vanished_share.",
            )
        yield QualityCheck(
            "unique_ids", name, "warning", duplicates == 0, duplicates, 0,
            f"Catches ids that are there more than once among {read} rows; the newest stamp of each is used.",
        )  # fmt: skip
        if note:
            yield QualityCheck("source_note", name, "warning", False, None, None, note)


def _repair_checks(warehouse: Warehouse, evaluation: Evaluation) -> Iterator[QualityCheck]:
    counts = dict(warehouse.rows("select link, count(*) from core.account_root group by link"))
    circles = warehouse.value("select count(*) from core.hierarchy_cycle")
    for check, count, text in (
        (
            "hierarchy_cycles",
            circles,
            "accounts that are their own ancestor; their circle is opened at the smallest id",
        ),
        ("self_parents", counts.get("self", 0), "accounts that name themselves as parent; they stand alone"),
        ("unknown_parents", counts.get("unknown_parent", 0), "accounts whose parent is not there; they stand alone"),
        (
            "excluded_parents",
            counts.get("excluded_parent", 0),
            "accounts under a parent out of scope; they stand alone",
        ),
    ):
        yield QualityCheck(check, "Account", "warning", count == 0, count, 0, f"Catches {text}.")
    statuses = dict(
        warehouse.rows(
            "select amount_status, count(*) from core.opportunity where is_won or amount_status <> 'no_amount' "
            "group by amount_status"
        )
    )
    for status, text in (
        ("no_rate", "deals in a currency without a rate: their amounts are left out, never taken one to one"),
        ("no_amount", "won deals without an amount"),
        ("out_of_range", "amounts too large to be money"),
    ):
        count = statuses.get(status, 0)
        yield QualityCheck(f"amounts_{status}", "Opportunity", "warning", count == 0, count, 0, f"Catches {text}.")
    later = warehouse.value(
        "select count(*) from core.opportunity where is_closed and closed_on >= $day", {"day": evaluation.as_of_date}
    )
    yield QualityCheck(
        "closed_after_date", "Opportunity", "warning", None, later, None,
        "Closed deals on or after the snapshot date; they count from their day on.",
    )  # fmt: skip


def _result_checks(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[QualityCheck]:
    day = {"day": evaluation.as_of_date}
    currency, source = warehouse.rows("select reporting_currency, currency_source from core.organisation")[0]
    yield QualityCheck(
        "reporting_currency_known", "Organization", "warning", source != "unknown", None, None,
        f"The reporting currency is {currency} ({source}); set currency.reporting in kam.yaml where it is unknown.",
    )  # fmt: skip
    unattributed = warehouse.value(
        "select unattributed_share from marts.relevance_figure where as_of_date = $day and basis = 'group'", day
    )
    allowed = settings.relevance.max_unattributed_share
    yield QualityCheck(
        "revenue_attributed", "Opportunity", "warning",
        None if unattributed is None else unattributed <= allowed, unattributed, allowed,
        "Catches revenue that belongs to no customer or has no known amount; above the limit there is no verdict.",
    )  # fmt: skip
    closed = warehouse.value("select count(*) from core.opportunity where is_won")
    yield QualityCheck(
        "won_deals_found", "Opportunity", "warning", closed > 0, closed, 1,
        "Catches stage names that nobody mapped: without IsWon, set mapping.Opportunity.stages in kam.yaml.",
    )  # fmt: skip
    yield _coverage_check(warehouse, settings, evaluation)
    yield _revenue_check(warehouse, evaluation)


def _coverage_check(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> QualityCheck:
    covered, best, size = warehouse.rows(
        "select sum(revenue_amt) filter (where is_in_list)::double, "
        "sum(revenue_amt) filter (where revenue_rank <= (select count(*) from marts.key_account_candidate "
        "where as_of_date = $day and is_in_list))::double, count(*) filter (where is_in_list) "
        "from marts.key_account_candidate where as_of_date = $day",
        {"day": evaluation.as_of_date},
    )[0]
    share = covered / best if covered is not None and best else None
    return QualityCheck(
        "list_coverage",
        "key_account_candidate",
        "warning",
        None if share is None else share >= settings.criteria.min_coverage,
        share,
        settings.criteria.min_coverage,
        f"The proposed list of {size} covers {covered or 0:,.0f} of revenue, the best possible list of that size "
        f"{best or 0:,.0f}; below the limit the criteria pick small customers.",
    )


def _revenue_check(warehouse: Warehouse, evaluation: Evaluation) -> QualityCheck:
    """Hold the sum of group revenue against the deals it is made of."""
    difference = warehouse.value(
        """
        select
            coalesce((
                select sum(revenue_amt) from marts.entity_revenue where as_of_date = $day and basis = 'group'
            ), 0) - coalesce((
                select sum(amount_amt) from core.opportunity
                where is_won and closed_on < $day and closed_on >= $day::date - interval 12 month
            ), 0)
        """,
        {"day": evaluation.as_of_date},
    )
    return QualityCheck(
        "revenue_reconciled",
        "entity_revenue",
        "error",
        difference == 0,
        float(difference),
        0,
        "Catches deals counted twice or lost between core and marts; a defect in the pipeline, report it.",
    )
