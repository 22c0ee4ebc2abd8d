"""How firm a rank is: years drawn again with the luck that groups of that size have, and weights varied.

What belongs here: residuals, draws, ranks of draws. What does not: how a figure becomes a score (rescoring.py), how the
real ranks come about (sql/marts/candidate_rank.sql). Law: same figures and criteria, same draws.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeVar

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.selection.redrawing import YEARS, figures_beside, rests_on_revenue, revenue_figures
from kam_pipeline.selection.rescoring import FloatArray, Scale, rescored
from kam_pipeline.settings.criteria import Criteria

CANDIDATE_STABILITY = parse_contract(
    "marts",
    """
candidate_stability
    How firm a rank is, for the groups within twice the band (20 % of the groups with revenue).

grain  : one row per as_of_date and group within twice the band that can be chosen; none where no two years can be
         compared for enough groups
key    : as_of_date, group_id
inputs : marts.candidate_rank, marts.candidate_criterion, marts.criterion, marts.criterion_band, marts.group_metric,
         settings.criteria
columns:
  as_of_date      DATE     snapshot date
  group_id        VARCHAR  group
  rank_low        BIGINT   2.5th percentile of its ranks, at most its rank
  rank_high       BIGINT   97.5th percentile of its ranks, at least its rank
  band_stability  DOUBLE   share of draws in the same band, 0..1
