"""Studentised bootstrap of the concentration measures: entities resampled, vectorised over draws.

What belongs here: drawing, each measure of a resample with its standard error, and the interval that follows. What does
not: tables (concentration.py), the measures that people read (sql/marts/revenue_concentration.sql). Law: revenue is
given from the largest down, so that no resample needs sorting; every figure is a weighted sum over the counts of a
draw. Why this interval and what it covers: docs/method.md.
"""

import hashlib
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

TOP_PERCENTS = (1, 5, 10, 20)
SHARES = {f"top_{percent}_pct_share": percent for percent in TOP_PERCENTS}
MIN_ENTITIES = 2
MIN_USABLE_SHARE = 0.9
"""Where fewer of the resamples have a standard error, because many entities are alike, percentiles stand instead."""
LEAST_ERROR = 0.6
"""A resample without the largest customers believes its top share far too exact; its error counts as at least this part
of the error measured. That leaves the coverage as it is and keeps single resamples from deciding (docs/method.md)."""
MOST_CELLS, LEAST_DRAWS = 100_000_000, 200

# Resamples are drawn in blocks of this size: larger ones leave the processor's cache, and the system takes back and
# clears the memory of every step.
_CELLS_AT_ONCE = 30_000
_DIGITS = 12
_NO_ERROR = 1e-6


