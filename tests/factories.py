"""Records and tables for tests: a test writes only what it is about, everything else has a sensible default.

What belongs here: rows in `raw`, building tables, configurations. What does not: expectations.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import settings as search

from connectors.base import IDS, ColumnPatch, ObjectAvailability, ObjectExtract, arrow_schema
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.evaluation import Evaluation
from kam_pipeline.feed_schema import SOURCE_OBJECTS, source_object
from kam_pipeline.raw_tables import BOOKKEEPING
from kam_pipeline.settings import Configuration, Settings
from kam_pipeline.settings.source import FilesSource
from kam_pipeline.tables import Build, tables
from kam_pipeline.warehouse import Warehouse, quoted


def utc(*parts: int) -> datetime:
    """A moment as tables hold it: UTC without a zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc]


AS_OF = date(2026, 7, 1)
KNOWN_AT = utc(2026, 7, 1, 2, 0)
RUN = "run-1"
FIRST_EXTRACTION = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)

Row = dict[str, Any]


def make_configuration(folder: Path = Path(), **sections: Any) -> Configuration:
    """Settings for files with default sections, each to be overridden by name: `criteria={"cap": 3}`."""
    return Configuration(Settings(**{"source": FilesSource(kind="files", path="."), **sections}), folder)


def make_evaluation(as_of: date = AS_OF) -> Evaluation:
    """A run with the newest knowledge for the newest date."""
    return Evaluation(as_of, RUN, KNOWN_AT, KNOWN_AT, is_restated=False, is_known_then=False, is_newest=True)


# --- records -------------------------------------------------------------------------------------------------