""",
    __name__,
)

SIZE_BANDS = 5
MIN_RESIDUALS = 30
_CELLS_AT_ONCE = 2_000_000
_WITHIN = "ranked.as_of_date = $day and ranked.is_eligible and ranked.rank <= 2 * ceil(0.10 * ranked.n)"
_BANDS = ("top_5_pct", "top_10_pct", "near_miss", "outside")


_Places = npt.NDArray[np.intp]
_Ranks = npt.NDArray[np.int32]
_Kind = TypeVar("_Kind", bound=np.generic)
_Pools = list[tuple[_Places, FloatArray]]


@dataclass(frozen=True)
class _Contenders:
    """The groups within twice the band, in order of rank, with what their draws start from; m groups, k criteria."""

    group_ids: list[str]
    band: FloatArray
    revenue: FloatArray
    raw: FloatArray
    weights: FloatArray
    ends: FloatArray


def stability_frame(connection: duckdb.DuckDBPyConnection, criteria: Criteria, as_of_date: date) -> pd.DataFrame:
    """Return the rows of `CANDIDATE_STABILITY`.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Sees the tables of marts that the contract names.
    criteria : Criteria
        The criteria that the ranks were made with.
    as_of_date : date
        The date.

    Returns
    -------
    pd.DataFrame
        Empty where draws are switched off, or too few groups have two years to compare.

    Notes
    -----
    A residual is the logarithm of one year over the year before, less the median of its size band (fifths by 3-year
    mean revenue). It holds the luck of two years; one year takes it divided by the square root of 2. Each year of each
    group takes a residual of its band, drawn with replacement; a year without revenue stays without. Each weight is
    multiplied by 1 plus a uniform draw within +- weight_change. A figure that is missing takes the score of a group
    drawn from those that have one.
    """
    names = [column.name for column in CANDIDATE_STABILITY.columns]
    day = {"day": as_of_date}
    contenders = _contenders(connection, criteria, day)
    pools = _residual_pools(connection, day) if criteria.stability.draws and contenders else None
    if contenders is None or pools is None:
        return pd.DataFrame(columns=names)
    scales = [_scale(connection, item.name, day) for item in criteria.items]
    generator = np.random.default_rng(_seed(contenders, criteria))
    counted = _drawn_ranks(connection, criteria, contenders, scales, pools, generator, as_of_date)
    rank = np.arange(1, len(contenders.group_ids) + 1)
    low, high = np.percentile(counted, [2.5, 97.5], axis=0, method="nearest").astype(np.int64)
    drawn_band = np.searchsorted(contenders.ends, counted, side="left")
    return pd.DataFrame(
        {
            "as_of_date": as_of_date,
            "group_id": contenders.group_ids,
            "rank_low": np.minimum(low, rank),
            "rank_high": np.maximum(high, rank),
            "band_stability": (drawn_band == contenders.band).mean(axis=0),
        }
    )


def _contenders(connection: duckdb.DuckDBPyConnection, criteria: Criteria, day: dict[str, date]) -> _Contenders | None:
    found = connection.execute(
        "select ranked.group_id, ranked.band, ranked.n, metric.revenue_amt::double as revenue_amt, "
        "metric.prior_amt::double as prior_amt, metric.before_amt::double as before_amt "
        "from marts.candidate_rank as ranked inner join marts.group_metric as metric "
        "on ranked.group_id = metric.group_id and metric.as_of_date = $day "
        f"where {_WITHIN} "
        "order by ranked.rank",
        day,
    ).fetchnumpy()
    group_ids = [str(group_id) for group_id in found["group_id"]]
    if not group_ids:
        return None
    scored = connection.execute(
        "select ranked.rank - 1 as place, declared.ordinal - 1 as criterion, scored.raw_value, scored.weight "
        "from marts.candidate_criterion as scored inner join marts.criterion as declared "
        "on scored.criterion = declared.criterion and declared.as_of_date = $day "
        "inner join marts.candidate_rank as ranked on scored.group_id = ranked.group_id and ranked.as_of_date = $day "
        f"where scored.as_of_date = $day and {_WITHIN}",
        day,
    ).fetchnumpy()
    raw = np.full((len(group_ids), len(criteria.items)), np.nan)
    raw[scored["place"], scored["criterion"]] = np.ma.filled(scored["raw_value"], np.nan)
    weights = np.zeros(len(criteria.items))
    weights[scored["criterion"]] = np.ma.filled(scored["weight"], 0.0)
    years = [np.ma.filled(found[name], np.nan) for name in YEARS]
    population = int(np.asarray(found["n"])[0])
    ends = np.array([-(-percent * population // 100) for percent in (5, 10, 15)], dtype=np.float64)
    band = np.array([_BANDS.index(name) for name in found["band"]], dtype=np.float64)
    return _Contenders(group_ids, band, np.stack(years, axis=1), raw, weights, ends)


def _residual_pools(connection: duckdb.DuckDBPyConnection, day: dict[str, date]) -> _Pools | None:
    """Return for each size band the places of its contenders and the residuals that they draw from."""
    banded = (
        "with banded as (select *, ntile($bands) over (order by revenue_mean_3y_amt, group_id) as size_band "
        "from marts.group_metric where as_of_date = $day and revenue_mean_3y_amt > 0) "
    )
    bound = {**day, "bands": SIZE_BANDS}
    found = connection.execute(
        banded + "select size_band, later_ln - median(later_ln) over (partition by size_band, pair) as residual from ("
        "select size_band, 1 as pair, ln(revenue_amt / prior_amt) as later_ln from banded "
        "where revenue_amt > 0 and prior_amt > 0 union all "
        "select size_band, 2 as pair, ln(prior_amt / before_amt) as later_ln from banded "
        "where prior_amt > 0 and before_amt > 0) order by size_band, residual",
        bound,
    ).fetchnumpy()
    residuals, bands = np.asarray(found["residual"]), np.asarray(found["size_band"])
    if residuals.size < MIN_RESIDUALS:
        return None
    own_band = connection.execute(
        banded + "select coalesce(banded.size_band, 1) as size_band from marts.candidate_rank as ranked "
        f"left join banded on ranked.group_id = banded.group_id where {_WITHIN} order by ranked.rank",
        bound,
    ).fetchnumpy()["size_band"]
    pools = []
    for band in range(1, SIZE_BANDS + 1):
        own = residuals[bands == band]
        pools.append(
            (np.flatnonzero(own_band == band), own if own.size >= MIN_RESIDUALS else np.sort(found["residual"]))
        )
    return pools


def _scale(connection: duckdb.DuckDBPyConnection, name: str, day: dict[str, date]) -> Scale:
    bound = {**day, "name": name}
    declared = connection.execute(
        "select transform, direction, counts_above_amt, when_missing from marts.criterion "
        "where as_of_date = $day and criterion = $name",
        bound,
    ).fetchall()[0]
    known = connection.execute(
        "select scored.raw_value, scored.score from marts.candidate_criterion as scored "
        "where scored.as_of_date = $day and scored.criterion = $name and scored.status = 'measured'",
        bound,
    ).fetchnumpy()
    bands = connection.execute(
        "select from_value, score from marts.criterion_band where as_of_date = $day and criterion = $name "
        "order by from_value",
        bound,
    ).fetchnumpy()
    transform, direction, counts_above, when_missing = declared
    return Scale(
        transform=transform,
        is_lower_better=direction == "lower",
        known=np.sort(np.asarray(known["raw_value"])),
        scores=np.sort(np.asarray(known["score"])),
        band_starts=np.asarray(bands["from_value"]),
        band_scores=np.asarray(bands["score"]),
        counts_above_amt=None if counts_above is None else float(counts_above),
        takes_median=when_missing == "median",
    )


def _drawn_ranks(
    connection: duckdb.DuckDBPyConnection,
    criteria: Criteria,
    contenders: _Contenders,
    scales: list[Scale],
    pools: _Pools,
    generator: np.random.Generator,
    as_of_date: date,
) -> _Ranks:
    """Return the rank of each contender in each draw, from 1, shape (draws, m)."""
    groups, draws = len(contenders.group_ids), criteria.stability.draws
    moving = [place for place, item in enumerate(criteria.items) if rests_on_revenue(item)]
    items = [criteria.items[place] for place in moving]
    beside = figures_beside(connection, items, contenders.group_ids, as_of_date)
    ranks = np.empty((draws, groups), dtype=np.int32)
    at_once = max(1, _CELLS_AT_ONCE // groups)
    in_parts = partial(_in_parts, int(connection.execute("select current_setting('threads')").fetchall()[0][0]))
    for first in range(0, draws, at_once):
        size = min(at_once, draws - first)
        drawn = _drawn_years(contenders.revenue, pools, generator, size)
        figures = dict(zip(moving, revenue_figures(connection, items, beside, drawn), strict=True))
        score = np.zeros((size, groups))
        factors = 1 + generator.uniform(-1, 1, (size, len(scales))) * criteria.stability.weight_change
        weights = contenders.weights * factors
        weights /= weights.sum(axis=1, keepdims=True)
        for place, scale in enumerate(scales):
            own = np.broadcast_to(contenders.raw[:, place], (size, groups))
            raw = np.where(np.isnan(own), np.nan, figures[place]) if place in figures else own
            score += weights[:, [place]] * _filled(in_parts(rescored, raw, scale), scale, drawn, generator)
        # the groups stand in order of rank: a stable sort lets level ones keep it
        order = in_parts(_order, score)
        np.put_along_axis(ranks[first : first + size], order, np.arange(1, groups + 1, dtype=np.int32), axis=1)
    return ranks


def _in_parts(
    threads: int, work: Callable[..., npt.NDArray[_Kind]], rows: FloatArray, *beside: object
) -> npt.NDArray[_Kind]:
    """Return what work gives for rows that do not look at each other, done by several threads."""
    with ThreadPoolExecutor(threads) as pool:
        done = pool.map(lambda part: work(part, *beside), np.array_split(rows, min(threads, len(rows))))
        return np.concatenate(list(done))


def _order(score: FloatArray) -> npt.NDArray[np.intp]:
    """Return the places of each draw's groups, the highest score first; level ones in the order they stand in."""
    return np.argsort(-score, axis=1, kind="stable")