def top_count(percent: int, n: int) -> int:
    """Return how many entities the top `percent` % of `n` are: ceil(percent * n / 100) in whole numbers.

    Examples
    --------
    >>> top_count(10, 70), top_count(10, 71)
    (7, 8)
    """
    return -(-percent * n // 100)


def draw_counts(generator: np.random.Generator, draws: int, n: int) -> FloatArray:
    """Return how often each of `n` entities is drawn in resamples of `n` with replacement, shape (draws, n)."""
    picked = generator.integers(0, n, size=(draws, n))
    if draws > 1:
        picked += np.arange(draws)[:, None] * n
    return np.bincount(picked.ravel(), minlength=draws * n).reshape(draws, n).astype(np.float64)


@dataclass(frozen=True)
class Population:
    """What every resample of a population is weighed with.

    Attributes
    ----------
    ordered : FloatArray
        Revenue of n entities from the largest down, mean 1, shape (n,).
    powers : FloatArray
        x, x squared, x ln x, x squared ln x, and x ln x squared, as rows, shape (5, n).
    """

    ordered: FloatArray
    powers: FloatArray

    @classmethod
    def of(cls, revenue: FloatArray) -> Self:
        """Return the population with this revenue, all above zero, in any order."""
        ordered = np.sort(revenue)[::-1]
        ordered = np.ascontiguousarray(ordered / ordered.sum() * revenue.size)
        logged = ordered * np.log(ordered)
        return cls(ordered, np.stack([ordered, ordered**2, logged, ordered * logged, logged**2]))

    @property
    def n(self) -> int:
        """Number of entities."""
        return self.ordered.size

    @property
    def seed(self) -> int:
        """A number that the same revenue always gives."""
        return int.from_bytes(hashlib.sha256(self.ordered.tobytes()).digest()[:8], "big")


def bootstrap_intervals(revenue: FloatArray, draws: int, level: float = 0.95) -> dict[str, tuple[float, float]]:
    """Return studentised bootstrap intervals of gini, gini_corrected, theil and the top shares.

    Parameters
    ----------
    revenue : FloatArray
        Revenue of n entities, shape (n,), all above zero, in any order.
    draws : int
        Number of resamples; fewer, down to `LEAST_DRAWS`, for so many entities that all draws together would be more
        than `MOST_CELLS`: there the interval is narrow, and its ends need not be known to three digits.
    level : float
        Coverage aimed at, 0..1.

    Returns
    -------
    dict[str, tuple[float, float]]
        Metric to (low, high), the value measured between them. Absent are all of fewer than two entities, and a top
        share that is a single entity's, which is a fact. Seeded from the data: same revenue, same interval.

    Notes
    -----
    Efron and Tibshirani (1993), chapter 12: of every resample the distance to the value measured, in its own standard
    errors, on the logit of gini and shares and the log of theil. Standard errors by the influence function, those of
    top shares no smaller than `LEAST_ERROR` of the one measured. Where fewer than `MIN_USABLE_SHARE` of the resamples
    have one, percentiles. Entities all alike leave no doubt: low and high are the value.
    """
    if revenue.size < MIN_ENTITIES:
        return {}
    population = Population.of(revenue)
    n = population.n
    measured = {
        metric: (float(value[0]), float(error[0]))
        for metric, (value, error) in estimates(population, np.ones((1, n))).items()
        if metric not in SHARES or top_count(SHARES[metric], n) > 1
    }
    if population.ordered[0] == population.ordered[-1]:
        return _with_corrected({metric: (_rounded(value),) * 2 for metric, (value, _) in measured.items()}, n)
    generator = np.random.default_rng(population.seed)
    at_once = max(1, _CELLS_AT_ONCE // n)
    draws = min(draws, max(LEAST_DRAWS, MOST_CELLS // n))
    parts = [
        estimates(population, draw_counts(generator, min(at_once, draws - first), n))
        for first in range(0, draws, at_once)
    ]
    found = {}
    for metric, (value, error) in measured.items():
        values, errors = (np.concatenate([part[metric][side] for part in parts]) for side in (0, 1))
        found[metric] = _limits(metric, value, error, values, errors, level)
    return _with_corrected(found, n)


def estimates(population: Population, counts: FloatArray) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return each measure of resamples with its standard error.

    Parameters
    ----------
    population : Population
        What is drawn from.
    counts : FloatArray
        How often each entity is drawn, shape (draws, n), each row summing to n.

    Returns
    -------
    dict[str, tuple[FloatArray, FloatArray]]
        Metric to (values, standard errors), shape (draws,) each.
    """
    # not `counts @ powers`: the matrix library's threads wait busily for one another and cost more than they save
    sums = np.einsum("dn,mn->md", counts, population.powers) / population.n
    drawn = counts * population.ordered
    # one running count over all draws: that of a draw goes on where the one before ended, at a multiple of n
    taken = counts.cumsum().reshape(counts.shape)
    running = drawn.cumsum(axis=1)
    found = _top_shares(population, taken, running, counts, sums)
    taken -= np.arange(len(counts))[:, None] * population.n
    found["gini"] = _gini(population, counts, drawn, taken, running, sums)
    found["theil"] = _theil(sums, population.n)
    return found


def _top_shares(
    population: Population, taken: FloatArray, running: FloatArray, counts: FloatArray, sums: FloatArray
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return the share of the k largest draws; influence of x: (max(x - q, 0) + k q / n - share x) / mean."""
    draws, n = counts.shape
    rows = np.arange(draws)
    mean, square = sums[0], sums[1]
    ranks = [top_count(percent, n) for percent in TOP_PERCENTS]
    last = [np.searchsorted(taken.ravel(), rows * n + k) - rows * n for k in ranks]
    until = last[-1].max() + 1
    squares = (counts[:, :until] * population.powers[1, :until]).cumsum(axis=1)
    found = {}
    for metric, k, place in zip(SHARES, ranks, last, strict=True):
        least = population.ordered[place]
        beyond = taken[rows, place] - rows * n - k
        top = (running[rows, place] - beyond * least) / n
        top_square = (squares[rows, place] - beyond * least**2) / n
        share = top / mean
        # mean square of (1 - share) x - q among the top and of -share x among the rest, less the square of the mean
        spread = (1 - share) ** 2 * top_square - 2 * (1 - share) * least * top + least**2 * k / n
        spread += share**2 * (square - top_square) - (least * k / n) ** 2
        found[metric] = share, _error(spread, n) / mean
    return found


def _gini(
    population: Population,
    counts: FloatArray,
    drawn: FloatArray,
    taken: FloatArray,
    running: FloatArray,
    sums: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return the Gini coefficient; influence of x: ((1 - gini) x - 2 (x above(x) - revenue_above(x))) / mean."""
    n = population.n
    mean, square = sums[0], sums[1]
    # an entity drawn c times has on average taken - c / 2 draws above it, and revenue of running - c x / 2
    gini = 1 - (2 * _dot(drawn, taken) - _dot(drawn, counts)) / (n * n * mean)
    # in place, because the memory of a step is taken back and cleared; both are read for the last time here
    taken *= population.ordered
    bent = running
    bent -= taken
    bent *= 2 / n
    lean = 1 - gini
    average = lean * mean + _dot(counts, bent) / n
    crossed = _dot(drawn, bent) / n
    bent *= bent
    spread = lean**2 * square + 2 * lean * crossed + _dot(counts, bent) / n - average**2
    return gini, _error(spread, n) / mean


def _theil(sums: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """Return the Theil index; influence of x: (x ln x - x (m / mean + 1)) / mean, where m is the mean of x ln x."""
    mean, square, logged, square_log, log_square = sums
    slope = logged / mean + 1
    spread = log_square - 2 * slope * square_log + slope**2 * square - (logged - slope * mean) ** 2
    return logged / mean - np.log(mean), _error(spread, n) / mean


def _error(spread: FloatArray, n: int) -> FloatArray:
    return np.sqrt(np.maximum(spread, 0.0) / n)


def _dot(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the sum of products of each row."""
    sums: FloatArray = np.einsum("dn,dn->d", left, right)
    return sums


def _limits(
    metric: str, value: float, error: float, values: FloatArray, errors: FloatArray, level: float
) -> tuple[float, float]:
    """Return the limits of one metric: studentised, or percentiles where too few resamples vary at all."""
    is_share = metric != "theil"
    tail = (1 - level) / 2 * 100
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled, scaled_error = _scaled(np.array([value]), np.array([error]), is_share=is_share)
        resampled, resampled_error = _scaled(values, errors, is_share=is_share)
        least = LEAST_ERROR * scaled_error if metric in SHARES else 0.0
        distance = (resampled - scaled) / np.maximum(resampled_error, least)
    usable = distance[np.isfinite(distance) & (errors > _NO_ERROR * values)]
    if np.isfinite([*scaled, *scaled_error]).all() and usable.size >= MIN_USABLE_SHARE * values.size:
        far, near = np.percentile(usable, (100 - tail, tail))
        low, high = (_back(float(scaled[0] - step * scaled_error[0]), is_share=is_share) for step in (far, near))
    else:
        low, high = np.percentile(values, (tail, 100 - tail))
    return _rounded(min(low, value)), _rounded(max(high, value))


def _scaled(values: FloatArray, errors: FloatArray, *, is_share: bool) -> tuple[FloatArray, FloatArray]:
    """Return values and standard errors on the logit, or on the log."""
    if is_share:
        return np.log(values / (1 - values)), errors / (values * (1 - values))
    return np.log(values), errors / values


def _back(scaled: float, *, is_share: bool) -> float:
    bounded = min(max(scaled, -700.0), 700.0)
    return float(1 / (1 + np.exp(-bounded)) if is_share else np.exp(bounded))


def _with_corrected(found: dict[str, tuple[float, float]], n: int) -> dict[str, tuple[float, float]]:
    """Add gini_corrected, and keep theil within what n entities can have."""
    if "gini" in found:
        low, high = (_rounded(min(limit * n / (n - 1), 1.0)) for limit in found["gini"])
        found["gini_corrected"] = low, high
    if "theil" in found:
        low, high = found["theil"]
        found["theil"] = low, min(high, float(np.log(n)))
    return found


def _rounded(value: float) -> float:
    """Return twelve digits: the last bits of a matrix product depend on the processor."""
    return round(float(value), _DIGITS) + 0.0  # never -0.0
