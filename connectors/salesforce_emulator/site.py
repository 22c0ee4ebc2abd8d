"""The whole site: what is answered to a request, from sign-in to data calls.

What belongs here: who answers what, sessions and versions on the way. What does not: sockets (server.py), the answers.
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.bulk_jobs import Jobs
from connectors.salesforce_emulator.bulk_routes import BulkRoutes
from connectors.salesforce_emulator.calls import Call, Route, chosen
from connectors.salesforce_emulator.composite_routes import CompositeRoutes
from connectors.salesforce_emulator.credentials import Credentials
from connectors.salesforce_emulator.faults import Fault, answer_changed, answer_instead, of_kind
from connectors.salesforce_emulator.limit_routes import LimitRoutes, Usage
from connectors.salesforce_emulator.messages import Answer, Request, html_answer, json_answer, not_found, refusal
from connectors.salesforce_emulator.object_routes import ObjectRoutes
from connectors.salesforce_emulator.organisation import Organisation
from connectors.salesforce_emulator.query_routes import QueryRoutes
from connectors.salesforce_emulator.server_settings import ServerSettings
from connectors.salesforce_emulator.sessions import Sessions, token_of
from connectors.salesforce_emulator.sign_in import SignIn
from connectors.salesforce_emulator.soap_login import SoapLogin

LONGEST = 16_384
"""Bytes of the address alone, and of address and headers together."""

_SEASONS = {2: "Winter", 0: "Spring", 1: "Summer"}
_DATA = re.compile(r"/services/data/v(\d+\.\d)(?:/(.*))?")
_RESOURCES = ("composite", "jobs", "limits", "query", "queryAll", "sobjects")


class Site:
    """All that one server answers.

    Parameters
    ----------
    org : Organisation
        Whose data it shows.
    settings : ServerSettings
        How it behaves.
    credentials : Credentials
        Who may sign in.
    url : str
        Its own address.
    folder : Path
        Where Bulk results are written.
    failed : Callable[[BaseException], None]
        Told of a defect of the emulator.
    """

    def __init__(
        self,
        org: Organisation,
        settings: ServerSettings,
        credentials: Credentials,
        url: str,
        folder: Path,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._org = org
        self._settings = settings
        self.sessions = Sessions(org.org_id, settings)
        self._usage = Usage(settings.daily_calls_limit)
        self._sign_in = SignIn(org, settings, credentials, self.sessions, url)
        self._soap = SoapLogin(org, settings, credentials, self.sessions, url)
        self.jobs = Jobs(org, settings, folder, failed)
        self._routes: list[Route] = [
            Route("GET", "", _resources),
            *QueryRoutes(org, settings).routes(),
            *ObjectRoutes(org).routes(),
            *LimitRoutes(org, settings, self._usage, self.jobs.count_today).routes(),
            *CompositeRoutes(self._within).routes(),
            *BulkRoutes(org, settings, credentials, self.jobs).routes(),
        ]

    def answer(self, request: Request, faults: tuple[Fault, ...] = ()) -> Answer:
        """Return the answer to a request that some faults strike."""
        too_long = _too_long(request)
        if too_long is not None:
            return too_long
        if of_kind(faults, "expire_session"):
            self.sessions.end(token_of(request))
        instead = answer_instead(faults)
        if instead is not None:
            return instead
        try:
            return answer_changed(faults, self._found(request, faults))
        except RefusalError as refused:
            return refusal(refused.code, refused.message, refused.status)

    def _found(self, request: Request, faults: tuple[Fault, ...]) -> Answer:
        path = request.path
        if path.rstrip("/") == "/services/data":
            return json_answer([_version(number) for number in self._settings.versions])
        if request.method == "POST" and path == "/services/oauth2/token":
            return self._sign_in.token(request)
        if request.method == "POST" and path == "/services/oauth2/revoke":
            return self._sign_in.revoke(request)
        if request.method == "POST" and path.startswith("/services/Soap/u/"):
            return self._soap.answer(request)
        if not path.startswith("/services/data/"):
            raise not_found()
        return self._data(request, faults)

    def _data(self, request: Request, faults: tuple[Fault, ...]) -> Answer:
        now = self._org.clock.now()
        session = self.sessions.use(token_of(request), now)
        self._usage.count(now)
        answer = self._called(request, session.token, faults)
        return answer.with_headers(self._usage.header())

    def _called(self, request: Request, token: str, faults: tuple[Fault, ...]) -> Answer:
        try:
            found = _DATA.fullmatch(unquote(request.path))
            if found is None:
                raise not_found()
            version, rest = found[1], found[2] or ""
            self._check_version(version)
            route, args = chosen(self._routes, request.method, rest)
            return route.answer(Call(request, token, version, args, faults))
        except RefusalError as refused:
            return refusal(refused.code, refused.message, refused.status)

    def _within(self, request: Request, outer: Call) -> Answer:
        """Return the answer to a request within a composite call, which counts as one call with it."""
        return self._called(request, outer.token, outer.faults)

    def _check_version(self, version: str) -> None:
        if float(version) in self._settings.versions:
            return
        if float(version) < min(self._settings.versions):
            raise RefusalError("UNSUPPORTED_API_VERSION", f"API version {version} is retired", 410)
        raise not_found()


def _too_long(request: Request) -> Answer | None:
    address = len(request.path) + len(request.query_text) + 1
    if address > LONGEST:
        return html_answer(414, "URI Too Long")
    headers = sum(len(name) + len(text) + len(": \r\n") for name, text in request.headers.items())
    if address + headers > LONGEST:
        return html_answer(431, "Request Header Fields Too Large")
    return None


def _version(number: int) -> dict[str, str]:
    # Version 65 is Winter '26; three a year.
    season, year = _SEASONS[number % 3], 26 + (number - 65) // 3
    return {"label": f"{season} '{year}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}


def _resources(call: Call) -> Answer:
    return json_answer({name: call.path(name) for name in _RESOURCES})
