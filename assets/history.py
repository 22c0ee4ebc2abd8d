"""Dagster's own history of runs: what can go wrong with its files.

What belongs here: reading the history, and its failures in our words. What does not: starting runs (runs.py).
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from sqlalchemy.exc import DBAPIError

from kam_pipeline.errors import KamError, WarehouseError
from kam_pipeline.storage import storage_cause


@contextlib.contextmanager
def history_errors(home: Path) -> Iterator[None]:
    """Let a block fail in our words where Dagster's history is on a disk that is full or cannot be written.

    Parameters
    ----------
    home : Path
        Folder of the history.

    Yields
    ------
    None
        Once.

    Raises
    ------
    KamError
        What failed before the history did: Dagster could not even write that down.
    WarehouseError
        When the history was the first to fail.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error, dg.DagsterError, OSError) as error:
        if (earlier := _earlier(error)) is not None:
            raise earlier from error
        cause = storage_cause(error)
        if cause is None:
            raise
        raise WarehouseError(
            f"{home}: the history of runs cannot be written ({cause}); free space or rights, then run again. "
            "Readers keep the last publication."
        ) from error


def _earlier(error: BaseException) -> KamError | None:
    """Return the error of ours that was being handled when another came up."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, KamError):
        seen = seen.__cause__ or seen.__context__
    return seen
