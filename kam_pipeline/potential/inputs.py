"""The inputs of the model as columns of numbers: categories as codes, nothing known as NaN.

What belongs here: which inputs there are, and what of them a model can use. What does not: reading the CRM
(sql/marts/potential_input.sql), fitting (fitting.py).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

CATEGORIES = ("industry", "country", "account_type")
NUMBERS = ("annual_revenue_amt", "employees_cnt", "accounts_cnt", "countries_cnt")
ALWAYS_KNOWN = "accounts_cnt"
MIN_SUPPORT = 10
"""A category with fewer customers that buy counts as unknown."""
MAX_CATEGORIES = 100
"""Of more categories the most frequent are kept, ties by their text."""


@dataclass(frozen=True)
class Vocabulary:
    """What the inputs of a population can say: made from customers that buy, without looking at what they buy.

    Attributes
    ----------
    names : tuple[str, ...]
        Inputs with at least two different values, unknown counting as one; those alone are used.
    categories : dict[str, pd.Index]
        Of each used category its values, the place of each being its code.
    """

    names: tuple[str, ...]
    categories: dict[str, "pd.Index[str]"]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Self:
        """Return the vocabulary of these customers; rows with the columns of marts.potential_input."""
        kept = {name: _frequent(rows[name]) for name in CATEGORIES}
        names = [name for name in CATEGORIES if _varies(_codes(rows[name], kept[name]))]
        names += [name for name in NUMBERS if _varies(_floats(rows[name]))]
        return cls(tuple(names), {name: kept[name] for name in names if name in kept})

    @property
    def are_categories(self) -> list[bool]:
        """Whether each used input is a category."""
        return [name in self.categories for name in self.names]

    def columns_of(self, rows: pd.DataFrame) -> FloatArray:
        """Return the used inputs of these customers, shape (customers, inputs); NaN where nothing usable is known."""
        columns = [
            _codes(rows[name], self.categories[name]) if name in self.categories else _floats(rows[name])
            for name in self.names
        ]
        return np.column_stack(columns)

    def is_known(self, columns: FloatArray) -> BoolArray:
        """Return of whom something is known, shape (customers,); how many accounts a customer has counts only alone."""
        telling = [name != ALWAYS_KNOWN or len(self.names) == 1 for name in self.names]
        unknown: BoolArray = np.all(np.isnan(columns[:, telling]), axis=1)
        return ~unknown


def _frequent(values: "pd.Series[str]") -> "pd.Index[str]":
    counts = values.value_counts()
    enough = counts[counts >= MIN_SUPPORT].sort_index().sort_values(ascending=False, kind="stable")
    kept: pd.Index[str] = pd.Index(enough.index[:MAX_CATEGORIES].to_numpy(dtype=object))
    return kept


def _codes(values: "pd.Series[str]", known: "pd.Index[str]") -> FloatArray:
    codes: FloatArray = known.get_indexer(pd.Index(values.to_numpy(dtype=object))).astype(np.float64)
    codes[codes < 0] = np.nan
    return codes


def _floats(values: "pd.Series[float]") -> FloatArray:
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def _varies(column: FloatArray) -> bool:
    return len(np.unique(column)) > 1
