"""The warehouse: open DuckDB with stated limits, run a model, replace a table or one date of it.

What belongs here: connections, transactions, and holding a result against its contract. What does not: what the
queries say (sql/), raw versions (raw.py), the published set (publishing).
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb

from kam_pipeline.contracts import TableContract
from kam_pipeline.errors import ContractError, WarehouseBusyError, WarehouseError
from kam_pipeline.processes import describe_process
from kam_pipeline.settings.operation import Engine
from kam_pipeline.sql_models import SqlModel
from kam_pipeline.storage import storage_cause, storage_errors

if TYPE_CHECKING:
    import pandas as pd  # a second of import that `kam status` does without

SqlValue = str | int | float | bool | date | None | list[str]
Parameters = Mapping[str, SqlValue]

LAYERS = ("raw", "staging", "core", "marts", "published")
CATALOG = "warehouse"


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL string, for statements that take no parameters (ATTACH, COPY, COMMENT)."""
    return "'" + text.replace("'", "''") + "'"


class Warehouse:
    """The working database of one project, open for writing.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A connection whose catalog `warehouse` is the database; use `Warehouse.open`.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path, engine: Engine) -> Iterator[Self]:
        """Open the warehouse, made when it is not there, and close it afterwards.

        Parameters
        ----------
        path : Path
            The database file.
        engine : Engine
            Memory and threads.

        Yields
        ------
        Warehouse
            The open warehouse.

        Raises
        ------
        WarehouseBusyError
            When another process has it open.
        WarehouseError
            When the file cannot be opened, made or written.
        """
        temporary = path.parent / "tmp"
        try:
            temporary.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WarehouseError(
                f"{path.parent}: cannot be written ({error.strerror}); free space or rights"
            ) from error
        connection = duckdb.connect(
            config={
                "memory_limit": engine.memory_limit,
                "threads": engine.threads,
                "temp_directory": str(temporary),
                # Results are ordered where order matters; keeping the order of inputs costs memory.
                "preserve_insertion_order": False,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": True,
            }
        )
        try:
            _attach(connection, path)
            _clear(temporary)
            connection.execute("set TimeZone = 'UTC'")
            warehouse = cls(connection)
            with storage_errors(path):
                for layer in LAYERS:
                    connection.execute(f"create schema if not exists {layer}")
                yield warehouse
        finally:
            connection.close()

    def rows(self, query: str, params: Parameters | None = None) -> list[tuple[Any, ...]]:
        """Return all rows of a small result."""
        return self.connection.execute(query, dict(params or {})).fetchall()

    def value(self, query: str, params: Parameters | None = None) -> Any:  # noqa: ANN401 - any SQL value
        """Return the first value of the first row, None when there is no row."""
        # fetchall, not fetchone: a result that is not read to its end blocks the connection
        found = self.rows(query, params)
        return found[0][0] if found else None

    def has_table(self, full_name: str) -> bool:
        """Return whether the warehouse has a table or view `layer.name`."""
        layer, name = full_name.split(".")
        found = self.value(
            "select count(*) from information_schema.tables "
            "where table_catalog = $c and table_schema = $l and table_name = $t",
            {"c": CATALOG, "l": layer, "t": name},
        )
        return bool(found)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a block as one transaction: all of it or, on any error, none."""
        self.connection.execute("begin")
        try:
            yield
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    def build(self, model: SqlModel, params: Parameters, record: Callable[[], None] = lambda: None) -> int:
        """Run a model and put its rows in place: the whole table, or only its date where it is dated.

        Parameters
        ----------
        model : SqlModel
            What to run.
        params : Parameters
            Values for at least the parameters that its header names.
        record : Callable[[], None]
            Writes down what was put, in the same transaction.

        Returns
        -------
        int
            Rows now in the table (of the date, where it is dated).

        Raises
        ------
        ContractError
            When the result's columns or types are not what the header says.
        """
        contract = model.contract
        bound = {name: params[name] for name in contract.params}
        self._check_result(contract, model.query, bound)
        with self.transaction():
            record()
            if contract.is_view:
                return self._put_view(contract, model.query)
            return self.put_query(contract, model.query, bound, params.get("as_of_date"))

    def put_frame(
        self,
        contract: TableContract,
        frame: "pd.DataFrame",
        as_of_date: date | None,
        record: Callable[[], None] = lambda: None,
    ) -> int:
        """Put a small frame in place as a table with a contract.

        Parameters
        ----------
        contract : TableContract
            The table's contract; values are cast to its types.
        frame : pd.DataFrame
            One column per contract column, in any order.
        as_of_date : date or None
            The date whose rows are replaced, None for an undated table.
        record : Callable[[], None]
            Writes down what was put, in the same transaction.

        Returns
        -------
        int
            Rows put.

        Raises
        ------
        ContractError
            When the frame's columns are not the contract's.
        """
        expected = [column.name for column in contract.columns]
        if sorted(frame.columns) != sorted(expected):
            raise ContractError(f"{contract.full_name}: columns {sorted(frame.columns)} instead of {sorted(expected)}")
        self.connection.register("frame_to_put", frame)
        try:
            casts = ", ".join(
                f"{quoted(column.name)}::{column.type} as {quoted(column.name)}" for column in contract.columns
            )
            with self.transaction():
                record()
                return self.put_query(contract, f"select {casts} from frame_to_put", {}, as_of_date)
        finally:
            self.connection.unregister("frame_to_put")

    def put_query(self, contract: TableContract, query: str, bound: Parameters, as_of_date: SqlValue) -> int:
        """Put a query's rows in place inside a transaction that the caller has begun; return how many."""
        target = _target(contract)
        self._drop_other_kind(contract, "view")
        if contract.is_dated:
            self._keep_dated_table(contract)
            self.connection.execute(f"delete from {target} where as_of_date = $day", {"day": as_of_date})
        else:
            self.connection.execute(f"create or replace table {target} ({_column_list(contract)})")
        inserted = self.rows(f"insert into {target} {query}", bound)
        return int(inserted[0][0])

    def _put_view(self, contract: TableContract, query: str) -> int:
        self._drop_other_kind(contract, "table")
        self.connection.execute(f"create or replace view {_target(contract)} as {query}")
        return int(self.value(f"select count(*) from {_target(contract)}"))

    def _drop_other_kind(self, contract: TableContract, kind: str) -> None:
        """Drop what an earlier version stored under the same name in the other way."""
        stored = self.value(
            f"select count(*) from duckdb_{kind}s() where database_name = $c and schema_name = $l and {kind}_name = $t",
            {"c": CATALOG, "l": contract.layer, "t": contract.name},
        )
        if stored:
            self.connection.execute(f"drop {kind} {_target(contract)}")

    def _keep_dated_table(self, contract: TableContract) -> None:
        """Make the table, or bring an older form of it to the contract's columns with all its dates."""
        target = _target(contract)
        found = self.rows(
            "select column_name, data_type from duckdb_columns() where database_name = $c and schema_name = $l "
            "and table_name = $t order by column_index",
            {"c": CATALOG, "l": contract.layer, "t": contract.name},
        )
        if found == [(column.name, column.type) for column in contract.columns]:
            return
        renewed = f"{CATALOG}.{contract.layer}.{quoted(contract.name + '_renewed')}"
        self.connection.execute(f"create table {renewed} ({_column_list(contract)})")
        shared = ", ".join(
            quoted(column.name) for column in contract.columns if column.name in {name for name, _ in found}
        )
        if shared:
            self.connection.execute(f"insert into {renewed} ({shared}) select {shared} from {target}")
            self.connection.execute(f"drop table {target}")
        self.connection.execute(f"alter table {renewed} rename to {quoted(contract.name)}")

    def _check_result(self, contract: TableContract, query: str, bound: Parameters) -> None:
        described = self.connection.execute(f"describe {query}", dict(bound)).fetchall()
        # DuckDB keeps the case of the source column where an alias differs only in case
        found = [(row[0].lower(), row[1]) for row in described]
        expected = [(column.name, column.type) for column in contract.columns]
        if found != expected:
            wrong = [f"{pair} instead of {want}" for pair, want in zip(found, expected, strict=False) if pair != want]
            detail = "; ".join(wrong) or f"{len(found)} columns instead of {len(expected)}"
            raise ContractError(f"{contract.full_name}: the query's columns differ from its header: {detail}")


def _target(contract: TableContract) -> str:
    return f"{CATALOG}.{contract.layer}.{quoted(contract.name)}"


def _column_list(contract: TableContract) -> str:
    return ", ".join(f"{quoted(column.name)} {column.type}" for column in contract.columns)


def _clear(temporary: Path) -> None:
    """Remove what a killed run left; nobody else works here while the database is ours."""
    for path in temporary.iterdir():
        with contextlib.suppress(OSError):
            path.unlink()


def _attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    try:
        connection.execute(f"attach {literal(str(path))} as {CATALOG}")
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            writer = re.search(r"\(PID (\d+)\)", str(error))
            named = f" ({describe_process(int(writer[1]))})" if writer else ""
            raise WarehouseBusyError(
                f"{path}: another process is writing here{named}; wait for that run to end, or stop it, then run again"
            ) from error
        cause = storage_cause(error) or str(error).splitlines()[0]
        raise WarehouseError(f"{path}: cannot be opened ({cause}); free space or rights, then run again") from error
    connection.execute(f"use {CATALOG}")
