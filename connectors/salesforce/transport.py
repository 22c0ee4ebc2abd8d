"""How requests travel: time limits, waiting and asking again, whole downloads, plain http for this machine alone.

What belongs here: everything between a request and its complete answer. What does not: sessions of the CRM
(client.py), how one signs in (signing_in.py), what a refusal means (refusals.py).
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from connectors.salesforce.plan import Patience
from connectors.salesforce.refusals import quoted, read_refusal
from kam_pipeline.errors import ConnectorError, RequestRefusedError
from kam_pipeline.settings.salesforce import is_loopback

T = TypeVar("T")
_Arg = Any  # whatever requests takes there

DETOUR = "/sign-in.salesforce.com/"
"""simple-salesforce signs in at `https://<domain>.salesforce.com/` whatever the host. Given `<host>/sign-in` as its
domain it asks that host for a path that begins with this, which is taken out again before sending."""

# Salesforce Edge answers 406 and 420 while it sets things up, mostly without a body.
_PASSING = frozenset({406, 420, 429, 500, 502, 503, 504})
# The request was turned away at the door: it has not been acted upon.
_TURNED_AWAY = frozenset({406, 420, 429, 503})
_SIGN_IN_PATHS = ("/services/oauth2/token", "/services/Soap/u/")
_CHUNK = 1 << 20
_POOL = 10
_LONGEST_RETRY_AFTER = 900.0
_USAGE = re.compile(r"(?:^|[;,\s])api-usage=(?P<used>\d+)/(?P<limit>\d+)")
_NETWORK = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError)  # fmt: skip


class _PassingError(Exception):
    """An attempt has failed for a reason that may be gone at the next one."""

    def __init__(self, reason: str, *, is_acted_upon: bool, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.is_acted_upon = is_acted_upon
        self.retry_after = retry_after


class _LoopbackAdapter(HTTPAdapter):
    """Sends by plain http what simple-salesforce wants to send by https; mounted for a host of this machine alone."""

    def send(self, request: requests.PreparedRequest, *args: _Arg, **kwargs: _Arg) -> requests.Response:
        request.url = re.sub(r"^https:", "http:", request.url or "", count=1)
        # a proxy would look for a loopback address on its own machine
        kwargs["proxies"] = None
        return super().send(request, *args, **kwargs)


class _NoPlainHttp(HTTPAdapter):
    """Refuses to send a token in the clear."""

    def send(self, request: requests.PreparedRequest, *_args: _Arg, **_kwargs: _Arg) -> requests.Response:
        raise RequestRefusedError(
            f"{urlsplit(request.url or '').netloc}: is asked for by plain http, which would show the session to "
            "everybody on the way; write source.login with https"
        )


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep the session's token: without a choice of its own requests would put a password from ~/.netrc there."""
    return request


