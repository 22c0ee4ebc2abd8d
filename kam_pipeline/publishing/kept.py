"""The published set: the warehouse's schema `published`, all dates that readers may see.

What belongs here: moving the tables of one evaluation into the set, and how the set is read. What does not: deciding
whether to publish (quality), handing the set to readers (duckdb_file.py and its neighbours).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from kam_pipeline.contracts import TableContract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.publishing.retention import keep_newest, retire
from kam_pipeline.warehouse import CATALOG, Warehouse, quoted

_SNAPSHOT = "published.snapshot"


@dataclass(frozen=True)
class KeptDate:
    """A date that readers may see: by which run, and when that run began, UTC."""

    as_of_date: date
    run_id: str
    created_at: datetime


class Handed(NamedTuple):
    """What a target of the publication got: rows, None where it has none; or which setting it waits for."""

    target: str
    rows: int | None
    not_configured: str | None


def keep(
    warehouse: Warehouse,
    contracts: list[TableContract],
    evaluation: Evaluation,
    keep_days: int | None = None,
    newest_only: Sequence[TableContract] = (),
) -> dict[str, int]:
    """Move the tables of an evaluation into the published set, and let go of old dates, in one transaction.

    Parameters
    ----------
    warehouse : Warehouse
        With every table of `contracts` built for the evaluation.
    contracts : list[TableContract]
        The tables that readers get.
    evaluation : Evaluation
        Its date is replaced; undated tables only when it is the newest.
    keep_days : int or None
        Days for which every snapshot is kept (see `retention`), None for ever; the run of the newest date lets go.
    newest_only : Sequence[TableContract]
        Tables, also such that readers do not get, of which the run of the newest date lets go of every other date.

    Returns
    -------
    dict[str, int]
        Rows moved, of the tables that the evaluation replaces.
    """
    with warehouse.transaction():
        counts = {contract.name: _keep_table(warehouse, contract, evaluation) for contract in contracts}
        if evaluation.is_newest:
            keep_newest(warehouse, newest_only, evaluation.as_of_date)
        if keep_days is not None and evaluation.is_newest:
            retire(warehouse, evaluation.as_of_date, keep_days)
    return {name: count for name, count in counts.items() if count is not None}


def _keep_table(warehouse: Warehouse, contract: TableContract, evaluation: Evaluation) -> int | None:
    """Move one table: the evaluation's date, or the whole of an undated table; None where it is left as it is."""
    kept = replace(contract, layer="published")
    is_left = not evaluation.rebuilds(contract) or (contract.is_newest_only and not evaluation.is_newest)
    if is_left and warehouse.has_table(kept.full_name):
        return None
    columns = ", ".join(quoted(column.name) for column in contract.columns)
    query = f"select {columns} from {CATALOG}.{contract.layer}.{quoted(contract.name)}"
    if contract.is_dated:
        day = evaluation.as_of_date
        return warehouse.put_query(kept, f"{query} where as_of_date = $day", {"day": day}, day)
    return warehouse.put_query(kept, query, {}, None)


def kept_dates(warehouse: Warehouse) -> list[KeptDate]:
    """Return the dates of the published set, the oldest first; none before the first publication."""
    if not warehouse.has_table(_SNAPSHOT):
        return []
    rows = warehouse.rows(f"select as_of_date, run_id, created_at from {CATALOG}.{_SNAPSHOT} order by as_of_date")
    return [KeptDate(*row) for row in rows]


def kept_counts(warehouse: Warehouse, contract: TableContract) -> dict[date, int]:
    """Return how many rows a dated table of the published set has of each date: retention lets go of some later."""
    query = f"select as_of_date, count(*) from ({kept_query(warehouse, contract)}) group by as_of_date"
    return dict(warehouse.rows(query))


def kept_query(warehouse: Warehouse, contract: TableContract) -> str:
    """Return the query for a table of the published set, with the columns of its contract.

    What an earlier version kept may lack a column or the whole table until a run has replaced it: the column is null
    then, and the table empty. Every target gets the same.
    """
    stored = {
        name
        for (name,) in warehouse.rows(
            "select column_name from duckdb_columns() where database_name = $c and schema_name = 'published' "
            "and table_name = $t",
            {"c": CATALOG, "t": contract.name},
        )
    }
    columns = ", ".join(
        f"{quoted(column.name) if column.name in stored else 'null'}::{column.type} as {quoted(column.name)}"
        for column in contract.columns
    )
    source = f"from {CATALOG}.published.{quoted(contract.name)}" if stored else "where false"
    return f"select {columns} {source}"
