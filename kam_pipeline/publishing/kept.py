"""The published set: the warehouse's schema `published`, all dates that readers may see.

What belongs here: moving the tables of one evaluation into the set. What does not: deciding whether to publish
(quality), handing the set to readers (duckdb_file.py and its neighbours).
"""

from dataclasses import replace

from kam_pipeline.contracts import TableContract
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.publishing.retention import retire
from kam_pipeline.warehouse import CATALOG, Warehouse, quoted


def keep(
    warehouse: Warehouse, contracts: list[TableContract], evaluation: Evaluation, keep_days: int | None = None
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

    Returns
    -------
    dict[str, int]
        Rows moved, of the tables that the evaluation replaces.
    """
    with warehouse.transaction():
        counts = {contract.name: _keep_table(warehouse, contract, evaluation) for contract in contracts}
        if keep_days is not None and evaluation.is_newest:
            retire(warehouse, evaluation.as_of_date, keep_days)
    return {name: count for name, count in counts.items() if count is not None}


def _keep_table(warehouse: Warehouse, contract: TableContract, evaluation: Evaluation) -> int | None:
    """Move one table: the evaluation's date, or the whole of an undated table; None where it is left as it is."""
    kept = replace(contract, layer="published")
    if not evaluation.rebuilds(contract) and warehouse.has_table(kept.full_name):
        return None
    columns = ", ".join(quoted(column.name) for column in contract.columns)
    query = f"select {columns} from {CATALOG}.{contract.layer}.{quoted(contract.name)}"
    if contract.is_dated:
        day = evaluation.as_of_date
        return warehouse.put_query(kept, f"{query} where as_of_date = $day", {"day": day}, day)
    return warehouse.put_query(kept, query, {}, None)
