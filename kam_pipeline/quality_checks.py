"""The single checks of data quality: records, deliveries, repairs, results.

What belongs here: one figure, what it is held against, and which real failure it catches. What does not: the table and
what blocks (quality.py), setting records aside (sql/staging).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kam_pipeline.crm_schema import CRM_OBJECTS, CrmObject
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.feed_schema import is_feed
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse, quoted

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


def record_checks(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[QualityCheck]:
    """Hold the counts of records against what may be missing."""
    allowed = settings.quality.max_rejected_share
    rejected_cnts = dict(
        warehouse.rows(
            "select object, count(distinct record_id) from marts.rejected_row "
            "where as_of_date = $day and part in ('record', 'amount') group by object",
            {"day": evaluation.as_of_date},
        )
    )
    for name, living, deleted, merged, lost in warehouse.rows(
        "select object, living_cnt, deleted_cnt, merged_cnt, lost_cnt from staging.reconciliation "
        "where living_cnt > 0 order by object"
    ):
        rejected = rejected_cnts.get(name, 0)
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
            "warning" if is_feed(name) else "error",
            share <= allowed,
            share,
            allowed,
            f"Catches a broken export: {rejected} of {usable} records or their amounts cannot be used; see "
            "rejected_row for each reason and quality.max_rejected_share for the limit.",
        )


def load_checks(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[QualityCheck]:
    """Hold the newest delivery against the one before."""
    rows = warehouse.rows(
        "select object, is_present, coalesce(read_cnt, 0), coalesce(superseded_cnt, 0), coalesce(duplicate_cnt, 0), "
        "note from raw.load qualify known_at = max(known_at) over () order by object"
    )
    known_before = {name for (name,) in warehouse.rows("select distinct object from raw.load where is_present")}
    for name, is_present, read, superseded, duplicates, note in rows:
        if not is_present:
            is_wanted = not is_feed(name) or settings.feeds.of(name) is not None
            if is_wanted and (note or name in known_before):
                yield QualityCheck(
                    "object_delivered", name, "warning", False, 0, None,
                    "Catches an object that earlier deliveries held and this one lacks, or a feed that cannot be read; "
                    f"its last known records count.{f' {note}' if note else ''}",
                )  # fmt: skip
            continue
        yield QualityCheck(
            "unique_ids", name, "warning", duplicates == 0, duplicates, 0,
            f"Catches ids that are there more than once among {read} rows; of each the newest stamp is used, or "
            "the row whose text sorts last.",
        )  # fmt: skip
        late = superseded - duplicates
        yield QualityCheck(
            "records_are_newest", name, "warning", late == 0, late, 0,
            "Catches a delivery older than the last one: records with an older stamp than known are kept aside.",
        )  # fmt: skip
        if note:
            yield QualityCheck("source_note", name, "warning", False, None, None, note)
    yield from _vanished_checks(warehouse, settings.quality.max_vanished_share, evaluation)


def _vanished_checks(warehouse: Warehouse, allowed: float, evaluation: Evaluation) -> Iterator[QualityCheck]:
    """Hold what is gone against what was there at the last publication."""
    since = last_cut(warehouse, evaluation)
    for declared in CRM_OBJECTS:
        gone, before = vanished_cnt(warehouse, declared, since)
        if not before:
            continue
        yield QualityCheck(
            "vanished_share",
            declared.name,
            "error",
            gone / before <= allowed,
            gone / before,
            allowed,
            f"Catches a partial delivery: {gone} of {before} records known at the last publication are no longer there "
            "and count as deleted; deliver all parts, or raise quality.max_vanished_share.",
        )


def last_cut(warehouse: Warehouse, evaluation: Evaluation) -> datetime | None:
    """Return what was known at the last publication before an evaluation, else at the first load.

    Against the load before, a delivery that was refused would pass when it is run a second time.
    """
    first: datetime | None = warehouse.value("select min(known_at) from raw.load")
    if not warehouse.has_table("published.snapshot"):
        return first
    published: datetime | None = warehouse.value(
        "select max(data_cut_at) from warehouse.published.snapshot where data_cut_at < $cut",
        {"cut": evaluation.data_cut_at},
    )
    return published or first


def vanished_cnt(warehouse: Warehouse, declared: CrmObject, since: datetime | None) -> tuple[int, int]:
    """Return how many records of an object or feed are gone since a moment, and how many it had then.

    Both are 0 where there is nothing to compare with: nothing was there, or nothing is published and nothing gone.
    """
    before = warehouse.value(
        "select arg_min(living_before_cnt, known_at) from raw.load "
        "where is_present and object = $object and known_at > $since",
        {"object": declared.name, "since": since},
    )
    if not before:
        return 0, 0
    gone = warehouse.value(
        f"select count(*) from raw.{quoted(declared.table)} where _is_gone and _known_at > $since", {"since": since}
    )
    # a first night that was killed and begun again has two loads, and still nothing that readers would miss
    return (gone, before) if gone or _is_published(warehouse, since) else (0, 0)


def _is_published(warehouse: Warehouse, cut: datetime | None) -> bool:
    """Return whether readers have a date with the knowledge of a moment."""
    if not warehouse.has_table("published.snapshot"):
        return False
    query = "select count(*) from warehouse.published.snapshot where data_cut_at = $cut"
    return bool(warehouse.value(query, {"cut": cut}))


def repair_checks(warehouse: Warehouse, evaluation: Evaluation) -> Iterator[QualityCheck]:
    """Count what had to be repaired."""
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


def result_checks(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[QualityCheck]:
    """Hold the results against what they are made of."""
    day = {"day": evaluation.as_of_date}
    currency, source = warehouse.rows("select reporting_currency, currency_source from core.organisation")[0]
    yield QualityCheck(
        "time_zone_known", "Organization", "warning",
        warehouse.value("select has_known_time_zone from core.organisation"), None, None,
        "Catches a time zone of the organisation that does not exist; UTC is used, set schedule.timezone in kam.yaml.",
    )  # fmt: skip
    unmatched = warehouse.value(
        "select count(*) from staging.group_override as given "
        "left join staging.account_alias as alias on given.account_id = alias.written_id where alias.account_id is null"
    )
    yield QualityCheck(
        "groups_file_matched", "group_override", "warning", unmatched == 0, unmatched, 0,
        "Catches rows of the groups file whose account is not a customer in the CRM; they have no effect.",
    )  # fmt: skip
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
    # what holds is said alike on a date's first run and its second, whatever readers have by then
    severity: Severity = "error" if closed or _had_revenue(warehouse) else "warning"
    yield QualityCheck(
        "won_deals_found", "Opportunity", severity, closed > 0, closed, 1,
        "Catches stage names that nobody mapped: without IsWon, set mapping.Opportunity.stages in kam.yaml.",
    )  # fmt: skip
    yield _coverage_check(warehouse, settings, evaluation)
    yield _revenue_check(warehouse, evaluation)


def _had_revenue(warehouse: Warehouse) -> bool:
    """Return whether readers have revenue now: a night without any won deal would take it from them."""
    if not warehouse.has_table("published.key_account_candidate"):
        return False
    return bool(warehouse.value("select count(*) from warehouse.published.key_account_candidate where revenue_amt > 0"))


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
