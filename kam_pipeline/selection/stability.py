"""How firm a rank is: years drawn again with the luck that groups of that size have, and weights varied.

What belongs here: residuals, draws, ranks of draws. What does not: how a figure becomes a score (rescoring.py), how the
real ranks come about (sql/marts/candidate_rank.sql). Law: same figures and criteria, same draws.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import TypeVar

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_pipeline.contracts import parse_contract
from kam_pipeline.selection.contenders import DRAWN, Contenders, contenders, places_drawn
from kam_pipeline.selection.redrawing import figures_beside, rests_on_revenue, revenue_figures
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

_Places = npt.NDArray[np.intp]
_Ranks = npt.NDArray[np.int32]
_Kind = TypeVar("_Kind", bound=np.generic)
_Pools = list[tuple[_Places, FloatArray]]


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
    group takes a residual of its band, drawn with replacement; a year without revenue takes none. A group that bought
    in some years and not in others has its years themselves drawn first, from its own with replacement: of one large
    order in three years 8 of 27 draws see nothing. Who bought in two is left as it is where none would be drawn (1 of
    27), as that alone would stretch its range to the last rank. Years before the history are no such years. Each
    weight is multiplied by 1 plus a uniform draw within +- weight_change. A figure that is missing takes the score of a
    group drawn from those that have one.
    """
    names = [column.name for column in CANDIDATE_STABILITY.columns]
    day = {"day": as_of_date}
    drawn = contenders(connection, criteria, as_of_date) if criteria.stability.draws else None
    pools = _residual_pools(connection, as_of_date) if drawn else None
    if drawn is None or pools is None:
        return pd.DataFrame(columns=names)
    scales = [_scale(connection, item.name, day) for item in criteria.items]
    counted = _drawn_ranks(connection, criteria, drawn, scales, pools, as_of_date)
    rank = np.arange(1, drawn.reported + 1)
    low, high = np.percentile(counted, [2.5, 97.5], axis=0, method="nearest").astype(np.int64)
    drawn_band = np.searchsorted(drawn.ends, counted, side="left")
    return pd.DataFrame(
        {
            "as_of_date": as_of_date,
            "group_id": drawn.group_ids[: drawn.reported],
            "rank_low": np.minimum(low, rank),
            "rank_high": np.maximum(high, rank),
            "band_stability": (drawn_band == drawn.band).mean(axis=0),
        }
    )


