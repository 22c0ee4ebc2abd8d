"""Bootstrap intervals of the concentration measures: accounts resampled, vectorised.

What belongs here: what SQL cannot say, drawing samples. The measures themselves are in
sql/marts/revenue_concentration.sql. Law: every measure here is a share or an index of a resampled population of the
same size; plain sums and facts about named customers (largest_share, cr_k, hhi) have no interval.
"""

import hashlib

import numpy as np
import numpy.typing as npt
import pandas as pd

from kam_pipeline.contracts import parse_contract

CONCENTRATION_INTERVAL = parse_contract(
    "marts",
    """
concentration_interval
    95 % intervals of the concentration measures that are estimates.

grain  : one row per as_of_date, basis and metric
key    : as_of_date, basis, metric
inputs : marts.entity_revenue, settings.relevance
columns:
  as_of_date  DATE     snapshot date
  basis       VARCHAR  group or account
  metric      VARCHAR  gini, gini_corrected, theil or a top share
  ci_low      DOUBLE   2.5th percentile of the resamples
  ci_high     DOUBLE   97.5th percentile of the resamples
""",
    __name__,
)

TOP_PERCENTS = (1, 5, 10, 20)
MIN_ENTITIES = 2
# Resamples are drawn in blocks of this size: larger ones leave the processor's cache, and the system takes back and
# clears the memory of every step.
_CELLS_AT_ONCE = 30_000

FloatArray = npt.NDArray[np.float64]


def top_count(percent: int, n: int) -> int:
    """Return how many entities the top `percent` % of `n` are: ceil(percent * n / 100) in whole numbers.

    Examples
    --------
    >>> top_count(10, 70), top_count(10, 71)
    (7, 8)
    """
    return -(-percent * n // 100)


def bootstrap_intervals(revenue: FloatArray, draws: int, level: float = 0.95) -> dict[str, tuple[float, float]]:
    """Return percentile intervals of gini, gini_corrected, theil and the top shares.

    Parameters
    ----------
    revenue : FloatArray
        Revenue of n entities, shape (n,), all above zero, in any order.
    draws : int
        Number of resamples.
    level : float
        Coverage aimed at, 0..1.

    Returns
    -------
    dict[str, tuple[float, float]]
        Metric to (low, high); empty for fewer than two entities. Seeded from the data: same revenue, same interval.

    Notes
    -----
    Efron's percentile bootstrap. With a heavy tail and few accounts it covers less than it says; the number of
    accounts stands beside every interval.
    """
    n = revenue.size
    if n < MIN_ENTITIES:
        return {}
    ordered = np.sort(revenue)[::-1]
    ordered = ordered / ordered.sum()
    seed = int.from_bytes(hashlib.sha256(ordered.tobytes()).digest()[:8], "big")
    generator = np.random.default_rng(seed)
    at_once = max(1, _CELLS_AT_ONCE // n)
    parts = [_resampled_measures(ordered, generator, min(at_once, draws - first)) for first in range(0, draws, at_once)]
    tail = (1 - level) / 2 * 100
    return {
        metric: (
            float(np.percentile(np.concatenate([part[metric] for part in parts]), tail)),
            float(np.percentile(np.concatenate([part[metric] for part in parts]), 100 - tail)),
        )
        for metric in parts[0]
    }


def draw_counts(generator: np.random.Generator, draws: int, n: int) -> FloatArray:
    """Return how often each of `n` entities is drawn in resamples of `n` with replacement, shape (draws, n)."""
    picked = generator.integers(0, n, size=(draws, n))
    picked += np.arange(draws)[:, None] * n
    return np.bincount(picked.ravel(), minlength=draws * n).reshape(draws, n).astype(np.float64)


def _resampled_measures(ordered: FloatArray, generator: np.random.Generator, draws: int) -> dict[str, FloatArray]:
    """Return each measure for `draws` resamples of entities sorted from the largest, shape (draws,) each."""
    n = ordered.size
    # sorted input stays sorted, so no resample needs sorting
    counts = draw_counts(generator, draws, n)
    taken = counts.cumsum(axis=1)
    total = _weighted(counts, ordered)
    measures = {}
    for percent in TOP_PERCENTS:
        k = top_count(percent, n)
        within = np.clip(k - (taken - counts), 0.0, counts)
        measures[f"top_{percent}_pct_share"] = _weighted(within, ordered) / total
    # sum over drawn items of (n + 1 - 2 * place): an entity drawn c times after b others covers places b+1..b+c
    place_weights = counts * (n + 1) - counts * (2 * taken - counts + 1)
    gini = _weighted(place_weights, ordered) / (n * total)
    mean = total / n
    weighted_logs = _weighted(counts, ordered * np.log(ordered))
    return measures | {
        "gini": gini,
        "gini_corrected": gini * n / (n - 1),
        "theil": weighted_logs / total - np.log(mean),
    }


def _weighted(weights: FloatArray, values: FloatArray) -> FloatArray:
    """Return `weights @ values` in one thread: those of the matrix library cost more here than they save."""
    sums: FloatArray = np.einsum("dn,n->d", weights, values)
    return sums


def interval_frame(revenue: pd.DataFrame, draws: int) -> pd.DataFrame:
    """Return the intervals per basis as rows.

    Parameters
    ----------
    revenue : pd.DataFrame
        Columns basis and revenue_amt (above zero).
    draws : int
        Number of resamples.

    Returns
    -------
    pd.DataFrame
        Columns basis, metric, ci_low, ci_high.
    """
    rows = [
        {"basis": basis, "metric": metric, "ci_low": low, "ci_high": high}
        for basis, part in revenue.groupby("basis")
        for metric, (low, high) in bootstrap_intervals(part["revenue_amt"].to_numpy(dtype=np.float64), draws).items()
    ]
    return pd.DataFrame(rows, columns=["basis", "metric", "ci_low", "ci_high"])
