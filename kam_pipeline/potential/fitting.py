"""Fitting: logarithms of revenue from the inputs, in folds, so that nobody's revenue enters its own estimate.

What belongs here: the regression and who is foretold by which fit. What does not: who is learnt from (frames.py),
whether the result is good enough (judging.py). Same customers in any order, same estimates: they are put in order of
their draw, fits run in one thread, and every draw is seeded from content.
"""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kam_pipeline.potential.inputs import BoolArray, FloatArray, IntArray, Vocabulary

ROUNDS, LEAVES, RATE, SMALLEST_LEAF = 60, 6, 0.1, 15


@dataclass(frozen=True)
class Lesson:
    """What a model learns from.

    Attributes
    ----------
    groups : pd.Series
        Whose revenue is learnt from, in the order of their draw.
    vocabulary : Vocabulary
        The inputs used.
    columns : FloatArray
        Inputs, shape (customers, inputs).
    logs : FloatArray
        Natural logarithm of the mean revenue a year, shape (customers,).
    fold : IntArray
        Part of each customer, 0..folds-1, from its id alone: a newcomer moves nobody else.
    """

    groups: "pd.Series[str]"
    vocabulary: Vocabulary
    columns: FloatArray
    logs: FloatArray
    fold: IntArray

    @property
    def folds(self) -> list[BoolArray]:
        """Who is in each fold; folds without anybody, or with everybody, are left out."""
        parts = [self.fold == part for part in np.unique(self.fold)]
        return [part for part in parts if not part.all()]


def lesson_of(rows: pd.DataFrame, folds: int) -> Lesson:
    """Return what a model learns from these customers.

    Parameters
    ----------
    rows : pd.DataFrame
        Columns of marts.potential_input, revenue above zero, in any order: they are put in that of their draw.
    folds : int
        Number of parts.

    Returns
    -------
    Lesson
        With as many inputs as vary; none may.
    """
    rows = rows.sort_values(["draw", "group_id"], ignore_index=True)
    vocabulary = Vocabulary.of(rows)
    columns = vocabulary.columns_of(rows) if vocabulary.names else np.empty((len(rows), 0))
    logs = np.log(rows["revenue_mean_3y_amt"].to_numpy(dtype=np.float64))
    return Lesson(rows["group_id"], vocabulary, columns, logs, rows["draw"].to_numpy(dtype=np.int64) % folds)


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


def estimated_revenue(learnt: pd.DataFrame, everybody: pd.DataFrame, folds: int) -> pd.DataFrame:
    """Return what customers similar to each customer buy a year.

    Parameters
    ----------
    learnt : pd.DataFrame
        Columns of marts.potential_input, customers with revenue above zero.
    everybody : pd.DataFrame
        The same columns; every group of a date, those learnt from among them.
    folds : int
        Number of parts.

    Returns
    -------
    pd.DataFrame
        Columns group_id and similar_revenue_amt (whole cents, above or at 0) of groups of which something is known. A
        group that was learnt from is foretold by the fit without its fold.
    """
    lesson = lesson_of(learnt, folds)
    columns = lesson.vocabulary.columns_of(everybody)
    logs = fitted(lesson, np.ones(len(lesson.logs), dtype=np.bool_)).logs_of(columns)
    own = pd.Index(everybody["group_id"]).get_indexer(pd.Index(lesson.groups))
    for held_out in lesson.folds:
        logs[own[held_out]] = fitted(lesson, ~held_out).logs_of(lesson.columns[held_out])
    known = lesson.vocabulary.is_known(columns)
    return pd.DataFrame(
        {"group_id": everybody["group_id"][known].to_numpy(), "similar_revenue_amt": np.round(np.exp(logs[known]), 2)}
    )
