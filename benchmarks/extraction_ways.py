"""One way of reading all opportunities of an organisation, in a process of its own, so that its memory is its own.

    python benchmarks/extraction_ways.py WAY FOLDER < {"url": ..., "key": ..., "secret": ...}

Ways: `product` reads into the landing and the raw tables, and what is new when it is called again in the same folder;
`limit` downloads the pages of the same Bulk job one after the other and reads them by DuckDB's read_csv; `simple` asks
simple-salesforce for all records and goes through pandas. Prints one line of JSON: seconds, rows, megabytes at most.
What belongs here: the ways. What does not: their order, and what the figures mean (extraction.py).
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import requests

VERSION = "66.0"
FIELDS = (
    "Id", "IsDeleted", "AccountId", "Name", "StageName", "IsClosed", "IsWon", "Amount", "CloseDate", "Probability",
    "ForecastCategory", "Type", "RecordTypeId", "LeadSource", "OwnerId", "CurrencyIsoCode", "CreatedDate",
    "LastModifiedDate", "SystemModstamp", "Loss_Reason__c", "Segment__c", "Region__c", "Margin__c", "Next_Step__c",
    "Renewal__c",
)  # fmt: skip
SOQL = f"SELECT {', '.join(FIELDS)} FROM Opportunity"

Org = dict[str, str]
Figures = dict[str, float]


def product(org: Org, folder: Path) -> Figures:
    """Extract through the connector into the landing; loading it into raw is timed apart."""
    import pandas as pd  # noqa: F401 - in a night it is there long before; pyarrow loads it at the first array

    from connectors.salesforce import SalesforceOrg
    from kam_pipeline.checkpoints import WarehouseCheckpoints
    from kam_pipeline.crm_schema import OPPORTUNITY
    from kam_pipeline.landing import write_landing
    from kam_pipeline.raw import load_landing
    from kam_pipeline.settings.operation import Engine
    from kam_pipeline.settings.salesforce import SalesforceSource
    from kam_pipeline.settings.source import Mapping
    from kam_pipeline.warehouse import Warehouse

    os.environ |= {"SF_KEY": org["key"], "SF_SECRET": org["secret"]}
    sign_in = {"method": "client_credentials", "client_id": "${SF_KEY}", "client_secret": "${SF_SECRET}"}
    settings = SalesforceSource.model_validate({"kind": "salesforce", "login": org["url"], "sign_in": sign_in})
    custom = ["Segment__c", "Region__c", "Margin__c", "Next_Step__c", "Renewal__c"]
    fields = {"LossReason": "Loss_Reason__c"}
    mapping = Mapping.model_validate({"Opportunity": {"fields": fields, "custom": custom}})
    with Warehouse.open(folder / "warehouse.duckdb", Engine()) as warehouse:
        source = SalesforceOrg(settings, mapping, folder, folder / "extraction")
        known = WarehouseCheckpoints(warehouse.connection, source.name)
        began = time.perf_counter()
        with closing(source):
            landing = write_landing(
                folder / "landing",
                run_id=f"run-{time.time_ns()}",
                extracted_at=datetime.now(UTC),
                source=source.name,
                clock_at=source.clock(),
                is_live=True,
                extracts=source.extract([OPPORTUNITY], known),
            )
        seconds, peak = time.perf_counter() - began, peak_mb()
        load_landing(warehouse, landing)
    loaded = time.perf_counter() - began - seconds
    return {"seconds": seconds, "rows": landing.objects[0].read_cnt, "mb": peak, "load_seconds": loaded}


def limit(org: Org, folder: Path) -> Figures:
    """Do nothing but the protocol, one page after the other, and let DuckDB read the files as texts."""
    began = time.perf_counter()
    pages: list[Path] = []
    with requests.Session() as http:
        jobs = signed_in(http, org)
        job = http.post(jobs, json={"operation": "queryAll", "query": SOQL}, timeout=60).json()["id"]
        while http.get(f"{jobs}/{job}", timeout=60).json()["state"] != "JobComplete":
            time.sleep(0.05)
        locator = ""
        while locator != "null":
            params = {"maxRecords": "50000"} | ({"locator": locator} if locator else {})
            with http.get(f"{jobs}/{job}/results", params=params, stream=True, timeout=60) as page:
                pages.append(folder / f"page-{len(pages)}.csv")
                with pages[-1].open("wb") as file:
                    for piece in page.iter_content(1 << 20):
                        file.write(piece)
                locator = page.headers["Sforce-Locator"]
    with duckdb.connect(str(folder / "limit.duckdb")) as connection:
        files = ", ".join(f"'{page}'" for page in pages)
        connection.execute(f"create table opportunity as from read_csv([{files}], all_varchar = true)")
        rows = connection.execute("select count(*) from opportunity").fetchall()[0][0]
    return {"seconds": time.perf_counter() - began, "rows": rows, "mb": peak_mb()}


def simple(org: Org, folder: Path) -> Figures:
    """Go the way that most scripts go."""
    import pandas as pd
    from simple_salesforce import Salesforce

    began = time.perf_counter()
    with requests.Session() as http:
        token = signed_in_token(http, org)
        http.mount("https://", _Loopback(org["url"]))
        client = Salesforce(instance_url=org["url"], session_id=token, session=http, version=VERSION)
        client.base_url = f"{org['url']}/services/data/v{VERSION}/"
        frame = pd.DataFrame(client.query_all(SOQL, include_deleted=True)["records"]).drop(columns="attributes")
    with duckdb.connect(str(folder / "simple.duckdb")) as connection:
        connection.register("frame", frame)
        connection.execute("create table opportunity as from frame")
    return {"seconds": time.perf_counter() - began, "rows": len(frame), "mb": peak_mb()}


class _Loopback(requests.adapters.HTTPAdapter):
    """Sends to the organisation on this machine what simple-salesforce sends to https."""

    def __init__(self, url: str) -> None:
        self._url = url
        super().__init__()

    def send(
        self,
        request: requests.PreparedRequest,
        **kwargs: Any,  # noqa: ANN401 - as requests passes them on
    ) -> requests.Response:
        path = str(request.url).split("/services/", 1)[1]
        request.url = f"{self._url}/services/{path}"
        return super().send(request, **kwargs)


def signed_in_token(http: requests.Session, org: Org) -> str:
    """Return an access token."""
    form = {"grant_type": "client_credentials", "client_id": org["key"], "client_secret": org["secret"]}
    answer = http.post(f"{org['url']}/services/oauth2/token", data=form, timeout=60).json()
    return str(answer["access_token"])


def signed_in(http: requests.Session, org: Org) -> str:
    """Sign in and return where Bulk jobs are."""
    http.headers["Authorization"] = f"Bearer {signed_in_token(http, org)}"
    return f"{org['url']}/services/data/v{VERSION}/jobs/query"


def peak_mb() -> float:
    """Return the most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


WAYS: dict[str, Callable[[Org, Path], Figures]] = {"product": product, "limit": limit, "simple": simple}


if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]](json.loads(sys.stdin.readline()), Path(sys.argv[2]))))
