"""Gates of records and deliveries: what the source sent, what became of it, and what is gone.

What belongs here: counts of raw and of the way to staging. What does not: counting rows of tables that readers get
(rows.py), setting records aside (sql/staging), feeds row by row (feeds.py).
"""

from collections.abc import Iterator
from datetime import datetime

from kam_pipeline.crm_schema import CRM_OBJECTS, CrmObject
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.feed_schema import FEEDS, SOURCE_OBJECTS, is_feed
from kam_pipeline.quality.gate import Figure, gates
from kam_pipeline.raw_merge import is_deleted
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse, quoted

_CRM = [declared.name for declared in CRM_OBJECTS]
_FEEDS = [declared.name for declared in FEEDS]
_ALL = [declared.name for declared in SOURCE_OBJECTS]
_BROKEN = "Catches a broken export: records, or their amounts, that cannot be used."

ACCOUNTED_FOR = gates(
    "records_accounted_for",
    "Catches records lost between raw and staging; a defect in the pipeline, report it.",
    _ALL,
    "error",
)
REJECTED = gates("rejected_share", _BROKEN, _CRM, "error") | gates("rejected_share", _BROKEN, _FEEDS)
DELIVERED = gates(
    "object_delivered",
    "Catches an object that earlier deliveries held and this one lacks, or a feed that cannot be read.",
    _ALL,
)
UNIQUE = gates("unique_ids", "Catches ids that are there more than once in a delivery.", _ALL)
NEWEST = gates(
    "records_are_newest",
    "Catches a delivery older than the last one: records with an older stamp than known are kept aside.",
    _ALL,
)
NOTED = gates("source_note", "Catches what had to be assumed about a file to read it.", _ALL)
LOADED = gates(
    "records_loaded",
    "Catches records that the source announced or sent and that are in no version; a defect in the pipeline, report "
    "it.",
    _ALL,
    "error",
)
LIVING = gates(
    "records_living",
    "Catches records that were delivered and are not in raw, or are in raw and were not in a complete delivery; a "
    "defect in the pipeline, or somebody changed the warehouse by hand.",
    _ALL,
    "error",
)
VANISHED = gates(
    "vanished_share",
    "Catches a partial delivery: records known at the last publication that are no longer there and count as deleted.",
    _CRM,
    "error",
) | gates(
    "vanished_share", "Catches a file that was cut off: rows known at the last publication that are gone.", _FEEDS
)

GATES = (ACCOUNTED_FOR, REJECTED, DELIVERED, UNIQUE, NEWEST, NOTED, LOADED, LIVING, VANISHED)


def record_figures(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[Figure]:
    """Count the records that did not reach staging, or whose amounts did not."""
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
        # more than there are is as wrong as less
        yield Figure(ACCOUNTED_FOR[name], lost, lowest=0, highest=0)
        usable = living - deleted - merged
        yield Figure(
            REJECTED[name],
            rejected / usable if usable else 0.0,
            highest=settings.quality.max_rejected_share,
            seen=f"{rejected} of {usable}; see rejected_row for each reason and quality.max_rejected_share for the "
            "limit.",
        )


def load_figures(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[Figure]:
    """Hold the newest delivery against what it announced, what is in raw, and the one before."""
    rows = warehouse.rows(
        "select object, is_present, coalesce(read_cnt, 0), coalesce(superseded_cnt, 0), coalesce(duplicate_cnt, 0), "
        "coalesce(inserted_cnt + updated_cnt + unchanged_cnt + superseded_cnt, read_cnt, 0), "
        "coalesce(announced_cnt, read_cnt, 0), coalesce(is_complete, false), note "
        "from raw.load qualify known_at = max(known_at) over () order by object"
    )
    known_before = {name for (name,) in warehouse.rows("select distinct object from raw.load where is_present")}
    for name, is_present, read, superseded, duplicates, kept, announced, is_complete, note in rows:
        if not is_present:
            is_wanted = not is_feed(name) or settings.feeds.of(name) is not None
            if is_wanted and (note or name in known_before):
                seen = f"Its last known records count.{f' {note}' if note else ''}"
                yield Figure(DELIVERED[name], 0, lowest=1, seen=seen)
            continue
        used = f"Of {read} rows, of each id the newest stamp is used, or the row whose text sorts last."
        yield Figure(UNIQUE[name], duplicates, highest=0, seen=used)
        yield Figure(NEWEST[name], superseded - duplicates, highest=0)
        yield Figure(
            LOADED[name], max(abs(read - kept), abs(read - announced)), highest=0,
            seen=f"{announced} announced, {read} read, {kept} kept.",
        )  # fmt: skip
        yield _living_figure(warehouse, name, read - duplicates, is_complete)
        if note:
            yield Figure(NOTED[name], 1, highest=0, seen=note)
    yield from _vanished_figures(warehouse, settings.quality.max_vanished_share, evaluation)


def _living_figure(warehouse: Warehouse, name: str, delivered: int, is_complete: bool) -> Figure:
    """Hold the living records of an object against the different ids delivered.

    Records in the recycle bin may have been delivered now or long ago, so that they count only on one side.
    """
    declared = next(known for known in SOURCE_OBJECTS if known.name == name)
    there, in_use = warehouse.rows(
        f"select count(*) filter (where not _is_gone), "
        f"count(*) filter (where not _is_gone and not {is_deleted(declared)}) from raw.{quoted(declared.table)}"
    )[0]
    short, over = delivered - there, in_use - delivered if is_complete else 0
    seen = f"{delivered} ids delivered, {there} records in raw, {in_use} of them not in the recycle bin."
    return Figure(LIVING[name], max(short, over, 0), highest=0, seen=seen)


def _vanished_figures(warehouse: Warehouse, allowed: float, evaluation: Evaluation) -> Iterator[Figure]:
    """Hold what is gone against what was there at the last publication."""
    since = last_cut(warehouse, evaluation)
    for declared in CRM_OBJECTS:
        gone, before = vanished_cnt(warehouse, declared, since)
        if before:
            yield Figure(
                VANISHED[declared.name], gone / before, highest=allowed,
                seen=f"{gone} of {before}; deliver all parts, or raise quality.max_vanished_share.",
            )  # fmt: skip


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
