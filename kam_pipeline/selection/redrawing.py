"""The figures of criteria for drawn revenue: the same metrics and expressions, over other years.

What belongs here: which figures of group_metric follow from the three years of revenue, and evaluating criteria over
drawn ones. What does not: drawing (stability.py), the stored figures (sql/marts/group_metric.sql).
"""

from collections.abc import Sequence
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from kam_pipeline.metric_catalogue import GROUP_METRICS
from kam_pipeline.selection.measuring import figure_sql
from kam_pipeline.selection.rescoring import FloatArray
from kam_pipeline.settings.criterion import Criterion
from kam_pipeline.warehouse import quoted

YEARS = ("revenue_amt", "prior_amt", "before_amt")
"""The last twelve months, those before, and those before again."""
# As sql/marts/group_metric.sql has them; a test holds both equal where nothing is drawn.
FOLLOWING = {
    "revenue_mean_2y_amt": "(drawn.revenue_amt + drawn.prior_amt) / 2",
    "revenue_mean_3y_amt": "(drawn.revenue_amt + drawn.prior_amt + drawn.before_amt) / 3",
    "revenue_growth": "case when drawn.prior_amt > 0 then drawn.revenue_amt / drawn.prior_amt - 1 end",
    "share_of_wallet": "case when metric.potential_amt > 0 then drawn.revenue_amt / metric.potential_amt::double end",
    "untapped_amt": "case when drawn.revenue_amt > metric.potential_amt then 0 "
    "else metric.potential_amt::double - drawn.revenue_amt end",
}


def rests_on_revenue(item: Criterion) -> bool:
    """Return whether the figure of a criterion changes with the revenue of single years."""
    return not set(item.columns).isdisjoint({*YEARS, *FOLLOWING})


def revenue_figures(
    connection: duckdb.DuckDBPyConnection,
    items: Sequence[Criterion],
    group_ids: Sequence[str],
    drawn: FloatArray,
    as_of_date: date,
) -> list[FloatArray]:
    """Return the figures of criteria for drawn years.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Sees `marts.group_metric`.
    items : Sequence[Criterion]
        Criteria that rest on revenue.
    group_ids : Sequence[str]
        The m groups.
    drawn : FloatArray
        Revenue by draw, group and year, shape (draws, m, 3); NaN where unknown.
    as_of_date : date
        The date of the other figures.

    Returns
    -------
    list[FloatArray]
        For each criterion the figures, shape (draws, m); NaN where they cannot be computed.
    """
    draws, groups, _ = drawn.shape
    years = {name: pa.array(drawn[:, :, place].ravel(), from_pandas=True) for place, name in enumerate(YEARS)}
    cells = {"cell": pa.array(np.arange(draws * groups)), "place": pa.array(np.tile(np.arange(groups), draws)), **years}
    places = {"group_id": pa.array(list(group_ids)), "place": pa.array(np.arange(groups))}
    connection.register("drawn_cell", pa.table(cells))
    connection.register("drawn_group", pa.table(places))
    used = [metric.name for metric in GROUP_METRICS if any(metric.name in item.columns for item in items)]
    columns = ", ".join(f"{_column(name)} as {quoted(name)}" for name in used)
    figures = ", ".join(f"{figure_sql(item)} as figure_{place}" for place, item in enumerate(items))
    try:
        found = connection.execute(
            f"select cell, {figures} from (select drawn.cell, {columns} from drawn_cell as drawn "
            "inner join drawn_group as named on drawn.place = named.place "
            "inner join marts.group_metric as metric on named.group_id = metric.group_id and metric.as_of_date = $day)",
            {"day": as_of_date},
        ).fetchnumpy()
    finally:
        connection.unregister("drawn_cell")
        connection.unregister("drawn_group")
    cell = np.asarray(found["cell"])
    return [
        _by_cell(cell, np.ma.filled(found[f"figure_{place}"], np.nan), (draws, groups)) for place in range(len(items))
    ]


def _column(name: str) -> str:
    if name in YEARS:
        return f"drawn.{name}"
    return FOLLOWING.get(name, f"metric.{quoted(name)}::double")


def _by_cell(cell: npt.NDArray[np.int64], figure: FloatArray, shape: tuple[int, int]) -> FloatArray:
    ordered = np.full(shape[0] * shape[1], np.nan)
    ordered[cell] = figure
    ordered[~np.isfinite(ordered)] = np.nan
    return ordered.reshape(shape)
