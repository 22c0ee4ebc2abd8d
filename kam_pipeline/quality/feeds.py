"""Gates of the feeds: how many of their rows are used, and why not the others.

What belongs here: counts of core.feed and core.feed_row as warnings, for a feed must not keep the figures of the CRM
from being published. What does not: judging rows (sql/staging/feed_row.sql, sql/core/feed_row.sql), deliveries and
records (records.py).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.feed_schema import ACTUALS, COSTS, DECISIONS, FEEDS, SATISFACTION, TARGETS
from kam_pipeline.quality.gate import Figure, Gate, gates
from kam_pipeline.quality.records import VANISHED, last_cut, vanished_cnt
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse


def _declare(name: str, catches: str, feeds: Iterable[CrmObject]) -> dict[str, Gate]:
    return gates(name, catches, [feed.name for feed in feeds])


_MONEY = (COSTS, ACTUALS, TARGETS)
MATCHED = _declare(
    "feed_rows_matched",
    "Catches rows of which no customer can be told; correct account_id in the file, or set "
    "mapping.Account.fields.ExternalId.",
    FEEDS,
)
_PROBLEMS: tuple[tuple[dict[str, Gate], tuple[str, ...]], ...] = tuple(
    (_declare(name, f"Catches {text}.", feeds), problems)
    for name, feeds, problems, text in (
        ("feed_rows_readable", FEEDS, ("unreadable", "incomplete"), "values that cannot be read or are empty"),
        (
            "feed_rows_in_range", FEEDS, ("out_of_range",),
            "scores off the scale, and years, amounts, days and statuses that cannot be",
        ),
        ("feed_rows_with_rate", _MONEY, ("no_rate",), "currencies without a rate: never taken one to one"),
        (
            "feed_targets_unique", (TARGETS,), ("duplicate",),
            "several targets of one account and year: the largest counts",
        ),
        (
            "feed_decisions_unique", (DECISIONS,), ("duplicate",),
            "accounts that are designated twice at once: the row that begins last counts",
        ),
        (
            "feed_decisions_consistent", (DECISIONS,), ("contradictory",),
            "customers that are included and excluded at once: neither counts while both hold",
        ),
    )
)  # fmt: skip
AFTER_DATE = _declare(
    "feed_rows_after_date",
    "Rows dated on or after the snapshot date; they count from their day on.",
    (SATISFACTION, COSTS, ACTUALS),
)
NEGATIVE = _declare("feed_rows_negative", "Rows below zero; they are credits and lessen the sum.", (COSTS, ACTUALS))
UNANSWERED = _declare("feed_rows_unanswered", "Rows without a score: asked and not answered.", (SATISFACTION,))

GATES = (MATCHED, *(declared for declared, _ in _PROBLEMS), AFTER_DATE, NEGATIVE, UNANSWERED)


def feed_figures(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[Figure]:
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
    Figure
        Of warnings only.
    """
    counts: dict[tuple[str, str], int] = {
        (name, problem): count
        for name, problem, count in warehouse.rows(
            "select object, problem, count(*) from core.feed_row where status in ('unmatched', 'rejected') "
            "or problem = 'contradictory' group by object, problem"
        )
    }
    configured = {name for (name,) in warehouse.rows("select 'feeds.' || feed from core.feed where is_configured")}
    since = last_cut(warehouse, evaluation)
    for feed in FEEDS:
        if feed.name in configured:
            yield _matched_figure(feed, counts)
            for declared, problems in _PROBLEMS:
                if feed.name in declared:
                    count = sum(counts.get((feed.name, problem), 0) for problem in problems)
                    yield Figure(declared[feed.name], count, highest=0, seen="See rejected_row for each.")
            yield from _informing_figures(warehouse, feed, evaluation)
            yield from _kept_figure(warehouse, feed, settings.quality.max_vanished_share, since)


def _matched_figure(feed: CrmObject, counts: dict[tuple[str, str], int]) -> Figure:
    unmatched = {
        problem: count
        for (name, problem), count in sorted(counts.items())
        if name == feed.name and problem.endswith("_account")
    }
    which = ", ".join(f"{count} {problem.replace('_', ' ')}" for problem, count in unmatched.items())
    return Figure(MATCHED[feed.name], sum(unmatched.values()), highest=0, seen=f"These are {which}." if which else "")


def _informing_figures(warehouse: Warehouse, feed: CrmObject, evaluation: Evaluation) -> Iterator[Figure]:
    later, negative = warehouse.rows(
        "select count(*) filter (where dated_on >= $day), count(*) filter (where amount_amt < 0) "
        "from core.feed_row where object = $object and status = 'used'",
        {"day": evaluation.as_of_date, "object": feed.name},
    )[0]
    if feed.name in AFTER_DATE:
        yield Figure(AFTER_DATE[feed.name], later)
    if feed.name in NEGATIVE:
        yield Figure(NEGATIVE[feed.name], negative)
    if feed.name in UNANSWERED:
        unanswered = warehouse.value("select count(*) from core.satisfaction where score is null")
        yield Figure(UNANSWERED[feed.name], unanswered)


def _kept_figure(warehouse: Warehouse, feed: CrmObject, allowed: float, since: datetime | None) -> Iterator[Figure]:
    gone, before = vanished_cnt(warehouse, feed, since)
    if before:
        yield Figure(
            VANISHED[feed.name], gone / before, highest=allowed,
            seen=f"{gone} of {before} (a row without an id that was corrected is one of them); they count as deleted.",
        )  # fmt: skip
