"""The figures of criteria for drawn revenue: the same metrics and expressions, over other years.

What belongs here: which figures of group_metric follow from the three years of revenue, and evaluating criteria over
drawn ones. What does not: drawing (stability.py), the stored figures (sql/marts/group_metric.sql).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from kam_pipeline.selection.measuring import figure_sql
from kam_pipeline.selection.rescoring import FloatArray
from kam_pipeline.settings.criterion import Criterion
from kam_pipeline.warehouse import quoted

YEARS = ("revenue_amt", "prior_amt", "before_amt")
"""The last twelve months, those before, and those before again."""
Figures = Mapping[str, FloatArray]
"""Figures of groups by name, NaN where unknown: of draws by draw and group, or of groups alone."""


def _growth(known: Figures) -> FloatArray:
    grown = np.full(np.shape(known["prior_amt"]), np.nan)
    # unknown as it is stored, for want of history, it stays: no draw makes a part of a year a whole one
    is_known = (known["prior_amt"] > 0) & ~np.isnan(known["revenue_growth"])
    np.divide(known["revenue_amt"], known["prior_amt"], out=grown, where=is_known)
    return grown - 1


def _share_of_wallet(known: Figures) -> FloatArray:
    potential = np.where(known["potential_amt"] > 0, known["potential_amt"], np.nan)
    share: FloatArray = known["revenue_amt"] / potential
    return share


def _untapped(known: Figures) -> FloatArray:
    left: FloatArray = known["potential_amt"] - known["revenue_amt"]
    return np.where(left < 0, 0.0, left)


# As sql/marts/group_metric.sql has them; a test holds both equal where nothing is drawn.
FOLLOWING: dict[str, Callable[[Figures], FloatArray]] = {
    "revenue_mean_2y_amt": lambda known: (known["revenue_amt"] + known["prior_amt"]) / 2,
    "revenue_mean_3y_amt": lambda known: (known["revenue_amt"] + known["prior_amt"] + known["before_amt"]) / 3,
    "revenue_growth": _growth,
    "share_of_wallet": _share_of_wallet,
    "untapped_amt": _untapped,
}
_BESIDE = {"share_of_wallet": "potential_amt", "untapped_amt": "potential_amt", "revenue_growth": "revenue_growth"}
"""What a figure that follows from revenue looks at besides; growth at whether it is known at all."""


def rests_on_revenue(item: Criterion) -> bool:
    """Return whether the figure of a criterion changes with the revenue of single years."""
    return not set(item.columns).isdisjoint({*YEARS, *FOLLOWING})


def figures_beside(
    connection: duckdb.DuckDBPyConnection, items: Sequence[Criterion], group_ids: Sequence[str], as_of_date: date
) -> Figures:
    """Return what criteria look at besides revenue, which stays as it is.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Sees `marts.group_metric`.
    items : Sequence[Criterion]
        Criteria that rest on revenue.
    group_ids : Sequence[str]
        The m groups.
    as_of_date : date
        The date of the figures.

    Returns
    -------
    Figures
        Figures of group_metric by name, each of m; NaN where unknown.
    """
    used = {name for item in items for name in item.columns}
    names = sorted(used.difference(YEARS, FOLLOWING) | {_BESIDE[name] for name in used if name in _BESIDE})
    if not names:
        return {}
    columns = ", ".join(f"metric.{quoted(name)}::double as {quoted(name)}" for name in names)
    places = {"group_id": pa.array(list(group_ids)), "place": pa.array(np.arange(len(group_ids)))}
    connection.register("drawn_group", pa.table(places))
    try:
        found = connection.execute(
            f"select {columns} from drawn_group as named inner join marts.group_metric as metric "
            "on named.group_id = metric.group_id and metric.as_of_date = $day order by named.place",
            {"day": as_of_date},
        ).fetchnumpy()
    finally:
        connection.unregister("drawn_group")
    return {name: np.ma.filled(found[name], np.nan) for name in names}


def revenue_figures(
    connection: duckdb.DuckDBPyConnection, items: Sequence[Criterion], beside: Figures, drawn: FloatArray
) -> list[FloatArray]:
    """Return the figures of criteria for drawn years.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Evaluates expressions.
    items : Sequence[Criterion]
        Criteria that rest on revenue.
    beside : Figures
        What they look at besides, of the m groups.
    drawn : FloatArray
        Revenue by year, draw and group, shape (3, draws, m); NaN where unknown.

    Returns
    -------
    list[FloatArray]
        For each criterion the figures, shape (draws, m); NaN where they cannot be computed.
    """
    known = {**dict(zip(YEARS, drawn, strict=True)), **beside}
    used = {name for item in items for name in item.columns}
    figures = {name: FOLLOWING[name](known) if name in FOLLOWING else known[name] for name in used}
    return [
        figures[item.metric] if item.metric is not None else _evaluated(connection, item, figures, drawn.shape[1:])
        for item in items
    ]


def _evaluated(
    connection: duckdb.DuckDBPyConnection, item: Criterion, figures: Figures, shape: tuple[int, ...]
) -> FloatArray:
    """Return what an expression gives for each cell: one group in one draw."""
    cells = {
        name: pa.array(np.broadcast_to(figures[name], shape).ravel(), from_pandas=True)
        for name in dict.fromkeys(item.columns)
    }
    connection.register("drawn_cell", pa.table({"cell": pa.array(np.arange(shape[0] * shape[1])), **cells}))
    try:
        found = connection.execute(f"select cell, {figure_sql(item)} as figure from drawn_cell").fetchnumpy()
    finally:
        connection.unregister("drawn_cell")
    return _by_cell(np.asarray(found["cell"]), np.ma.filled(found["figure"], np.nan), shape)


def _by_cell(cell: npt.NDArray[np.int64], figure: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    ordered = np.full(shape[0] * shape[1], np.nan)
    ordered[cell] = figure
    ordered[~np.isfinite(ordered)] = np.nan
    return ordered.reshape(shape)