class PatientSession(requests.Session):
    """A session of requests, for us and for simple-salesforce, that waits for what can pass.

    Parameters
    ----------
    timeout_seconds : float
        How long to wait for a connection, and for each part of an answer.
    patience : Patience
        How often and after which waits a request is sent again.
    max_api_share : float
        Share of the organisation's daily API calls at which nothing more is asked.
    """

    def __init__(self, timeout_seconds: float, patience: Patience, max_api_share: float) -> None:
        super().__init__()
        self._timeout = timeout_seconds
        self._patience = patience
        self._max_api_share = max_api_share
        self._used: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self.auth = _as_it_is
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.mount("https://", HTTPAdapter(pool_connections=_POOL, pool_maxsize=_POOL))
        self.mount("http://", _NoPlainHttp())

    def allow_loopback(self, origin: str) -> None:
        """Send by plain http what goes to this origin, `http://<a loopback host>:<port>`."""
        parts = urlsplit(origin)
        if parts.scheme != "http" or not is_loopback(parts.hostname or ""):
            raise ValueError(f"{parts.netloc} is not this machine by plain http")
        adapter = _LoopbackAdapter(pool_connections=_POOL, pool_maxsize=_POOL)
        for scheme in ("https", "http"):
            self.mount(f"{scheme}://{parts.netloc}/", adapter)

    def request(self, method: str | bytes, url: str | bytes, *args: _Arg, **kwargs: _Arg) -> requests.Response:
        """Send a request until it is answered, and return the answer, with its whole body, whatever it says.

        Raises
        ------
        ConnectorError
            When the network or the server does not get well in time.
        RequestRefusedError
            When the day's calls are used up, or the answer leads to another host.
        """
        verb, address = _text(method).upper(), _text(url).replace(DETOUR, "/", 1)
        is_repeatable = bool(kwargs.pop("is_repeatable", False)) or _is_repeatable(verb, address)
        what = str(kwargs.pop("what", "")) or f"{verb} {_place(address)}"
        kwargs.update(timeout=self._timeout, allow_redirects=False)

        def attempt() -> requests.Response:
            with _network_trouble():
                response = super(PatientSession, self).request(verb, address, *args, **kwargs)
            self._look_at(response)
            return response

        return self._patiently(attempt, what, address, is_repeatable=is_repeatable)

    def fetch(
        self, url: str, params: Mapping[str, str], headers: Mapping[str, str], target: Path, what: str = ""
    ) -> tuple[requests.Response, bool]:
        """Stream an answer into a file, from the start again when it breaks off.

        Returns
        -------
        tuple[requests.Response, bool]
            The answer, and whether its body is in the file; it is in the answer where it refuses.
        """

        def attempt() -> tuple[requests.Response, bool]:
            with (
                _network_trouble(),
                super(PatientSession, self).request(
                    "GET", url, params, headers=headers, timeout=self._timeout, allow_redirects=False, stream=True
                ) as response,
            ):
                is_ok = response.status_code == requests.codes.ok
                if is_ok:
                    with target.open("wb") as file:
                        for chunk in response.iter_content(_CHUNK):
                            file.write(chunk)
                else:
                    _ = response.content
                self._look_at(response, has_body=not is_ok)
                # even a result without records has a header line
                if is_ok and (not target.stat().st_size or "html" in response.headers.get("Content-Type", "")):
                    raise _PassingError("200, but no records", is_acted_upon=True)
                return response, is_ok

        return self._patiently(attempt, what or f"GET {_place(url)}", url, is_repeatable=True)

    def _patiently(self, attempt: Callable[[], T], what: str, address: str, *, is_repeatable: bool) -> T:
        wait, host = self._patience.first_wait, urlsplit(address).netloc
        for number in range(1, self._patience.attempts + 1):
            self._stop_at_limit(what)
            try:
                return attempt()
            except _PassingError as error:
                if error.is_acted_upon and not is_repeatable:
                    raise ConnectorError(
                        f"{host} may have received {what} and has not said so ({error}); run again later"
                    ) from None
                if number == self._patience.attempts or error.retry_after > _LONGEST_RETRY_AFTER:
                    asked = "once" if number == 1 else f"{number} times"
                    raise ConnectorError(
                        f"{host} does not answer {what}, asked {asked} ({error}); look at "
                        "https://status.salesforce.com and the network, then run again"
                    ) from None
                time.sleep(max(min(wait, self._patience.longest_wait), error.retry_after))
                wait *= 2
        raise AssertionError("Patience.attempts is at least 1")

    def _look_at(self, response: requests.Response, *, has_body: bool = True) -> None:
        """Take the count of calls from an answer, and raise what makes asking again worth while."""
        usage = _USAGE.search(response.headers.get("Sforce-Limit-Info", ""))
        if usage:
            with self._lock:
                self._used = int(usage["used"]), int(usage["limit"])
        if response.is_redirect:
            elsewhere = urlsplit(response.headers["Location"]).netloc or "another path"
            raise RequestRefusedError(
                f"{urlsplit(response.url).netloc} sends us on to {elsewhere}, where the session is not shown; "
                "set source.login to your My Domain (Setup > My Domain)"
            )
        reason = _why_again(response) if has_body else ""
        if reason:
            raise _PassingError(
                reason,
                is_acted_upon=response.status_code not in _TURNED_AWAY,
                retry_after=_retry_after(response.headers),
            )

    def _stop_at_limit(self, what: str) -> None:
        with self._lock:
            used = self._used
        if used and used[0] >= self._max_api_share * used[1]:
            raise RequestRefusedError(
                f"Salesforce is not asked for {what}: {used[0]} of the organisation's {used[1]} API calls of the last "
                f"24 hours are used, and source.max_api_share is {self._max_api_share:g}; run again later, or raise it",
                code="REQUEST_LIMIT_EXCEEDED",
            )


