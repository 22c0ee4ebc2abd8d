"""Where figures stand among many others: a sorted search that first looks up about where.

What belongs here: finding places, exactly as a binary search does. What does not: what a place means (rescoring.py).
"""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_MOST_IN_A_DRAWER = 16


class Places:
    """Finds, for many figures at once, how many of the known ones are at most as large.

    Parameters
    ----------
    known : FloatArray
        Different figures, ascending, finite.

    Notes
    -----
    The line is folded onto 0..1 by 1 - 1 / (1 + x) and cut into drawers, at least four for each figure. Every step of
    that keeps the order when it rounds, so that all known figures of lower drawers are smaller and all of higher ones
    larger; those of the same drawer are compared one by one. Where too many share a drawer, a binary search does it.
    """

    def __init__(self, known: FloatArray) -> None:
        self.known = known
        self._drawers = 1 << max(int(4 * known.size - 1).bit_length(), 1)
        self._low = known[0] if known.size else 0.0
        self._spread = float(known[known.size // 2] - self._low) if known.size else 1.0
        starts = None
        if self._spread > 0 and np.isfinite(self._spread):
            own = self._drawer(known)
            starts = np.searchsorted(own, np.arange(self._drawers + 1), side="left").astype(np.int32)
        self._starts = starts if starts is not None and np.diff(starts).max() <= _MOST_IN_A_DRAWER else None

    def until(self, figures: FloatArray) -> npt.NDArray[np.intp]:
        """Return how many known figures are at most as large as each of these; any number for NaN."""
        if self._starts is None:
            return np.searchsorted(self.known, figures, side="right")
        drawer = self._drawer(figures)
        place, end = self._starts[drawer], self._starts[drawer + 1]
        # one more, so that there is always one to look at
        known = np.append(self.known, np.inf)
        is_further = (known[place] <= figures) & (place < end)
        place = place + is_further
        waiting = np.nonzero(is_further & (place < end))
        while waiting[0].size:
            goes_on = known[place[waiting]] <= figures[waiting]
            waiting = tuple(axis[goes_on] for axis in waiting)
            place[waiting] += 1
            is_open = place[waiting] < end[waiting]
            waiting = tuple(axis[is_open] for axis in waiting)
        return place.astype(np.intp)

    def _drawer(self, figures: FloatArray) -> npt.NDArray[np.int32]:
        beyond = (np.fmax(figures, self._low) - self._low) / self._spread
        folded = 1 - 1 / (1 + beyond)
        return np.minimum(folded * self._drawers, self._drawers - 1).astype(np.int32)
