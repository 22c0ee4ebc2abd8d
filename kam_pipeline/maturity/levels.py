"""Levels and intervals: from a figure to 1..5, and how far it might be off.

What belongs here: the arithmetic, on plain numbers. What does not: which indicator has which scale, words, tables.
"""

import hashlib
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from kam_pipeline.maturity_catalogue.declaration import Bands, Ladder, Scale

LOWEST, HIGHEST = 1.0, 5.0
# Fewer than two customers cannot be resampled: the level could be anything.
MIN_RESAMPLED = 2
_NORMAL_97_5 = 1.959963984540054
_CELLS_AT_ONCE = 250_000
# A company is small where a tenth of its customers is fewer than the first target band asks for.
_SMALL_TENTH = 10

FloatArray = npt.NDArray[np.float64]
Interval = tuple[float, float]


def level_of(scale: Scale, value: float, whole: float | None = None) -> float:
    """Return the level of a figure.

    Parameters
    ----------
    scale : Scale
        Anchors or target bands.
    value : float
        The figure, in the unit of the scale.
    whole : float, optional
        What the figure is a part of, for target bands of small companies.

    Returns
    -------
    float
        1 to 5. By anchors: 1 up to the first, 2, 3 and 4 at the others, 5 as far again beyond the last or at the
        scale's end, linear between. By bands: that of the narrowest band around the figure.

    Examples
    --------
    >>> level_of(Ladder((0.2, 0.4, 0.6, 0.8), 1.0), 0.5)
    2.5
    """
    if isinstance(scale, Bands):
        return _band_level(scale, value, whole)
    return float(ladder_levels(scale, np.array([value], dtype=np.float64))[0])


def ladder_levels(scale: Ladder, values: FloatArray) -> FloatArray:
    """Return the levels of many figures by anchors, shape (n,); see `level_of`."""
    places = np.array([*scale.anchors, scale.top], dtype=np.float64)
    levels = np.arange(LOWEST, HIGHEST + 1)
    sign = 1.0 if scale.is_rising else -1.0
    found: FloatArray = np.interp(sign * values, sign * places, levels)
    return found


def _band_level(scale: Bands, value: float, whole: float | None) -> float:
    smallest_target = scale.bands[0][0]
    if whole is not None and math.ceil(whole / _SMALL_TENTH) < smallest_target:
        # 0.1 * 30 is a little more than 3: a billionth is no customer
        limits = [(1, math.ceil(round(share * whole, 9))) for share in scale.small_shares]
    else:
        limits = list(scale.bands)
    for level, (low, high) in zip((5.0, 4.0, 3.0, 2.0), limits, strict=True):
        if low <= value <= high:
            return level
    return LOWEST


def wilson_interval(successes: float, n: float) -> Interval:
    """Return the 95 % Wilson interval of a share.

    Parameters
    ----------
    successes : float
        How many, 0..n.
    n : float
        Of how many, above 0.

    Returns
    -------
    Interval
        Low and high, 0..1; the share itself lies between.

    Examples
    --------
    >>> low, high = wilson_interval(7, 10)
    >>> round(low, 2), round(high, 2)
    (0.4, 0.89)
    """
    z = _NORMAL_97_5
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def median_interval(values: FloatArray, draws: int) -> Interval | None:
    """Return the 95 % interval of a median by resampling customers; None for fewer than two.

    Parameters
    ----------
    values : FloatArray
        One figure per customer, shape (n,), in any order.
    draws : int
        Number of resamples.

    Returns
    -------
    Interval or None
        Low and high; the median itself lies between. Seeded from the values: same values, same interval.
    """
    return _bootstrap(values[:, None], draws, lambda drawn: np.median(drawn[:, :, 0], axis=1))


def ratio_interval(numerators: FloatArray, denominators: FloatArray, draws: int) -> Interval | None:
    """Return the 95 % interval of a ratio of sums by resampling customers; None for fewer than two.

    Parameters
    ----------
    numerators, denominators : FloatArray
        One pair per customer, shape (n,) each, in any order; the denominators do not all vanish.
    draws : int
        Number of resamples; one whose denominators all vanish is left out.

    Returns
    -------
    Interval or None
        Low and high; the ratio itself lies between. Seeded from the pairs.
    """
    return _bootstrap(np.column_stack([numerators, denominators]), draws, _ratio)


def _ratio(drawn: FloatArray) -> FloatArray:
    total = drawn.sum(axis=1)
    found: FloatArray = np.divide(total[:, 0], total[:, 1], out=np.full(len(total), np.nan), where=total[:, 1] != 0)
    return found


def _bootstrap(rows: FloatArray, draws: int, statistic: Callable[[FloatArray], FloatArray]) -> Interval | None:
    """Return percentile limits of a statistic of rows, shape (n, k), drawn n at a time; the figure lies between."""
    n = len(rows)
    if n < MIN_RESAMPLED:
        return None
    ordered = rows[np.lexsort(rows.T)]
    seed = int.from_bytes(hashlib.sha256(np.ascontiguousarray(ordered).tobytes()).digest()[:8], "big")
    generator = np.random.default_rng(seed)
    at_once = max(1, _CELLS_AT_ONCE // n)
    parts = [
        statistic(ordered[generator.integers(0, n, size=(min(at_once, draws - first), n))])
        for first in range(0, draws, at_once)
    ]
    found = np.concatenate(parts)
    found = found[~np.isnan(found)]
    itself = float(statistic(ordered[None, :, :])[0])
    low, high = np.percentile(found, [2.5, 97.5])
    return min(float(low), itself), max(float(high), itself)
