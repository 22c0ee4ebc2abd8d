"""Raw: every version of every record, with the time it became known and the time it was superseded.

Per object two tables: `raw.account` holds the living version of each record (a deleted or vanished record's last
version is a living version that says so), `raw.account_superseded` the earlier ones. What belongs here: turning a
landing into versions, and the view of what was known at a moment. What does not: business rules (sql/staging).
"""

from datetime import datetime, timedelta

from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.feed_schema import SOURCE_OBJECTS
from kam_pipeline.landing import LandedObject, Landing
from kam_pipeline.raw_merge import (
    LoadCounts,
    is_deleted,
    living_table,
    merge_object,
    record_columns,
    superseded_table,
)
from kam_pipeline.warehouse import CATALOG, Warehouse, literal, quoted


def make_raw_tables(warehouse: Warehouse) -> None:
    """Make the raw tables of every declared object and feed, or add columns that the declaration has gained."""
    for declared in SOURCE_OBJECTS:
        columns = record_columns(declared) | {"_is_gone": "BOOLEAN", "_known_at": "TIMESTAMP", "_run_id": "VARCHAR"}
        _make_table(warehouse, living_table(declared), columns)
        _make_table(warehouse, superseded_table(declared), columns | {"_superseded_at": "TIMESTAMP"})
    load = ("read", "inserted", "updated", "unchanged", "superseded", "vanished")
    _make_table(
        warehouse,
        "raw.load",
        {
            "run_id": "VARCHAR",
            "known_at": "TIMESTAMP",
            "source": "VARCHAR",
            "object": "VARCHAR",
            "is_present": "BOOLEAN",
        }
        | {f"{count}_cnt": "BIGINT" for count in load}
        | {"duplicate_cnt": "BIGINT", "living_before_cnt": "BIGINT", "note": "VARCHAR"}
        | {"announced_cnt": "BIGINT", "is_complete": "BOOLEAN"},
    )
    _make_table(
        warehouse,
        "raw.field_presence",
        {"run_id": "VARCHAR", "object": "VARCHAR", "field": "VARCHAR", "presence": "VARCHAR"},
    )
    _make_table(
        warehouse,
        "raw.duplicate",
        {"run_id": "VARCHAR", "object": "VARCHAR", "record_id": "VARCHAR", "version_cnt": "BIGINT"},
    )


def load_landing(warehouse: Warehouse, landing: Landing) -> list[LoadCounts]:
    """Turn a landing into versions, all objects in one transaction; a landing already loaded changes nothing.

    Parameters
    ----------
    warehouse : Warehouse
        The open warehouse.
    landing : Landing
        A complete landing.

    Returns
    -------
    list[LoadCounts]
        Per object of the landing; empty when it had been loaded before.

    Raises
    ------
    WarehouseError
        When the counts of an object do not add up; nothing is loaded then.
    """
    make_raw_tables(warehouse)
    if warehouse.value("select count(*) from raw.load where run_id = $run", {"run": landing.run_id}):
        return []
    known_at = _known_at(warehouse, landing)
    landed = {item.object_name: item for item in landing.objects}
    counts = []
    with warehouse.transaction():
        for declared in SOURCE_OBJECTS:
            item = landed.get(declared.name)
            if item is None or item.failure:
                _record_absence(warehouse, landing, declared, known_at, item.failure if item else None)
            else:
                counts.append(_load_object(warehouse, landing, declared, item, known_at))
    return counts


def create_known_then(warehouse: Warehouse, catalog: str, cut_at: datetime) -> None:
    """Make a schema `raw` in another catalog that shows every record as it was known at a moment.

    Parameters
    ----------
    warehouse : Warehouse
        The open warehouse.
    catalog : str
        An attached scratch catalog.
    cut_at : datetime
        The moment, UTC without zone; versions known later are left out.
    """
    make_raw_tables(warehouse)  # a declaration may have grown since the last load
    cut = f"timestamp {literal(cut_at.isoformat(sep=' '))}"
    execute = warehouse.connection.execute
    execute(f"create schema if not exists {catalog}.raw")
    for declared in SOURCE_OBJECTS:
        columns = ", ".join(quoted(name) for name in (*record_columns(declared), "_is_gone", "_known_at", "_run_id"))
        execute(
            f"create view {catalog}.raw.{quoted(declared.table)} as "
            f"select {columns} from {CATALOG}.raw.{quoted(declared.table)} where _known_at <= {cut} union all "
            f"select {columns} from {CATALOG}.{superseded_table(declared)} "
            f"where _known_at <= {cut} and _superseded_at > {cut}"
        )
    for bookkeeping in ("load", "field_presence", "duplicate"):
        known = f"select run_id from {CATALOG}.raw.load where known_at <= {cut}"
        execute(
            f"create view {catalog}.raw.{bookkeeping} as "
            f"select * from {CATALOG}.raw.{bookkeeping} where run_id in ({known})"
        )


def _make_table(warehouse: Warehouse, name: str, columns: dict[str, str]) -> None:
    definition = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
    warehouse.connection.execute(f"create table if not exists {name} ({definition})")
    present = {row[0] for row in warehouse.rows(f"describe {name}")}
    for column, kind in columns.items():
        if column not in present:
            warehouse.connection.execute(f"alter table {name} add column {quoted(column)} {kind}")


def _known_at(warehouse: Warehouse, landing: Landing) -> datetime:
    """Return when the landing became known: its extraction, but always after what is known already."""
    newest = warehouse.value("select max(known_at) from raw.load")
    return max(landing.extracted_at, newest + timedelta(microseconds=1)) if newest else landing.extracted_at


def _record_absence(
    warehouse: Warehouse, landing: Landing, declared: CrmObject, known_at: datetime, note: str | None
) -> None:
    warehouse.connection.execute(
        "insert into raw.load (run_id, known_at, source, object, is_present, note) values (?, ?, ?, ?, false, ?)",
        [landing.run_id, known_at, landing.source, declared.name, note],
    )


def _load_object(
    warehouse: Warehouse, landing: Landing, declared: CrmObject, item: LandedObject, known_at: datetime
) -> LoadCounts:
    """Merge one object and record what became of it."""
    before = warehouse.value(
        f"select count(*) from {living_table(declared)} where not _is_gone and not {is_deleted(declared)}"
    )
    file = landing.folder / item.file if item.file else None
    counts = merge_object(warehouse, declared, file, item.read_cnt, item.is_complete, known_at, landing.run_id)
    execute = warehouse.connection.execute
    execute(
        "insert into raw.load values (?, ?, ?, ?, true, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            landing.run_id,
            known_at,
            landing.source,
            declared.name,
            counts.read_cnt,
            counts.inserted_cnt,
            counts.updated_cnt,
            counts.unchanged_cnt,
            counts.superseded_cnt,
            counts.vanished_cnt,
            counts.duplicate_cnt,
            before,
            "; ".join(item.notes) or None,
            item.announced_cnt,
            item.is_complete,
        ],
    )
    for field in declared.fields:
        execute(
            "insert into raw.field_presence values (?, ?, ?, ?)",
            [landing.run_id, declared.name, field.name, item.presence.get(field.name, "absent")],
        )
    return counts
