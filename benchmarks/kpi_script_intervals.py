"""Intervals of the KPI tables for the hand-written script: the resampling that SQL cannot say.

What belongs here: the plainest fast form of it, seeded as the product, so that the intervals can be compared too. What
does not: any code of the product.
"""

import hashlib

import duckdb
import numpy as np
import pandas as pd

_DRAWS = 1000
_CELLS_AT_ONCE = 250_000
# the matrix library does products of so few steps in one thread; its threads cost several times what they save
_STEPS_AT_ONCE = 250_000
_LEAST_CUSTOMERS = 30
_FACTS = """
create temp table ratio_fact as
select kpi, period_type, period_start, group_id, coalesce(top, 0)::double as top, coalesce(bottom, 0)::double as bottom
from (
    select
        'win_rate_value' as kpi, period_type, period_start, group_id, won_value_amt as top, closed_value_amt as bottom
    from group_period
    union all
    select 'growth_yoy', period_type, period_start, group_id, bookings_amt, base_amt from group_period
    union all
    select 'nrr', period_type, period_start, group_id, cohort_amt, cohort_base_amt from group_period
    union all
    select 'grr', period_type, period_start, group_id, cohort_kept_amt, cohort_base_amt from group_period
    union all
    select 'gross_margin_share', period_type, period_start, group_id, margin_amt, costed_revenue_amt from group_feed
    union all
    select 'nps', period_type, period_start, group_id, nps, answering_cnt from group_feed
    union all
    select 'csat', period_type, period_start, group_id, satisfied_share, answering_cnt from group_feed
)
where top <> 0 or bottom <> 0
"""
_RATIOS = "select distinct kpi, period_type, period_start from ratio_fact order by all"
_CELLS = """
select place.place, dense_rank() over (order by kpi, period_type, period_start) - 1 as ratio, top, bottom
from ratio_fact
inner join (select group_id, row_number() over (order by group_id) - 1 as place from account_group) as place
using (group_id)
"""
_MEMBERS = """
select entity_type, entity_id, list(place order by place)
from entity_member
inner join (select group_id, row_number() over (order by group_id) - 1 as place from account_group) using (group_id)
where entity_type <> 'group'
group by all
"""


def make_kpi_intervals(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `kpi_interval` from those of kpi_script.sql.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where the script runs.
    """
    connection.execute(_FACTS)
    ratios = connection.execute(_RATIOS).fetchall()
    cells = connection.execute(_CELLS).fetchnumpy()
    groups = connection.execute("select count(*) from account_group").fetchall()[0][0]
    top, bottom = np.zeros((groups, len(ratios))), np.zeros((groups, len(ratios)))
    top[cells["place"], cells["ratio"]] = cells["top"]
    bottom[cells["place"], cells["ratio"]] = cells["bottom"]
    rows = [
        (*ratios[ratio], entity_type, entity_id, *interval)
        for entity_type, entity_id, places in connection.execute(_MEMBERS).fetchall()
        for ratio, interval in _intervals(top[places], bottom[places])
    ]
    names = ["kpi", "period_type", "period_start", "entity_type", "entity_id", "ci_low", "ci_high"]
    frame = pd.DataFrame(rows, columns=names)
    frame.loc[frame["kpi"] == "growth_yoy", ["ci_low", "ci_high"]] -= 1
    connection.register("kpi_interval_frame", frame)
    connection.execute("create temp table kpi_interval as from kpi_interval_frame")


def _intervals(top: np.ndarray, bottom: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Return (number of the ratio, low and high) of 1,000 resamples, for ratios of enough customers."""
    n = len(top)
    wanted = np.flatnonzero((bottom != 0).sum(axis=0) >= _LEAST_CUSTOMERS)
    if not wanted.size:
        return []
    both = np.ascontiguousarray(np.hstack([top[:, wanted], bottom[:, wanted]]))
    generator = np.random.default_rng(int.from_bytes(hashlib.sha256(both.tobytes()).digest()[:8], "big"))
    block = max(1, _CELLS_AT_ONCE // n)
    sums = np.zeros((_DRAWS, both.shape[1]))
    for first in range(0, _DRAWS, block):
        draws = min(block, _DRAWS - first)
        drawn = generator.integers(0, n, (draws, n)) + np.arange(draws)[:, None] * n
        counts = np.bincount(drawn.ravel(), minlength=draws * n).reshape(draws, n).astype(float)
        part = max(1, _STEPS_AT_ONCE // (draws * both.shape[1]))
        for start in range(0, n, part):
            sums[first : first + draws] += counts[:, start : start + part] @ both[start : start + part]
    tops, bottoms = np.hsplit(sums, 2)
    ends = np.percentile(tops / bottoms, (2.5, 97.5), axis=0).T
    return [(ratio, end) for ratio, end, sound in zip(wanted, ends, (bottoms > 0).all(axis=0), strict=True) if sound]
