"""Requests to one organisation, and their answers.

What belongs here: the verbs, and the shape of answers. What does not: sessions (sessions.py), waiting for what can pass
(transport.py), what is read with them (rest.py, bulk.py, describing.py).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from connectors.salesforce.plan import Patience
from connectors.salesforce.refusals import no_json
from connectors.salesforce.sessions import OpenSession, Sessions
from connectors.salesforce.signing_in import ROTATED
from kam_pipeline.errors import ConnectorError, RequestRefusedError
from kam_pipeline.settings.salesforce import SalesforceSource

Json = Any
"""A value that JSON can hold."""

_PATIENCE = Patience()


class SalesforceClient:
    """What is asked of one organisation; several threads may share it.

    Nothing is sent before the first question. Paths are below `/services/data/v<version>/`, or begin with `/`.

    Parameters
    ----------
    settings : SalesforceSource
        Section `source`.
    base_dir : Path
        Folder that `source.sign_in.private_key_file` is relative to.
    patience : Patience
        How long to wait for what can pass.
    """

    def __init__(self, settings: SalesforceSource, base_dir: Path, patience: Patience = _PATIENCE) -> None:
        self._sessions = Sessions(settings, base_dir, patience)
        self._org_id = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._sessions.http.close()

    # --- who answers -------------------------------------------------------------------------------------------------

    @property
    def org_id(self) -> str:
        """The organisation's id, 18 characters."""
        if not self._org_id:
            found = self.query("SELECT Id FROM Organization LIMIT 1")
            self._org_id = str(part_of(found[0] if found else None, "Id", "GET query of Organization"))
        return self._org_id

    @property
    def instance_url(self) -> str:
        """Scheme and host where the organisation answers."""
        return self._sessions.current().signed_in.instance_url

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know of the sign-in that has taken place."""
        return (ROTATED,) if self._sessions.is_rotated else ()

    def server_time(self) -> datetime:
        """Return what time it is by the server's clock, UTC with zone, to the second."""
        # the list of resources, which needs no permission; limits need 'View Setup and Configuration'
        response = self._send("GET", "", "GET the time")
        try:
            moment = parsedate_to_datetime(response.headers["Date"])
        except (KeyError, ValueError, TypeError):
            raise ConnectorError(
                f"{self.instance_url}: answers without a time (header Date); see whether a proxy removes it"
            ) from None
        # a stamp that says -0000 has no zone for Python, and is UTC all the same
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    # --- our own requests --------------------------------------------------------------------------------------------

    def get(
        self, path: str, params: Mapping[str, str] | None = None, *, numbers_as_text: bool = False, about: str = ""
    ) -> Json:
        """Return a JSON answer.

        Parameters
        ----------
        path : str
            What is asked for.
        params : Mapping[str, str] or None
            Put behind the path, encoded.
        numbers_as_text : bool
            Whether numbers stay texts, as they are written.
        about : str
            What it reads, for messages, where the path does not say so.
        """
        what = _what(f"GET {path}", (params or {}).get("q"), about)
        response = self._send("GET", path, what, params=params)
        return _json(response, what, numbers_as_text=numbers_as_text)

    def post(self, path: str, body: Mapping[str, Any], *, is_repeatable: bool = False) -> Json:
        """Send a JSON body and return the JSON answer.

        Parameters
        ----------
        path : str
            Where to.
        body : Mapping[str, Any]
            What is sent.
        is_repeatable : bool
            Whether sending it twice does no harm, so that it is sent again when nobody knows whether it has arrived.
        """
        what = _what(f"POST {path}", body.get("query"))
        return _json(self._send("POST", path, what, json=dict(body), is_repeatable=is_repeatable), what)

    def patch(self, path: str, body: Mapping[str, Any]) -> Json:
        """Send a JSON body that changes something and return the JSON answer."""
        what = f"PATCH {path}"
        return _json(self._send("PATCH", path, what, json=dict(body)), what)

    def delete(self, path: str) -> None:
        """Delete; what is gone already is as it should be."""
        try:
            self._send("DELETE", path, f"DELETE {path}")
        except RequestRefusedError as error:
            if error.code != "NOT_FOUND":
                raise

    def download(self, path: str, params: Mapping[str, str], target: Path, *, about: str = "") -> Mapping[str, str]:
        """Stream a page into a file, from its start again when it breaks off, and return its headers.

        Parameters
        ----------
        path : str
            What is asked for.
        params : Mapping[str, str]
            Put behind the path, encoded.
        target : Path
            Written anew.
        about : str
            What it reads, for messages.

        Returns
        -------
        Mapping[str, str]
            Headers of the answer; letter case of names does not count.
        """
        what = _what(f"GET {path}", None, about)

        def fetch(session: OpenSession) -> Mapping[str, str]:
            headers = {**session.headers(), "Accept": "text/csv", "Accept-Encoding": "gzip"}
            response, is_written = self._sessions.http.fetch(session.url(path), params, headers, target, what)
            if not is_written:
                self._sessions.refuse(session, response, what)
            return response.headers

        try:
            return self._sessions.call(fetch, what)
        except OSError as error:
            raise ConnectorError(
                f"{target}: cannot be written ({error.strerror}); look for free space and rights"
            ) from error

    # --- through the library -----------------------------------------------------------------------------------------

    def describe_global(self) -> list[dict[str, Any]]:
        """Return what is said of each object that the user sees."""
        return list(part_of(self._asked("sobjects"), "sobjects", "GET sobjects"))

    def describe(self, sobject: str) -> dict[str, Any]:
        """Return what is said of an object and its fields."""
        found: dict[str, Any] = self._asked(f"sobjects/{sobject}/describe")
        for part in ("name", "fields"):
            part_of(found, part, f"GET sobjects/{sobject}/describe")
        return found

    def record_counts(self, sobjects: Iterable[str]) -> dict[str, int]:
        """Return about how many records objects have, by their names in small letters; those nobody counts left out."""
        answer = self.get("limits/recordCount", {"sObjects": ",".join(sobjects)}) or {}
        counted = [item for item in answer.get("sObjects") or [] if item.get("count") is not None]
        return {str(item["name"]).lower(): int(item["count"]) for item in counted}

    def limits(self) -> dict[str, Any]:
        """Return the organisation's limits and what is left of them."""
        found: dict[str, Any] = self._asked("limits")
        return found

    def query(self, soql: str) -> list[dict[str, Any]]:
        """Return all records of a small query, deleted ones left out."""

        def ask(session: OpenSession) -> list[dict[str, Any]]:
            try:
                records = list(session.library.query_all_iter(soql))
            except (KeyError, TypeError):
                # an answer of another form, which the library does not expect
                raise _lacks("records", what) from None
            return [{name: value for name, value in record.items() if name != "attributes"} for record in records]

        what = _what("GET query", soql)
        return self._sessions.call(ask, what)

    def _asked(self, path: str) -> Json:
        """Return a JSON answer as the library reads it; this way goes round its own renewal of sessions."""
        return self._sessions.call(lambda session: session.library.restful(path), f"GET {path}")

    def _send(self, method: str, path: str, what: str, **arguments: Json) -> requests.Response:
        return self._sessions.call(lambda session: self._sessions.send(session, method, path, what, **arguments), what)


def part_of(answer: Json, name: str, what: str) -> Json:
    """Return a part of an answer that it has to have.

    Raises
    ------
    ConnectorError
        When it has not.
    """
    part = answer.get(name) if isinstance(answer, dict) else None
    if part is None:
        raise _lacks(name, what)
    return part


def _lacks(name: str, what: str) -> ConnectorError:
    return ConnectorError(
        f"Salesforce answers {what} without {name}; run again later, and see whether a proxy changes answers"
    )


def _json(response: requests.Response, what: str, *, numbers_as_text: bool = False) -> Json:
    if not response.content:
        return None
    try:
        return response.json(parse_float=str, parse_int=str) if numbers_as_text else response.json()
    except requests.exceptions.JSONDecodeError:
        raise ConnectorError(no_json(what)) from None


def _what(request: str, soql: object, about: str = "") -> str:
    """Return what a request asks for, with the object of its query."""
    found = re.search(r"\bFROM\s+(\w+)", str(soql or ""), re.IGNORECASE)
    about = found[1] if found else about
    return f"{request} of {about}" if about else request
