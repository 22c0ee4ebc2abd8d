"""Raw: every version of every record, with the time it became known and the time it was superseded.

Per object two tables: `raw.account` holds the living version of each record (a deleted or vanished record's last
version is a living version that says so), `raw.account_superseded` the earlier ones. What belongs here: turning a
landing into versions, and the view of what was known at a moment. What does not: business rules (sql/staging).
"""

import json
from datetime import datetime, timedelta

from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.feed_schema import SOURCE_OBJECTS
from kam_pipeline.landing import LandedObject, Landing
from kam_pipeline.raw_merge import LoadCounts, merge_object
from kam_pipeline.raw_tables import (
    BOOKKEEPING,
    is_deleted,
    living_table,
    make_raw_tables,
    record_columns,
    superseded_table,
)
from kam_pipeline.warehouse import CATALOG, Warehouse, literal, quoted

__all__ = ["LoadCounts", "create_known_then", "load_landing", "make_raw_tables"]


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
    for bookkeeping in BOOKKEEPING:
        known = f"select run_id from {CATALOG}.raw.load where known_at <= {cut}"
        execute(
            f"create view {catalog}.raw.{bookkeeping} as "
            f"select * from {CATALOG}.raw.{bookkeeping} where run_id in ({known})"
        )


def _known_at(warehouse: Warehouse, landing: Landing) -> datetime:
    """Return when the landing became known: its extraction, but always after what is known already."""
    newest = warehouse.value("select max(known_at) from raw.load")
    return max(landing.extracted_at, newest + timedelta(microseconds=1)) if newest else landing.extracted_at


def _record_absence(
    warehouse: Warehouse, landing: Landing, declared: CrmObject, known_at: datetime, note: str | None
) -> None:
    _record_load(warehouse, landing, declared, known_at, {"is_present": False, "note": note})


def _record_load(
    warehouse: Warehouse, landing: Landing, declared: CrmObject, known_at: datetime, outcome: dict[str, object]
) -> None:
    row = {
        "run_id": landing.run_id,
        "known_at": known_at,
        "source": landing.source,
        "object": declared.name,
        "is_live": landing.is_live,
        "clock_at": landing.clock_at,
        **outcome,
    }
    names, marks = ", ".join(row), ", ".join("?" for _ in row)
    warehouse.connection.execute(f"insert into raw.load ({names}) values ({marks})", list(row.values()))


def _load_object(
    warehouse: Warehouse, landing: Landing, declared: CrmObject, item: LandedObject, known_at: datetime
) -> LoadCounts:
    """Merge one object and record what became of it."""
    before = warehouse.value(
        f"select count(*) from {living_table(declared)} where not _is_gone and not {is_deleted(declared)}"
    )
    counts = merge_object(warehouse, declared, landing, item, known_at)
    outcome = {name: value for name, value in vars(counts).items() if name != "object_name"}
    outcome |= {"is_present": True, "living_before_cnt": before, "note": "; ".join(item.notes) or None}
    outcome |= {"announced_cnt": item.announced_cnt, "is_complete": item.is_complete}
    _record_load(warehouse, landing, declared, known_at, outcome)
    _record_fields(warehouse, landing, declared, item)
    if item.checkpoint is not None:
        # with the records that it describes: what is known and how far it goes cannot part
        warehouse.connection.execute(
            "insert into raw.checkpoint (object, run_id, known_at, state) values (?, ?, ?, ?)",
            [declared.name, landing.run_id, known_at, json.dumps(item.checkpoint, ensure_ascii=False)],
        )
    return counts


def _record_fields(warehouse: Warehouse, landing: Landing, declared: CrmObject, item: LandedObject) -> None:
    """Record what the source has of every declared field, and of the organisation's own."""
    presence = dict.fromkeys((field.name for field in declared.fields), "absent") | item.presence
    warehouse.connection.execute(
        "insert into raw.field_presence (run_id, object, field, presence, advice) "
        "select ?, ?, unnest(?::varchar[]), unnest(?::varchar[]), unnest(?::varchar[])",
        [
            landing.run_id,
            declared.name,
            list(presence),
            list(presence.values()),
            [item.advice.get(name) for name in presence],
        ],
    )
