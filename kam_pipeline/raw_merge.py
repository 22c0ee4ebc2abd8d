"""Raw merge: the landed records of one object against its living versions.

What belongs here: finding duplicates, comparing, superseding, inserting, and counting what became of every record. What
does not: the tables themselves and the transaction around them (raw.py).
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kam_pipeline.crm_schema import DUCKDB_TYPES, CrmObject
from kam_pipeline.errors import WarehouseError
from kam_pipeline.warehouse import Warehouse, literal, quoted

UNPARSED = "_unparsed"


@dataclass(frozen=True)
class LoadCounts:
    """What became of the records of one object: read = inserted + updated + unchanged + superseded.

    Of the superseded ones, `duplicate_cnt` lost to another row of the same delivery.
    """

    object_name: str
    read_cnt: int
    inserted_cnt: int
    updated_cnt: int
    unchanged_cnt: int
    superseded_cnt: int
    vanished_cnt: int
    duplicate_cnt: int

    @property
    def is_balanced(self) -> bool:
        """Whether every record read is accounted for."""
        kept = self.inserted_cnt + self.updated_cnt + self.unchanged_cnt + self.superseded_cnt
        return self.read_cnt == kept


def record_columns(declared: CrmObject) -> dict[str, str]:
    """Return the columns of a record with their DuckDB types: the declared fields, and what could not be read."""
    return {field.name: DUCKDB_TYPES[field.type] for field in declared.fields} | {UNPARSED: "VARCHAR"}


def living_table(declared: CrmObject) -> str:
    """Return the SQL name of the table of living versions."""
    return f"raw.{quoted(declared.table)}"


def superseded_table(declared: CrmObject) -> str:
    """Return the SQL name of the table of superseded versions."""
    return f"raw.{quoted(declared.table + '_superseded')}"


def newest_stamp(declared: CrmObject) -> str:
    """Return the SQL expression for the newest stamp of a record, null for an object without stamps."""
    names = [name for name in ("SystemModstamp", "LastModifiedDate", "CreatedDate") if declared.field(name)]
    return f"coalesce({', '.join(names)})" if names else "null"


def _is_older(declared: CrmObject) -> str:
    """Return the SQL condition that an incoming record `i` is older than the living one `l`.

    Only stamps of one kind can be compared: LastModifiedDate may lie before the SystemModstamp of an older version.
    """
    if declared.field("SystemModstamp") is None:
        return "false"
    return (
        "case when i.SystemModstamp is not null and l.SystemModstamp is not null "
        "then i.SystemModstamp < l.SystemModstamp "
        "else coalesce(i.LastModifiedDate < l.LastModifiedDate, false) end"
    )


def is_deleted(declared: CrmObject) -> str:
    """Return the SQL condition that a record is in the recycle bin."""
    return "coalesce(IsDeleted, false)" if declared.field("IsDeleted") else "false"


def merge_object(
    warehouse: Warehouse,
    declared: CrmObject,
    file: Path | None,
    read_cnt: int,
    is_complete: bool,
    known_at: datetime,
    run_id: str,
) -> LoadCounts:
    """Merge the landed records of one object into its versions, inside a transaction that the caller has begun.

    Parameters
    ----------
    warehouse : Warehouse
        The open warehouse.
    declared : CrmObject
        The object.
    file : Path or None
        Its landed Parquet file, None when it has no records.
    read_cnt : int
        Records in the file.
    is_complete : bool
        Whether a living record that is not in the file has been deleted.
    known_at : datetime
        When the records became known, UTC without zone.
    run_id : str
        The run that extracted them.

    Returns
    -------
    LoadCounts
        What became of the records.

    Raises
    ------
    WarehouseError
        When the counts do not add up.
    """
    duplicate_cnt = _make_incoming(warehouse, declared, file)
    columns = ", ".join(quoted(name) for name in record_columns(declared))
    stamped = f"timestamp {literal(known_at.isoformat(sep=' '))} as _known_at, {literal(run_id)} as _run_id"
    living = living_table(declared)
    kinds: dict[str, int]
    if warehouse.value(f"select count(*) from (from {living} limit 1)"):
        kinds = _merge_with_living(warehouse, declared, columns, stamped, known_at, is_complete)
    else:
        query = f"insert into {living} by name select {columns}, false as _is_gone, {stamped} from incoming"
        kinds = {"inserted": warehouse.rows(query)[0][0]}
    counts = LoadCounts(
        object_name=declared.name,
        read_cnt=read_cnt,
        inserted_cnt=kinds.get("inserted", 0),
        updated_cnt=kinds.get("updated", 0),
        unchanged_cnt=kinds.get("unchanged", 0),
        superseded_cnt=kinds.get("late", 0) + duplicate_cnt,
        vanished_cnt=kinds.get("vanished", 0),
        duplicate_cnt=duplicate_cnt,
    )
    if not counts.is_balanced:
        raise WarehouseError(f"{declared.name}: {counts} does not add up; nothing was loaded, report this as a defect")
    execute = warehouse.connection.execute
    execute(
        "insert into raw.duplicate select ?, ?, Id, version_cnt from twice where place = 1", [run_id, declared.name]
    )
    _keep_passed_over(warehouse, declared, columns, stamped, known_at, "twice where place > 1")
    execute("drop view incoming; drop table twice; drop table if exists numbered")
    return counts


def _make_incoming(warehouse: Warehouse, declared: CrmObject, file: Path | None) -> int:
    """Make the view `incoming` with one row per id, and return how many rows lost to another of the same id.

    The newest stamp wins; between equal stamps the row whose text sorts last, so that the order of rows in the
    source does not matter. All rows of such ids stay in the temporary table `twice`, the winner with place 1.
    """
    execute = warehouse.connection.execute
    columns = list(record_columns(declared))
    listed = ", ".join(quoted(name) for name in columns)
    source = (
        f"read_parquet({literal(str(file))})"
        if file
        else f"(select {listed} from {living_table(declared)} where false)"
    )
    texts = ", ".join(f"coalesce({quoted(name)}::varchar, '')" for name in columns)
    content = f"concat_ws('|', {texts})"
    keyed = f"select {listed} from {source}"
    if warehouse.value(f"select count(*) from {source} where Id is null"):
        keyed = _with_ids(warehouse, declared, source, content)
    execute(
        "create or replace temp table twice as with counted as "
        f"(select Id, count(*) as version_cnt from ({keyed}) group by Id having count(*) > 1), "
        f"ranked as (select keyed.*, counted.version_cnt, row_number() over (partition by keyed.Id "
        f"order by {newest_stamp(declared)} desc nulls last, {content} desc) as place "
        f"from ({keyed}) as keyed inner join counted using (Id)) select * from ranked"
    )
    duplicate_cnt = int(warehouse.value("select count(*) from twice where place > 1"))
    if duplicate_cnt:
        alone = f"select {listed} from ({keyed}) where Id not in (select Id from twice)"
        keyed = f"{alone} union all select {listed} from twice where place = 1"
    execute(f"create or replace temp view incoming as {keyed}")
    return duplicate_cnt


def _with_ids(warehouse: Warehouse, declared: CrmObject, source: str, content: str) -> str:
    """Return the query for rows of which some have no id: it is made from their content.

    A record that must have an id gets one for staging to reject. Where ids are optional, equal rows are numbered, for
    each of them counts.
    """
    named = ", ".join(quoted(name) for name in record_columns(declared) if name != "Id")
    id_field = declared.field("Id")
    if id_field is not None and id_field.is_required:
        return f"select coalesce(Id, 'no-id:' || md5({content})) as Id, {named} from {source}"
    warehouse.connection.execute(
        "create or replace temp table numbered as with digested as "
        f"(select Id, case when Id is null then 'row:' || md5({content}) end as digest, {named} from {source}), "
        "equal as (select digest from digested where digest is not null group by digest having count(*) > 1) "
        f"select coalesce(Id, digest || ':1') as Id, {named} from digested anti join equal using (digest) union all "
        f"select digest || ':' || row_number() over (partition by digest order by {named}) as Id, {named} "
        "from digested semi join equal using (digest)"
    )
    return f"select Id, {named} from numbered"


def _merge_with_living(
    warehouse: Warehouse, declared: CrmObject, columns: str, stamped: str, known_at: datetime, is_complete: bool
) -> dict[str, int]:
    """Supersede, delete and insert, and return how many records there were of each kind of change."""
    execute = warehouse.connection.execute
    living = living_table(declared)
    _compare(warehouse, declared)
    if is_complete:
        execute(
            f"insert into change select Id, 'vanished' from {living} "
            f"where not _is_gone and not {is_deleted(declared)} and Id not in (select Id from change)"
        )
    replaced = "Id in (select Id from change where kind in ('updated', 'vanished'))"
    execute(
        f"insert into {superseded_table(declared)} by name "
        f"select *, timestamp {literal(known_at.isoformat(sep=' '))} as _superseded_at from {living} where {replaced}"
    )
    execute(
        f"create or replace temp table gone as select {columns} from {living} "
        "where Id in (select Id from change where kind = 'vanished')"
    )
    execute(f"delete from {living} where {replaced}")
    late = "incoming where Id in (select Id from change where kind = 'late')"
    _keep_passed_over(warehouse, declared, columns, stamped, known_at, late)
    execute(
        f"insert into {living} by name select {columns}, false as _is_gone, {stamped} from incoming "
        "where Id in (select Id from change where kind in ('inserted', 'updated'))"
    )
    execute(f"insert into {living} by name select {columns}, true as _is_gone, {stamped} from gone")
    kinds: dict[str, int] = dict(warehouse.rows("select kind, count(*) from change group by kind"))
    execute("drop table change; drop table gone")
    return kinds


def _keep_passed_over(
    warehouse: Warehouse, declared: CrmObject, columns: str, stamped: str, known_at: datetime, rows: str
) -> None:
    """Keep rows that never became the living version: superseded the moment they were known."""
    moment = f"timestamp {literal(known_at.isoformat(sep=' '))}"
    warehouse.connection.execute(
        f"insert into {superseded_table(declared)} by name "
        f"select {columns}, false as _is_gone, {stamped}, {moment} as _superseded_at from {rows}"
    )


def _compare(warehouse: Warehouse, declared: CrmObject) -> None:
    """Make the table `change` with one row per incoming id: inserted, updated, unchanged or late."""
    columns = [name for name in record_columns(declared) if name != "Id"]
    distinct = " or ".join(f"i.{quoted(name)} is distinct from l.{quoted(name)}" for name in columns)
    warehouse.connection.execute(
        "create or replace temp table change as select i.Id, case "
        "when l.Id is null then 'inserted' "
        f"when not l._is_gone and {_is_older(declared)} then 'late' "
        f"when l._is_gone or {distinct} then 'updated' else 'unchanged' end as kind "
        f"from incoming as i left join {living_table(declared)} as l on i.Id = l.Id"
    )
