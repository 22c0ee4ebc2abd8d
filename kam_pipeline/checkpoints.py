"""Checkpoints: what earlier extractions left in the warehouse, for a source to read no more than is new.

What belongs here: looking it up. What does not: writing it, together with the records (raw.py); what it says
(connectors).
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import duckdb
import pyarrow as pa

from kam_pipeline.feed_schema import source_object
from kam_pipeline.raw_tables import living_table

_BATCH_ROWS = 100_000


class WarehouseCheckpoints:
    """What the warehouse knows of one source (see connectors.base.Checkpoints).

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A connection whose current catalog is the warehouse; read only.
    source : str
        Name of the source. What another one left, another organisation or an export, says nothing about this one.
    reads_all : bool
        Every record is to be read anew.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: str, *, reads_all: bool = False) -> None:
        self._connection = connection
        self._source = source
        self.reads_all = reads_all

    def of(self, object_name: str) -> Mapping[str, Any] | None:
        """Return what the source said of an object the last time its records were loaded, None before the first.

        None too where another source has delivered the object since: its records are no longer as they were left.
        """
        if not self._has_table("checkpoint"):
            return None
        found = self._connection.execute(
            "select checkpoint.state from raw.checkpoint as checkpoint inner join raw.load as load "
            "on checkpoint.run_id = load.run_id and checkpoint.object = load.object "
            "where checkpoint.object = $object and load.source = $source and not exists ("
            "select 1 from raw.load as later where later.object = $object and later.is_present "
            "and later.source <> $source and later.known_at > checkpoint.known_at) "
            "order by checkpoint.known_at desc limit 1",
            {"object": object_name, "source": self._source},
        ).fetchall()
        return cast("Mapping[str, Any]", json.loads(found[0][0])) if found else None

    def known(self, object_name: str) -> Iterator[pa.RecordBatch]:
        """Yield `Id` and `SystemModstamp` (null where the object has none) of every record that is not gone."""
        declared = source_object(object_name)
        if declared is None or not self._has_table(declared.table):
            return
        stamp = "SystemModstamp" if declared.field("SystemModstamp") else "null::timestamp"
        [(catalog,)] = self._connection.execute("select current_catalog()").fetchall()
        # a cursor of its own, for other questions may be asked while these records are read
        with contextlib.closing(self._connection.cursor()) as cursor:
            cursor.execute(f'use "{catalog}"')
            query = f"select Id, {stamp} as SystemModstamp from {living_table(declared)} where not _is_gone"
            with contextlib.closing(cursor.sql(query).to_arrow_reader(_BATCH_ROWS)) as reader:
                yield from reader

    def _has_table(self, name: str) -> bool:
        query = "select count(*) from duckdb_tables() where schema_name = 'raw' and table_name = $name"
        return bool(self._connection.execute(query, {"name": name}).fetchall()[0][0])


@contextlib.contextmanager
def stored_checkpoints(path: Path, source: str) -> Iterator[WarehouseCheckpoints | None]:
    """Open the warehouse for reading only, and yield its checkpoints; None where there is none or somebody writes it.

    Parameters
    ----------
    path : Path
        The database file.
    source : str
        Name of the source.

    Yields
    ------
    WarehouseCheckpoints or None
        What is known of the source.
    """
    with contextlib.ExitStack() as stack:
        try:
            connection = stack.enter_context(duckdb.connect(str(path), read_only=True)) if path.exists() else None
        except duckdb.Error:
            connection = None  # a run holds it; what can be said without it is said
        yield WarehouseCheckpoints(connection, source) if connection else None
