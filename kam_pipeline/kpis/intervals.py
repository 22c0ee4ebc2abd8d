"""Intervals of ratios: customers drawn again with replacement, the same draws for every ratio of an entity.

What belongs here: drawing and the ratios of sums. What does not: the ratios themselves (sql/marts/kpis), Wilson
intervals, which are plain arithmetic (sql/marts/kpi_snapshot.sql).
"""

import hashlib
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.kpis.catalogue import KPIS
from kam_pipeline.resampling import draw_counts
from kam_pipeline.warehouse import Warehouse

MIN_CUSTOMERS = 30
"""Fewer customers with a denominator give no interval."""

_CELLS_AT_ONCE, _STEPS_AT_ONCE = 250_000, 250_000

KPI_INTERVAL = parse_contract(
    "marts",
    """
kpi_interval
    95 % intervals of the KPIs that are ratios of sums over customers.

grain  : one row per as_of_date, kpi, portfolio or segment, and period with at least 30 customers
key    : as_of_date, kpi, entity_type, entity_id, period_type, period_start
inputs : marts.kpi_entity, marts.kpi_group_period, marts.kpi_group_feed, settings.relevance
columns:
  as_of_date    DATE     snapshot date
  kpi           VARCHAR  key
  entity_type   VARCHAR  portfolio or segment
  entity_id     VARCHAR  which
  period_type   VARCHAR  month, quarter, fiscal_year or ttm
  period_start  DATE     first day
  ci_low        DOUBLE   2.5th percentile of the resamples
  ci_high       DOUBLE   97.5th percentile of the resamples
""",
    __name__,
)

FloatArray = npt.NDArray[np.float64]
_Ratio = tuple[str, str, date]


