"""Scores of drawn figures, on the scale that the real ones were scored with.

What belongs here: the transforms of sql/marts/candidate_criterion.sql for many draws at once; a test holds both equal
where nothing is drawn. What does not: drawing (stability.py).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
            return _on_log_scale(figures, scale.known)
        case "percentile":
            below = np.searchsorted(scale.known, figures, side="left")
            until = np.searchsorted(scale.known, figures, side="right")
            middle: FloatArray = (below + until) / 2 / max(scale.known.size, 1)
            return middle
        case "bands":
            step = np.searchsorted(scale.band_starts, figures, side="right") - 1
            stepped: FloatArray = np.where(step < 0, 0.0, scale.band_scores[np.maximum(step, 0)])
            return stepped
        case "boolean":
            whether: FloatArray = (figures != 0).astype(np.float64)
            return whether
        case _:
            return figures


def _on_log_scale(figures: FloatArray, known: FloatArray) -> FloatArray:
    positive = known[known > 0]
    if not positive.size:
        return np.zeros_like(figures)
    low, high = np.log(np.quantile(positive, 0.1)), np.log(positive[-1])
    logs = np.log(np.where(figures > 0, figures, np.nan))
    # all equal: whoever reaches that figure has it all
    scored: FloatArray = (
        (logs >= low).astype(np.float64) if high == low else np.maximum((logs - low) / (high - low), 0.0)
    )
    whole: FloatArray = np.where(np.isnan(logs), 0.0, scored)
    return whole