def _residual_pools(connection: duckdb.DuckDBPyConnection, as_of_date: date) -> _Pools | None:
    """Return for each size band the places of its contenders and the residuals that they draw from."""
    banded = (
        "with banded as (select *, ntile($bands) over (order by revenue_mean_3y_amt, group_id) as size_band "
        "from marts.group_metric where as_of_date = $day and revenue_mean_3y_amt > 0) "
    )
    bound = {"day": as_of_date, "bands": SIZE_BANDS}
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
    with places_drawn(connection, as_of_date):
        own_band = connection.execute(
            banded + "select coalesce(banded.size_band, 1) as size_band from "
            f"{DRAWN} as drawn inner join marts.candidate_rank as ranked "
            "on drawn.rank = ranked.rank and ranked.as_of_date = $day "
            "left join banded on ranked.group_id = banded.group_id order by drawn.place",
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
    contenders: Contenders,
    scales: list[Scale],
    pools: _Pools,
    as_of_date: date,
) -> _Ranks:
    """Return the rank of each contender within twice the band in each draw, from 1, shape (draws, reported)."""
    groups, draws = len(contenders.group_ids), criteria.stability.draws
    moving = [place for place, item in enumerate(criteria.items) if rests_on_revenue(item)]
    items = [criteria.items[place] for place in moving]
    beside = figures_beside(connection, items, contenders.group_ids, as_of_date)
    is_modelled = np.array([item.is_modelled for item in criteria.items])
    generator = np.random.default_rng(contenders.seed)
    ranks = np.empty((draws, contenders.reported), dtype=np.int32)
    at_once = max(1, _CELLS_AT_ONCE // groups)
    in_parts = partial(_in_parts, int(connection.execute("select current_setting('threads')").fetchall()[0][0]))
    for first in range(0, draws, at_once):
        size = min(at_once, draws - first)
        drawn = _drawn_years(contenders, pools, generator, size)
        figures = dict(zip(moving, revenue_figures(connection, items, beside, drawn), strict=True))
        score = np.zeros((size, groups))
        factors = 1 + generator.uniform(-1, 1, (size, len(scales))) * criteria.stability.weight_change
        weights = _weights(contenders.weights * factors, is_modelled)
        for place, scale in enumerate(scales):
            own = np.broadcast_to(contenders.raw[:, place], (size, groups))
            raw = np.where(np.isnan(own), np.nan, figures[place]) if place in figures else own
            score += weights[:, [place]] * _filled(in_parts(rescored, raw, scale), scale, drawn, generator)
        ranks[first : first + size] = in_parts(_ranks, score, contenders.stands_for)[:, : contenders.reported]
    return ranks


def _weights(drawn: FloatArray, is_modelled: npt.NDArray[np.bool_]) -> FloatArray:
    """Return the weights of each draw as shares, those of estimates at most as much as the others together."""
    measured, estimated = (drawn[:, which].sum(axis=1) for which in (~is_modelled, is_modelled))
    over = (estimated > measured) & (measured > 0)
    counted = np.divide(measured, estimated, out=np.ones_like(measured), where=over)
    weights = np.where(is_modelled, drawn * counted[:, None], drawn)
    shares: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _in_parts(
    threads: int, work: Callable[..., npt.NDArray[_Kind]], rows: FloatArray, *beside: object
) -> npt.NDArray[_Kind]:
    """Return what work gives for rows that do not look at each other, done by several threads."""
    with ThreadPoolExecutor(threads) as pool:
        done = pool.map(lambda part: work(part, *beside), np.array_split(rows, min(threads, len(rows))))
        return np.concatenate(list(done))


def _ranks(score: FloatArray, stands_for: npt.NDArray[np.int32]) -> _Ranks:
    """Return the rank of each group in each draw, the highest score first; level ones in the order they stand in."""
    order = np.argsort(-score, axis=1, kind="stable")
    many = stands_for[order]
    ranks = np.empty(score.shape, dtype=np.int32)
    np.put_along_axis(ranks, order, np.cumsum(many, axis=1, dtype=np.int32) - many + 1, axis=1)
    return ranks


def _drawn_years(contenders: Contenders, pools: _Pools, generator: np.random.Generator, draws: int) -> FloatArray:
    """Return drawn revenue by year, draw and group; years that are not above zero take no residual."""
    years = contenders.revenue.T
    drawn = np.repeat(years[:, None, :], draws, axis=1)
    known = np.flatnonzero(contenders.is_year_known)
    own = years[known]
    lumpy = np.flatnonzero((own <= 0).any(axis=0) & (own > 0).any(axis=0) & ~np.isnan(own).any(axis=0))
    picked_year = known[generator.integers(0, known.size, (known.size, draws, lumpy.size))]
    bought = years[picked_year, lumpy]
    silent = (bought <= 0).all(axis=0) & ((own[:, lumpy] > 0).sum(axis=0) > 1)
    drawn[np.ix_(known, np.arange(draws), lumpy)] = np.where(silent, own[:, None, lumpy], bought)
    luck = np.concatenate([np.exp(residuals / np.sqrt(2)) for _, residuals in pools])
    begins = np.cumsum([0, *(residuals.size for _, residuals in pools)])
    first, last = np.zeros((2, years.shape[1]), dtype=np.int32)
    for (places, _), begin, end in zip(pools, begins[:-1], begins[1:], strict=True):
        first[places], last[places] = begin, end - 1
    picked = (generator.random(drawn.shape, dtype=np.float32) * (last - first + 1).astype(np.float32)).astype(np.int32)
    np.multiply(drawn, luck[np.minimum(picked + first, last)], out=drawn, where=drawn > 0)
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
