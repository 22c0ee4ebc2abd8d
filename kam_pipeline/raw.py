"""Raw: every version of every record, with the time it became known and the time it was superseded.

Per object two tables: `raw.account` holds the living version of each record (a deleted or vanished record's last
version is a living version that says so), `raw.account_superseded` the earlier ones. What belongs here: turning a
landing into versions, and the view of what was known at a moment. What does not: business rules (sql/staging).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from kam_pipeline.crm_schema import CRM_OBJECTS, DUCKDB_TYPES, CrmObject, crm_object
from kam_pipeline.errors import WarehouseError
from kam_pipeline.landing import LandedObject, Landing
from kam_pipeline.warehouse import CATALOG, Warehouse, literal, quoted

UNPARSED = "_unparsed"
_STAMP = "coalesce({0}SystemModstamp, {0}LastModifiedDate, {0}CreatedDate)"


@dataclass(frozen=True)
class LoadCounts:
    """What became of the records of one object: read = inserted + updated + unchanged + superseded."""

    object_name: str
    read_cnt: int
    inserted_cnt: int
    updated_cnt: int
    unchanged_cnt: int
    superseded_cnt: int
    vanished_cnt: int

    @property
    def is_balanced(self) -> bool:
        """Whether every record read is accounted for."""
        kept = self.inserted_cnt + self.updated_cnt + self.unchanged_cnt + self.superseded_cnt
        return self.read_cnt == kept


def make_raw_tables(warehouse: Warehouse) -> None:
    """Make the raw tables of every declared object, or add columns that the declaration has gained."""
    for declared in CRM_OBJECTS:
        columns = _record_columns(declared) | {"_is_gone": "BOOLEAN", "_known_at": "TIMESTAMP", "_run_id": "VARCHAR"}
        _make_table(warehouse, f"raw.{quoted(declared.table)}", columns)
        _make_table(warehouse, _superseded(declared), columns | {"_superseded_at": "TIMESTAMP"})
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
        | {"duplicate_cnt": "BIGINT", "living_before_cnt": "BIGINT", "note": "VARCHAR"},
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
        for declared in CRM_OBJECTS:
            item = landed.get(declared.name)
            if item is not None:
                counts.append(_load_object(warehouse, landing, declared, item, known_at))
            else:
                _record_absence(warehouse, landing, declared, known_at)
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
    cut = f"timestamp {literal(cut_at.isoformat(sep=' '))}"
    execute = warehouse.connection.execute
    execute(f"create schema if not exists {catalog}.raw")
    for declared in CRM_OBJECTS:
        columns = ", ".join(quoted(name) for name in (*_record_columns(declared), "_is_gone", "_known_at", "_run_id"))
        execute(
            f"create view {catalog}.raw.{quoted(declared.table)} as "
            f"select {columns} from {CATALOG}.raw.{quoted(declared.table)} where _known_at <= {cut} union all "
            f"select {columns} from {CATALOG}.{_superseded(declared)} "
            f"where _known_at <= {cut} and _superseded_at > {cut}"
        )
    for bookkeeping in ("load", "field_presence", "duplicate"):
        known = f"select run_id from {CATALOG}.raw.load where known_at <= {cut}"
        execute(
            f"create view {catalog}.raw.{bookkeeping} as "
            f"select * from {CATALOG}.raw.{bookkeeping} where run_id in ({known})"
        )


def _record_columns(declared: CrmObject) -> dict[str, str]:
    return {field.name: DUCKDB_TYPES[field.type] for field in declared.fields} | {UNPARSED: "VARCHAR"}


def _superseded(declared: CrmObject) -> str:
    return f"raw.{quoted(declared.table + '_superseded')}"


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


def _record_absence(warehouse: Warehouse, landing: Landing, declared: CrmObject, known_at: datetime) -> None:
    warehouse.connection.execute(
        "insert into raw.load (run_id, known_at, source, object, is_present) values (?, ?, ?, ?, false)",
        [landing.run_id, known_at, landing.source, declared.name],
    )


def _load_object(
    warehouse: Warehouse, landing: Landing, declared: CrmObject, item: LandedObject, known_at: datetime
) -> LoadCounts:
    """Merge one object: find duplicates, compare with the living versions, supersede and insert."""
    execute = warehouse.connection.execute
    living = f"raw.{quoted(declared.table)}"
    before = warehouse.value(
        f"select count(*) from {living} where not _is_gone and not coalesce({_deleted(declared)}, false)"
    )
    duplicate_cnt = _stage_incoming(warehouse, landing, declared, item)
    _compare(warehouse, declared)
    vanished_cnt = _find_vanished(warehouse, declared) if landing.is_complete else 0
    columns = ", ".join(quoted(name) for name in _record_columns(declared))
    moment = f"timestamp {literal(known_at.isoformat(sep=' '))}"
    run = literal(landing.run_id)
    execute(
        f"insert into {_superseded(declared)} by name select *, {moment} as _superseded_at from {living} "
        "where Id in (select Id from change where kind in ('updated', 'vanished'))"
    )
    execute(
        f"create or replace temp table gone as select {columns} from {living} "
        "where Id in (select Id from change where kind = 'vanished')"
    )
    execute(f"delete from {living} where Id in (select Id from change where kind in ('updated', 'vanished'))")
    execute(
        f"insert into {living} by name select {columns}, false as _is_gone, {moment} as _known_at, {run} as _run_id "
        "from incoming where Id in (select Id from change where kind in ('inserted', 'updated'))"
    )
    execute(
        f"insert into {living} by name "
        f"select {columns}, true as _is_gone, {moment} as _known_at, {run} as _run_id from gone"
    )
    kinds = dict(warehouse.rows("select kind, count(*) from change group by kind"))
    counts = LoadCounts(
        object_name=declared.name,
        read_cnt=item.read_cnt,
        inserted_cnt=kinds.get("inserted", 0),
        updated_cnt=kinds.get("updated", 0),
        unchanged_cnt=kinds.get("unchanged", 0),
        superseded_cnt=kinds.get("late", 0) + duplicate_cnt,
        vanished_cnt=vanished_cnt,
    )
    if not counts.is_balanced:
        raise WarehouseError(f"{declared.name}: {counts} does not add up; nothing was loaded, report this as a defect")
    _record_load(warehouse, landing, item, counts, known_at, duplicate_cnt, before)
    execute("drop table change; drop table gone; drop view incoming; drop table if exists twice")
    return counts


def _deleted(declared: CrmObject) -> str:
    return "IsDeleted" if declared.field("IsDeleted") else "false"


def _stage_incoming(warehouse: Warehouse, landing: Landing, declared: CrmObject, item: LandedObject) -> int:
    """Make the view `incoming` with one row per id, and return how many rows lost to another of the same id.

    The newest stamp wins; between equal stamps the row whose text sorts last, so that the order of rows in the
    source does not matter. A row without an id gets one made from its content, for staging to reject.
    """
    execute = warehouse.connection.execute
    columns = list(_record_columns(declared))
    listed = ", ".join(quoted(name) for name in columns)
    if not item.file:
        execute(
            f"create or replace temp view incoming as select {listed} from raw.{quoted(declared.table)} where false"
        )
        return 0
    content = ", ".join(f"coalesce({quoted(name)}::varchar, '')" for name in columns)
    path = literal(str(landing.folder / item.file))
    named = ", ".join(quoted(name) for name in columns if name != "Id")
    keyed = (
        f"select case when Id is null then 'no-id:' || md5(concat_ws('|', {content})) else Id end as Id, {named} "
        f"from read_parquet({path})"
    )
    execute(
        "create or replace temp table twice as with counted as "
        f"(select Id, count(*) as version_cnt from ({keyed}) group by Id having count(*) > 1), "
        f"ranked as (select keyed.*, counted.version_cnt, row_number() over (partition by keyed.Id "
        f"order by {_STAMP.format('keyed.')} desc nulls last, concat_ws('|', {content}) desc) as place "
        f"from ({keyed}) as keyed inner join counted using (Id)) select * from ranked where place = 1"
    )
    execute(
        "create or replace temp view incoming as "
        f"select {listed} from ({keyed}) where Id not in (select Id from twice) union all select {listed} from twice"
    )
    execute("insert into raw.duplicate select ?, ?, Id, version_cnt from twice", [landing.run_id, declared.name])
    return int(warehouse.value("select coalesce(sum(version_cnt - 1), 0) from twice"))


def _compare(warehouse: Warehouse, declared: CrmObject) -> None:
    """Make the table `change` with one row per incoming id: inserted, updated, unchanged or late."""
    columns = [name for name in _record_columns(declared) if name != "Id"]
    distinct = " or ".join(f"i.{quoted(name)} is distinct from l.{quoted(name)}" for name in columns)
    warehouse.connection.execute(
        "create or replace temp table change as select i.Id, case "
        "when l.Id is null then 'inserted' "
        f"when {_STAMP.format('i.')} < {_STAMP.format('l.')} then 'late' "
        f"when l._is_gone or {distinct} then 'updated' else 'unchanged' end as kind "
        f"from incoming as i left join raw.{quoted(declared.table)} as l on i.Id = l.Id"
    )


def _find_vanished(warehouse: Warehouse, declared: CrmObject) -> int:
    """Add to `change` the living records that a complete delivery no longer holds, and return how many."""
    inserted = warehouse.rows(
        f"insert into change select Id, 'vanished' from raw.{quoted(declared.table)} "
        f"where not _is_gone and not coalesce({_deleted(declared)}, false) and Id not in (select Id from change)"
    )
    return int(inserted[0][0])


def _record_load(
    warehouse: Warehouse,
    landing: Landing,
    item: LandedObject,
    counts: LoadCounts,
    known_at: datetime,
    duplicate_cnt: int,
    before: int,
) -> None:
    execute = warehouse.connection.execute
    execute(
        "insert into raw.load values (?, ?, ?, ?, true, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            landing.run_id,
            known_at,
            landing.source,
            counts.object_name,
            counts.read_cnt,
            counts.inserted_cnt,
            counts.updated_cnt,
            counts.unchanged_cnt,
            counts.superseded_cnt,
            counts.vanished_cnt,
            duplicate_cnt,
            before,
            "; ".join(item.notes) or None,
        ],
    )
    declared = crm_object(counts.object_name)
    names = [field.name for field in declared.fields] if declared else []
    for name in names:
        execute(
            "insert into raw.field_presence values (?, ?, ?, ?)",
            [landing.run_id, counts.object_name, name, item.presence.get(name, "absent")],
        )