def ratio_intervals(
    numerators: FloatArray, denominators: FloatArray, draws: int, level: float = 0.95
) -> list[tuple[float, float] | None]:
    """Return percentile intervals of ratios of sums.

    Parameters
    ----------
    numerators, denominators : FloatArray
        Shape (customers, ratios); 0 where a customer has nothing.
    draws : int
        Number of resamples.
    level : float
        Coverage aimed at, 0..1.

    Returns
    -------
    list[tuple[float, float] | None]
        Per ratio (low, high); None where fewer than `MIN_CUSTOMERS` customers have a denominator other than 0, or
        where a resample has no denominator. Seeded from the figures: the same figures give the same interval.

    Notes
    -----
    Efron's percentile bootstrap with customers as the units drawn.
    """
    n, ratios = numerators.shape
    enough = (denominators != 0).sum(axis=0) >= MIN_CUSTOMERS
    if not enough.any():
        return [None] * ratios
    both = np.ascontiguousarray(np.hstack([numerators[:, enough], denominators[:, enough]]))
    generator = np.random.default_rng(int.from_bytes(hashlib.sha256(both.tobytes()).digest()[:8], "big"))
    at_once = max(1, _CELLS_AT_ONCE // n)
    sums = np.vstack(
        [_sums(draw_counts(generator, min(at_once, draws - first), n), both) for first in range(0, draws, at_once)]
    )
    top, bottom = np.hsplit(sums, 2)
    tail = (1 - level) / 2 * 100
    found: list[tuple[float, float] | None] = [None] * ratios
    for place, ratio in enumerate(np.flatnonzero(enough)):
        if (bottom[:, place] > 0).all():
            # twelve digits: the last bits of a matrix product depend on the processor
            low, high = np.percentile(top[:, place] / bottom[:, place], (tail, 100 - tail)).round(12)
            found[ratio] = (float(low), float(high))
    return found


def _sums(counts: FloatArray, both: FloatArray) -> FloatArray:
    """Return `counts @ both`, in parts so small that the matrix library does each in one thread.

    Its threads wait busily for one another: several times the CPU seconds, and more on a machine that is not idle.
    """
    total = np.zeros((len(counts), both.shape[1]))
    part = max(1, _STEPS_AT_ONCE // total.size)
    for first in range(0, len(both), part):
        total += counts[:, first : first + part] @ both[first : first + part]
    return total


def kpi_interval_frame(warehouse: Warehouse, as_of_date: date, draws: int) -> pd.DataFrame:
    """Return the intervals of every portfolio and segment as rows of `KPI_INTERVAL`.

    Parameters
    ----------
    warehouse : Warehouse
        With the tables by group built for the date.
    as_of_date : date
        The date.
    draws : int
        Number of resamples.

    Returns
    -------
    pd.DataFrame
        One row per interval; none for entities of fewer than 30 customers.
    """
    columns, numerators, denominators = _ratios_by_group(warehouse, as_of_date)
    less = {kpi.kpi: kpi.resampled.less for kpi in KPIS if kpi.resampled}
    rows = []
    for (entity_type, entity_id), members in _large_entities(warehouse, as_of_date).items():
        intervals = ratio_intervals(numerators[members], denominators[members], draws)
        for (kpi, period_type, period_start), interval in zip(columns, intervals, strict=True):
            if interval is not None:
                low, high = (end - less[kpi] for end in interval)
                rows.append((as_of_date, kpi, entity_type, entity_id, period_type, period_start, low, high))
    return pd.DataFrame(rows, columns=[column.name for column in KPI_INTERVAL.columns])


def _ratios_by_group(warehouse: Warehouse, as_of_date: date) -> tuple[list[_Ratio], FloatArray, FloatArray]:
    """Return the ratios (kpi, period_type, period_start), and their two sides with one row per group by id."""
    selects = [
        f"select '{kpi.kpi}' as kpi, group_id, period_type, period_start, "
        f"coalesce({kpi.resampled.numerator}, 0)::double as top, "
        f"coalesce({kpi.resampled.denominator}, 0)::double as bottom "
        f"from {kpi.resampled.table} where as_of_date = $day "
        f"and ({kpi.resampled.numerator} <> 0 or {kpi.resampled.denominator} <> 0)"
        for kpi in KPIS
        if kpi.resampled
    ]
    query = f"with fact as ({' union all '.join(selects)}) "
    day = {"day": as_of_date}
    columns = warehouse.rows(query + "select distinct kpi, period_type, period_start from fact order by all", day)
    cells = warehouse.connection.execute(
        query + "select member.place, dense_rank() over (order by kpi, period_type, period_start) - 1 as ratio, "
        f"top, bottom from fact inner join ({_MEMBERS}) as member on fact.group_id = member.group_id",
        day,
    ).fetchnumpy()
    shape = (warehouse.value(f"select count(*) from ({_MEMBERS})", day), len(columns))
    sides = (np.zeros(shape), np.zeros(shape))
    for side, name in zip(sides, ("top", "bottom"), strict=True):
        side[cells["place"], cells["ratio"]] = cells[name]
    return columns, *sides


def _large_entities(warehouse: Warehouse, as_of_date: date) -> dict[tuple[str, str], npt.NDArray[np.int64]]:
    """Return portfolios and segments of enough groups, each with the rows of its groups."""
    found = warehouse.rows(
        f"""
        select entity.entity_type, entity.entity_id, list(member.place order by member.place)
        from marts.kpi_entity as entity inner join ({_MEMBERS}) as member on entity.group_id = member.group_id
        where entity.as_of_date = $day and entity.entity_type <> 'group'
        group by all having count(*) >= $least order by all
        """,
        {"day": as_of_date, "least": MIN_CUSTOMERS},
    )
    return {(kind, name): np.array(places, dtype=np.int64) for kind, name, places in found}


_MEMBERS = (
    "select group_id, row_number() over (order by group_id) - 1 as place from marts.kpi_entity "
    "where as_of_date = $day and entity_type = 'portfolio' and entity_id = 'all'"
)
