"""Records as texts, one table per object, in a DuckDB of the organisation's own.

What belongs here: tables, adding and changing rows, loading many. What does not: what changes mean (changes.py), what
readers see (reading.py).

Each table has a text column per field that has values of its own, and `_row` (the order of arrival), `_hidden` (sharing
keeps it from the user), `_deletion` (number of the act that deleted it) and `_deleted_at`.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from connectors.salesforce_emulator.schema import SObject
from connectors.salesforce_emulator.soql_scope import quoted

Values = Mapping[str, str | None]
BOOKKEEPING = "_row bigint, _hidden boolean, _deletion bigint, _deleted_at timestamp"


class Store:
    """All tables of one organisation; every call is safe beside others."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._db = duckdb.connect(":memory:")
        self._db.execute("set timezone = 'UTC'")
        self._rows = 0

    def close(self) -> None:
        """Let go of everything."""
        self._db.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of the caller's own, to be closed."""
        return self._db.cursor()

    def fetch(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with self.cursor() as cursor:
            return cursor.execute(sql, list(values)).fetchall()

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Execute a statement that changes something."""
        with self.lock, self.cursor() as cursor:
            cursor.execute(sql, list(values))

    def make_table(self, owner: SObject) -> None:
        """Make the table of an object."""
        columns = ", ".join(f"{quoted(known.column)} varchar" for known in owner.stored)
        self.run(f"create table {quoted(owner.name)} ({BOOKKEEPING}, {columns})")

    def add_column(self, owner: SObject, column: str, default: str | None) -> None:
        """Add a column whose value is the default in all rows."""
        self.run(f"alter table {quoted(owner.name)} add column {quoted(column)} varchar")
        if default is not None:
            self.run(f"update {quoted(owner.name)} set {quoted(column)} = ?", [default])

    def append(self, owner: SObject, values: Values) -> None:
        """Add one row, given texts per column."""
        with self.lock:
            self._rows += 1
            names = ", ".join(map(quoted, values))
            marks = ", ".join("?" for _ in values)
            sql = f"insert into {quoted(owner.name)} (_row, _hidden, {names}) values (?, false, {marks})"
            self.run(sql, [self._rows, *values.values()])

    def change(self, owner: SObject, where: str, bound: Sequence[Any], values: Mapping[str, Any]) -> None:
        """Set columns of the rows for which a condition holds."""
        changes = ", ".join(f"{quoted(name)} = ?" for name in values)
        self.run(f"update {quoted(owner.name)} set {changes} where {where}", [*values.values(), *bound])

    def remove(self, owner: SObject, where: str, bound: Sequence[Any]) -> None:
        """Remove the rows for which a condition holds."""
        self.run(f"delete from {quoted(owner.name)} where {where}", bound)

    def load(self, owner: SObject, table: pa.Table, expressions: Mapping[str, str]) -> int:
        """Append all rows of a table of texts; `expressions` are SQL per column on the columns of the table."""
        if not table.num_rows:
            return 0
        with self.lock, self.cursor() as cursor:
            cursor.register("loaded", table)
            names = ", ".join(map(quoted, expressions))
            values = ", ".join(expressions.values())
            cursor.execute(
                f"insert into {quoted(owner.name)} (_row, _hidden, {names}) "
                f"select {self._rows} + row_number() over (), false, {values} from loaded"
            )
            self._rows += table.num_rows
            cursor.unregister("loaded")
        return int(table.num_rows)

    def texts_of(self, rows: "Iterable[Values] | pa.Table | Path") -> pa.Table:
        """Return rows, a table or a CSV file as one table of texts; empty texts are null."""
        if isinstance(rows, Path):
            return self._csv(rows)
        if not isinstance(rows, pa.Table):
            listed = list(rows)
            names = list(dict.fromkeys(name for row in listed for name in row))
            rows = pa.table({name: pa.array([row.get(name) for row in listed], pa.string()) for name in names})
        return pa.table({name: rows.column(name).cast(pa.string()) for name in rows.column_names})

    def _csv(self, path: Path) -> pa.Table:
        with self.cursor() as cursor:
            relation = cursor.sql(
                "from read_csv(?, all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', "
                "nullstr = '', parallel = false, strict_mode = true, max_line_size = 4194304)",
                params=[str(path)],
            )
            return relation.to_arrow_table()
