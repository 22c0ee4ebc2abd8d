"""Feeds: one file each beside the CRM, each written in its own way."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.base import UNPARSED, arrow_schema
from connectors.feeds import SourceWithFeeds
from connectors.files import ExportFiles, FeedFiles
from kam_pipeline.crm_schema import ACCOUNT, OPPORTUNITY, CrmObject
from kam_pipeline.errors import SourceFormatError
from kam_pipeline.feed_schema import ACTUALS, COSTS, FEEDS, SATISFACTION, SOURCE_OBJECTS, TARGETS
from kam_pipeline.settings.feeds import Feeds
from kam_pipeline.settings.source import FilesSource, Mapping

COST_ROWS = "account_id,month,cost_amt,currency_code\nA,2026-06-01,12.5,EUR\n"


def feeds_of(folder: Path, **sections: Any) -> FeedFiles:
    return FeedFiles(Feeds.model_validate(sections), folder)


def read(folder: Path, declared: CrmObject, **settings: Any) -> list[dict[str, Any]]:
    """The records of one feed."""
    feeds = feeds_of(folder, **{declared.name.removeprefix("feeds."): settings})
    (extract,) = feeds.extract([declared])
    return pa.Table.from_batches(extract.batches, schema=arrow_schema(declared)).to_pylist()


def filled(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_plain_file_is_read_under_its_own_names(tmp_path):
    (tmp_path / "s.csv").write_text("account_id,surveyed_on,score,contact_id\nA,2026-06-15,9,C\nA,2026-06-16,,\n")
    first, second = read(tmp_path, SATISFACTION, file="s.csv")
    assert filled(first) == {
        "account_id": "A", "surveyed_on": dt.date(2026, 6, 15), "score": 9.0, "contact_id": "C",
    }  # fmt: skip
    assert filled(second) == {"account_id": "A", "surveyed_on": dt.date(2026, 6, 16)}


def test_each_feed_is_written_in_its_own_way(tmp_path):
    (tmp_path / "kosten.csv").write_bytes(
        "Kunde;Monat;Kosten;Währung\nMüller;06.2026;1.234,50;EUR\n".encode("cp1252"),
    )
    (tmp_path / "goals.csv").write_bytes("﻿year\ttarget_amt\taccount_id\n2026\t1,000\tA\n".encode())
    costs = {
        "file": "kosten.csv",
        "fields": {"account_id": "Kunde", "month": "Monat", "cost_amt": "Kosten", "currency_code": "Währung"},
        "date_formats": ["%m.%Y"],
        "decimal_separator": ",",
    }
    feeds = feeds_of(tmp_path, costs=costs, targets={"file": "goals.csv"})
    of_costs, of_targets = feeds.extract([COSTS, TARGETS])
    assert "not UTF-8" in of_costs.availability.notes[0]
    assert "feeds.costs.encoding" in of_costs.availability.notes[0]
    assert [filled(row) for row in pa.Table.from_batches(of_costs.batches).to_pylist()] == [
        {"account_id": "Müller", "month": dt.date(2026, 6, 1), "cost_amt": Decimal("1234.5"), "currency_code": "EUR"}
    ]
    assert [filled(row) for row in pa.Table.from_batches(of_targets.batches).to_pylist()] == [
        {"account_id": "A", "year": 2026, "target_amt": Decimal(1000)}
    ]


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("2026-06", dt.date(2026, 6, 1)),
        ("2026-06-01", dt.date(2026, 6, 1)),
        ("2026-06-30", dt.date(2026, 6, 1)),
        (" 2026-06-15 10:00 ", dt.date(2026, 6, 1)),
        ("2024-02-29", dt.date(2024, 2, 1)),
        ("2026-13", None),
        ("2026-02-30", None),
        ("June 2026", None),
        ("202606", None),
        ("26-06", None),
    ],
)
def test_a_month_is_a_year_and_month_or_any_of_its_days(tmp_path, written, month):
    (tmp_path / "c.csv").write_text(f"account_id,month,cost_amt\nA,{written},1\n")
    (record,) = read(tmp_path, COSTS, file="c.csv")
    assert record["month"] == month
    assert (record[UNPARSED] is None) == (month is not None)


@pytest.mark.parametrize(
    ("written", "date_format"),
    [
        ("202606", "%Y%m"),
        ("06/2026", "%m/%Y"),
        ("15.06.2026", "%d.%m.%Y"),
        ("2026-06", "%d.%m.%Y"),  # a year and a month are one in any notation
    ],
)
def test_other_ways_to_write_a_month_are_date_formats(tmp_path, written, date_format):
    (tmp_path / "c.csv").write_text(f"account_id,month,cost_amt\nA,{written},1\n")
    (record,) = read(tmp_path, COSTS, file="c.csv", date_formats=[date_format])
    assert record["month"] == dt.date(2026, 6, 1)


def test_account_ids_are_kept_as_they_are_written(tmp_path):
    written = ["001000000000001", "001000000000001AAA", "400000000000015", "000000000000000", "00042"]
    lines = "".join(f"{one},2026-06,1\n" for one in written)
    (tmp_path / "c.csv").write_text(f"account_id,month,cost_amt\n{lines}")
    assert [record["account_id"] for record in read(tmp_path, COSTS, file="c.csv")] == written


def test_an_id_column_is_used_where_there_is_one_and_may_be_mapped_from_two(tmp_path):
    (tmp_path / "c.csv").write_text("ID,account_id,month,cost_amt,line\n7,A,2026-06,1,a\n7,A,2026-06,1,b\n")
    assert [record["Id"] for record in read(tmp_path, COSTS, file="c.csv")] == ["7", "7"]
    mapped = read(tmp_path, COSTS, file="c.csv", fields={"Id": ["ID", "line"]})
    assert [record["Id"] for record in mapped] == ["7|a", "7|b"]


def test_parquet_gives_the_same_records_as_csv(tmp_path):
    table = {
        "account_id": [4711, 4712],
        "month": pa.array([dt.datetime.fromisoformat("2026-06-30 12:00"), None], pa.timestamp("us")),
        "revenue_amt": pa.array([Decimal("12.34"), Decimal(-1)], pa.decimal128(9, 2)),
    }
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    first, second = read(tmp_path, ACTUALS, file="a.parquet", date_formats=["%d.%m.%Y"], decimal_separator=",")
    assert filled(first) == {"account_id": "4711", "month": dt.date(2026, 6, 1), "revenue_amt": Decimal("12.34")}
    assert filled(second) == {"account_id": "4712", "revenue_amt": Decimal(-1)}
    (extract,) = feeds_of(tmp_path, actuals={"file": "a.parquet"}).extract([ACTUALS])
    assert extract.announced_cnt == 2


def test_text_that_cannot_be_read_is_kept_beside_the_empty_value(tmp_path):
    (tmp_path / "s.csv").write_text("account_id,surveyed_on,score\nA,soon,eleven\n")
    (record,) = read(tmp_path, SATISFACTION, file="s.csv")
    assert record[UNPARSED] == '{"surveyed_on":"soon","score":"eleven"}'


# --- what is there ---------------------------------------------------------------------------------------------------


def test_feeds_that_are_not_configured_are_absent_and_no_error(tmp_path):
    (tmp_path / "c.csv").write_text(COST_ROWS)
    found = feeds_of(tmp_path, costs={"file": "c.csv"}).inspect(FEEDS)
    assert [item.is_present for item in found] == [declared is COSTS for declared in FEEDS]
    assert found[1].origins == ("c.csv",)
    assert found[1].presence == {
        "Id": "absent", "account_id": "present", "month": "present", "cost_amt": "present", "currency_code": "present",
    }  # fmt: skip
    assert set(found[0].presence.values()) == {"absent"}


def test_a_file_is_the_whole_feed_also_beside_a_crm_that_sends_changes_only(tmp_path):
    (tmp_path / "Account.csv").write_text("Id,Name\n1,A\n")
    (tmp_path / "c.csv").write_text(COST_ROWS)
    crm = ExportFiles(FilesSource(kind="files", path=str(tmp_path), complete=False), Mapping(), tmp_path)
    source = SourceWithFeeds(crm, feeds_of(tmp_path, costs={"file": "c.csv"}))
    asked = [COSTS, ACCOUNT, TARGETS]
    assert [(extract.availability.crm_object, extract.is_complete) for extract in source.extract(asked)] == [
        (ACCOUNT, False),
        (COSTS, True),
    ]
    assert [item.crm_object for item in source.inspect(asked)] == asked
    assert source.name == crm.name


# --- what is wrong ---------------------------------------------------------------------------------------------------


def test_problems_of_the_crm_and_of_every_feed_come_at_once_with_their_settings(tmp_path):
    (tmp_path / "Account.csv").write_text("Id,Nmae\n1,A\n")
    (tmp_path / "c.csv").write_text(COST_ROWS.replace("month", "Monat"))
    (tmp_path / "t.csv").write_text("a#b\n1#2\n")
    (tmp_path / "s.csv").write_text("account_id,surveyed_on,score\n")
    (tmp_path / "folder").mkdir()
    crm = ExportFiles(FilesSource(kind="files", path=str(tmp_path)), Mapping(), tmp_path)
    feeds = feeds_of(
        tmp_path,
        costs={"file": "c.csv"},
        targets={"file": "t.csv"},
        actuals={"file": "folder"},
        satisfaction={"file": "s.csv", "date_formats": ["%Q"], "fields": {"score": "Note"}},
    )
    with pytest.raises(SourceFormatError) as caught:
        SourceWithFeeds(crm, feeds).inspect([ACCOUNT, *FEEDS])
    assert str(caught.value).splitlines() == [
        "Account.csv: has no column Name for Account.Name, which is required (nearest: Nmae); add it to the export, or"
        " set mapping.Account.fields.Name to the column that holds it",
        "feeds.satisfaction.date_formats: '%Q' has an unknown % directive; write it as in strptime",
        "s.csv: has no column 'Note' (there: account_id, surveyed_on, score); correct feeds.satisfaction.fields.score",
        "c.csv: has no column month for feeds.costs.month, which is required (nearest: Monat); add it to the"
        " export, or set feeds.costs.fields.month to the column that holds it",
        f"{tmp_path / 'folder'}: is no file; correct feeds.actuals.file, or put the file there",
        "t.csv: no known column of feeds.targets in its header, which reads 'a#b'; set feeds.targets.delimiter if"
        " columns are not told apart, or feeds.targets.fields to what they are called",
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"account_id,cost_amt\nA,1\n", b"account_id,month,cost_amt\nA,2026-06\n", b'account_id,month,cost_amt\n"A'],
    ids=["empty", "no column", "ragged", "cut off"],
)  # fmt: skip
def test_a_feed_that_cannot_be_read_is_optional_and_fails_where_its_records_begin(tmp_path, content):
    (tmp_path / "c.csv").write_bytes(content)
    (extract,) = feeds_of(tmp_path, costs={"file": "c.csv"}).extract([COSTS])
    assert extract.is_optional
    with pytest.raises(SourceFormatError, match=r"c\.csv"):
        list(extract.batches)


def test_a_feed_without_rows_is_there(tmp_path):
    (tmp_path / "c.csv").write_text("account_id,month,cost_amt\n")
    (extract,) = feeds_of(tmp_path, costs={"file": "c.csv"}).extract([COSTS])
    assert extract.availability.is_present
    assert sum(batch.num_rows for batch in extract.batches) == 0


def test_objects_of_the_crm_are_never_optional(tmp_path):
    (tmp_path / "Account.csv").write_text("Id,Name\n1,A\n")
    (extract,) = ExportFiles(FilesSource(kind="files", path="."), Mapping(), tmp_path).extract([ACCOUNT])
    assert not extract.is_optional


def test_names_and_tables_of_everything_that_is_read_are_different():
    assert len({declared.name for declared in SOURCE_OBJECTS}) == len(SOURCE_OBJECTS) == 36
    assert len({declared.table for declared in SOURCE_OBJECTS}) == len(SOURCE_OBJECTS)
    assert OPPORTUNITY in SOURCE_OBJECTS
