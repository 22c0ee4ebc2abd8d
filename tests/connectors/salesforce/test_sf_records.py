"""Pages as CSV and as JSON: texts as typed, types as declared, and what is no page."""

import datetime as dt
import json
from decimal import Decimal

import pyarrow as pa
import pytest

from connectors.base import CUSTOM, UNPARSED, arrow_schema
from connectors.salesforce.plan import SelectedColumn
from connectors.salesforce.records import DamagedPageError, RecordTyping
from kam_pipeline.crm_schema import CRM_OBJECTS, OPPORTUNITY

MOMENT = dt.datetime(2026, 7, 1, 3, 4, 5)  # noqa: DTZ001 - as Arrow gives it

KINDS = {
    "Id": "id",
    "AccountId": "reference",
    "Name": "string",
    "Amount": "currency",
    "CloseDate": "date",
    "IsWon": "boolean",
    "Probability": "percent",
    "SystemModstamp": "datetime",
}


def columns(**own):
    declared = [SelectedColumn(name, kind, OPPORTUNITY.field(name)) for name, kind in KINDS.items()]
    return [*declared, *(SelectedColumn(name, kind, None) for name, kind in own.items())]


def csv_page(path, header, *rows):
    lines = [header, *rows]
    quoted = (",".join('"' + text.replace('"', '""') + '"' for text in line) for line in lines)
    path.write_text("".join(f"{line}\n" for line in quoted), encoding="utf-8", newline="")
    return path


@pytest.fixture
def from_csv(tmp_path):
    """Read one record of a CSV page."""

    def read(selected=None, **values):
        page = csv_page(tmp_path / "page.csv", list(values), list(values.values()))
        chosen = [column for column in selected or columns() if column.api_name in values]
        with RecordTyping(chosen, OPPORTUNITY) as typing:
            (record,) = pa.Table.from_batches(typing.csv_batches(page, 1)).to_pylist()
        return record

    return read


def from_json(selected=None, **values):
    """Read one record of a REST page; numbers are texts, as the client reads them."""
    chosen = [column for column in selected or columns() if column.api_name in values]
    with RecordTyping(chosen, OPPORTUNITY) as typing:
        (record,) = pa.Table.from_batches(typing.record_batches(typing.texts_of([values]))).to_pylist()
    return record


def test_every_object_has_the_declared_schema_also_where_no_column_is_selected():
    for crm_object in CRM_OBJECTS:
        selected = [SelectedColumn("Id", "id", crm_object.field("Id"))]
        with RecordTyping(selected, crm_object) as typing:
            (batch,) = typing.record_batches(typing.texts_of([{"Id": "x"}]))
        assert batch.schema == arrow_schema(crm_object)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("Amount", "1.0E7", Decimal("10000000.0000")),
        ("Amount", "-0.00005", Decimal("-0.0001")),
        ("Amount", "12345678901234.5", Decimal("12345678901234.5000")),
        ("CloseDate", "2026-02-28", dt.date(2026, 2, 28)),
        ("IsWon", "true", True),
        ("Probability", "12.5", 12.5),
        ("SystemModstamp", "2026-07-01T03:04:05.000Z", MOMENT),
        ("SystemModstamp", "2026-07-01T03:04:05.000+0000", MOMENT),
        ("SystemModstamp", "2026-07-01T03:04:05.250+02:00", MOMENT.replace(hour=1, microsecond=250_000)),
        ("AccountId", "001Nd000003DnEI", "001Nd000003DnEIIA0"),
        ("AccountId", "000000000000000AAA", None),
    ],
)
def test_a_text_becomes_the_same_value_from_csv_and_from_json(from_csv, field, text, value):
    assert from_csv(**{field: text})[field] == from_json(**{field: text})[field] == value


@pytest.mark.parametrize(("field", "text"), [("Amount", "12,5O0"), ("CloseDate", "2026-02-31"), ("IsWon", "maybe")])
def test_what_is_not_of_its_type_is_kept_aside_as_it_was_received(from_csv, field, text):
    for record in (from_csv(**{field: text}), from_json(**{field: text})):
        assert record[field] is None
        assert json.loads(record[UNPARSED]) == {field: text}


@pytest.mark.parametrize(
    "text", ["NA", "NULL", "None", "N/A", "NaN", " a ", 'a "b"', "a\r\nb", "a\nb", "é😀", "\\N", '"']
)
def test_a_text_stays_as_typed(from_csv, text):
    assert from_csv(Name=text)["Name"] == from_json(Name=text)["Name"] == text


