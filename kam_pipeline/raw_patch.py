"""Raw patch: new values of some columns for records whose other columns are known.

What belongs here: which of them count, and the records as they are then. What does not: replacing versions
(raw_merge.py).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.raw_incoming import content_of, landed_columns
from kam_pipeline.raw_json import differs, entries, named, names_of, not_in, object_of, unnamed
from kam_pipeline.raw_tables import CUSTOM, UNPARSED, living_table, record_columns
from kam_pipeline.warehouse import Warehouse, literal, quoted

# Two objects of hundreds of entries, for two thousand records at a time, would fill the memory.
_PARTS = 8


def make_patched(
    warehouse: Warehouse, declared: CrmObject, file: Path, fields: Sequence[str], shown: Sequence[str]
) -> None:
    """Make the table `patched` with the records that a patch is about, and say in `change` what becomes of each.

    A row counts only where the record is known with the same stamp and no other change: of a newer one the whole record
    is on its way. In `change` it is then `patched`, or `unchanged` where it says nothing new.

    Parameters
    ----------
    warehouse : Warehouse
        The open warehouse, with the table `change`.
    declared : CrmObject
        The object.
    file : Path
        The landed Parquet file.
    fields : Sequence[str]
        Columns that it holds.
    shown : Sequence[str]
        Fields of the object that the source has or had; other entries of `_custom` are asked for no more.
    """
    execute = warehouse.connection.execute
    columns = record_columns(declared)
    held = [name for name in columns if name in fields and name != "Id"]
    wanted = {name: kind for name, kind in columns.items() if name in {"Id", "SystemModstamp", UNPARSED, *held}}
    new = {name: f"l.{quoted(name)}" for name in columns} | {name: f"p.{quoted(name)}" for name in held}
    known, read = entries(f"l.{UNPARSED}"), entries(f"p.{UNPARSED}")
    new[UNPARSED] = object_of(unnamed(known, held), named(read, held))
    read_names = names_of(CUSTOM) if CUSTOM in held else "null"
    is_same_version = "p.SystemModstamp is not distinct from l.SystemModstamp" if "SystemModstamp" in wanted else "true"
    execute(
        f"create or replace temp table patch as select *, {read_names} as read_names from "
        f"(select {landed_columns(file, wanted)} from read_parquet({literal(str(file))})) "
        f"qualify row_number() over (partition by Id order by {content_of(wanted)} desc) = 1"
    )
    source = (
        f"patch as p inner join {living_table(declared)} as l on p.Id = l.Id "
        f"where not l._is_gone and {is_same_version} and p.Id not in (select Id from change)"
    )
    if CUSTOM not in held:
        execute(f"create or replace temp table patched as {_values(new, source)}")
    else:
        known, read = entries(f"l.{CUSTOM}"), entries(f"p.{CUSTOM}")
        both = {**new, CUSTOM: object_of(not_in(named(known, shown), "p.read_names"), read)}
        is_whole = f"list_has_all(p.read_names, {names_of(f'l.{CUSTOM}')})"
        execute(f"create or replace temp table patched as {_values(new, f'{source} and {is_whole}')}")
        for part in range(_PARTS):
            some = f"{source} and not {is_whole} and hash(p.Id) % {_PARTS} = {part}"
            execute(f"insert into patched {_values(both, some)}")
    execute(
        f"insert into change select p.Id, case when {is_other(columns, 'p', 'l')} then 'patched' else 'unchanged' end "
        f"from patched as p inner join {living_table(declared)} as l on p.Id = l.Id"
    )
    execute("drop table patch")


def _values(new: Mapping[str, str], source: str) -> str:
    return f"select {', '.join(f'{value} as {quoted(name)}' for name, value in new.items())} from {source}"


def is_other(columns: Sequence[str] | dict[str, str], one: str, other: str) -> str:
    """Return the SQL condition that two rows differ in a column; objects are compared by what is in them."""
    plain = [f"{one}.{quoted(name)} is distinct from {other}.{quoted(name)}" for name in columns if name[0] != "_"]
    objects = [differs(f"{one}.{name}", f"{other}.{name}") for name in columns if name in (UNPARSED, CUSTOM)]
    return " or ".join([*plain, *objects])
