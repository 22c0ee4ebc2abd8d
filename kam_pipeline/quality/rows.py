"""Gates of time: rows against the last publication, and how old the newest sign of life in the data is.

What belongs here: comparing with an earlier date. What does not: comparing deliveries (records.py), keeping dates
(publishing).
"""

from collections.abc import Iterator, Sequence
from datetime import date

from kam_pipeline.contracts import TableContract
from kam_pipeline.evaluation import NATURAL_DATE, Evaluation
from kam_pipeline.quality.gate import Figure, Gate, Severity, gate
from kam_pipeline.settings import Settings
from kam_pipeline.warehouse import Warehouse, quoted

MIN_ROWS = 100
"""Fewer rows before say nothing: one customer more or less is a large share of them."""
# Of these fewer are no loss.
_NOT_COMPARED = ("data_quality", "rejected_row")

AGE = gate(
    "data_age_days",
    "Catches an export that runs but has stopped to change: days between the newest stamp, close or activity and the "
    "extraction.",
    NATURAL_DATE,
    NATURAL_DATE,
)


def rows_kept_gate(contract: TableContract) -> Gate:
    """Return the gate that holds a published table against the last publication."""
    return gate(
        "rows_kept",
        "Catches a table that has lost most of its rows since the last publication, although no setting has changed.",
        contract.full_name,
        contract.full_name,
        "error",
    )


def compared(contracts: Sequence[TableContract]) -> list[TableContract]:
    """Return the published tables whose rows are held against the last publication.

    Undated ones are not: once a date is kept, nobody knows how many rows they had before it.
    """
    return [
        contract
        for contract in contracts
        if contract.is_published and contract.is_dated and contract.name not in _NOT_COMPARED
    ]


def row_figures(
    warehouse: Warehouse, settings: Settings, evaluation: Evaluation, contracts: Sequence[TableContract]
) -> Iterator[Figure]:
    """Return the share of its rows that each published table has lost since the publication before."""
    previous, severity = _publication_before(warehouse, evaluation)
    for contract in compared(contracts):
        if not evaluation.rebuilds(contract):
            continue
        now = _count(warehouse, f"marts.{quoted(contract.name)}", contract, evaluation.as_of_date)
        before = None
        if previous is not None and warehouse.has_table(f"published.{contract.name}"):
            before = _count(warehouse, f"warehouse.published.{quoted(contract.name)}", contract, previous)
        is_known = before is not None and before >= MIN_ROWS
        yield Figure(
            rows_kept_gate(contract),
            max(0.0, 1 - now / before) if before is not None and is_known else None,
            # with nothing to compare there is no limit either: the row informs, and no reader is shown an open check
            highest=settings.quality.max_row_drop_share if is_known else None,
            seen=f"{before} rows then, {now} now; see quality.max_row_drop_share for the limit."
            if is_known
            else f"{now} rows now; there is no publication before with at least {MIN_ROWS}.",
            severity=severity,
        )


def age_figures(warehouse: Warehouse, settings: Settings) -> Iterator[Figure]:
    """Return how many whole days lie between the newest sign of life and the extraction."""
    age = warehouse.value(f"select extracted_on - natural_on from {NATURAL_DATE}")
    yield Figure(
        AGE,
        age,
        highest=settings.quality.max_age_days,
        seen="See when the export was made and what it holds; quality.max_age_days sets the limit, null for none.",
    )


def _publication_before(warehouse: Warehouse, evaluation: Evaluation) -> tuple[date | None, Severity | None]:
    """Return the date published before, and how bad a loss since then is: an edit of kam.yaml explains one."""
    if not warehouse.has_table("published.snapshot"):
        return None, None
    found = warehouse.rows(
        "select as_of_date, config_version is distinct from "
        "(select config_version from marts.snapshot where as_of_date = $day) "
        "from warehouse.published.snapshot where as_of_date < $day order by as_of_date desc limit 1",
        {"day": evaluation.as_of_date},
    )
    return (found[0][0], "warning" if found[0][1] else None) if found else (None, None)


def _count(warehouse: Warehouse, table: str, contract: TableContract, day: date) -> int:
    if contract.is_dated:
        return int(warehouse.value(f"select count(*) from {table} where as_of_date = $day", {"day": day}))
    return int(warehouse.value(f"select count(*) from {table}"))
