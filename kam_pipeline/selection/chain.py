"""The models from the figures of groups to the list, run over other criteria in a place of their own.

What belongs here: their order, and evaluating them beside the stored tables. What does not: what they say
(sql/marts/candidate_*.sql), the tables of a run (tables.py). The same models make both, so that what another file would
give is what a run with it gives.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb
import pandas as pd

from kam_pipeline.contracts import TableContract
from kam_pipeline.selection.criterion_tables import (
    CRITERION,
    CRITERION_BAND,
    criterion_band_frame,
    criterion_frame,
)
from kam_pipeline.selection.measuring import candidate_gate_model, criterion_value_model
from kam_pipeline.selection.parameters import criteria_parameters
from kam_pipeline.selection.stability import CANDIDATE_STABILITY, stability_frame
from kam_pipeline.settings.criteria import Criteria
from kam_pipeline.sql_models import SqlModel, sql_models
from kam_pipeline.warehouse import quoted

SCRATCH = "other_criteria"
INPUTS = ("marts.group_metric", "marts.group_field", "marts.designation", "core.organisation")
"""What the selection is made from. Of the criteria only the bounds of decisions reach it, in `marts.designation`."""


@dataclass(frozen=True)
class Selection:
    """What is selected, and for when.

    Attributes
    ----------
    criteria : Criteria
        The criteria.
    as_of_date : date
        The date of the figures.
    min_groups : int
        Fewer groups with revenue than this make a list that cannot be defended.
    """

    criteria: Criteria
    as_of_date: date
    min_groups: int


@contextmanager
def other_selection(
    connection: duckdb.DuckDBPyConnection, selection: Selection, inputs: Mapping[str, str]
) -> Iterator[None]:
    """Let queries see the tables of the selection as other criteria make them.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        A connection that sees the inputs.
    selection : Selection
        The other criteria, and the date.
    inputs : Mapping[str, str]
        For each of `INPUTS` a query that gives its rows.

    Yields
    ------
    None
        Inside, `marts.key_account_candidate`, `marts.candidate_list` and what is between are those of the other
        criteria; nothing is stored, and afterwards all is as before.
    """
    before = connection.execute("select current_catalog()").fetchall()[0][0]
    connection.execute(f"attach ':memory:' as {SCRATCH}")
    try:
        for schema in ("marts", "core"):
            connection.execute(f"create schema {SCRATCH}.{schema}")
        for name, query in inputs.items():
            connection.execute(f"create view {SCRATCH}.{name} as {query}")
        connection.execute(f"use {SCRATCH}")
        for build in _steps(connection, selection):
            build()
        yield
    finally:
        connection.execute(f"use {quoted(before)}")
        connection.execute(f"detach {SCRATCH}")


def _steps(connection: duckdb.DuckDBPyConnection, selection: Selection) -> list[Callable[[], None]]:
    criteria, day = selection.criteria, selection.as_of_date
    bound = {**criteria_parameters(criteria), "as_of_date": day, "min_groups": selection.min_groups}

    def model(found: SqlModel) -> Callable[[], None]:
        params = {name: bound[name] for name in found.contract.params}
        create = f"create table {found.contract.full_name} as {found.query}"

        def build() -> None:
            connection.execute(create, params)

        return build

    def stored(name: str) -> Callable[[], None]:
        return model(sql_models()[f"marts.{name}"])

    def seen(name: str) -> Callable[[], None]:
        # a view has no parameters; what nobody asks for, such as most of the sentences, is never made
        found = sql_models()[f"marts.{name}"]
        query = found.query.replace("$as_of_date::date", f"date '{day.isoformat()}'")

        def build() -> None:
            connection.execute(f"create view {found.contract.full_name} as {query}")

        return build

    def frame(contract: TableContract, make: Callable[[], pd.DataFrame]) -> Callable[[], None]:
        return lambda: _put(connection, contract, make())

    return [
        stored("candidate_pool"),
        frame(CRITERION, lambda: criterion_frame(connection, criteria, day)),
        frame(CRITERION_BAND, lambda: criterion_band_frame(criteria, day)),
        model(criterion_value_model(criteria)),
        model(candidate_gate_model(criteria)),
        stored("candidate_criterion"),
        stored("candidate_rank"),
        frame(CANDIDATE_STABILITY, lambda: stability_frame(connection, criteria, day)),
        *map(stored, ("candidate_decision", "candidate_note")),
        *map(seen, ("candidate_reason", "key_account_candidate")),
        *map(stored, ("candidate_list_figure", "candidate_list")),
    ]


def _put(connection: duckdb.DuckDBPyConnection, contract: TableContract, frame: pd.DataFrame) -> None:
    casts = ", ".join(f"{column.name}::{column.type} as {column.name}" for column in contract.columns)
    connection.register("frame_to_put", frame)
    try:
        connection.execute(f"create table {contract.full_name} as select {casts} from frame_to_put")
    finally:
        connection.unregister("frame_to_put")
