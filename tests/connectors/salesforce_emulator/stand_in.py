"""A tiny organisation for the tests of the server alone: one object, records that are counted off, no SOQL.

What belongs here: as much data as the protocol needs. What does not: what SOQL means (org.py has its own tests).
"""

import csv
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import requests

from connectors.salesforce_emulator.answers import BulkResult, QueryResult, RefusalError
from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.ids import make_id
from connectors.salesforce_emulator.server import Emulator
from connectors.salesforce_emulator.server_settings import ServerSettings

START = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
NASTY = 'say "hi",\r\nthen\n"NA" 😀'


class StandIn:
    """An organisation of `Account` records with Id and Name, the first of them with a nasty name."""

    org_id = "00DNd0000000001MAA"
    user_id = "005Nd000000IntgIAC"

    def __init__(self, record_cnt: int = 3, clock: Clock | None = None) -> None:
        self.clock = clock or Clock(START, ticking=False)
        self.rows = [
            {"Id": make_id("001", number), "Name": f"Account {number}" if number else NASTY}
            for number in range(record_cnt)
        ]
        self.fields = ["Id", "Name"]
        self.bulk_failure: Exception | None = None
        self.asked: list[tuple] = []

    def describe_global(self, version):
        return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [{"name": "Account"}]}

    def describe(self, sobject, version):
        self._known(sobject)
        fields = [{"name": name, "type": "string"} for name in self.fields]
        return {"name": "Account", "fields": [*fields, {"name": "BillingAddress", "type": "address"}]}

    def query(self, soql, *, include_deleted, version):
        self.asked.append((soql, include_deleted, version))
        if soql.startswith("SELECT COUNT()"):
            return QueryResult(len(self.rows), 0, lambda start, count: [])
        if "nonsense" in soql:
            raise RefusalError("MALFORMED_QUERY", "unexpected token: nonsense")
        rows = [row for row in self.rows if "WHERE Id = " not in soql or f"'{row['Id']}'" in soql]
        rows = rows if include_deleted else [row for row in rows if not row.get("IsDeleted")]
        records = [{"attributes": {"type": "Account"}} | row for row in rows]
        return QueryResult(len(records), len(records), lambda start, count: records[start : start + count])

    def check_bulk(self, soql, version):
        if "COUNT()" in soql:
            raise RefusalError("API_ERROR", "Aggregate Relationship not supported in Bulk Query")
        return "Account"

    def bulk_query(self, soql, *, include_deleted, version, folder: Path, page_rows, shuffle=False):
        self.asked.append((soql, include_deleted, version))
        if self.bulk_failure is not None:
            raise self.bulk_failure
        pages = []
        for start in range(0, max(len(self.rows), 1), page_rows):
            rows = self.rows[start : start + page_rows]
            page = folder / f"{start}.csv"
            with page.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
                writer.writerow(["Id", "Name"])
                writer.writerows([row["Id"], row["Name"]] for row in rows)
            pages.append((page, len(rows)))
        return BulkResult(tuple(pages))

    def record_cnt(self, sobject):
        self._known(sobject)
        return len(self.rows)

    def deleted(self, sobject, start, end):
        self._known(sobject)
        self.asked.append((sobject, start, end))
        return {"deletedRecords": [], "earliestDateAvailable": "", "latestDateCovered": ""}

    def updated(self, sobject, start, end):
        self._known(sobject)
        self.asked.append((sobject, start, end))
        return {"ids": [self.rows[0]["Id"]], "latestDateCovered": ""}

    def _known(self, sobject):
        if sobject.lower() != "account":
            raise RefusalError("NOT_FOUND", "The requested resource does not exist", 404)


class Client:
    """A client without any cleverness: one session of HTTP, one of Salesforce."""

    def __init__(self, emulator: Emulator, version: str = "66.0") -> None:
        self.emulator = emulator
        self.http = requests.Session()
        self.version = version
        self.token = ""

    def sign_in(self, **form):
        known = self.emulator.credentials
        form = form or {
            "grant_type": "client_credentials",
            "client_id": known.consumer_key,
            "client_secret": known.consumer_secret,
        }
        answer = self.http.post(f"{self.emulator.url}/services/oauth2/token", data=form, timeout=10)
        value = answer.json()
        if isinstance(value, dict):
            self.token = value.get("access_token", self.token)
        return answer

    def call(self, method, path, headers=None, **more):
        url = path if path.startswith("/") else f"/services/data/v{self.version}/{path}"
        bearer = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        return self.http.request(method, self.emulator.url + url, headers=bearer, timeout=10, **more)

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def query(self, soql="SELECT Id, Name FROM Account", **more):
        return self.get("query", params={"q": soql}, **more)

    def create_job(self, **body):
        asked = {"operation": "query", "query": "SELECT Id, Name FROM Account"} | body
        return self.call("POST", "jobs/query", json=asked)

    def finished_job(self, **body):
        """Create a job and look at it until it has ended; return what it says."""
        job_id = self.create_job(**body).json()["id"]
        # Each look gives the server time to get on; a job of a few records needs none or one.
        for _ in range(2000):
            info = self.get(f"jobs/query/{job_id}").json()
            if info["state"] in ("JobComplete", "Failed", "Aborted"):
                return info
        raise AssertionError(f"job {job_id} does not end")


@contextmanager
def serving(org: StandIn | None = None, **settings):
    """Serve an organisation and hand out a client that has signed in."""
    with Emulator(org or StandIn(), settings=ServerSettings(**settings)) as emulator:
        client = Client(emulator)
        try:
            client.sign_in()
            yield client
        finally:
            client.http.close()


def error_of(answer):
    """Status, code and message of a refusal."""
    (error,) = answer.json()
    return answer.status_code, error["errorCode"], error["message"]
