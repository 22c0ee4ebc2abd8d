"""Sessions with one organisation: signed in at first use, again when one ends, requests that carry the token.

What belongs here: which session counts, and what an answer means for it. What does not: what is asked (client.py),
waiting for what can pass (transport.py), the ways to sign in (signing_in.py).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import requests
from simple_salesforce.api import Salesforce

from connectors.salesforce.plan import Patience
from connectors.salesforce.refusals import (
    EXCEPTIONS,
    SessionEndedError,
    no_json,
    read_refusal,
    refusal_error,
    translated,
)
from connectors.salesforce.signing_in import SignedIn, sign_in
from connectors.salesforce.transport import PatientSession
from kam_pipeline.errors import ConnectorError, RequestRefusedError, SignInError
from kam_pipeline.settings.salesforce import SalesforceSource

T = TypeVar("T")

_OF_LIBRARY = tuple(EXCEPTIONS)
_NO_SUCH_VERSION = (404, 410)


@dataclass(frozen=True)
class OpenSession:
    """A session, with the library's object for it."""

    signed_in: SignedIn
    library: Salesforce = field(repr=False)

    def headers(self) -> dict[str, str]:
        """Return the headers of our own requests."""
        return {"Authorization": f"Bearer {self.signed_in.token}", "Accept": "application/json"}

    def url(self, path: str) -> str:
        """Return the address of a path below `/services/data/v<version>/`, or from the root with `/` before it."""
        root = self.signed_in.instance_url
        return f"{root}{path}" if path.startswith("/") else f"{root}/services/data/v{self.library.sf_version}/{path}"


class Sessions:
    """The session that counts; several threads may share it.

    Parameters
    ----------
    settings : SalesforceSource
        Section `source`.
    base_dir : Path
        Folder that `source.sign_in.private_key_file` is relative to.
    patience : Patience
        How long to wait for what can pass.
    """

    def __init__(self, settings: SalesforceSource, base_dir: Path, patience: Patience) -> None:
        self._settings = settings
        self._base_dir = base_dir
        self.http = PatientSession(settings.timeout_seconds, patience, settings.max_api_share)
        self.is_rotated = False
        self._lock = threading.Lock()
        self._open: OpenSession | None = None
        self._versions: list[str] | None = None

    def current(self, ended: OpenSession | None = None) -> OpenSession:
        """Return the session, a new one where there is none or it has ended; one thread signs in for all."""
        with self._lock:
            if self._open is None or self._open is ended:
                newer = ended.signed_in.next_refresh_token if ended else None
                signed_in = sign_in(self._settings, self._base_dir, self.http, newer)
                self.is_rotated = self.is_rotated or signed_in.next_refresh_token is not None
                library = Salesforce(
                    instance_url=signed_in.instance_url,
                    session_id=signed_in.token,
                    version=self._settings.api_version,
                    session=self.http,
                    object_pairs_hook=dict,
                )
                self._open = OpenSession(signed_in, library)
            return self._open

    def call(self, ask: Callable[[OpenSession], T], what: str) -> T:
        """Return what is asked for, asked once more in a new session where the first one has ended.

        Parameters
        ----------
        ask : Callable[[OpenSession], T]
            Asks; it may be called twice.
        what : str
            What it asks, for the message.

        Raises
        ------
        SignInError
            When the new session does not count either.
        ConnectorError
            When Salesforce refuses or does not answer.
        """
        session = self.current()
        try:
            return self._in_our_words(ask, session, what)
        except SessionEndedError:
            session = self.current(ended=session)
        try:
            return self._in_our_words(ask, session, what)
        except SessionEndedError as error:
            raise SignInError(
                f"{session.signed_in.instance_url}: lets us in and says at once that the session is over ({error}); "
                "give the connected app the OAuth scope 'Manage user data via APIs (api)', and see whether somebody "
                "signs the user out"
            ) from None

    def send(
        self,
        session: OpenSession,
        method: str,
        path: str,
        what: str,
        **arguments: Any,  # noqa: ANN401 - as requests takes them
    ) -> requests.Response:
        """Return an answer that does not refuse."""
        response = self.http.request(method, session.url(path), headers=session.headers(), what=what, **arguments)
        if not response.ok:
            self.refuse(session, response, what)
        return response

    def refuse(self, session: OpenSession, response: requests.Response, what: str) -> NoReturn:
        """Raise what an answer that refuses means."""
        refusal = read_refusal(response.status_code, response.content)
        if response.status_code == requests.codes.unauthorized:
            raise SessionEndedError(refusal.words or refusal.code)
        raise self._with_versions(session, refusal_error(refusal, what), response.status_code)

    def _in_our_words(self, ask: Callable[[OpenSession], T], session: OpenSession, what: str) -> T:
        try:
            return ask(session)
        except requests.exceptions.JSONDecodeError:
            raise ConnectorError(no_json(what)) from None
        except _OF_LIBRARY as error:
            raise self._with_versions(session, translated(error, what), getattr(error, "status", 0)) from None

    def _with_versions(self, session: OpenSession, error: Exception, status: int) -> Exception:
        """Return the error, or the one that says that the organisation has no such API version where that is why."""
        if status not in _NO_SUCH_VERSION:
            return error
        wanted = self._settings.api_version
        if self._versions is None:
            listed = self.http.request("GET", session.url("/services/data/"))
            self._versions = [str(item["version"]) for item in listed.json()] if listed.ok else []
        if not self._versions or wanted in self._versions:
            return error
        oldest, newest = self._versions[0], self._versions[-1]
        return RequestRefusedError(
            f"source.api_version {wanted}: {session.signed_in.instance_url} has {oldest} to {newest}; set one of "
            f"them, best {newest}",
            code="UNSUPPORTED_API_VERSION",
        )
