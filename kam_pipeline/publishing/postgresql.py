"""The published set in a PostgreSQL database: the dates that differ are deleted and copied in one transaction.

What belongs here: which rows are replaced, and how they travel. What does not: how tables are made and who may read
them (postgresql_objects.py, postgresql_readers.py), the session and its errors (postgresql_session.py).

Every value arrives as it is in the published DuckDB file, with one exception: PostgreSQL cannot hold the character
U+0000 in a text, which is left out.
"""

from datetime import date
from typing import TYPE_CHECKING

from kam_pipeline.contracts import Column, TableContract
from kam_pipeline.errors import PublicationError
from kam_pipeline.publishing.kept import kept_counts, kept_dates, kept_query
from kam_pipeline.publishing.postgresql_objects import adapt_tables, create_schemas, create_tables, table_name
from kam_pipeline.publishing.postgresql_readers import grant, make_role
from kam_pipeline.publishing.postgresql_session import Database, execute, rows, tidy_up, transaction
from kam_pipeline.settings.configuration import PUBLISHED_SCHEMA
from kam_pipeline.warehouse import Warehouse, quoted

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Two publishers at once: the second waits for the first. Any number that no other program uses.
_LOCK = 0x6B616D  # "kam"
# Small batches keep the server busy while the next is made, and memory flat.
_BATCH_ROWS = 10_000


def publish_to_postgresql(
    warehouse: Warehouse,
    contracts: list[TableContract],
    database: Database,
    reader_role: str | None,
    *,
    whole: bool = False,
) -> dict[str, int]:
    """Bring a PostgreSQL database to the published set of the warehouse, in one transaction.

    Parameters
    ----------
    warehouse : Warehouse
        With the published set.
    contracts : list[TableContract]
        The tables that readers get; `snapshot` is among them.
    database : Database
        Where to.
    reader_role : str or None
        Role that may read the tables, made when it is not there; None grants nothing.
    whole : bool
        Replace every date, also those that the database has from the same run.

    Returns
    -------
    dict[str, int]
        Rows written per table; empty when the database had everything already.

    Raises
    ------
    TargetUnavailableError
        When the database does not answer or a lock is not given in time.
    PublicationError
        When it cannot be written; readers keep the last publication.
    """
    # Changing a table locks readers out until its transaction ends: a short one of its own, and only after an update
    # of this product. Should the rows then fail, readers see the last publication with a column more.
    with transaction(database) as connection:
        _alone(connection)
        adapt_tables(connection, contracts)
    with transaction(database) as connection:
        _alone(connection)
        create_schemas(connection)
        if reader_role:
            make_role(connection, reader_role)
        made = create_tables(connection, contracts)
        if reader_role:
            grant(connection, contracts, reader_role)
        written = _replace_rows(connection, warehouse, contracts, made, whole)
    if written:
        tidy_up(database, [table_name(contract) for contract in contracts if contract.name in written])
    return written


def _alone(connection: "Connection") -> None:
    rows(connection, "select pg_advisory_xact_lock(:key)", key=_LOCK)


def _replace_rows(
    connection: "Connection", warehouse: Warehouse, contracts: list[TableContract], made: set[str], whole: bool
) -> dict[str, int]:
    """Delete and copy the dates that differ and the undated tables; a table that was just made gets all dates."""
    kept = {found.as_of_date: found.run_id for found in kept_dates(warehouse)}
    if not kept:
        raise PublicationError("nothing has been published yet; start with `kam run`")
    snapshots = rows(connection, f"select as_of_date, run_id from {PUBLISHED_SCHEMA}.snapshot")
    there: dict[date, str] = dict(snapshots)
    differing = {day for day in kept | there if whole or kept.get(day) != there.get(day)}
    changed = {
        contract.name: set(kept) if contract.name in made else differing | _recounted(connection, warehouse, contract)
        for contract in contracts
        if contract.is_dated
    }
    if not made and not any(changed.values()):
        return {}
    written = {}
    for contract in contracts:
        days = changed.get(contract.name)
        if not contract.is_dated:
            execute(connection, f"delete from {table_name(contract)}")
            written[contract.name] = _copy(connection, warehouse, contract, None)
        elif days:
            connection.exec_driver_sql(
                f"delete from {table_name(contract)} where as_of_date = any(%(days)s)", {"days": sorted(days)}
            )
            written[contract.name] = _copy(connection, warehouse, contract, sorted(days))
    return written


def _recounted(connection: "Connection", warehouse: Warehouse, contract: TableContract) -> set[date]:
    """Return the dates of which the database has another number of rows than is kept: retention has let go of some."""
    found = rows(connection, f"select as_of_date, count(*) from {table_name(contract)} group by as_of_date")
    there, kept = dict(found), kept_counts(warehouse, contract)
    return {day for day in there | kept if there.get(day) != kept.get(day)}


def _copy(connection: "Connection", warehouse: Warehouse, contract: TableContract, days: list[date] | None) -> int:
    """Copy rows of the published set into a table, and return how many.

    As CSV, which tells a null from an empty text and in which nothing else is special once every text is quoted.
    """
    import pyarrow as pa
    from pyarrow import csv

    columns = ", ".join(_as_text(column) for column in contract.columns)
    query = f"select {columns} from ({kept_query(warehouse, contract)})"
    if days is not None:
        query += " where as_of_date in (select unnest($days))"
    names = ", ".join(quoted(column.name) for column in contract.columns)
    bound = {} if days is None else {"days": days}
    form = csv.WriteOptions(include_header=False, quoting_style="needed")
    driver = connection.connection.driver_connection
    if driver is None:
        raise TypeError("the connection is closed")
    copied = 0
    with driver.cursor().copy(f"copy {table_name(contract)} ({names}) from stdin (format csv)") as copy:
        # `sql` and not `execute`, which keeps the whole result in memory before it hands any of it over
        for batch in warehouse.connection.sql(query, params=bound).to_arrow_reader(_BATCH_ROWS):
            buffer = pa.BufferOutputStream()
            csv.write_csv(batch, buffer, form)
            copy.write(buffer.getvalue())
            copied += batch.num_rows
    return copied


def _as_text(column: Column) -> str:
    """Return the expression that a column travels as."""
    name = quoted(column.name)
    if column.type == "VARCHAR":
        return f"replace({name}, chr(0), '') as {name}"
    if column.type in ("DATE", "TIMESTAMP"):
        # DuckDB writes years before Christ and infinity as PostgreSQL reads them, but for the brackets
        return f"replace({name}::varchar, '(BC)', 'BC') as {name}"
    return name
