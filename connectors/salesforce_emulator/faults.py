"""Faults that a test sets: which requests they strike, how often, and what they do.

What belongs here: choosing. What does not: damaging pages (damage.py), cutting answers off (wire.py).
"""

import re
import threading
from dataclasses import dataclass, field
from typing import Any

from connectors.salesforce_emulator.messages import Answer, Request, html_answer, refusal

KINDS: dict[str, dict[str, Any]] = {
    "expire_session": {},
    "status": {"status": 503, "body": "json", "code": "SERVER_UNAVAILABLE", "message": "", "retry_after": None},
    "request_limit": {"concurrent": False},
    "query_timeout": {},
    "reset": {"when": "before", "keep": 0.5},
    "truncate": {"how": "length", "keep": 0.5},
    "slow": {"seconds": 1.0, "when": "before"},
    "drop_header": {"name": "Sforce-NumberOfRecords"},
    "no_count_header": {},
    "short_page": {"rows": 1, "count_header": "full"},
    "nul_bytes": {},
    "repeat_header": {},
    "no_header": {},
    "fail_job": {"message": "InternalServerError : Retried more than fifteen times"},
    "stuck_job": {"state": "InProgress"},
    "refuse_job": {"code": "INVALIDENTITY", "message": "Entity 'X' is not supported by the Bulk API", "status": 400},
}
"""Every kind of fault, with its options and what they are by default.

expire_session: the session of the request ends, for it and for all that follow.
status: an answer of any status; body `json` (an error of code and message), `html` or `empty`.
request_limit: 403 REQUEST_LIMIT_EXCEEDED, of the day's calls or of concurrent ones.
query_timeout: 400 QUERY_TIMEOUT.
reset: the connection is reset `before` the answer, or in the middle of its `body`.
truncate: the answer ends early; `length` announces the full length, `chunked` never sends the last chunk.
slow: the answer comes late, or pauses in the middle of its `body`.
drop_header, no_count_header: a header is lost on the way.
short_page: rows are missing at the end of a page; the header that counts them says the `full` or the `actual` number.
nul_bytes, repeat_header, no_header: a Bulk page with NUL bytes in values, with its header twice, or without it.
fail_job, stuck_job, refuse_job: strike the creation of a Bulk job: it will fail, never end, or is refused.
"""

_QUERY = re.compile(r"(?<!/jobs)/(query|queryAll)(/[^/]+)?$")
_RESULTS = re.compile(r"/jobs/query/\w+/results$")
_CREATION = re.compile(r"/jobs/query/?$")
_PLACES = {
    "expire_session": re.compile(r"^/services/data/v"),
    "query_timeout": _QUERY,
    "no_count_header": _RESULTS,
    "short_page": re.compile(f"{_QUERY.pattern}|{_RESULTS.pattern}"),
    "nul_bytes": _RESULTS,
    "repeat_header": _RESULTS,
    "no_header": _RESULTS,
    "fail_job": _CREATION,
    "stuck_job": _CREATION,
    "refuse_job": _CREATION,
}
"""Where a fault can happen at all; one that is not here can happen anywhere."""


@dataclass
class Fault:
    """One fault that waits for its requests.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    options : dict[str, Any]
        Its options, complete.
    path : str
        What the path contains.
    method : str or None
        Method of the request, None for any.
    text : str
        What the query of the address, decoded, or the body contains.
    after : int
        Requests that fit and are let through first.
    times : int or None
        Requests that are struck, None for all from then on.
    seen_cnt, struck_cnt : int
        Requests so far that fitted, and that were struck.
    """

    kind: str
    options: dict[str, Any]
    path: str = ""
    method: str | None = None
    text: str = ""
    after: int = 0
    times: int | None = 1
    seen_cnt: int = field(default=0)
    struck_cnt: int = field(default=0)

    def fits(self, request: Request) -> bool:
        """Return whether a request is one of those that are meant."""
        place = _PLACES.get(self.kind)
        if place is not None and not place.search(request.path):
            return False
        if place is _CREATION and request.method != "POST":
            return False
        if self.path not in request.path or self.method not in (None, request.method):
            return False
        if not self.text:
            return True
        said = " ".join(request.query.values()) + request.body.decode("utf-8", "replace")
        return self.text in said

    def strike(self, request: Request) -> bool:
        """Return whether it strikes a request, which counts."""
        if not self.fits(request):
            return False
        self.seen_cnt += 1
        if self.seen_cnt <= self.after or (self.times is not None and self.struck_cnt >= self.times):
            return False
        self.struck_cnt += 1
        return True


class Faults:
    """The faults of one server; tests add them while it runs."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        kind: str,
        *,
        path: str = "",
        method: str | None = None,
        text: str = "",
        after: int = 0,
        times: int | None = 1,
        **options: Any,  # noqa: ANN401 - see KINDS
    ) -> Fault:
        """Add a fault and return it; see `Fault` and `KINDS`."""
        if kind not in KINDS:
            raise ValueError(f"faults.add: there is no fault {kind!r}; take one of {', '.join(KINDS)}")
        unknown = sorted(options.keys() - KINDS[kind].keys())
        if unknown:
            raise ValueError(
                f"faults.add({kind!r}): no option {', '.join(unknown)}; it has {', '.join(KINDS[kind]) or 'none'}"
            )
        fault = Fault(kind, KINDS[kind] | options, path, method, text, after, times)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._faults.clear()

    def striking(self, request: Request) -> tuple[Fault, ...]:
        """Return the faults that strike a request."""
        with self._lock:
            return tuple(fault for fault in self._faults if fault.strike(request))


def of_kind(faults: tuple[Fault, ...], *kinds: str) -> Fault | None:
    """Return the first fault of some kinds, None for none."""
    return next((fault for fault in faults if fault.kind in kinds), None)


def answer_instead(faults: tuple[Fault, ...]) -> Answer | None:
    """Return what a fault answers in place of the server, None where none does."""
    fault = of_kind(faults, "status", "request_limit", "query_timeout")
    if fault is None:
        return None
    if fault.kind == "query_timeout":
        return refusal("QUERY_TIMEOUT", "Your query request was running for too long.")
    if fault.kind == "request_limit":
        which = "ConcurrentRequests (Concurrent API Requests)" if fault.options["concurrent"] else "TotalRequests"
        return refusal("REQUEST_LIMIT_EXCEEDED", f"{which} Limit exceeded.", 403)
    return _of_status(fault)


def _of_status(fault: Fault) -> Answer:
    options = fault.options
    body, status = options["body"], int(options["status"])
    if body == "json":
        answer = refusal(options["code"], options["message"] or "Server unavailable, try again later", status)
    elif body == "html":
        answer = html_answer(status, options["message"] or "We are setting things up")
    else:
        answer = Answer(status)
    if options["retry_after"] is None:
        return answer
    return answer.with_headers({"Retry-After": str(options["retry_after"])})


def answer_changed(faults: tuple[Fault, ...], answer: Answer) -> Answer:
    """Return an answer without the headers that are lost on the way."""
    for fault in faults:
        if fault.kind == "no_count_header":
            answer = answer.without_header("Sforce-NumberOfRecords")
        elif fault.kind == "drop_header":
            answer = answer.without_header(fault.options["name"])
    return answer
