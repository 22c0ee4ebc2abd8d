"""The published set as one DuckDB file, swapped in by rename.

What belongs here: writing the file. What does not: what is in the set (kept.py).
"""

import contextlib
from pathlib import Path

from kam_pipeline.contracts import TableContract
from kam_pipeline.errors import PublicationError
from kam_pipeline.publishing.durable import swap_in
from kam_pipeline.publishing.kept import kept_query
from kam_pipeline.settings.configuration import PUBLISHED_SCHEMA
from kam_pipeline.storage import DUCKDB_STORAGE_ERRORS, storage_cause
from kam_pipeline.warehouse import Warehouse, literal, quoted

# DuckDB clients from 1.4.0 on open this; a test does so with 1.4.0. Raise both, and the README, together.
STORAGE_VERSION = "v1.4.0"
_TARGET = "publication"


def write_publication(warehouse: Warehouse, contracts: list[TableContract], path: Path) -> dict[str, int]:
    """Write the published set of the warehouse to a file and swap it in.

    Parameters
    ----------
    warehouse : Warehouse
        With the published set.
    contracts : list[TableContract]
        The tables that readers get.
    path : Path
        The file that readers open; it is replaced in one step.

    Returns
    -------
    dict[str, int]
        Rows per table in the publication.

    Raises
    ------
    PublicationError
        When the file cannot be written; readers keep the last one.
    """
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove(unfinished)
        counts = _write_file(warehouse, contracts, unfinished)
        swap_in(unfinished, path)
    except (OSError, *DUCKDB_STORAGE_ERRORS) as error:
        text = storage_cause(error) or str(error).splitlines()[0]
        raise PublicationError(
            f"{path}: cannot be written ({text}); free space or rights, then `kam run` again. "
            "Readers keep the last publication."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            _remove(unfinished)
    return counts


def _write_file(warehouse: Warehouse, contracts: list[TableContract], path: Path) -> dict[str, int]:
    execute = warehouse.connection.execute
    execute(f"attach {literal(str(path))} as {_TARGET} (storage_version {literal(STORAGE_VERSION)})")
    try:
        execute(f"create schema {_TARGET}.{PUBLISHED_SCHEMA}")
        counts = {}
        for contract in contracts:
            target = f"{_TARGET}.{PUBLISHED_SCHEMA}.{quoted(contract.name)}"
            execute(f"create table {target} as {kept_query(warehouse, contract)}")
            execute(f"comment on table {target} is {literal(contract.description)}")
            for column in contract.columns:
                execute(f"comment on column {target}.{quoted(column.name)} is {literal(column.description)}")
            counts[contract.name] = int(warehouse.value(f"select count(*) from {target}"))
        execute(f"checkpoint {_TARGET}")
    finally:
        execute(f"detach {_TARGET}")
    return counts


def _remove(path: Path) -> None:
    for leftover in (path, path.with_name(path.name + ".wal")):
        leftover.unlink(missing_ok=True)
