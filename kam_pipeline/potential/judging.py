"""Judging: how far off estimates are of customers that the model has not seen, and which inputs they rest on.

What belongs here: the error, the comparison with the median of all, importance, the status. What does not: fitting
(fitting.py), sentences (words.py).
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from kam_pipeline.potential import words
from kam_pipeline.potential.fitting import Lesson, fitted, lesson_of
from kam_pipeline.potential.inputs import FloatArray
from kam_pipeline.relevance_words import Wording
from kam_pipeline.settings.potential import Potential

Status = Literal["measured", "insufficient_data", "not_configured"]

SHUFFLES = 3
STRONGEST = 3
MIN_IMPORTANCE = 0.02
"""Inputs with a smaller share are not named: shuffling is by chance."""
CLEAR_BY = 2.0
"""Standard errors by which the mean error must be below that of the median."""


@dataclass(frozen=True)
class Verdict:
    """Whether the estimate can be used, and what it rests on.

    Attributes
    ----------
    status : Status
        measured, insufficient_data or not_configured.
    reason : Wording
        Why, or how good and from what.
    groups_cnt : int
        Groups with revenue.
    learnt_cnt : int
        Of these, how many the model learns from; 0 where it is not fitted.
    cv_error, baseline_error : float or None
        Factor, 1 is exact: half of the customers buy between the estimate divided by it and times it. Each customer
        estimated without its own revenue: by the model, and by the median of all others.
    strongest : tuple[tuple[str, float], ...]
        At most three inputs and their shares of all importance, 0..1, the strongest first.
    """

    status: Status
    reason: Wording
    groups_cnt: int = 0
    learnt_cnt: int = 0
    cv_error: float | None = None
    baseline_error: float | None = None
    strongest: tuple[tuple[str, float], ...] = ()


def judged(learnt: pd.DataFrame, count: int, settings: Potential) -> Verdict:
    """Return whether what similar customers buy can be estimated.

    Parameters
    ----------
    learnt : pd.DataFrame
        Columns of marts.potential_input, customers with revenue above zero; a sample where there are very many.
    count : int
        How many there are.
    settings : Potential
        Smallest number of groups, folds.

    Returns
    -------
    Verdict
        `measured` only where the error on customers not seen is clearly below that of the median.
    """
    if not settings.is_on:
        return Verdict("not_configured", words.TURNED_OFF)
    if count < settings.min_groups:
        return Verdict("insufficient_data", words.too_few(count, settings.min_groups), count)
    lesson = lesson_of(learnt, settings.folds)
    if not lesson.vocabulary.names:
        return Verdict("insufficient_data", words.NOTHING_VARIES, count)
    if np.ptp(lesson.logs) == 0:
        return Verdict("insufficient_data", words.ALL_EQUAL, count)
    return _judged_lesson(lesson, count)


def _judged_lesson(lesson: Lesson, count: int) -> Verdict:
    """Return the verdict on a model that can be fitted."""
    errors, baseline = np.full(len(lesson.logs), np.nan), np.full(len(lesson.logs), np.nan)
    weights = np.zeros(len(lesson.vocabulary.names))
    generator = np.random.default_rng(_seed(lesson))
    for held_out in lesson.folds:
        fit = fitted(lesson, ~held_out)
        columns, logs = lesson.columns[held_out], lesson.logs[held_out]
        errors[held_out] = np.abs(fit.logs_of(columns) - logs)
        baseline[held_out] = np.abs(np.median(lesson.logs[~held_out]) - logs)
        for place in range(columns.shape[1]):
            shuffled = _shuffled(columns, place, generator)
            moved = np.abs(fit.logs_of(shuffled).reshape(SHUFFLES, -1) - logs)
            weights[place] += moved.mean(axis=0).sum() - errors[held_out].sum()
    error, without = _factor(errors), _factor(baseline)
    gain = baseline - errors
    is_clear = gain.mean() > CLEAR_BY * gain.std() / np.sqrt(len(gain)) and error < without
    strongest = _strongest(lesson.vocabulary.names, weights)
    learnt = len(lesson.logs)
    if not is_clear or not strongest:
        return Verdict("insufficient_data", words.no_better(error, without), count, learnt, error, without)
    reason = words.measured(error, without, [name for name, _ in strongest])
    return Verdict("measured", reason, count, learnt, error, without, strongest)


def _shuffled(columns: FloatArray, place: int, generator: np.random.Generator) -> FloatArray:
    """Return the rows `SHUFFLES` times over, one input dealt out anew each time."""
    stacked = np.tile(columns, (SHUFFLES, 1))
    stacked[:, place] = np.concatenate([generator.permutation(columns[:, place]) for _ in range(SHUFFLES)])
    return stacked


def _factor(errors: FloatArray) -> float:
    return round(float(np.exp(np.median(errors))), 6)


def _strongest(names: tuple[str, ...], weights: FloatArray) -> tuple[tuple[str, float], ...]:
    """Return the inputs whose shuffling makes the error grow, ties by name."""
    total = weights[weights > 0].sum()
    shares = {name: round(float(weight / total), 6) for name, weight in zip(names, weights, strict=True) if weight > 0}
    named = [(name, share) for name, share in shares.items() if share >= MIN_IMPORTANCE]
    return tuple(sorted(named, key=lambda item: (-item[1], item[0]))[:STRONGEST])


def _seed(lesson: Lesson) -> int:
    content = lesson.columns.tobytes() + lesson.logs.tobytes() + lesson.fold.tobytes()
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "big")
