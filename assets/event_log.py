"""Dagster's event log in SQLite with its connections kept open: a run stores thousands of events, one by one.

Dagster's own storage opens the database anew for each event, which takes most of a small night's processor time. The
files are the same, so that either can read what the other wrote.
What belongs here: how a connection is had. What does not: what is stored, which is Dagster's.
"""

import contextlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

# A run has a file of its own; the page looks at many.
_OPEN_FILES = 8


class OpenEventLogStorage(SqliteEventLogStorage):
    """Dagster's event log storage for SQLite, with one open connection for each of the files last used.

    Parameters
    ----------
    base_dir : str
        Folder of the files.
    inst_data : ConfigurableClassData, optional
        Dagster's own description of how this was configured.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "OpenEventLogStorage":
        """Return the storage; `base_dir` is Dagster's home, below which its own storage keeps the files too."""
        return cls(str(Path(config_value["base_dir"]) / "history" / "runs"), inst_data)

    @contextlib.contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None)
        if engine is None:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                pool_size=1,
                connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
            )
            event.listen(engine, "connect", _forgo_waiting_for_the_disk)
        self._engines[shard] = engine
        while len(self._engines) > _OPEN_FILES:
            self._engines.popitem(last=False)[1].dispose()
        return engine

    def dispose(self) -> None:
        """Close what is open."""
        while self._engines:
            self._engines.popitem()[1].dispose()
        super().dispose()


def _forgo_waiting_for_the_disk(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3's connection
    """Let a power cut take the last events of the log, never the log: SQLite's advice for a write-ahead log."""
    connection.execute("pragma synchronous = normal")
