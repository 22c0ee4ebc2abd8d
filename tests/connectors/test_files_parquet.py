"""Parquet files give the same records as CSV files."""

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.base import UNPARSED
from kam_pipeline.crm_schema import ACCOUNT, OPPORTUNITY
from kam_pipeline.errors import SourceFormatError

UTC_PLUS_2 = dt.timezone(dt.timedelta(hours=2))
DEALS = {
    "id": ["1", "2"],
    "AccountId": ["A", ""],
    "StageName": ["Won\0", None],
    "Amount": pa.array([Decimal("1234.50"), None], pa.decimal128(12, 2)),
    "Probability": [12.5, None],
    "IsWon": [True, None],
    "CloseDate": pa.array([dt.date(2024, 2, 29), None]),
    "CreatedDate": pa.array(
        [dt.datetime(2024, 1, 1, 1, 0, tzinfo=UTC_PLUS_2), None], pa.timestamp("us", "Europe/Berlin")
    ),
    "SystemModstamp": pa.array([dt.datetime.fromisoformat("2024-01-01 01:02:03"), None], pa.timestamp("ns")),
    'odd "name"; --': [1, 2],
}


@pytest.mark.parametrize("settings", [{}, {"decimal_separator": ",", "date_formats": ["%d.%m.%Y"]}])
def test_typed_columns_are_read_whatever_the_notation_of_text_is(settings, tmp_path, source_of, read):
    pq.write_table(pa.table(DEALS), tmp_path / "Opportunity.parquet")
    mapping = {"Opportunity": {"fields": {"LossReason": 'odd "name"; --'}}}
    first, second = read(tmp_path, OPPORTUNITY, mapping, **settings)
    assert {name: value for name, value in first.items() if value is not None} == {
        "Id": "1",
        "AccountId": "A",
        "StageName": "Won",
        "Amount": Decimal("1234.5"),
        "Probability": 12.5,
        "IsWon": True,
        "CloseDate": dt.date(2024, 2, 29),
        "CreatedDate": dt.datetime.fromisoformat("2023-12-31 23:00"),
        "SystemModstamp": dt.datetime.fromisoformat("2024-01-01 01:02:03"),
        "LossReason": "1",
    }
    assert {name: value for name, value in second.items() if value is not None} == {"Id": "2", "LossReason": "2"}
    (extract,) = source_of(tmp_path, mapping, **settings).extract([OPPORTUNITY])
    assert extract.announced_cnt == 2
    assert sum(batch.num_rows for batch in extract.batches) == 2


def test_text_columns_follow_the_notation_of_the_settings(tmp_path, read):
    table = pa.table(
        DEALS | {"Amount": ["1.234,50", "x"], "CloseDate": pa.array(["29.02.2024", None]).dictionary_encode()}
    )
    pq.write_table(table, tmp_path / "Opportunity.parquet")
    first, second = read(tmp_path, OPPORTUNITY, decimal_separator=",", date_formats=["%d.%m.%Y"])
    assert (first["Amount"], first["CloseDate"], first[UNPARSED]) == (Decimal("1234.5"), dt.date(2024, 2, 29), None)
    assert second[UNPARSED] == '{"Amount":"x"}'


def test_csv_and_parquet_parts_may_stand_side_by_side_and_then_no_number_is_announced(tmp_path, read, source_of):
    pq.write_table(pa.table({"Id": ["1"], "Name": ["A"]}), tmp_path / "Account.parquet")
    (tmp_path / "Account_2.csv").write_text("Id,Name\n2,B\n")
    assert sorted(record["Id"] for record in read(tmp_path, ACCOUNT)) == ["1", "2"]
    (extract,) = source_of(tmp_path).extract([ACCOUNT])
    assert extract.announced_cnt is None


@pytest.mark.parametrize("content", [b"", b"PAR1 nonsense"])
def test_a_damaged_parquet_file_is_named(content, tmp_path, source_of):
    (tmp_path / "Account.parquet").write_bytes(content)
    with pytest.raises(SourceFormatError, match=r"^Account\.parquet: cannot be read as Parquet; export it again$"):
        source_of(tmp_path).inspect([ACCOUNT])
