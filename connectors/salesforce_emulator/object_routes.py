"""Objects: their list, their description, single records, and which records were deleted or changed.

What belongs here: everything under `sobjects`. What does not: queries, the data itself (org.py).
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.calls import Call, Route
from connectors.salesforce_emulator.messages import Answer, json_answer, not_found
from connectors.salesforce_emulator.organisation import Organisation

_NO_COLUMNS = ("address", "location")
"""Types of fields that the record of a query has no column for."""


@dataclass(frozen=True)
class _Described:
    """A description that has gone out.

    Attributes
    ----------
    content : str
        As JSON.
    modified : datetime
        Since when it is like that, as clients are told.
    sent : datetime
        When it last went out, or was said to be unchanged.
    """

    content: str
    modified: datetime
    sent: datetime


class ObjectRoutes:
    """Objects of one organisation.

    Parameters
    ----------
    org : Organisation
        Whose they are.
    """

    def __init__(self, org: Organisation) -> None:
        self._org = org
        self._described: dict[str, _Described] = {}
        self._lock = threading.Lock()

    def routes(self) -> list[Route]:
        """Return what is answered here."""
        return [
            Route("GET", r"sobjects/?", self._all),
            Route("GET", r"sobjects/(\w+)/?", self._basic),
            Route("GET", r"sobjects/(\w+)/describe/?", self._describe),
            Route("GET", r"sobjects/(\w+)/(deleted)/?", self._replicated),
            Route("GET", r"sobjects/(\w+)/(updated)/?", self._replicated),
            Route("GET", r"sobjects/(\w+)/([A-Za-z0-9]{15,18})", self._record),
        ]

    def _all(self, call: Call) -> Answer:
        return json_answer(self._org.describe_global(call.number))

    def _basic(self, call: Call) -> Answer:
        described = dict(self._org.describe(call.args[0], call.number))
        for key in ("fields", "childRelationships", "recordTypeInfos"):
            described.pop(key, None)
        return json_answer({"objectDescribe": described, "recentItems": []})

    def _describe(self, call: Call) -> Answer:
        described = self._org.describe(call.args[0], call.number)
        modified = self._modified(f"{call.args[0].lower()} {call.version}", described)
        headers = {"Last-Modified": format_datetime(modified, usegmt=True)}
        since = _http_date(call.request.headers.get("if-modified-since"))
        if since is not None and modified <= since:
            return Answer(304, headers=headers)
        return json_answer(described, headers=headers)

    def _modified(self, key: str, described: Mapping[str, Any]) -> datetime:
        """Return since when a description is as it is, in whole seconds.

        The organisation does not say, so a description counts as changed one second after the last one that went out;
        a change in the second of a client's last look is thereby never hidden from it.
        """
        content = json.dumps(described, sort_keys=True)
        now = self._org.clock.now().replace(microsecond=0)
        with self._lock:
            last = self._described.get(key)
            if last is None:
                modified = now
            elif last.content == content:
                modified = last.modified
            else:
                modified = max(now, last.sent + timedelta(seconds=1))
            self._described[key] = _Described(content, modified, max(now, modified))
        return modified

    def _replicated(self, call: Call) -> Answer:
        sobject, which = call.args
        found: Callable[[str, datetime, datetime], Mapping[str, Any]] = (
            self._org.deleted if which == "deleted" else self._org.updated
        )
        return json_answer(found(sobject, _moment(call, "start"), _moment(call, "end")))

    def _record(self, call: Call) -> Answer:
        sobject, record_id = call.args
        names = [
            field["name"]
            for field in self._org.describe(sobject, call.number)["fields"]
            if field["type"] not in _NO_COLUMNS
        ]
        asked = call.request.query.get("fields")
        chosen = [name.strip() for name in asked.split(",")] if asked else names
        soql = f"SELECT {', '.join(chosen)} FROM {sobject} WHERE Id = '{record_id}'"
        if found := self._org.query(soql, include_deleted=False, version=call.number).records(0, 1):
            return json_answer(found[0])
        if self._org.query(soql, include_deleted=True, version=call.number).total_size:
            raise RefusalError("ENTITY_IS_DELETED", "entity is deleted", 404)
        raise not_found()


def _http_date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _moment(call: Call, name: str) -> datetime:
    text = call.request.query.get(name)
    if text is None:
        raise RefusalError("MISSING_ARGUMENT", f"Missing required parameter: {name}")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _no_moment(name, text) from error
    if moment.tzinfo is None or not re.match(r"\d{4}-\d\d-\d\dT", text):
        raise _no_moment(name, text)
    return moment.astimezone(UTC)


def _no_moment(name: str, text: str) -> RefusalError:
    return RefusalError("INVALID_REPLICATION_DATE", f"{name}: {text} is no valid date and time with a time zone")
