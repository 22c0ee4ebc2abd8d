"""Raw merge: the landed records of one object against its living versions.

What belongs here: comparing, superseding, inserting, and counting what became of every record. What does not: one row
per id (raw_incoming.py), new values of some columns (raw_patch.py), the tables themselves (raw_tables.py), the
transaction around it (raw.py).
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.errors import WarehouseError
from kam_pipeline.landing import LandedObject, Landing
from kam_pipeline.raw_incoming import drop_incoming, make_incoming
from kam_pipeline.raw_patch import is_other, make_patched
from kam_pipeline.raw_tables import is_deleted, living_table, record_columns, superseded_table
from kam_pipeline.warehouse import Warehouse, literal, quoted

VANISHED = "vanished"


@dataclass(frozen=True)
class LoadCounts:
    """What became of the records of one object: read = inserted + updated + unchanged + superseded.

    Attributes
    ----------
    object_name : str
        The object.
    read_cnt : int
        Records read, and rows of new values of some columns.
    inserted_cnt, updated_cnt, unchanged_cnt : int
        New records; new versions; rows that say nothing new.
    superseded_cnt : int
        Rows that became no living version: older than what is known, `duplicate_cnt` or `unapplied_cnt`.
    vanished_cnt : int
        Living records that are gone now.
    duplicate_cnt : int
        Rows that lost to another row of the same delivery.
    gone_cnt : int
        Ids that the source said are no longer there, known ones or not.
    patched_cnt : int
        Of the rows read, those of new values of some columns.
    unapplied_cnt : int
        Of these, those whose record is not known with the same stamp.
    """

    object_name: str
    read_cnt: int
    inserted_cnt: int
    updated_cnt: int
    unchanged_cnt: int
    superseded_cnt: int
    vanished_cnt: int
    duplicate_cnt: int
    gone_cnt: int = 0
    patched_cnt: int = 0
    unapplied_cnt: int = 0

    @property
    def is_balanced(self) -> bool:
        """Whether every record read is accounted for."""
        kept = self.inserted_cnt + self.updated_cnt + self.unchanged_cnt + self.superseded_cnt
        return self.read_cnt == kept


@dataclass(frozen=True)
class _Versions:
    """How versions of one object are written: columns, the values that stamp a new one, the moment."""

    declared: CrmObject
    columns: str
    stamped: str
    moment: str


def merge_object(
    warehouse: Warehouse, declared: CrmObject, landing: Landing, item: LandedObject, known_at: datetime
) -> LoadCounts:
    """Merge the landed records of one object into its versions, inside a transaction that the caller has begun.

    Parameters
    ----------
    warehouse : Warehouse
        The open warehouse.
    declared : CrmObject
        The object.
    landing : Landing
        The landing.
    item : LandedObject
        What it holds of the object.
    known_at : datetime
        When the records became known, UTC without zone.

    Returns
    -------
    LoadCounts
        What became of the records.

    Raises
    ------
    WarehouseError
        When the counts do not add up.
    """
    vanished = [name for name, presence in item.presence.items() if presence == VANISHED]
    duplicate_cnt = make_incoming(warehouse, declared, _path(landing, item.file), vanished)
    moment = f"timestamp {literal(known_at.isoformat(sep=' '))}"
    versions = _Versions(
        declared=declared,
        columns=", ".join(quoted(name) for name in record_columns(declared)),
        stamped=f"{moment} as _known_at, {literal(landing.run_id)} as _run_id",
        moment=moment,
    )
    living = living_table(declared)
    if warehouse.value(f"select count(*) from (from {living} limit 1)"):
        kinds, applied_cnt = _merge_with_living(warehouse, versions, landing, item)
    else:
        query = (
            f"insert into {living} by name "
            f"select {versions.columns}, false as _is_gone, {versions.stamped} from incoming"
        )
        kinds, applied_cnt = {"inserted": warehouse.rows(query)[0][0]}, 0
    counts = _counted(item, kinds, duplicate_cnt, item.patch_cnt - applied_cnt)
    if not counts.is_balanced:
        raise WarehouseError(f"{declared.name}: {counts} does not add up; nothing was loaded, report this as a defect")
    warehouse.connection.execute(
        "insert into raw.duplicate select ?, ?, Id, version_cnt from twice where place = 1",
        [landing.run_id, declared.name],
    )
    _keep_passed_over(warehouse, versions, "twice where place > 1")
    drop_incoming(warehouse)
    return counts


def _counted(item: LandedObject, kinds: dict[str, int], duplicate_cnt: int, unapplied_cnt: int) -> LoadCounts:
    return LoadCounts(
        object_name=item.object_name,
        read_cnt=item.read_cnt + item.patch_cnt,
        inserted_cnt=kinds.get("inserted", 0),
        updated_cnt=kinds.get("updated", 0) + kinds.get("patched", 0),
        unchanged_cnt=kinds.get("unchanged", 0),
        superseded_cnt=kinds.get("late", 0) + duplicate_cnt + unapplied_cnt,
        vanished_cnt=kinds.get("vanished", 0),
        duplicate_cnt=duplicate_cnt,
        gone_cnt=item.gone_cnt,
        patched_cnt=item.patch_cnt,
        unapplied_cnt=unapplied_cnt,
    )


def _path(landing: Landing, file: str) -> Path | None:
    return landing.folder / file if file else None


def _merge_with_living(
    warehouse: Warehouse, versions: _Versions, landing: Landing, item: LandedObject
) -> tuple[dict[str, int], int]:
    """Supersede, delete and insert; return how many there were of each kind of change, and of patch rows that count."""
    execute = warehouse.connection.execute
    living, columns, stamped = living_table(versions.declared), versions.columns, versions.stamped
    _compare(warehouse, versions.declared)
    _add_vanished(warehouse, versions.declared, item.is_complete, _path(landing, item.gone_file))
    applied_cnt = _add_patched(warehouse, versions.declared, landing, item)
    replaced = "Id in (select Id from change where kind in ('updated', 'vanished', 'patched'))"
    execute(
        f"insert into {superseded_table(versions.declared)} by name "
        f"select *, {versions.moment} as _superseded_at from {living} where {replaced}"
    )
    execute(
        f"create or replace temp table gone as select {columns} from {living} "
        "where Id in (select Id from change where kind = 'vanished')"
    )
    execute(f"delete from {living} where {replaced}")
    _keep_passed_over(warehouse, versions, "incoming where Id in (select Id from change where kind = 'late')")
    new = f"insert into {living} by name select {columns}, false as _is_gone, {stamped} from"
    execute(f"{new} incoming where Id in (select Id from change where kind in ('inserted', 'updated'))")
    execute(f"insert into {living} by name select {columns}, true as _is_gone, {stamped} from gone")
    if applied_cnt:
        execute(f"{new} patched where Id in (select Id from change where kind = 'patched')")
    kinds: dict[str, int] = dict(warehouse.rows("select kind, count(*) from change group by kind"))
    execute("drop table change; drop table gone; drop table if exists patched")
    return kinds, applied_cnt


def _keep_passed_over(warehouse: Warehouse, versions: _Versions, rows: str) -> None:
    """Keep rows that never became the living version: superseded the moment they were known."""
    warehouse.connection.execute(
        f"insert into {superseded_table(versions.declared)} by name select {versions.columns}, "
        f"false as _is_gone, {versions.stamped}, {versions.moment} as _superseded_at from {rows}"
    )


def _compare(warehouse: Warehouse, declared: CrmObject) -> None:
    """Make the table `change` with one row per incoming id: inserted, updated, unchanged or late."""
    columns = [name for name in record_columns(declared) if name != "Id"]
    warehouse.connection.execute(
        "create or replace temp table change as select i.Id, case "
        "when l.Id is null then 'inserted' "
        f"when not l._is_gone and {_is_older(declared)} then 'late' "
        f"when l._is_gone or {is_other(columns, 'i', 'l')} then 'updated' else 'unchanged' end as kind "
        f"from incoming as i left join {living_table(declared)} as l on i.Id = l.Id"
    )


def _is_older(declared: CrmObject) -> str:
    """Return the SQL condition that an incoming record `i` is older than the living one `l`.

    Only stamps of one kind can be compared: LastModifiedDate may lie before the SystemModstamp of an older version.
    """
    if declared.field("SystemModstamp") is None:
        return "false"
    by_user = "coalesce(i.LastModifiedDate < l.LastModifiedDate, false)"
    return (
        "case when i.SystemModstamp is not null and l.SystemModstamp is not null "
        "then i.SystemModstamp < l.SystemModstamp "
        f"else {by_user if declared.field('LastModifiedDate') else 'false'} end"
    )


def _add_vanished(warehouse: Warehouse, declared: CrmObject, is_complete: bool, gone: Path | None) -> None:
    """Add to `change` the living records that a complete delivery lacks, and those that the source says are gone."""
    conditions = ["true"] if is_complete else []
    if gone is not None:
        conditions.append(f"Id in (select Id from read_parquet({literal(str(gone))}))")
    if conditions:
        warehouse.connection.execute(
            f"insert into change select Id, 'vanished' from {living_table(declared)} where not _is_gone "
            f"and not {is_deleted(declared)} and ({' or '.join(conditions)}) and Id not in (select Id from change)"
        )


def _add_patched(warehouse: Warehouse, declared: CrmObject, landing: Landing, item: LandedObject) -> int:
    """Add to `change` the records of a patch that count, and return how many rows these are."""
    file = _path(landing, item.patch_file)
    if file is None:
        return 0
    shown = [name for name, presence in item.presence.items() if presence not in ("absent", "not_mapped")]
    make_patched(warehouse, declared, file, item.patch_fields, shown)
    return int(warehouse.value("select count(*) from patched"))
