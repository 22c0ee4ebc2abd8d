"""Columns of text from arrays of numbers: dates, stamps, amounts, flags, picklists.

What belongs here: how a value looks in a Data Export, for whole columns at once. What does not: which values there are
(model), ids (ids.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Column = Any
"""A pyarrow array of strings without nulls; an absent value is the empty text."""
Columns = dict[str, Column]
Edits = Mapping[int, Mapping[str, str]]
"""Texts to put in place of others: row, then column."""

DAY_SECONDS = 86_400
CHUNK_ROWS = 250_000


def chunks(total: int) -> Iterator[Ints]:
    """Yield the row numbers from 0 up to a total, in pieces that fit into memory."""
    for first in range(0, total, CHUNK_ROWS):
        yield np.arange(first, min(first + CHUNK_ROWS, total), dtype=np.int64)


def text(characters: npt.NDArray[np.uint8]) -> Column:
    """Return a column from a matrix of characters, one row per value, all of one width."""
    count, width = characters.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(characters)))


def pick(labels: Sequence[str], index: npt.NDArray[Any]) -> Column:
    """Return one of the labels per row, by its position."""
    return pa.array(labels, pa.string()).take(pa.array(index))


def flags(values: Flags) -> Column:
    """Return booleans as an export writes them: 1 and 0."""
    return pick(("0", "1"), values.astype(np.int8))


def constant(value: str, count: int) -> Column:
    """Return the same text on every row."""
    return pick((value,), np.zeros(count, dtype=np.int8))


def integers(values: Ints) -> Column:
    """Return whole numbers as text."""
    return pc.cast(pa.array(values), pa.string())


def amounts(cents: Ints) -> Column:
    """Return amounts with two decimals from amounts in hundredths that are not negative."""
    whole, rest = np.divmod(cents, 100)
    return joined(integers(whole), pick([f".{hundredths:02}" for hundredths in range(100)], rest))


def dates(days: Ints) -> Column:
    """Return dates as text from days since 1970."""
    return text(_date_characters(days))


def stamps(seconds: Ints) -> Column:
    """Return datetimes as an export writes them, without a zone, from seconds since 1970."""
    days, rest = np.divmod(seconds, DAY_SECONDS)
    characters = np.empty((len(seconds), 19), dtype=np.uint8)
    characters[:, :10] = _date_characters(days)
    characters[:, 10] = ord(" ")
    characters[:, 11:] = _clock_characters()[rest]
    return text(characters)


def joined(*columns: Column) -> Column:
    """Return the texts of several columns put together row by row."""
    return pc.binary_join_element_wise(*columns, "")


def blank(column: Column, where: Flags) -> Column:
    """Return the column with empty text on some rows."""
    return pc.if_else(pa.array(where), "", column)


def either(where: Flags, column: Column, other: Column) -> Column:
    """Return the first column on some rows and the second one on the others."""
    return pc.if_else(pa.array(where), column, other)


def sprinkle(column: Column, rng: np.random.Generator, labels: Sequence[str], share: float) -> Column:
    """Return the column with one of the labels on a random share of its rows."""
    chosen = rng.random(len(column)) < share
    return pc.if_else(pa.array(chosen), pick(labels, rng.integers(0, len(labels), len(column))), column)


def edited(columns: Columns, edits: Edits) -> Columns:
    """Return the columns with single texts replaced; the edits name rows by their position in these columns."""
    changed = dict(columns)
    for name in sorted({name for texts in edits.values() for name in texts}):
        rows = sorted(row for row, texts in edits.items() if name in texts)
        mask = np.zeros(len(columns[name]), dtype=np.bool_)
        mask[rows] = True
        values = pa.array([edits[row][name] for row in rows], pa.string())
        changed[name] = pc.replace_with_mask(columns[name], pa.array(mask), values)
    return changed


def _date_characters(days: Ints) -> npt.NDArray[np.uint8]:
    if not len(days):
        return np.empty((0, 10), dtype=np.uint8)
    first = int(days.min())
    known = np.arange(first, int(days.max()) + 1).astype("datetime64[D]")
    table = np.datetime_as_string(known).astype("S10").view(np.uint8).reshape(-1, 10)
    characters: npt.NDArray[np.uint8] = table[days - first]
    return characters


@cache
def _clock_characters() -> npt.NDArray[np.uint8]:
    seconds = np.arange(DAY_SECONDS)
    table = np.full((DAY_SECONDS, 8), ord(":"), dtype=np.uint8)
    for position, part in ((0, seconds // 3600), (3, seconds // 60 % 60), (6, seconds % 60)):
        table[:, position] = part // 10 + ord("0")
        table[:, position + 1] = part % 10 + ord("0")
    return table
