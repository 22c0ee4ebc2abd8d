"""What the warehouse tells while nobody writes it: failed checks of a run, and how far each object's records go.

What belongs here: reading it without making or changing anything. What does not: what readers have (publication.py).
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from kam_pipeline.errors import WarehouseBusyError, WarehouseError
from kam_pipeline.feed_schema import SOURCE_OBJECTS
from kam_pipeline.raw_tables import living_table, newest_stamp


@dataclass(frozen=True)
class Watermark:
    """How far the records of one object go.

    Attributes
    ----------
    object_name : str
        CRM object or feed.
    records_cnt : int
        Living records.
    newest_at : datetime or None
        Newest stamp among them, UTC; None for what has no stamps.
    last_read_at : datetime or None
        When the source last had it, UTC.
    """

    object_name: str
    records_cnt: int
    newest_at: datetime | None
    last_read_at: datetime | None


@contextlib.contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for reading only.

    Raises
    ------
    WarehouseBusyError
        When a run holds it.
    WarehouseError
        When it cannot be read.
    """
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise WarehouseBusyError(f"{path}: a run is going on; look again when it has ended") from error
        raise WarehouseError(f"{path}: cannot be read ({str(error).splitlines()[0]})") from error
    with connection:
        yield connection


def failed_checks(connection: duckdb.DuckDBPyConnection, run_id: str) -> tuple[str, ...]:
    """Return one line for each check that kept a run from publishing."""
    if not _has_table(connection, "marts", "data_quality"):
        return ()
    rows = _rows(
        connection,
        'select "check", object, value, threshold, detail from marts.data_quality '
        "where run_id = $run and severity = 'error' and not passed order by all",
        run=run_id,
    )
    return tuple(check_line(*row) for row in rows)


def check_line(check: str, name: str, value: float | None, threshold: float | None, detail: str) -> str:
    """Return a check that does not hold as one line: what, of what, its figure, what it means."""
    figure = "" if value is None else f" is {value:.4g}"
    limit = "" if threshold is None else f" against {threshold:.4g}"
    return f"{check} of {name}{figure}{limit}. {detail}"


def watermarks(connection: duckdb.DuckDBPyConnection) -> tuple[Watermark, ...]:
    """Return how far the records of each object go that was ever read."""
    if not _has_table(connection, "raw", "load"):
        return ()
    read_at = dict(_rows(connection, "select object, max(known_at) from raw.load where is_present group by object"))
    marks = []
    for declared in SOURCE_OBJECTS:
        if declared.name in read_at:
            [(count, newest)] = _rows(
                connection,
                f"select count(*), max({newest_stamp(declared)}) from {living_table(declared)} where not _is_gone",
            )
            marks.append(Watermark(declared.name, count, newest, read_at[declared.name]))
    return tuple(marks)


def _has_table(connection: duckdb.DuckDBPyConnection, layer: str, name: str) -> bool:
    query = "select count(*) from duckdb_tables() where schema_name = $layer and table_name = $name"
    return bool(_rows(connection, query, layer=layer, name=name)[0][0])


def _rows(connection: duckdb.DuckDBPyConnection, query: str, **params: object) -> list[tuple[Any, ...]]:
    return connection.execute(query, params).fetchall()