def test_nul_bytes_go_and_nothing_is_null(from_csv):
    assert from_csv(Name="a\0b", Id="x")["Name"] == from_json(Name="a\0b", Id="x")["Name"] == "ab"
    assert from_csv(Name="", Id="x")["Name"] is from_json(Name=None, Id="x")["Name"] is None
    assert from_json(Name="\0", Id="x")["Name"] is None


def test_own_fields_are_json_by_name_with_exact_numbers(from_csv):
    kinds = {
        "Z__c": "double",
        "B__c": "boolean",
        "T__c": "string",
        "N__c": "currency",
        "E__c": "double",
        "S__c": "string",
    }
    texts = {
        "Z__c": "0.30",
        "B__c": "false",
        "T__c": "NA",
        "N__c": "9007199254740993.0",
        "E__c": "1.5E3",
        "S__c": "007",
    }
    expected = '{"B__c":false,"E__c":1500,"N__c":9007199254740993,"S__c":"007","T__c":"NA","Z__c":0.3}'
    assert from_csv(columns(**kinds), Id="x", **texts)[CUSTOM] == expected
    assert from_json(columns(**kinds), Id="x", **(texts | {"B__c": False}))[CUSTOM] == expected
    assert from_json(columns(Z__c="double", B__c="boolean"), Id="x", Z__c=None, B__c=None)[CUSTOM] == (
        '{"B__c":null,"Z__c":null}'
    )
    assert from_json(Id="x")[CUSTOM] is None


def test_an_own_field_that_is_not_of_its_type_is_a_text(from_csv):
    kinds = {"Z__c": "double", "B__c": "boolean"}
    assert from_csv(columns(**kinds), Id="x", Z__c="12,5O0", B__c="1")[CUSTOM] == '{"B__c":"1","Z__c":"12,5O0"}'


def test_several_columns_fill_one_field_with_a_bar_between(from_csv):
    name = OPPORTUNITY.field("Name")
    both = [SelectedColumn("First__c", "string", name), SelectedColumn("Last__c", "string", name)]
    assert from_csv(both, First__c="a", Last__c="b")["Name"] == "a|b"
    assert from_json(both, First__c="a", Last__c=None)["Name"] == "a"


def test_columns_are_found_by_name_whatever_their_order_and_case(tmp_path):
    page = csv_page(tmp_path / "page.csv", ["NAME", "id"], ["n", "x"])
    with RecordTyping(columns()[:3:2], OPPORTUNITY) as typing:
        (record,) = pa.Table.from_batches(typing.csv_batches(page, 1)).to_pylist()
    assert (record["Id"], record["Name"]) == ("x", "n")


def test_a_page_without_header_is_read_in_the_order_asked(tmp_path):
    page = csv_page(tmp_path / "page.csv", ["x", "a\nb"], ["y", "n"])
    with RecordTyping(columns()[:3:2], OPPORTUNITY) as typing:
        found = pa.Table.from_batches(typing.csv_batches(page, 2)).to_pylist()
    assert [(record["Id"], record["Name"]) for record in found] == [("x", "a\nb"), ("y", "n")]


def test_a_page_of_nothing_has_no_record(tmp_path):
    (tmp_path / "page.csv").write_bytes(b"")
    with RecordTyping(columns(), OPPORTUNITY) as typing:
        assert list(typing.csv_batches(tmp_path / "page.csv", 0)) == []


@pytest.mark.parametrize(
    "content",
    [
        '"Id","Name"\n"x","a"\n',
        '"Id","Name"\n"x","a"\n"y","b"\n"z","c"\n',
        '"Id","Name"\n"x","a"\n"y","b',
        '"Id","Name"\n"x","a"\n"y"\n',
        '"Id"\n"x"\n"y"\n',
        "",
    ],
    ids=["one too few", "one too many", "open quote", "half a record", "a column too few", "nothing"],
)
def test_a_page_that_is_not_whole_gives_no_record_at_all(tmp_path, content):
    (tmp_path / "page.csv").write_text(content)
    with RecordTyping(columns()[:3:2], OPPORTUNITY) as typing, pytest.raises(DamagedPageError, match=r"^page\.csv"):
        next(typing.csv_batches(tmp_path / "page.csv", 2))


def test_a_page_that_is_too_large_to_hold_is_counted_before_its_first_record(tmp_path, monkeypatch):
    monkeypatch.setattr("connectors.salesforce.records._HELD_BYTES", 10)
    page = csv_page(tmp_path / "page.csv", ["Id", "Name"], ["x", "a"], ["y", "b"])
    with RecordTyping(columns()[:3:2], OPPORTUNITY) as typing:
        assert sum(batch.num_rows for batch in typing.csv_batches(page, 2)) == 2
        with pytest.raises(DamagedPageError, match="2 records instead of the 3"):
            next(typing.csv_batches(page, 3))
