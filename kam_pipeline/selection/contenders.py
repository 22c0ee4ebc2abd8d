"""The groups whose ranks are drawn again, and those that could push them aside.

What belongs here: who is drawn, and what their draws start from. What does not: drawing (stability.py).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from kam_pipeline.selection.redrawing import YEARS
from kam_pipeline.selection.rescoring import FloatArray
from kam_pipeline.settings.criteria import Criteria

DRAWN = "drawn_contender"
"""While `places_drawn` lasts: place (from 0) and rank of every group that is drawn."""
BANDS = ("top_5_pct", "top_10_pct", "near_miss", "outside")
EACH_BEHIND = 500
MIN_BUYING_SHARE = 0.5
"""A year in which fewer groups bought, as a share of those in the best year, is not wholly in the history."""


@dataclass(frozen=True)
class Contenders:
    """The groups that are drawn, in order of rank, with what their draws start from; m groups, k criteria.

    Attributes
    ----------
    group_ids : list[str]
        All of them.
    stands_for : npt.NDArray[np.int32]
        How many groups each stands for: itself, or with it others beside it far behind.
    reported : int
        The first so many are within twice the band, and what is drawn is said of them.
    band : FloatArray
        The place of their band in `BANDS`.
    ends : FloatArray
        The last ranks of the bands.
    revenue : FloatArray
        By group and year, shape (m, 3); NaN where unknown.
    is_year_known : npt.NDArray[np.bool_]
        Whether the history covers each year, of 3: one that far fewer groups bought in is not wholly in it.
    raw : FloatArray
        Figures by group and criterion, shape (m, k); NaN where unknown.
    weights : FloatArray
        Shares of the score, of k.
    """

    group_ids: list[str]
    stands_for: npt.NDArray[np.int32]
    reported: int
    band: FloatArray
    ends: FloatArray
    revenue: FloatArray
    is_year_known: npt.NDArray[np.bool_]
    raw: FloatArray
    weights: FloatArray

    @property
    def seed(self) -> int:
        """A number that follows from who is drawn and their revenue, and from nothing else.

        Criteria play no part: where two of them give the same order, the same luck is held against both.
        """
        digest = hashlib.sha256("\n".join(self.group_ids).encode("utf-8"))
        digest.update(np.nan_to_num(self.revenue, nan=-1.0).tobytes())
        return int.from_bytes(digest.digest()[:8], "big")


@contextmanager
def places_drawn(connection: duckdb.DuckDBPyConnection, as_of_date: date) -> Iterator[npt.NDArray[np.int32]]:
    """Let queries see `DRAWN`: the groups that can be chosen and are drawn, by rank.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Sees `marts.candidate_rank`.
    as_of_date : date
        The date.

    Yields
    ------
    npt.NDArray[np.int32]
        How many groups each place stands for.

    Notes
    -----
    All within twice the band and the 500 behind them are drawn; of the next 500 every second, of those after them every
    third and so on, each standing for the ones left out. Who is far behind seldom comes near, and a million need not be
    drawn to see how often.
    """
    can_be_chosen, within = connection.execute(
        "select count(*), count(*) filter (where rank <= 2 * ceil(0.10 * n)) from marts.candidate_rank "
        "where as_of_date = $day and is_eligible",
        {"day": as_of_date},
    ).fetchall()[0]
    rank, stands_for = thinned(can_be_chosen, within)
    connection.register(DRAWN, pa.table({"place": pa.array(np.arange(rank.size)), "rank": pa.array(rank)}))
    try:
        yield stands_for
    finally:
        connection.unregister(DRAWN)


def thinned(groups: int, within: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Return the ranks that are drawn of so many, and how many ranks each stands for.

    Examples
    --------
    >>> ranks, stands_for = thinned(1502, 2)
    >>> ranks[:4].tolist(), ranks[-2:].tolist(), stands_for[-2:].tolist(), ranks.size
    ([1, 2, 3, 4], [1499, 1502], [3, 2], 919)
    """
    behind = np.arange(groups - within)
    step = behind // EACH_BEHIND + 1
    first = np.flatnonzero(behind % EACH_BEHIND % step == 0)
    length = np.diff(np.append(first, behind.size))
    ranks = np.concatenate([np.arange(1, within + 1), within + 1 + first + length // 2])
    return ranks, np.concatenate([np.ones(within), length]).astype(np.int32)


def contenders(connection: duckdb.DuckDBPyConnection, criteria: Criteria, as_of_date: date) -> Contenders | None:
    """Return the groups that are drawn; None where none can be chosen.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Sees the tables that `CANDIDATE_STABILITY` names.
    criteria : Criteria
        The criteria that the ranks were made with.
    as_of_date : date
        The date.
    """
    day = {"day": as_of_date}
    with places_drawn(connection, as_of_date) as stands_for:
        if not stands_for.size:
            return None
        found = connection.execute(
            "select ranked.group_id, ranked.rank, ranked.band, ranked.n, metric.revenue_amt::double as revenue_amt, "
            "metric.prior_amt::double as prior_amt, metric.before_amt::double as before_amt "
            f"from {DRAWN} as drawn inner join marts.candidate_rank as ranked "
            "on drawn.rank = ranked.rank and ranked.as_of_date = $day "
            "inner join marts.group_metric as metric "
            "on ranked.group_id = metric.group_id and metric.as_of_date = $day order by drawn.place",
            day,
        ).fetchnumpy()
        raw, weights = _figures(connection, stands_for.size, len(criteria.items), day)
    population = int(np.asarray(found["n"])[0])
    reported = int((np.asarray(found["rank"]) <= 2 * -(-10 * population // 100)).sum())
    if not reported:
        return None
    return Contenders(
        group_ids=[str(group_id) for group_id in found["group_id"]],
        stands_for=stands_for,
        reported=reported,
        band=np.array([BANDS.index(name) for name in found["band"][:reported]], dtype=np.float64),
        ends=np.array([-(-percent * population // 100) for percent in (5, 10, 15)], dtype=np.float64),
        revenue=np.stack([np.ma.filled(found[name], np.nan) for name in YEARS], axis=1),
        is_year_known=_years_known(connection, day),
        raw=raw,
        weights=weights,
    )


def _figures(
    connection: duckdb.DuckDBPyConnection, groups: int, criteria: int, day: dict[str, date]
) -> tuple[FloatArray, FloatArray]:
    scored = connection.execute(
        "select drawn.place, declared.ordinal - 1 as criterion, scored.raw_value, scored.weight "
        "from marts.candidate_criterion as scored inner join marts.criterion as declared "
        "on scored.criterion = declared.criterion and declared.as_of_date = $day "
        "inner join marts.candidate_rank as ranked on scored.group_id = ranked.group_id and ranked.as_of_date = $day "
        f"inner join {DRAWN} as drawn on ranked.rank = drawn.rank where scored.as_of_date = $day",
        day,
    ).fetchnumpy()
    raw, weights = np.full((groups, criteria), np.nan), np.zeros(criteria)
    raw[scored["place"], scored["criterion"]] = np.ma.filled(scored["raw_value"], np.nan)
    weights[scored["criterion"]] = np.ma.filled(scored["weight"], 0.0)
    return raw, weights


def _years_known(connection: duckdb.DuckDBPyConnection, day: dict[str, date]) -> npt.NDArray[np.bool_]:
    counted = ", ".join(f"count(*) filter (where {name} > 0)" for name in YEARS)
    (bought,) = connection.execute(f"select {counted} from marts.group_metric where as_of_date = $day", day).fetchall()
    known: npt.NDArray[np.bool_] = np.array(bought) >= MIN_BUYING_SHARE * max(bought)
    return known
