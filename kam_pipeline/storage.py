"""A disk that is full or cannot be written: what DuckDB, SQLite and the operating system say of it, in our words.

What belongs here: turning their errors into ours. What does not: what is stored where (settings/configuration.py), the
publication and the report, which say themselves what readers keep.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from kam_pipeline.errors import WarehouseError

# A commit that finds the disk full is a TransactionException, what comes after it a FatalException.
DUCKDB_STORAGE_ERRORS = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.TransactionException,
    duckdb.FatalException,
)
_CAUSE = re.compile(
    r"no space left on device|disk quota exceeded|file too large|read-only file system|permission denied"
    r"|input/output error|database or disk is full|disk i/o error|attempt to write a readonly database"
    r"|unable to open database file|database disk image is malformed|file is not a database|database is locked",
    re.IGNORECASE,
)


def storage_cause(error: BaseException) -> str | None:
    """Return what an error says about the storage, None when it is not about that.

    Parameters
    ----------
    error : BaseException
        Any error; those that it was raised from or while handling are looked at too.

    Returns
    -------
    str or None
        A few words, such as "No space left on device".

    Examples
    --------
    >>> storage_cause(RuntimeError('Could not write file "/x/warehouse.duckdb": No space left on device'))
    'No space left on device'
    >>> storage_cause(RuntimeError("division by zero")) is None
    True
    """
    seen: BaseException | None = error
    while seen is not None:
        found = _CAUSE.search(str(seen))
        if found:
            return found[0]
        seen = seen.__cause__ or seen.__context__
    return None


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Let a block fail in our words where the disk is full or cannot be written.

    Parameters
    ----------
    path : Path
        The file that the block writes.

    Yields
    ------
    None
        Once.

    Raises
    ------
    WarehouseError
        Instead of DuckDB's error.
    """
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        cause = storage_cause(error) or str(error).splitlines()[0]
        raise WarehouseError(
            f"{path.parent}: no room for what does not fit into memory ({cause}); free space there, or raise "
            "engine.memory_limit, then run again. Readers keep the last publication."
        ) from error
    except DUCKDB_STORAGE_ERRORS as error:
        cause = storage_cause(error) or str(error).splitlines()[0]
        raise WarehouseError(
            f"{path}: cannot be written ({cause}); free space or rights, then run again. "
            "Readers keep the last publication."
        ) from error