@contextmanager
def _network_trouble() -> Iterator[None]:
    """Turn what requests raises into what can pass and what cannot; its texts stay out, they may quote a request."""
    try:
        yield
    except requests.exceptions.SSLError as error:
        # a connection that breaks off while it is encrypted is an error of TLS too, and passes
        if "certificate" not in str(error).lower():
            raise _PassingError("the connection broke off", is_acted_upon=True) from None
        raise ConnectorError(
            "the certificate that Salesforce's host shows is not trusted here; a proxy that opens TLS needs its "
            "certificate in REQUESTS_CA_BUNDLE"
        ) from None
    except requests.ConnectTimeout:
        raise _PassingError("no connection in time", is_acted_upon=False) from None
    except _NETWORK as error:
        is_refused = "NewConnectionError" in str(error) or "NameResolutionError" in str(error)
        reason = "no connection" if is_refused else _NETWORK_WORDS.get(type(error), "the connection broke off")
        raise _PassingError(reason, is_acted_upon=not is_refused) from None
    except requests.RequestException as error:
        raise RequestRefusedError(f"a request to Salesforce cannot be sent ({type(error).__name__})") from None


_NETWORK_WORDS: dict[type[Exception], str] = {
    requests.ReadTimeout: "no answer in time",
    requests.exceptions.ChunkedEncodingError: "the answer broke off",
    requests.exceptions.ContentDecodingError: "the answer is damaged",
}


def _why_again(response: requests.Response) -> str:
    """Return why an answer is not the last word; empty where it is."""
    content = response.content
    if response.status_code in _PASSING:
        # a refused sign-in by SOAP is an error of the server by its status; asking again would lock the user out
        is_fault = b"exceptionCode>" in content
        refusal = read_refusal(response.status_code, content)
        said = ": ".join(part for part in (refusal.code, quoted(refusal.words)[:100]) if part) or "no body"
        return "" if is_fault else f"{response.status_code}, {said}"
    if response.status_code >= 400:
        refusal = read_refusal(response.status_code, content)
        if refusal.is_concurrency or refusal.code == "UNABLE_TO_LOCK_ROW":
            return f"{response.status_code}, {refusal.code}: {refusal.words}"
        return ""
    is_json = "/services/data" in response.url and "csv" not in response.headers.get("Content-Type", "")
    must_be_whole = is_json and (content or response.status_code == requests.codes.ok)
    if must_be_whole and not (content.strip()[:1] in (b"{", b"[") and content.strip()[-1:] in (b"}", b"]")):
        return f"{response.status_code}, but no whole JSON"
    return ""


def _retry_after(headers: CaseInsensitiveDict[str]) -> float:
    """Return how long the server asks to wait; it writes seconds, or a moment of its own clock."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - parsedate_to_datetime(headers["Date"])).total_seconds(), 0.0)
    except (ValueError, TypeError, KeyError):
        return 0.0


def _is_repeatable(method: str, url: str) -> bool:
    """Return whether sending a request twice does the same as sending it once."""
    return method != "POST" or urlsplit(url).path.startswith(_SIGN_IN_PATHS)


def _place(url: str) -> str:
    """Return the path without version and query: what a reader needs of an address."""
    return re.sub(r"^/services/data/v[\d.]+/", "", urlsplit(url).path)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
