"""Scores of drawn figures, on the scale that the real ones were scored with.

What belongs here: the transforms of sql/marts/candidate_criterion.sql for many draws at once; a test holds both equal
where nothing is drawn. What does not: drawing (stability.py).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from kam_pipeline.selection.placing import Places

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """How the figures of one criterion became scores.

    Attributes
    ----------
    transform : str
        log, percentile, bands, boolean or map.
    is_lower_better : bool
        Scores are turned round.
    known : FloatArray
        Known figures of all groups that the criterion counts for, ascending.
    scores : FloatArray
        Scores of those, ascending: what a missing one is drawn from.
    band_starts, band_scores : FloatArray
        Steps of the transform bands, ascending; empty for the others.
    counts_above_amt : float or None
        It counts only from this 3-year mean revenue on.
    takes_median : bool
        A missing figure takes the median, and here any known score; otherwise 0.
    """

    transform: str
    is_lower_better: bool
    known: FloatArray
    scores: FloatArray
    band_starts: FloatArray
    band_scores: FloatArray
    counts_above_amt: float | None
    takes_median: bool

    @cached_property
    def log_ends(self) -> tuple[float, float] | None:
        """Logarithms of the 10th percentile and the largest of the positive figures; None where there is none."""
        positive = self.known[self.known > 0]
        return (float(np.log(np.quantile(positive, 0.1))), float(np.log(positive[-1]))) if positive.size else None

    @cached_property
    def steps(self) -> "_Steps":
        """The known figures, each once."""
        figures, counts = np.unique(self.known, return_counts=True)
        until = np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)])
        middle = until - np.concatenate([[0.0], counts]) / 2
        return _Steps(Places(figures), np.concatenate([[np.nan], figures]), until, middle)


@dataclass(frozen=True)
class _Steps:
    """Different figures, ascending; until each how many known ones there are, and the same with its equals halved."""

    places: Places
    figures_before: FloatArray
    until: FloatArray
    middle: FloatArray


def rescored(figures: FloatArray, scale: Scale) -> FloatArray:
    """Return the scores of figures, NaN for NaN.

    Parameters
    ----------
    figures : FloatArray
        Any shape; NaN where unknown.
    scale : Scale
        The scale of the real figures.

    Returns
    -------
    FloatArray
        Same shape, from 0; above 1 where a drawn figure beats the largest real one on the log scale, so that the groups
        at the top do not become equal.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        higher = _higher(figures, scale)
    turned = 1 - higher if scale.is_lower_better else higher
    return np.where(np.isnan(figures), np.nan, turned)


def _higher(figures: FloatArray, scale: Scale) -> FloatArray:
    match scale.transform:
        case "log":
            return _on_log_scale(figures, scale.log_ends)
        case "percentile":
            return _mid_ranks(figures, scale.steps, scale.known.size)
        case "bands":
            step = np.searchsorted(scale.band_starts, figures, side="right") - 1
            stepped: FloatArray = np.where(step < 0, 0.0, scale.band_scores[np.maximum(step, 0)])
            return stepped
        case "boolean":
            whether: FloatArray = (figures != 0).astype(np.float64)
            return whether
        case _:
            return figures


def _mid_ranks(figures: FloatArray, steps: "_Steps", known_cnt: int) -> FloatArray:
    """Return the share of known figures that are smaller, equal ones counted half."""
    # looked up once, not from both sides: what is slow is finding a place in a long list
    place = steps.places.until(figures)
    is_met = steps.figures_before[place] == figures
    middle: FloatArray = np.where(is_met, steps.middle[place], steps.until[place]) / max(known_cnt, 1)
    return middle


def _on_log_scale(figures: FloatArray, ends: tuple[float, float] | None) -> FloatArray:
    if ends is None:
        return np.zeros_like(figures)
    low, high = ends
    logs = np.log(np.where(figures > 0, figures, np.nan))
    # all equal: whoever reaches that figure has it all
    scored: FloatArray = (
        (logs >= low).astype(np.float64) if high == low else np.maximum((logs - low) / (high - low), 0.0)
    )
    whole: FloatArray = np.where(np.isnan(logs), 0.0, scored)
    return whole
