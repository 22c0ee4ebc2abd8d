"""A company that is read over REST and Bulk, a night of it, and what a night left: for tests that disturb one."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.base import NOTHING_KNOWN, Checkpoints, ObjectExtract
from connectors.salesforce import SalesforceOrg
from connectors.salesforce_emulator.ids import make_id
from connectors.salesforce_emulator.org import Org
from connectors.salesforce_emulator.server import Emulator
from kam_pipeline.checkpoints import WarehouseCheckpoints
from kam_pipeline.crm_schema import crm_object
from kam_pipeline.landing import Landing, write_landing
from kam_pipeline.settings.salesforce import SalesforceSource
from kam_pipeline.settings.source import Mapping as NothingMapped
from kam_pipeline.warehouse import Warehouse
from tests.connectors.salesforce.conftest import IMPATIENT

Reading = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]
OBJECTS = tuple(crm_object(name) for name in ("Account", "Contact", "Opportunity"))
ACCOUNTS, DEALS = 25, 45
SMALL_PAGES = {"page_size": 10, "bulk_page_rows": 10}
BULK_FROM = 40
"""25 accounts come in three pages of REST, 45 deals in five pages of Bulk; of contacts there is none."""

PLACES = {
    "sign-in": {"path": "/oauth2/token"},
    # the first of all that is asked
    "clock": {"path": "/services/data/v66.0/"},
    "list of objects": {"path": "/sobjects"},
    "describe": {"path": "/sobjects/Account/describe"},
    "deletes": {"path": "/Account/deleted"},
    "first page": {"path": "/queryAll", "text": "FROM Account"},
    "next page": {"path": "/query/0r8"},
    "job": {"path": "/jobs/query", "method": "POST"},
    "wait": {"path": "/jobs/query/750", "method": "GET"},
    "list of pages": {"path": "/resultPages"},
    "page": {"path": "/results"},
}
"""What is asked, in its order: where a fault may strike."""


def employ(org: Org) -> Org:
    """Let the organisation have its records, all saved an hour ago; one account and one deal are in the bin."""
    saved = stamps("2026-07-01T02:00:00.000Z")
    accounts = [{**saved, "Id": account(n), "Name": f"Account {n}"} for n in range(1, ACCOUNTS + 1)]
    deals = [
        {**saved, "Id": deal(n), "Name": f'Deal "{n}"\r\nNULL', "AccountId": account(1 + n % 9), "Amount": f"{n}000.5",
         "StageName": "Closed Won", "IsWon": "true", "IsClosed": "true", "CloseDate": "2026-06-30"}
        for n in range(1, DEALS + 1)
    ]  # fmt: skip
    accounts[-1]["IsDeleted"] = deals[-1]["IsDeleted"] = "true"
    org.load("Account", accounts)
    org.load("Opportunity", deals)
    return org


def stamps(text: str) -> dict[str, str]:
    """What a record says that was saved at a moment and not since."""
    return {"CreatedDate": text, "LastModifiedDate": text, "SystemModstamp": text, "IsDeleted": "false"}


def account(number: int) -> str:
    return make_id("001", number)


def deal(number: int) -> str:
    return make_id("006", number)


def land(
    settings: SalesforceSource,
    folder: Path,
    now: datetime,
    known: Checkpoints = NOTHING_KNOWN,
    run_id: str = "night",
    progress: Callable[[str], None] = lambda _: None,
    reading: Mapping[str, Reading] | None = None,
) -> Landing:
    """Read the organisation as a run does, and land it; `reading` stands between an object's batches and the files."""
    source = SalesforceOrg(settings, NothingMapped(), folder, folder / "extraction", IMPATIENT)
    with closing(source):
        return write_landing(
            folder / "landing",
            run_id=run_id,
            extracted_at=now,
            source=source.name,
            clock_at=source.clock(),
            is_live=True,
            extracts=_between(source.extract(OBJECTS, known), reading or {}),
            progress=progress,
        )


def _between(extracts: Iterator[ObjectExtract], reading: Mapping[str, Reading]) -> Iterator[ObjectExtract]:
    for extract in extracts:
        act = reading.get(extract.availability.crm_object.name)
        yield replace(extract, batches=act(extract.batches)) if act else extract


def land_and_die(settings: dict[str, Any], folder: Path, now: datetime, pages: int) -> None:
    """Land, in a process of its own that ends without a word when so many pages of deals have been read."""

    def dying(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for number, batch in enumerate(batches):
            if number == pages:
                os._exit(9)
            yield batch

    land(SalesforceSource.model_validate(settings), folder, now, reading={"Opportunity": dying})


def checkpoints(warehouse: Warehouse, emulator: Emulator) -> WarehouseCheckpoints:
    """What the warehouse knows of the organisation."""
    return WarehouseCheckpoints(warehouse.connection, f"salesforce:{urlsplit(emulator.url).netloc}")


def content(landing: Landing) -> dict[str, Any]:
    """Everything that a landing says, whatever the order of records and the port of the server."""
    said: dict[str, Any] = {}
    for landed in landing.objects:
        fields, checkpoint = landed.presence, landed.checkpoint
        said[landed.object_name] = (landed.read_cnt, landed.is_complete, landed.notes, fields, checkpoint)
        for file in filter(None, (landed.file, landed.gone_file, landed.patch_file)):
            rows = pq.read_table(landing.folder / file).to_pylist()
            said[file] = sorted(rows, key=lambda row: row["Id"])
    return said


def files_below(folder: Path) -> list[str]:
    """Every file below a folder that is there or not."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
