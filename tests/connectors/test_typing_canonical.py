"""The short way for what machines write reads every text as the long way does."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.typing_sql import Notation, typed

STARTS = ["2024-09-24T03:26:07.000Z", "2024-09-24", "1899-12-31", "2200-12-31T23:59:59.999Z", "1600-01-01"]
STARTS += [
    "9999-12-31",
    "2024-02-30",
    "true",
    "True",
    "12.50",
    "-3",
    "1.0E7",
    "0.00005",
    "infinity",
    "9" * 30,
    "9" * 400,
    "",
]
CHARACTERS = "0 19-+.:TZeE_/\u00a0é"
MIXED_UP = st.tuples(st.sampled_from(STARTS), st.integers(0, 23), st.sampled_from(CHARACTERS), st.booleans())


def changed(start, position, character, is_kept):
    """A text in which one character is another."""
    return start if is_kept else start[:position] + character + start[position + 1 :]


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        yield opened


@given(texts=st.lists(MIXED_UP.map(lambda parts: changed(*parts)), min_size=20, max_size=60))
def test_a_blank_in_front_sends_a_text_the_long_way_and_changes_no_value(connection, texts):
    kinds = ("boolean", "date", "datetime", "amount", "number")
    short = ", ".join(typed(kind, "text", Notation()) for kind in kinds)
    long = ", ".join(typed(kind, "blank", Notation()) for kind in kinds)
    table = "(SELECT unnest(?) AS text, unnest(?) AS blank)"
    values = [texts, [f" {text}" for text in texts]]
    read = connection.execute(f"SELECT text, {short} FROM {table}", values).fetchall()
    expected = connection.execute(f"SELECT text, {long} FROM {table}", values).fetchall()
    assert read == expected