def insert(warehouse: Warehouse, object_name: str, rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Put living records of an object into raw; fields that a row does not name are null."""
    declared = source_object(object_name)
    assert declared is not None, object_name
    done = [{"_is_gone": False, "_known_at": KNOWN_AT, "_run_id": RUN, **row} for row in rows]
    with warehouse.transaction():
        for row in done:
            names = ", ".join(quoted(name) for name in row)
            marks = ", ".join("?" for _ in row)
            warehouse.connection.execute(
                f"insert into raw.{quoted(declared.table)} ({names}) values ({marks})", list(row.values())
            )
    return done


def account(warehouse: Warehouse, record_id: str, **fields: Any) -> Row:
    """A living account."""
    return insert(warehouse, "Account", [{"Id": record_id, "Name": f"Account {record_id}", **fields}])[0]


def merged_account(warehouse: Warehouse, record_id: str, winner: str, **fields: Any) -> Row:
    """An account that was merged into another."""
    return account(warehouse, record_id, IsDeleted=True, MasterRecordId=winner, **fields)


def won(record_id: str, account_id: str | None, amount: object = 100, closed_on: object = "2026-06-15") -> Row:
    """The fields of a won deal."""
    return {
        "Id": record_id,
        "AccountId": account_id,
        "Name": f"Deal {record_id}",
        "StageName": "Closed Won",
        "IsClosed": True,
        "IsWon": True,
        "Amount": amount,
        "CloseDate": closed_on,
        "CreatedDate": utc(2026, 1, 1),
    }


def opportunity(warehouse: Warehouse, record_id: str, account_id: str | None, **fields: Any) -> Row:
    """A won deal of 100 in June 2026, unless said otherwise."""
    return insert(warehouse, "Opportunity", [{**won(record_id, account_id), **fields}])[0]


def order(warehouse: Warehouse, record_id: str, account_id: str | None, **fields: Any) -> Row:
    """An activated order of 100 that starts on 15 June 2026, unless said otherwise."""
    given = {"StatusCode": "Activated", "EffectiveDate": date(2026, 6, 15), "TotalAmount": 100}
    return insert(warehouse, "Order", [{"Id": record_id, "AccountId": account_id, **given, **fields}])[0]


def task(warehouse: Warehouse, record_id: str, **fields: Any) -> Row:
    """A completed task."""
    given = {"Id": record_id, "Status": "Completed", "IsClosed": True, "ActivityDate": date(2026, 6, 15)}
    return insert(warehouse, "Task", [{**given, **fields}])[0]


def event(warehouse: Warehouse, record_id: str, **fields: Any) -> Row:
    """A meeting."""
    return insert(warehouse, "Event", [{"Id": record_id, "ActivityDate": date(2026, 6, 15), **fields}])[0]


def contact(warehouse: Warehouse, record_id: str, **fields: Any) -> Row:
    """A contact."""
    return insert(warehouse, "Contact", [{"Id": record_id, "Name": f"Contact {record_id}", **fields}])[0]


def currency(warehouse: Warehouse, code: str, rate: float | None, **fields: Any) -> Row:
    """A currency with its static rate: units per one unit of the corporate currency."""
    given = {"Id": f"currency-{code}", "IsoCode": code, "ConversionRate": rate, "IsCorporate": False}
    return insert(warehouse, "CurrencyType", [{**given, **fields}])[0]


def corporate_currency(warehouse: Warehouse, code: str = "EUR") -> Row:
    """The corporate currency."""
    return currency(warehouse, code, 1.0, IsCorporate=True)


def dated_rate(warehouse: Warehouse, code: str, rate: float, start: str, until: str | None = None) -> Row:
    """A rate that holds from a day until the day before another."""
    given = {"Id": f"rate-{code}-{start}", "IsoCode": code, "ConversionRate": rate, "StartDate": start}
    return insert(warehouse, "DatedConversionRate", [{**given, "NextStartDate": until}])[0]


def organization(warehouse: Warehouse, **fields: Any) -> Row:
    """The organisation."""
    return insert(warehouse, "Organization", [{"Id": "org", "Name": "We", **fields}])[0]


ALL_FEEDS = {name: {"file": f"{name}.csv"} for name in ("satisfaction", "costs", "actuals", "targets", "decisions")}
_FEED_ROW: dict[str, Row] = {
    "feeds.satisfaction": {"surveyed_on": "2026-06-15", "score": 9},
    "feeds.costs": {"month": "2026-06-01", "cost_amt": 60},
    "feeds.actuals": {"month": "2026-06-01", "revenue_amt": 90},
    "feeds.targets": {"year": 2026, "target_amt": 1000},
    "feeds.decisions": {"status": "key_account", "since": "2026-01-01"},
}


def feed_row(warehouse: Warehouse, feed: str, record_id: str, account_id: str | None, **fields: Any) -> Row:
    """A row of a feed: a score of 9, costs of 60, 90 invoiced, in June 2026; a target of 1000; designated."""
    name = f"feeds.{feed}"
    return insert(warehouse, name, [{"Id": record_id, "account_id": account_id, **_FEED_ROW[name], **fields}])[0]


def loaded(
    warehouse: Warehouse,
    known_at: datetime = KNOWN_AT,
    run_id: str = RUN,
    absent: Iterable[str] = (),
    objects: Iterable[str] = ("Account",),
    **counts: Any,
) -> None:
    """Say that a delivery of these objects has been loaded, with every field but those named as absent."""
    for name in objects:
        declared = source_object(name)
        assert declared is not None, name
        row = {"run_id": run_id, "known_at": known_at, "source": "files: export", "object": name, "is_present": True}
        row |= {"read_cnt": 0, "vanished_cnt": 0, "duplicate_cnt": 0, "living_before_cnt": 0, **counts}
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        warehouse.connection.execute(f"insert into raw.load ({names}) values ({marks})", list(row.values()))
        warehouse.connection.executemany(
            "insert into raw.field_presence (run_id, object, field, presence) values (?, ?, ?, ?)",
            [[run_id, name, field.name, "absent" if field.name in absent else "present"] for field in declared.fields],
        )


def feeds_loaded(warehouse: Warehouse, *feeds: str) -> None:
    """Say that a delivery of accounts and of these feeds, all of them when none is named, has been loaded."""
    loaded(warehouse, objects=("Account", *(f"feeds.{feed}" for feed in feeds or ALL_FEEDS)))


def clear(warehouse: Warehouse, objects: Iterable[CrmObject] = SOURCE_OBJECTS) -> None:
    """Take all records out of raw, for tests that reuse a warehouse."""
    for declared in objects:
        warehouse.connection.execute(f"delete from raw.{quoted(declared.table)}")
        warehouse.connection.execute(f"delete from raw.{quoted(declared.table + '_superseded')}")
    for bookkeeping in BOOKKEEPING:
        warehouse.connection.execute(f"delete from raw.{bookkeeping}")


# --- deliveries ------------------------------------------------------------------------------------------------


def extract_of(
    declared: CrmObject,
    rows: Iterable[Mapping[str, Any]],
    announced: int | None = None,
    *,
    is_complete: bool = True,
    **beside: Any,
) -> ObjectExtract:
    """An extract that sends these rows, each in a batch of its own; a number is a stamp, so many hours after noon.

    Beside them: `presence` of fields that are not simply present, `advice`, ids that are `gone`, a `patch`, a
    `checkpoint`.
    """
    presence = dict.fromkeys((field.name for field in declared.fields), "present") | beside.pop("presence", {})
    available = ObjectAvailability(declared, ("made up",), presence, advice=beside.pop("advice", {}))
    gone = beside.pop("gone", None)
    if gone is not None:
        gone = iter([pa.RecordBatch.from_pylist([{"Id": name} for name in gone], schema=IDS)])
    batches = _batches(arrow_schema(declared), rows)
    return ObjectExtract(available, batches, is_complete, announced, gone=gone, **beside)


def patch_of(declared: CrmObject, rows: Iterable[Mapping[str, Any]], *fields: str) -> ColumnPatch:
    """New values of some columns; a row names its id and stamp too."""
    whole = arrow_schema(declared)
    held = [name for name in whole.names if name in {"Id", "SystemModstamp", "_unparsed", *fields}]
    return ColumnPatch(fields, _batches(pa.schema([whole.field(name) for name in held]), rows))


def _batches(schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> Iterator[pa.RecordBatch]:
    for row in rows:
        yield pa.RecordBatch.from_pylist([{name: row.get(name) for name in schema.names}], schema=schema)


def account_row(record_id: str | None, name: str = "x", stamp: int | None = 1, **fields: Any) -> dict[str, Any]:
    """An account as delivered; the stamp counts hours."""
    modified = None if stamp is None else utc(2026, 1, 1) + timedelta(hours=stamp)
    return {"Id": record_id, "Name": name, "SystemModstamp": modified, **fields}


# --- tables --------------------------------------------------------------------------------------------------


def build(
    warehouse: Warehouse,
    *upto: str,
    configuration: Configuration | None = None,
    as_of: date = AS_OF,
) -> None:
    """Build the named tables and everything they need; all tables when none is named."""
    needed = set(tables()) if not upto else set()
    waiting = list(upto)
    while waiting:
        name = waiting.pop()
        if name in tables() and name not in needed:
            needed.add(name)
            waiting += tables()[name].contract.inputs
    rebuild(warehouse, *needed, configuration=configuration, as_of=as_of)


def rebuild(
    warehouse: Warehouse,
    *names: str,
    configuration: Configuration | None = None,
    as_of: date = AS_OF,
) -> None:
    """Build the named tables only, in the order they need, from what is there."""
    if not warehouse.value("select count(*) from raw.load"):
        loaded(warehouse)
    given = Build(warehouse, configuration or make_configuration(), make_evaluation(as_of))
    for name, table in tables().items():
        if name in names:
            table.build(given)


def fill(warehouse: Warehouse, name: str, rows: Iterable[Mapping[str, Any]], as_of: date = AS_OF) -> None:
    """Put rows into a table after raw without building it; columns that a row does not name are null."""
    contract = tables()[name].contract
    names = [column.name for column in contract.columns]
    frame = pd.DataFrame(list(rows), columns=None).reindex(columns=names).astype(object)
    frame = frame.where(frame.notna(), None)
    if contract.is_dated:
        frame["as_of_date"] = as_of
    warehouse.put_frame(contract, frame, as_of if contract.is_dated else None)


def column(warehouse: Warehouse, name: str, table: str) -> list[Any]:
    """One column of a table, sorted."""
    return sorted(row[0] for row in warehouse.rows(f"select {name} from {table}"))


def by_key(warehouse: Warehouse, query: str) -> dict[Any, Any]:
    """A result as a dictionary: first column to the second, or to the tuple of the others."""
    return {row[0]: row[1] if len(row) == 2 else row[1:] for row in warehouse.rows(query)}


def examples(few: int, of: int) -> int:
    """How many examples of a costly law: a few in the ordinary run, all of them in `make test-slow`."""
    return few if search.get_current_profile_name() == "few" else of


def one_of(first: Any, *others: Any) -> list[Any]:
    """Parameters of which the first stays in the ordinary run and the others come with `make test-slow`."""

    def slow(values: Any) -> Any:
        return pytest.param(*(values if isinstance(values, tuple) else (values,)), marks=pytest.mark.slow)

    return [first, *map(slow, others)]
