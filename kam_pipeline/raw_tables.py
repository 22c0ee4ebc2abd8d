"""Raw tables: their names, their columns, and what a record says of itself.

What belongs here: names and SQL expressions by declaration, making the tables. What does not: putting records into them
(raw_merge.py).
"""

from kam_pipeline.crm_schema import DUCKDB_TYPES, CrmObject
from kam_pipeline.feed_schema import SOURCE_OBJECTS
from kam_pipeline.warehouse import CATALOG, Warehouse, quoted

UNPARSED = "_unparsed"
CUSTOM = "_custom"
_COUNTS = ("read", "inserted", "updated", "unchanged", "superseded", "vanished")
_BOOKKEEPING = {
    "load": {"run_id": "VARCHAR", "known_at": "TIMESTAMP", "source": "VARCHAR", "object": "VARCHAR"}
    | {"is_present": "BOOLEAN"}
    | {f"{count}_cnt": "BIGINT" for count in _COUNTS}
    | {"duplicate_cnt": "BIGINT", "living_before_cnt": "BIGINT", "note": "VARCHAR"}
    | {"announced_cnt": "BIGINT", "is_complete": "BOOLEAN"}
    # the source's own clock, and what came beside whole records: ids that are gone, new values of some columns
    | {"is_live": "BOOLEAN", "clock_at": "TIMESTAMP"}
    | {"gone_cnt": "BIGINT", "patched_cnt": "BIGINT", "unapplied_cnt": "BIGINT"},
    "field_presence": dict.fromkeys(("run_id", "object", "field", "presence", "advice"), "VARCHAR"),
    "duplicate": {"run_id": "VARCHAR", "object": "VARCHAR", "record_id": "VARCHAR", "version_cnt": "BIGINT"},
    "checkpoint": {"object": "VARCHAR", "run_id": "VARCHAR", "known_at": "TIMESTAMP", "state": "VARCHAR"},
}
BOOKKEEPING = tuple(_BOOKKEEPING)
"""Tables about loads, beside those of records."""


def record_columns(declared: CrmObject) -> dict[str, str]:
    """Return the columns of a record with their DuckDB types: the declared fields, what could not be read, custom."""
    fields = {field.name: DUCKDB_TYPES[field.type] for field in declared.fields}
    return fields | {UNPARSED: "VARCHAR"} | ({CUSTOM: "VARCHAR"} if declared.has_custom else {})


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


def is_deleted(declared: CrmObject) -> str:
    """Return the SQL condition that a record is in the recycle bin."""
    return "coalesce(IsDeleted, false)" if declared.field("IsDeleted") else "false"


def make_raw_tables(warehouse: Warehouse) -> None:
    """Make the raw tables of every declared object and feed, or add columns that the declaration has gained."""
    wanted = {f"raw.{name}": columns for name, columns in _BOOKKEEPING.items()}
    for declared in SOURCE_OBJECTS:
        columns = record_columns(declared) | {"_is_gone": "BOOLEAN", "_known_at": "TIMESTAMP", "_run_id": "VARCHAR"}
        wanted[living_table(declared)] = columns
        wanted[superseded_table(declared)] = columns | {"_superseded_at": "TIMESTAMP"}
    present: dict[str, set[str]] = {}
    # asked once: a question per table would take longer than a small night's load
    for table, column in warehouse.rows(
        "select table_name, column_name from duckdb_columns() where database_name = $catalog and schema_name = 'raw'",
        {"catalog": CATALOG},
    ):
        present.setdefault(table, set()).add(column)
    for name, columns in wanted.items():
        _make_table(warehouse, name, columns, present.get(name.removeprefix("raw.").strip('"')))


def _make_table(warehouse: Warehouse, name: str, columns: dict[str, str], present: set[str] | None) -> None:
    if present is None:
        definition = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
        warehouse.connection.execute(f"create table {name} ({definition})")
        return
    for column, kind in columns.items():
        if column not in present:
            warehouse.connection.execute(f"alter table {name} add column {quoted(column)} {kind}")
