"""Fitting: logarithms of revenue from the inputs, in folds, so that nobody's revenue enters its own estimate.

What belongs here: the regression and who is foretold by which fit. What does not: whether the result is good enough
(judging.py). Same customers in any order, same estimates: they are put in order of their draw, fits run in one thread,
and every draw is seeded from content.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kam_pipeline.potential.inputs import BoolArray, FloatArray, IntArray, Vocabulary

MAX_CUSTOMERS = 20_000
"""A model learns from at most so many customers, those with the smallest draw."""
ROUNDS, LEAVES, RATE, SMALLEST_LEAF = 60, 6, 0.1, 15


@dataclass(frozen=True)
class Lesson:
    """What a model learns from.

    Attributes
    ----------
    vocabulary : Vocabulary
        The inputs used.
    columns : FloatArray
        Inputs, shape (customers, inputs).
    logs : FloatArray
        Natural logarithm of the mean revenue a year, shape (customers,).
    fold : IntArray
        Part of each customer, 0..folds-1, from its id alone: a newcomer moves nobody else.
    """

    vocabulary: Vocabulary
    columns: FloatArray
    logs: FloatArray
    fold: IntArray

    @property
    def folds(self) -> list[BoolArray]:
        """Who is in each fold; folds without anybody, or with everybody, are left out."""
        parts = [self.fold == part for part in np.unique(self.fold)]
        return [part for part in parts if not part.all()]


def ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Return customers in the order of their draw, ties by group id."""
    return rows.sort_values(["draw", "group_id"], ignore_index=True)


def learners(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the customers to learn from: those that buy, at most `MAX_CUSTOMERS`, ordered."""
    return ordered(rows[rows["revenue_mean_3y_amt"] > 0]).head(MAX_CUSTOMERS)


def lesson_of(rows: pd.DataFrame, folds: int) -> Lesson:
    """Return what a model learns from these customers, as `learners` returns them.

    Parameters
    ----------
    rows : pd.DataFrame
        Columns of marts.potential_input, revenue above zero.
    folds : int
        Number of parts.

    Returns
    -------
    Lesson
        With as many inputs as vary; none may.
    """
    vocabulary = Vocabulary.of(rows)
    columns = vocabulary.columns_of(rows) if vocabulary.names else np.empty((len(rows), 0))
    logs = np.log(rows["revenue_mean_3y_amt"].to_numpy(dtype=np.float64))
    return Lesson(vocabulary, columns, logs, rows["draw"].to_numpy(dtype=np.int64) % folds)


@dataclass(frozen=True)
class Fit:
    """What was learnt; `model` is a regressor of scikit-learn, which has no types."""

    model: Any

    def logs_of(self, columns: FloatArray) -> FloatArray:
        """Return the estimated logarithm of each customer's revenue, shape (customers,)."""
        with one_thread():
            logs: FloatArray = self.model.predict(columns)
        return logs


def one_thread() -> AbstractContextManager[Any]:
    """Return a context in which scikit-learn works in one thread.

    Sums of several depend on how many there are, and on a machine that does other things they wait for one another.
    """
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return limits


def fitted(lesson: Lesson, taught: BoolArray) -> Fit:
    """Return a regression of the logarithms of these customers on their inputs.

    Parameters
    ----------
    lesson : Lesson
        All that can be learnt.
    taught : BoolArray
        From whom, shape (customers,).

    Returns
    -------
    Fit
        Gradient boosting: small trees of the absolute error, so that its estimate is a median and single giants move
        little. Missing values and categories need no preparation.
    """
    # here, because importing takes a second or two that only a fit should cost
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(
        loss="absolute_error",
        learning_rate=RATE,
        max_iter=ROUNDS,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=SMALLEST_LEAF,
        categorical_features=lesson.vocabulary.are_categories,
        early_stopping=False,
        random_state=0,  # nothing is drawn below 200,000 rows
    )
    with one_thread():
        return Fit(model.fit(lesson.columns[taught], lesson.logs[taught]))


def estimated_revenue(rows: pd.DataFrame, folds: int) -> pd.DataFrame:
    """Return what customers similar to each customer buy a year.

    Parameters
    ----------
    rows : pd.DataFrame
        Columns of marts.potential_input, every group of a date.
    folds : int
        Number of parts.

    Returns
    -------
    pd.DataFrame
        Columns group_id and similar_revenue_amt (whole cents, above or at 0), in the order of the draw, of groups of
        which something is known. Of a group that was learnt from it is foretold by the fit without its fold.
    """
    lesson = lesson_of(learners(rows), folds)
    everybody = ordered(rows)
    columns = lesson.vocabulary.columns_of(everybody)
    logs = fitted(lesson, np.ones(len(lesson.logs), dtype=np.bool_)).logs_of(columns)
    buying = np.flatnonzero(everybody["revenue_mean_3y_amt"].to_numpy(dtype=np.float64, na_value=np.nan) > 0)
    own = buying[:MAX_CUSTOMERS]
    for held_out in lesson.folds:
        logs[own[held_out]] = fitted(lesson, ~held_out).logs_of(lesson.columns[held_out])
    known = lesson.vocabulary.is_known(columns)
    return pd.DataFrame(
        {"group_id": everybody["group_id"][known].to_numpy(), "similar_revenue_amt": np.round(np.exp(logs[known]), 2)}
    )
