"""Incoming records: the rows of a landed file with one row per id, each with an id, as the merge compares them.

What belongs here: duplicates, ids made from content, last known values of fields that have vanished. What does not:
comparing with the living versions (raw_merge.py).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.raw_json import entries, named, object_of, unnamed
from kam_pipeline.raw_tables import CUSTOM, UNPARSED, living_table, newest_stamp, record_columns
from kam_pipeline.warehouse import Warehouse, literal, quoted


def landed_columns(file: Path, wanted: dict[str, str]) -> str:
    """Return the SELECT list of a landed file; a column it lacks, as one of an earlier version may, is null."""
    there = set(pq.read_schema(file).names)
    return ", ".join(
        quoted(name) if name in there else f"null::{kind} as {quoted(name)}" for name, kind in wanted.items()
    )


def content_of(columns: Iterable[str]) -> str:
    """Return the SQL expression for a row as one text, which orders rows and makes ids for those that have none.

    `_custom` counts only where there is one, so that ids made before there were such columns stay what they were.
    """
    texts = [name if name == CUSTOM else f"coalesce({quoted(name)}::varchar, '')" for name in columns]
    return f"concat_ws('|', {', '.join(texts)})"


def make_incoming(warehouse: Warehouse, declared: CrmObject, file: Path | None, vanished: Sequence[str]) -> int:
    """Make the view `incoming` with one row per id, and return how many rows lost to another of the same id.

    The newest stamp wins; between equal stamps the row whose text sorts last, so that the order of rows in the
    source does not matter. All rows of such ids stay in the temporary table `twice`, the winner with place 1.

    Parameters
    ----------
    warehouse : Warehouse
        The open warehouse.
    declared : CrmObject
        The object.
    file : Path or None
        Its landed Parquet file, None when it has no records.
    vanished : Sequence[str]
        Fields, custom ones too, that the source no longer shows: records keep the last known values.

    Returns
    -------
    int
        Rows that lost.
    """
    execute = warehouse.connection.execute
    columns = record_columns(declared)
    listed = ", ".join(quoted(name) for name in columns)
    source = (
        f"(select {landed_columns(file, columns)} from read_parquet({literal(str(file))}))"
        if file
        else f"(select {listed} from {living_table(declared)} where false)"
    )
    content = content_of(columns)
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
    if vanished:
        keyed = _with_last_known(warehouse, declared, keyed, vanished)
    execute(f"create or replace temp view incoming as {keyed}")
    return duplicate_cnt


def drop_incoming(warehouse: Warehouse) -> None:
    """Drop what `make_incoming` made."""
    warehouse.connection.execute(
        "drop view incoming; drop table twice; drop table if exists numbered; drop table if exists last_known"
    )


def _with_ids(warehouse: Warehouse, declared: CrmObject, source: str, content: str) -> str:
    """Return the query for rows of which some have no id: it is made from their content.

    A record that must have an id gets one for staging to reject. Where ids are optional, equal rows are numbered, for
    each of them counts.
    """
    names = ", ".join(quoted(name) for name in record_columns(declared) if name != "Id")
    id_field = declared.field("Id")
    if id_field is not None and id_field.is_required:
        return f"select coalesce(Id, 'no-id:' || md5({content})) as Id, {names} from {source}"
    warehouse.connection.execute(
        "create or replace temp table numbered as with digested as "
        f"(select Id, case when Id is null then 'row:' || md5({content}) end as digest, {names} from {source}), "
        "equal as (select digest from digested where digest is not null group by digest having count(*) > 1) "
        f"select coalesce(Id, digest || ':1') as Id, {names} from digested anti join equal using (digest) union all "
        f"select digest || ':' || row_number() over (partition by digest order by {names}) as Id, {names} "
        "from digested semi join equal using (digest)"
    )
    return f"select Id, {names} from numbered"


def _with_last_known(warehouse: Warehouse, declared: CrmObject, keyed: str, vanished: Sequence[str]) -> str:
    """Return the query for incoming rows with what is known of the fields that have vanished.

    Put down in a table, for the living versions that it reads are about to be replaced.
    """
    lost = [field.name for field in declared.fields if field.name in vanished]
    selected = {name: f"i.{quoted(name)}" for name in record_columns(declared)}
    selected |= {name: f"l.{quoted(name)}" for name in lost}
    for column, names in ((UNPARSED, lost), (CUSTOM, [name for name in vanished if name not in lost])):
        if names and column in selected:
            new, known = entries(f"i.{column}"), entries(f"l.{column}")
            selected[column] = object_of(unnamed(new, names), named(known, names))
    values = ", ".join(f"{value} as {quoted(name)}" for name, value in selected.items())
    warehouse.connection.execute(
        f"create or replace temp table last_known as select {values} "
        f"from ({keyed}) as i left join {living_table(declared)} as l on i.Id = l.Id"
    )
    return f"select {', '.join(quoted(name) for name in selected)} from last_known"
