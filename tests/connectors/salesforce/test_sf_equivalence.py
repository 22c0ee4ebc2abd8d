"""The same records through REST, the Bulk API and a Data Export are the same typed rows, whatever their texts are."""

import csv
import json
from datetime import date, datetime

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.base import CUSTOM
from connectors.files import ExportFiles
from connectors.salesforce_emulator.ids import make_id
from kam_pipeline.crm_schema import OPPORTUNITY
from kam_pipeline.settings.source import FilesSource, Mapping
from tests.factories import examples

KINDS = {
    "Id": "id",
    "IsDeleted": "boolean",
    "AccountId": "reference",
    "Name": "string",
    "StageName": "picklist",
    "IsClosed": "boolean",
    "Amount": "currency",
    "CloseDate": "date",
    "Probability": "percent",
    "Type": "picklist",
    "CreatedDate": "datetime",
    "SystemModstamp": "datetime",
}
OWN = {"Tier__c": "string", "Score__c": "double", "Is_Key__c": "boolean", "Talk_At__c": "datetime"}

NASTY = [
    "NA",
    "N/A",
    "NULL",
    "null",
    "None",
    "NaN",
    "true",
    "0",
    "000",
    "1.0E7",
    "-",
    '"',
    '""',
    'a "quoted" word',
    "a,b;c\td|e",
    "line\r\nbreak",
    "line\nbreak\n",
    "\r",
    " leading",
    "trailing ",
    "é ü ß 漢字 😀",
    "\\N",
    "\\",
    "'",
    "#N/A",
    "=1+1",
    "\u00a0",
    "\u2028",
]
TEXTS = st.none() | st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NUMBERS = st.none() | st.sampled_from(["0.0", "12.5", "-3.25", "1000000.0", "12345678901234.5", "0.0001", "7"])
FLAGS = st.booleans().map(lambda flag: "true" if flag else "false")
DATES = st.none() | st.dates(date(1900, 1, 1), date(2200, 12, 31)).map(str)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 12, 31))  # noqa: DTZ001
STAMPS = MOMENTS.map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%S}.000Z")
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "IsDeleted": st.just("false"),
            "AccountId": st.none() | st.integers(1, 9).map(lambda number: make_id("001", number)),
            "Name": TEXTS,
            "StageName": TEXTS,
            "IsClosed": FLAGS,
            "Amount": NUMBERS,
            "CloseDate": DATES,
            "Probability": NUMBERS,
            "Type": TEXTS,
            "CreatedDate": STAMPS,
            "SystemModstamp": STAMPS,
            "Tier__c": TEXTS,
            "Score__c": NUMBERS,
            "Is_Key__c": FLAGS,
            "Talk_At__c": st.none() | STAMPS,
        }
    ),
    min_size=1,
    max_size=12,
)


def exported(name, text):
    """A value as a Data Export writes it."""
    kind = (KINDS | OWN)[name]
    if kind == "reference":
        return text or "000000000000000AAA"
    if kind == "boolean":
        return "1" if text == "true" else "0"
    if kind == "datetime" and text:
        return text.replace("T", " ").removesuffix(".000Z")
    return text or ""


def write_export(folder, records):
    folder.mkdir(exist_ok=True)
    with (folder / "Opportunity.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        names = KINDS | OWN
        writer.writerow(names)
        writer.writerows([exported(name, record[name]) for name in names] for record in records)


def rows(batches):
    """Records by their ids, without the organisation's own fields."""
    return sorted(
        (
            {name: value for name, value in record.items() if name != CUSTOM}
            for record in pa.Table.from_batches(batches).to_pylist()
        ),
        key=lambda record: record["Id"],
    )


@pytest.fixture
def plan(plan_of):
    return plan_of(OPPORTUNITY, [(n, k, n) for n, k in KINDS.items()] + [(n, k, None) for n, k in OWN.items()])


# Every example is asked for over HTTP, so that making a failing one small would take minutes.
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=examples(3, of=15),
    phases=[Phase.explicit, Phase.generate],
)
@given(records=RECORDS)
def test_rest_bulk_and_data_export_give_identical_rows(org, serve, readings, plan, tmp_path, records):
    if not hasattr(org, "counter"):
        org.counter, org.served = 1000, serve(page_size=5, bulk_page_rows=5)
        for name, kind in OWN.items():
            org.add_field("Opportunity", name, kind)
    first = make_id("006", org.counter)
    records = [{"Id": make_id("006", org.counter + place)} | record for place, record in enumerate(records)]
    org.counter += len(records)
    org.load("Opportunity", records)
    where = f"Id >= '{first}'"

    by_rest = list(readings(org.served, bulk=False).prepare(plan, where).batches())
    by_bulk = list(readings(org.served, bulk=True).prepare(plan, where).batches())
    write_export(tmp_path / "export", records)
    files = ExportFiles(FilesSource(kind="files", path=str(tmp_path / "export")), Mapping(), tmp_path)
    (extract,) = files.extract([OPPORTUNITY])

    own = [sorted(batch_values(batches, CUSTOM)) for batches in (by_rest, by_bulk)]
    assert own[0] == own[1]
    assert [sorted(json.loads(text)) for text in own[0]] == [sorted(OWN)] * len(records)
    assert rows(by_rest) == rows(by_bulk) == rows(extract.batches)
    assert [record["Name"] for record in rows(by_rest)] == [record["Name"] or None for record in records]


def batch_values(batches, name):
    return pa.Table.from_batches(batches).column(name).to_pylist()
