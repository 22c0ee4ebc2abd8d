"""REST queries: `query`, `queryAll`, and the cursors that lead through their pages.

What belongs here: pages and locators. What does not: SOQL (org.py), Bulk queries (bulk_routes.py).
"""

import re
import secrets
import string
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.salesforce_emulator.answers import QueryResult, RefusalError
from connectors.salesforce_emulator.calls import Call, Route
from connectors.salesforce_emulator.faults import of_kind
from connectors.salesforce_emulator.messages import Answer, Request, json_answer
from connectors.salesforce_emulator.organisation import Organisation
from connectors.salesforce_emulator.server_settings import ServerSettings

_LIFE = timedelta(days=2)
_SMALLEST_BATCH, _LARGEST_BATCH = 200, 2000
_BASE62 = string.digits + string.ascii_letters


@dataclass(frozen=True)
class _Cursor:
    """A result that has more than one page.

    Attributes
    ----------
    result : QueryResult
        What is read.
    token : str
        Of the session that opened it.
    page_size : int
        Records in a page.
    opened : datetime
        By the organisation's clock.
    """

    result: QueryResult
    token: str
    page_size: int
    opened: datetime


class QueryRoutes:
    """Queries of one organisation.

    Parameters
    ----------
    org : Organisation
        Who answers them.
    settings : ServerSettings
        Size of pages, and who may read on.
    """

    def __init__(self, org: Organisation, settings: ServerSettings) -> None:
        self._org = org
        self._settings = settings
        self._cursors: dict[str, _Cursor] = {}
        self._lock = threading.Lock()

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        return [
            Route("GET", r"query/?", self._query),
            Route("GET", r"queryAll/?", self._query_all),
            # A cursor of queryAll goes on under either name.
            Route("GET", r"(?:query|queryAll)/([^/]+)", self._more),
        ]

    def _query(self, call: Call) -> Answer:
        return self._first(call, include_deleted=False)

    def _query_all(self, call: Call) -> Answer:
        return self._first(call, include_deleted=True)

    def _first(self, call: Call, *, include_deleted: bool) -> Answer:
        soql = call.request.query.get("q", "")
        if not soql.strip():
            raise RefusalError("MALFORMED_QUERY", "A query string has to be specified")
        result = self._org.query(soql, include_deleted=include_deleted, version=call.number)
        page_size = min(_asked_size(call.request), self._settings.page_size)
        cursor = _Cursor(result, call.token, page_size, self._org.clock.now())
        locator = self._keep(cursor) if result.row_cnt > page_size else ""
        return _page(call, cursor, locator, 0)

    def _keep(self, cursor: _Cursor) -> str:
        locator = "0r8" + "".join(secrets.choice(_BASE62) for _ in range(15))
        with self._lock:
            old = [key for key, kept in self._cursors.items() if cursor.opened - kept.opened > _LIFE]
            for key in old:
                del self._cursors[key]
            self._cursors[locator] = cursor
        return locator

    def _more(self, call: Call) -> Answer:
        locator, _, position = call.args[0].partition("-")
        with self._lock:
            cursor = self._cursors.get(locator)
        if cursor is None or not self._may_go_on(cursor, call) or not re.fullmatch(r"\d+", position):
            raise _invalid_locator()
        if int(position) >= cursor.result.row_cnt:
            raise _invalid_locator()
        return _page(call, cursor, locator, int(position))

    def _may_go_on(self, cursor: _Cursor, call: Call) -> bool:
        is_alive = self._org.clock.now() - cursor.opened <= _LIFE
        return is_alive and (cursor.token == call.token or not self._settings.locator_ties_session)


def _page(call: Call, cursor: _Cursor, locator: str, position: int) -> Answer:
    result = cursor.result
    records = result.records(position, cursor.page_size)
    following = position + cursor.page_size
    short = of_kind(call.faults, "short_page")
    if short is not None:
        records = records[: max(0, len(records) - short.options["rows"])]
    page: dict[str, Any] = {"totalSize": result.total_size, "done": following >= result.row_cnt}
    if not page["done"]:
        page["nextRecordsUrl"] = call.path(f"query/{locator}-{following}")
    return json_answer(page | {"records": records})


def _asked_size(request: Request) -> int:
    found = re.search(r"batchSize\s*=\s*(\d+)", request.headers.get("sforce-query-options", ""), re.IGNORECASE)
    return max(_SMALLEST_BATCH, min(_LARGEST_BATCH, int(found[1]))) if found else _LARGEST_BATCH


def _invalid_locator() -> RefusalError:
    return RefusalError("INVALID_QUERY_LOCATOR", "invalid query locator")
