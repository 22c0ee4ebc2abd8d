"""Requests and answers of HTTP as values, and the forms that Salesforce gives its answers.

What belongs here: what passes between routes and the wire. What does not: sockets (wire.py), what a route answers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from connectors.salesforce_emulator.answers import RefusalError

JSON_TYPE = "application/json;charset=UTF-8"
HTML_TYPE = "text/html;charset=UTF-8"


@dataclass(frozen=True)
class Request:
    """One request as it came in.

    Attributes
    ----------
    method : str
        GET, POST, PATCH, DELETE, ...
    path : str
        Without the query.
    query_text : str
        What stands behind the question mark, as sent.
    headers : Mapping[str, str]
        By name in lower case.
    body : bytes
        As sent.
    """

    method: str
    path: str
    query_text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @cached_property
    def query(self) -> dict[str, str]:
        """Parameters behind the question mark; of one given twice the last."""
        return dict(parse_qsl(self.query_text, keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        """Fields of a form in the body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @cached_property
    def soql(self) -> str | None:
        """The query that is asked for, in the address or in the body of a Bulk job."""
        if "q" in self.query:
            return self.query["q"]
        if not self.path.endswith("/jobs/query") or self.method != "POST":
            return None
        try:
            asked = self.json_object().get("query")
        except RefusalError:
            return None
        return asked if isinstance(asked, str) else None

    def json_object(self) -> dict[str, Any]:
        """Return the object in the body, refused where it is none."""
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise RefusalError("JSON_PARSER_ERROR", f"The body is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise RefusalError("JSON_PARSER_ERROR", "The body is no JSON object")
        return value


@dataclass(frozen=True)
class Answer:
    """One answer before it goes out.

    Attributes
    ----------
    status : int
        HTTP status.
    body : bytes | Path
        What is sent; the content of a file where it is one.
    content_type : str
        Empty for an answer without a body.
    headers : Mapping[str, str]
        Beside those that every answer has.
    """

    status: int
    body: bytes | Path = b""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, headers: Mapping[str, str]) -> "Answer":
        """Return it with more headers."""
        return replace(self, headers={**self.headers, **headers})

    def without_header(self, name: str) -> "Answer":
        """Return it without one header."""
        return replace(self, headers={key: text for key, text in self.headers.items() if key.lower() != name.lower()})


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:  # noqa: ANN401 - JSON
    """Return a value as JSON."""
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), JSON_TYPE, headers or {})


def refusal(code: str, message: str, status: int = 400, fields: Sequence[str] | None = None) -> Answer:
    """Return a refusal as Salesforce gives it: an array with one error."""
    error: dict[str, Any] = {"message": message, "errorCode": code}
    if fields is not None:
        error["fields"] = list(fields)
    return json_answer([error], status)


def html_answer(status: int, reason: str) -> Answer:
    """Return what the web server in front of Salesforce answers where a request does not even get through."""
    return Answer(status, f"<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>".encode(), HTML_TYPE)


def not_found() -> RefusalError:
    """Return the refusal of an address that is not there."""
    return RefusalError("NOT_FOUND", "The requested resource does not exist", 404)


def session_invalid() -> RefusalError:
    """Return the refusal of a call without a living session."""
    return RefusalError("INVALID_SESSION_ID", "Session expired or invalid", 401)


def requests_exhausted(message: str = "TotalRequests Limit exceeded.") -> RefusalError:
    """Return the refusal of a call beyond a limit of calls."""
    return RefusalError("REQUEST_LIMIT_EXCEEDED", message, 403)
