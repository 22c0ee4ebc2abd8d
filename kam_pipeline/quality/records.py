"""Gates of records and deliveries: what the source sent, what became of it, and what is gone.

What belongs here: counts of raw and of the way to staging. What does not: counting rows of tables that readers get
(rows.py), setting records aside (sql/staging), feeds row by row (feeds.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kam_pipeline.crm_schema import ORDER, STAGED_OBJECTS, CrmObject
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.feed_schema import FEEDS, SOURCE_OBJECTS, is_feed
from kam_pipeline.quality.gate import Figure, Severity, gates
from kam_pipeline.raw_tables import is_deleted
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse, quoted

_CRM = [declared.name for declared in STAGED_OBJECTS]
_FEEDS = [declared.name for declared in FEEDS]
_READ = [*_CRM, *_FEEDS]
# what models do not read is only held against the source: nothing that is published hangs on it
_ALL = [declared.name for declared in SOURCE_OBJECTS]
_BROKEN = "Catches a broken export: records, or their amounts, that cannot be used."

ACCOUNTED_FOR = gates(
    "records_accounted_for",
    "Catches records lost between raw and staging; a defect in the pipeline, report it.",
    _READ,
    "error",
)
REJECTED = gates("rejected_share", _BROKEN, _CRM, "error") | gates("rejected_share", _BROKEN, _FEEDS)
DELIVERED = gates(
    "object_delivered",
    "Catches an object that earlier deliveries held and this one lacks, or a feed that cannot be read.",
    _ALL,
)
UNIQUE = gates("unique_ids", "Catches ids that are there more than once in a delivery.", _READ)
NEWEST = gates(
    "records_are_newest",
    "Catches a delivery older than the last one: records with an older stamp than known are kept aside.",
    _READ,
)
NOTED = gates("source_note", "Catches what had to be assumed about a file to read it.", _READ)
FIELDS_VANISHED = gates(
    "fields_vanished",
    "Catches fields that the source has deleted, renamed or hidden since an earlier delivery; their last known values "
    "stay.",
    _CRM,
)
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
    _READ,
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

GATES = (ACCOUNTED_FOR, REJECTED, DELIVERED, UNIQUE, NEWEST, NOTED, FIELDS_VANISHED, LOADED, LIVING, VANISHED)


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
            severity=_lighter(name, settings),
            seen=f"{rejected} of {usable}; see rejected_row for each reason and quality.max_rejected_share for the "
            "limit.",
        )


def _lighter(name: str, settings: Settings) -> Severity | None:
    """Return `warning` for orders where revenue is made of something else: nothing that is published hangs on them."""
    return "warning" if name == ORDER.name and settings.revenue_basis != "orders" else None


def load_figures(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[Figure]:
    """Hold the newest delivery against what it announced, what is in raw, and the one before."""
    known_before = {name for (name,) in warehouse.rows("select distinct object from raw.load where is_present")}
    for load in _newest_loads(warehouse):
        if not load.is_present:
            is_wanted = not is_feed(load.object_name) or settings.feeds.of(load.object_name) is not None
            if is_wanted and (load.note or load.object_name in known_before):
                seen = f"Its last known records count.{f' {load.note}' if load.note else ''}"
                yield Figure(DELIVERED[load.object_name], 0, lowest=1, seen=seen)
            continue
        if not load.announced_cnt and not load.read_cnt and load.object_name not in LIVING:
            continue  # an object that is there, empty, and that nothing reads
        yield Figure(
            LOADED[load.object_name],
            max(abs(load.read_cnt - load.kept_cnt), abs(load.record_cnt - load.announced_cnt)),
            highest=0,
            seen=f"{load.announced_cnt} announced, {load.record_cnt} read, {load.kept_cnt} kept.",
        )
        if load.object_name in LIVING:
            yield from _delivery_figures(warehouse, load)
    yield from _field_figures(warehouse)
    yield from _vanished_figures(warehouse, settings, evaluation)


@dataclass(frozen=True)
class _Load:
    """What the newest delivery held of one object, and what became of it (see raw_merge.LoadCounts)."""

    object_name: str
    is_present: bool
    read_cnt: int
    superseded_cnt: int
    duplicate_cnt: int
    patched_cnt: int
    unapplied_cnt: int
    kept_cnt: int
    announced_cnt: int
    is_complete: bool
    note: str | None

    @property
    def record_cnt(self) -> int:
        """Whole records, without rows of new values of some columns."""
        return self.read_cnt - self.patched_cnt


def _newest_loads(warehouse: Warehouse) -> list[_Load]:
    counts = ("read_cnt", "superseded_cnt", "duplicate_cnt", "patched_cnt", "unapplied_cnt")
    rows = warehouse.rows(
        f"select object, is_present, {', '.join(f'coalesce({name}, 0)' for name in counts)}, "
        "coalesce(inserted_cnt + updated_cnt + unchanged_cnt + superseded_cnt, read_cnt, 0), "
        "coalesce(announced_cnt, read_cnt - coalesce(patched_cnt, 0), 0), coalesce(is_complete, false), note "
        "from raw.load qualify known_at = max(known_at) over () order by object"
    )
    return [_Load(*row) for row in rows]


def _delivery_figures(warehouse: Warehouse, load: _Load) -> Iterator[Figure]:
    """Hold a delivery of what models read against itself, what was known, and what is in raw."""
    name = load.object_name
    used = f"Of {load.record_cnt} rows, of each id the newest stamp is used, or the row whose text sorts last."
    yield Figure(UNIQUE[name], load.duplicate_cnt, highest=0, seen=used)
    # new values of columns are passed over whenever the whole record has changed meanwhile
    yield Figure(NEWEST[name], load.superseded_cnt - load.duplicate_cnt - load.unapplied_cnt, highest=0)
    yield _living_figure(warehouse, name, load.record_cnt - load.duplicate_cnt, load.is_complete)
    if load.note:
        yield Figure(NOTED[name], 1, highest=0, seen=load.note)


def _field_figures(warehouse: Warehouse) -> Iterator[Figure]:
    """Count the fields of each object that the newest delivery says have vanished."""
    rows = warehouse.rows(
        "select presence.object, count(*), string_agg(presence.field, ', ' order by presence.field) "
        "from raw.field_presence as presence where presence.presence = 'vanished' "
        "and presence.run_id = (select arg_max(run_id, known_at) from raw.load) group by presence.object order by all"
    )
    for name, count, fields in rows:
        if name in FIELDS_VANISHED:
            yield Figure(
                FIELDS_VANISHED[name], count, highest=0,
                seen=f"{fields}; see field_availability for what to change.",
            )  # fmt: skip


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


def _vanished_figures(warehouse: Warehouse, settings: Settings, evaluation: Evaluation) -> Iterator[Figure]:
    """Hold what is gone against what was there at the last publication."""
    since = last_cut(warehouse, evaluation)
    for declared in STAGED_OBJECTS:
        gone, before = vanished_cnt(warehouse, declared, since)
        if before:
            yield Figure(
                VANISHED[declared.name], gone / before, highest=settings.quality.max_vanished_share,
                severity=_lighter(declared.name, settings),
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