def _drawn_years(revenue: FloatArray, pools: _Pools, generator: np.random.Generator, draws: int) -> FloatArray:
    """Return drawn revenue by year, draw and group; years that are not above zero stay as they are."""
    groups, years = revenue.shape
    drawn = np.empty((years, draws, groups))
    for places, residuals in pools:
        own = revenue[places]
        factors = np.exp(residuals / np.sqrt(2))
        picked = factors[generator.integers(0, residuals.size, (draws, places.size, years))]
        for year in range(years):
            amounts = own[:, year]
            drawn[year][:, places] = np.where(amounts > 0, amounts * picked[:, :, year], amounts)
    return drawn


def _filled(score: FloatArray, scale: Scale, drawn: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Return scores with missing ones drawn from the known, and 0 below the criterion's revenue gate."""
    missing = np.isnan(score)
    if missing.any():
        score = np.where(missing, 0.0, score)
        if scale.takes_median and scale.scores.size:
            score[missing] = scale.scores[generator.integers(0, scale.scores.size, int(missing.sum()))]
    if scale.counts_above_amt is not None:
        score = np.where(sum(drawn) / len(drawn) < scale.counts_above_amt, 0.0, score)
    return score


def _seed(contenders: _Contenders, criteria: Criteria) -> int:
    digest = hashlib.sha256(criteria.model_dump_json().encode("utf-8"))
    digest.update("\n".join(contenders.group_ids).encode("utf-8"))
    digest.update(np.nan_to_num(contenders.revenue, nan=-1.0).tobytes())
    return int.from_bytes(digest.digest()[:8], "big")
