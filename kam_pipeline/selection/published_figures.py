"""The figures of groups and the list as published: what other criteria are evaluated over and held against.

What belongs here: opening the published file for that, and saying what it lacks. What does not: comparing (whatif.py).
"""

import contextlib
import json
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb

from kam_pipeline.errors import WhatIfError
from kam_pipeline.settings.configuration import PUBLISHED_SCHEMA
from kam_pipeline.sql_models import sql_models
from kam_pipeline.warehouse import literal

PUBLISHED = f"publication.{PUBLISHED_SCHEMA}"
_READ = ("group_metric", "group_field", "designation", "key_account_candidate", "candidate_list")


@contextlib.contextmanager
def open_figures(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file beside an empty place for what is computed.

    Parameters
    ----------
    path : Path
        The published file.

    Yields
    ------
    duckdb.DuckDBPyConnection
        Sees the tables as `PUBLISHED`; what a run publishes meanwhile is not seen.

    Raises
    ------
    WhatIfError
        When nothing is published, or the file cannot be read.
    """
    if not path.exists():
        raise WhatIfError(f"{path}: nothing has been published yet; start with `kam run`")
    # what does not fit into memory goes away with the command, and never beside the user's files
    with tempfile.TemporaryDirectory(prefix="kam-whatif-") as spill:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "temp_directory": spill,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
        with duckdb.connect(":memory:", config=settings) as connection:
            try:
                connection.execute(f"attach {literal(str(path))} as publication (read_only)")
            except duckdb.Error as error:
                raise WhatIfError(
                    f"{path}: cannot be opened ({str(error).splitlines()[0]}); `kam run` publishes it anew"
                ) from error
            connection.execute("set TimeZone = 'UTC'")
            yield connection


def newest_published(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[date, str, str]:
    """Return the newest date with the version of its criteria and its currency.

    Raises
    ------
    WhatIfError
        When the file lacks what the selection is made from, naming every table and column at once.
    """
    needed = {name: {column.name for column in sql_models()[f"marts.{name}"].contract.columns} for name in _READ}
    needed["criteria"] = {"criteria_version", "text"}
    needed["snapshot"] = {"as_of_date", "criteria_version", "reporting_currency"}
    stored: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = 'publication' and schema_name = $schema",
        {"schema": PUBLISHED_SCHEMA},
    ).fetchall():
        stored.setdefault(table, set()).add(column)
    lacking = [
        name if name not in stored else f"{name} ({', '.join(sorted(columns - stored[name]))})"
        for name, columns in needed.items()
        if not columns <= stored.get(name, set())
    ]
    other_version = f"{path}: was published by another version and lacks"
    if lacking:
        raise WhatIfError(f"{other_version} {', '.join(lacking)}; `kam run` publishes it anew")
    found = connection.execute(
        "select as_of_date, criteria_version, reporting_currency, "
        f"exists (from {PUBLISHED}.group_metric as metric where metric.as_of_date = snapshot.as_of_date), "
        f"exists (from {PUBLISHED}.candidate_list as listed where listed.as_of_date = snapshot.as_of_date) "
        f"from {PUBLISHED}.snapshot as snapshot order by as_of_date desc limit 1"
    ).fetchall()
    if not found:
        raise WhatIfError(f"{path}: holds no snapshot; start with `kam run`")
    day, version, currency, has_figures, has_list = found[0]
    if not (has_figures and has_list):
        what = "the list" if has_figures else "the figures of groups"
        raise WhatIfError(f"{other_version} {what} of {day}; `kam run` publishes it anew")
    return day, version, currency


def published_criteria(connection: duckdb.DuckDBPyConnection, version: str) -> dict[str, object]:
    """Return what the published criteria of a version say, with defaults filled in; empty where no text is kept."""
    found = connection.execute(
        f"select text from {PUBLISHED}.criteria where criteria_version = $version", {"version": version}
    ).fetchall()
    said = json.loads(found[0][0]) if found else {}
    return said if isinstance(said, dict) else {}
