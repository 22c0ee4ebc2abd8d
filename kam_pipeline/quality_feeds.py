"""The checks of the feeds: how many of their rows are used, and why not the others.

What belongs here: counts of core.feed and core.feed_row as warnings, for a feed must not keep the figures of the CRM
from being published. What does not: judging rows (sql/staging/feed_row.sql, sql/core/feed_row.sql), records of the CRM
(quality_checks.py).
"""

from collections.abc import Iterator
from datetime import datetime

from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.feed_schema import ACTUALS, COSTS, FEEDS, SATISFACTION, TARGETS
from kam_pipeline.quality_checks import QualityCheck, last_cut, vanished_cnt
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse

_MONEY = (COSTS, ACTUALS, TARGETS)
_PROBLEMS: tuple[tuple[str, tuple[CrmObject, ...], tuple[str, ...], str], ...] = (
    ("feed_rows_readable", FEEDS, ("unreadable", "incomplete"), "values that cannot be read or are empty"),
    ("feed_rows_in_range", FEEDS, ("out_of_range",), "scores off the scale, years and amounts that cannot be"),
    ("feed_rows_with_rate", _MONEY, ("no_rate",), "currencies without a rate: never taken one to one"),
    ("feed_targets_unique", (TARGETS,), ("duplicate",), "several targets of one account and year: the largest counts"),
)


def feed_checks(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[QualityCheck]:
    """Count, for every configured feed, the rows that are not used and those that are worth a second look.

    Parameters
    ----------
    warehouse : Warehouse
        With core built.
    settings : Settings
        Thresholds.
    evaluation : Evaluation
        The run.

    Yields
    ------
    QualityCheck
        Warnings only.
    """
    counts: dict[tuple[str, str], int] = {
        (name, problem): count
        for name, problem, count in warehouse.rows(
            "select object, problem, count(*) from core.feed_row where status in ('unmatched', 'rejected') "
            "group by object, problem"
        )
    }
    configured = {name for (name,) in warehouse.rows("select 'feeds.' || feed from core.feed where is_configured")}
    since = last_cut(warehouse, evaluation)
    for declared in FEEDS:
        if declared.name in configured:
            yield _matched_check(declared, counts)
            for check, feeds, problems, text in _PROBLEMS:
                if declared in feeds:
                    count = sum(counts.get((declared.name, problem), 0) for problem in problems)
                    yield _warning(check, declared, count, f"Catches {text}; see rejected_row for each.")
            yield from _informing_checks(warehouse, declared, evaluation)
            yield from _kept_check(warehouse, declared, settings.quality.max_vanished_share, since)


def _warning(check: str, declared: CrmObject, count: int, detail: str) -> QualityCheck:
    return QualityCheck(check, declared.name, "warning", count == 0, count, 0, detail)


def _matched_check(declared: CrmObject, counts: dict[tuple[str, str], int]) -> QualityCheck:
    unmatched = {
        problem: count
        for (name, problem), count in sorted(counts.items())
        if name == declared.name and problem.endswith("_account")
    }
    which = ", ".join(f"{count} {problem.replace('_', ' ')}" for problem, count in unmatched.items())
    return _warning(
        "feed_rows_matched", declared, sum(unmatched.values()),
        f"Catches rows of which no customer can be told{f' ({which})' if which else ''}; correct account_id in the "
        "file, or set mapping.Account.fields.ExternalId.",
    )  # fmt: skip


def _informing_checks(warehouse: Warehouse, declared: CrmObject, evaluation: Evaluation) -> Iterator[QualityCheck]:
    later, negative = warehouse.rows(
        "select count(*) filter (where dated_on >= $day), count(*) filter (where amount_amt < 0) "
        "from core.feed_row where object = $object and status = 'used'",
        {"day": evaluation.as_of_date, "object": declared.name},
    )[0]
    if declared is not TARGETS:
        yield QualityCheck(
            "feed_rows_after_date", declared.name, "warning", None, later, None,
            "Rows dated on or after the snapshot date; they count from their day on.",
        )  # fmt: skip
    if declared in (COSTS, ACTUALS):
        yield QualityCheck(
            "feed_rows_negative", declared.name, "warning", None, negative, None,
            "Rows below zero; they are credits and lessen the sum.",
        )  # fmt: skip
    if declared is SATISFACTION:
        unanswered = warehouse.value("select count(*) from core.satisfaction where score is null")
        yield QualityCheck(
            "feed_rows_unanswered", declared.name, "warning", None, unanswered, None,
            "Rows without a score: asked and not answered.",
        )  # fmt: skip


def _kept_check(
    warehouse: Warehouse, declared: CrmObject, allowed: float, since: datetime | None
) -> Iterator[QualityCheck]:
    gone, before = vanished_cnt(warehouse, declared, since)
    if before:
        yield QualityCheck(
            "vanished_share", declared.name, "warning", gone / before <= allowed, gone / before, allowed,
            f"Catches a file that was cut off: {gone} of {before} rows known at the last publication are no longer "
            "there (a row without an id that was corrected is one of them); they count as deleted.",
        )  # fmt: skip
