"""Whatever text a CSV writer can write comes back unchanged."""

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files.dialect import DELIMITERS
from kam_pipeline.crm_schema import ACCOUNT

PIECES = [
    '"',
    '""',
    "\n",
    "\r\n",
    "\r",
    "\0",
    "😀",
    "NA",
    "NULL",
    "None",
    "é",
    " ",
    "\t",
    "\\",
    "\\N",
    "#",
    "'",
    "\ufeff",
]
TEXTS = st.lists(st.sampled_from([*PIECES, *DELIMITERS.values()]) | st.text(max_size=5), max_size=6).map("".join)
ENCODABLE = TEXTS.filter(lambda text: not any(0xD800 <= ord(char) <= 0xDFFF for char in text))


def received(text):
    return text.replace("\0", "") or None


@pytest.mark.parametrize("delimiter", DELIMITERS)
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(ENCODABLE, ENCODABLE), max_size=5), line_end=st.sampled_from(["\n", "\r\n"]))
def test_any_text_comes_back_unchanged_under_every_delimiter(delimiter, rows, line_end, read):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Account.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=DELIMITERS[delimiter], quoting=csv.QUOTE_ALL, lineterminator=line_end)
            writer.writerows([("Id", "Name"), *rows])
        records = read(Path(folder), ACCOUNT, ids="text")
    expected = [(received(first), received(second)) for first, second in rows]
    zero = {"0" * 15, "0" * 15 + "AAA"}
    assert [(record["Id"], record["Name"]) for record in records] == [
        (None if first in zero else first, second) for first, second in expected
    ]


def test_long_text_and_many_records_come_back_unchanged_and_in_order(tmp_path, read):
    long = 'x"\n,😀' * 26_000
    rows = [(str(number), f'"\n{number},"",\r\n"{number % 7}"\n') for number in range(100_000)]
    rows[50_000] = ("long", long)
    with (tmp_path / "Account.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("Id", "Name"), *rows])
    assert [(record["Id"], record["Name"]) for record in read(tmp_path, ACCOUNT)] == rows


def test_a_utf16_file_with_long_text_comes_back_unchanged(tmp_path, read):
    text = "é😀\n" * 300_000
    (tmp_path / "Account.csv").write_bytes(f'Id,Name\r\n1,"{text}"\r\n'.encode("utf-16"))
    assert [record["Name"] for record in read(tmp_path, ACCOUNT)] == [text]
