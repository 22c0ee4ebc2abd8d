"""Signing in: client credentials, JWT bearer, refresh token, and user name with password and security token.

What belongs here: the four ways, and what a refused one means. What does not: when to sign in (client.py). No secret
gets into an error: what Salesforce says is searched for them before it is quoted.
"""

import html
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from xml.parsers.expat import ExpatError

import jwt
import requests
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin

from connectors.salesforce.refusals import quoted
from connectors.salesforce.transport import DETOUR, PatientSession
from kam_pipeline.errors import ConnectorError, SignInError
from kam_pipeline.settings.salesforce import (
    PRODUCTION_LOGIN,
    SANDBOX_LOGIN,
    ClientCredentials,
    JwtBearer,
    Password,
    RefreshToken,
    SalesforceSource,
    is_loopback,
)
from kam_pipeline.settings.secret import reveal

_SECTION = "source.sign_in"
_SALESFORCE = ".salesforce.com"
# From 65.0 on the SOAP API has no login().
_LAST_SOAP_LOGIN = 64
_RETIREMENT = (
    "Salesforce retires signing in with user name and password: it is off in new organisations, not there from API "
    "65.0 on, and ends everywhere in Summer '27; set source.sign_in.method to client_credentials or jwt, with a "
    "connected app of the organisation"
)
_APP = "Setup > App Manager, the connected app"

_WAYS_OUT: tuple[tuple[str, str], ...] = (
    ("user hasn't approved this consumer", f"{_APP} > Manage: set Permitted Users to 'Admin approved users are "
     "pre-authorized' and give the user's profile or permission set the app"),
    ("disabled by default", _RETIREMENT),
    ("not available in the api version", _RETIREMENT),
    ("invalid_login", "check source.sign_in.username, password and security_token (a new password brings a new token), "
     f"and that the user is not locked. {_RETIREMENT}"),
    ("login_must_use_security_token", "set source.sign_in.security_token, or let the app's addresses in"),
    ("password_lockout", "the user is locked; an administrator unlocks it"),
    ("invalid_client_id", f"source.sign_in.client_id is not the Consumer Key of {_APP}, or source.login is another "
     "organisation's"),
    ("invalid_client", f"source.sign_in.client_id or client_secret is not that of {_APP}; a rotated secret has to be "
     "set anew"),
    ("inactive_user", "the user that the app signs in as is inactive; activate it, or name another one"),
    ("inactive_org", "the organisation is locked or inactive"),
    ("expired access/refresh token", "the refresh token was revoked, rotated or has expired; turn refresh token "
     "rotation off and grant a new one, or set source.sign_in.method to client_credentials"),
    ("ip restricted", f"{_APP}: relax the IP restrictions, or let the address of this machine in"),
    ("rate_limit", "too many sign-ins within an hour; run again later"),
    ("no client credentials user enabled", f"{_APP} > Manage > Client Credentials Flow: name the user to run as"),
    ("unsupported_grant_type", f"{_APP}: turn on the flow of source.sign_in.method"),
    ("unsupported_api_version", "set source.api_version to a version that the organisation has"),
    ("insufficient_access", "the user lacks 'API Enabled' or 'Use Any API Auth'"),
)  # fmt: skip
"""What to change, by a part of what Salesforce says; the first that is found counts."""

_INVALID_GRANT: dict[str, str] = {
    "client_credentials": f"{_APP}: turn on the Client Credentials Flow and name the user to run as",
    "jwt": "check source.sign_in.username, that the certificate of the private key is in the connected app, that the "
    "user is approved for it, and that this machine's clock is right",
    "refresh_token": "the refresh token does not fit the connected app, or was revoked; grant a new one",
    "password": _RETIREMENT,
}


@dataclass(frozen=True)
class SignedIn:
    """A session of the CRM.

    Attributes
    ----------
    token : str
        Shown with every request; never in a text.
    instance_url : str
        Where the organisation answers: scheme and host.
    next_refresh_token : str or None
        What Salesforce has put in the place of the refresh token of the settings; good for this process alone.
    """

    token: str = field(repr=False)
    instance_url: str
    next_refresh_token: str | None = field(default=None, repr=False)


ROTATED = (
    f"{_SECTION}.refresh_token: Salesforce has replaced the refresh token, as it does at every sign-in of this app, "
    f"and the one in the settings will not work again; {_APP} > OAuth Policies: turn Refresh Token Rotation off and "
    "grant a new token, or set source.sign_in.method to client_credentials"
)
"""What to say when `next_refresh_token` is there: it is not kept, because it would be a secret in a file."""


def sign_in(
    settings: SalesforceSource, base_dir: Path, session: PatientSession, refresh_token: str | None = None
) -> SignedIn:
    """Return a new session.

    Parameters
    ----------
    settings : SalesforceSource
        Section `source`.
    base_dir : Path
        Folder that `source.sign_in.private_key_file` is relative to.
    session : PatientSession
        What requests are sent through.
    refresh_token : str or None
        What the last sign-in of this process has left as `next_refresh_token`.

    Raises
    ------
    SignInError
        When Salesforce does not let us in, with the setting to change.
    ConnectorError
        When it cannot be reached.
    ConfigurationError
        When the environment variable of a secret is not set.
    """
    if urlsplit(settings.login).scheme == "http":
        session.allow_loopback(settings.login)
    secrets = [refresh_token] if refresh_token else []

    def secret(reference: str, name: str) -> str:
        value = reveal(reference, f"{_SECTION}.{name}")
        secrets.append(value)
        return value

    way = settings.sign_in
    try:
        if isinstance(way, RefreshToken):
            token, host, rotated = _by_refresh_token(settings.login, way, session, secret, refresh_token)
        else:
            token, host = _enter(settings, base_dir, session, secret)
            rotated = None
    except SalesforceAuthenticationFailed as error:
        raise _refused(settings, str(error.code or ""), error.auth_message, secrets) from None
    except (AttributeError, KeyError, TypeError, ExpatError, requests.exceptions.JSONDecodeError):
        # an answer that is none: a portal, a page of a proxy
        raise SignInError(
            f"{settings.login}: answers a sign-in with something that is no session; see whether source.login is your "
            "My Domain"
        ) from None
    if not token or not host:
        raise SignInError(f"{settings.login}: answers a sign-in without a session; see source.login")
    return SignedIn(token, _instance_url(settings, host, session), rotated)


def _enter(
    settings: SalesforceSource, base_dir: Path, session: PatientSession, secret: Callable[[str, str], str]
) -> tuple[str, str]:
    """Return the token and the host of the instance by one of the ways that the library has."""
    way = settings.sign_in
    if isinstance(way, Password):
        version = min(int(settings.api_version.partition(".")[0]), _LAST_SOAP_LOGIN)
        # the library escapes the user name and the password, and leaves the token as it is
        token = html.escape(secret(way.security_token, "security_token")) if way.security_token else ""
        password = secret(way.password, "password")
        return SalesforceLogin(
            username=way.username, password=password, security_token=token, sf_version=f"{version}.0",
            session=session, client_id="kam_pipeline", scratch_url=settings.login,
        )  # fmt: skip
    if not isinstance(way, ClientCredentials | JwtBearer):
        raise TypeError(way.method)
    client_id = secret(way.client_id, "client_id")
    if isinstance(way, ClientCredentials):
        return _quietly(
            consumer_key=client_id, consumer_secret=secret(way.client_secret, "client_secret"),
            domain=_domain(settings.login), session=session,
        )  # fmt: skip
    key = _private_key(way, base_dir, secret)
    try:
        return _quietly(
            username=way.username, consumer_key=client_id, privatekey=key, session=session,
            domain=_audience(settings.login), instance_url=_domain(settings.login),
        )  # fmt: skip
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        if isinstance(error, requests.exceptions.JSONDecodeError):
            raise
        setting = "private_key_file" if way.private_key is None else "private_key"
        raise SignInError(
            f"{_SECTION}.{setting}: is no RSA private key in PEM form, or one with a passphrase; write it as "
            "`openssl rsa -in server.key` prints it"
        ) from None


def _quietly(**login: Any) -> tuple[str, str]:  # noqa: ANN401 - as the library takes them
    """Sign in without the library's warning about an unapproved app, which would print the consumer key."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return SalesforceLogin(**login)


def _domain(login: str) -> str:
    """Return what the library makes an address of the login host of: `https://<domain>.salesforce.com`."""
    host = urlsplit(login).netloc
    return host.removesuffix(_SALESFORCE) if host.endswith(_SALESFORCE) else host + DETOUR.partition(_SALESFORCE)[0]


def _audience(login: str) -> str:
    """Return for which of the two authorization servers a JWT is meant; a My Domain belongs to one of them."""
    host = urlsplit(login).netloc
    is_sandbox = login == SANDBOX_LOGIN or ".sandbox." in host or ".scratch." in host
    shared = SANDBOX_LOGIN if is_sandbox else PRODUCTION_LOGIN
    return urlsplit(shared).netloc.removesuffix(_SALESFORCE)


def _private_key(way: JwtBearer, base_dir: Path, secret: Callable[[str, str], str]) -> str:
    if way.private_key is not None:
        # environments that hold one line per variable write the line ends as \n
        return secret(way.private_key, "private_key").replace("\\n", "\n")
    path = base_dir / Path(way.private_key_file or "").expanduser()
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no text"
        raise SignInError(f"{_SECTION}.private_key_file: {path} cannot be read ({reason})") from None


def _by_refresh_token(
    login: str, way: RefreshToken, session: PatientSession, secret: Callable[[str, str], str], newer: str | None
) -> tuple[str, str, str | None]:
    """Return token, host and the next refresh token where there is another; the library has no such way."""
    form = {
        "grant_type": "refresh_token",
        "client_id": secret(way.client_id, "client_id"),
        "refresh_token": newer or secret(way.refresh_token, "refresh_token"),
    }
    if way.client_secret is not None:
        form["client_secret"] = secret(way.client_secret, "client_secret")
    response = session.post(f"{login}/services/oauth2/token", data=form)
    try:
        answer = response.json()
    except requests.exceptions.JSONDecodeError:
        raise SalesforceAuthenticationFailed(response.status_code, response.text) from None
    if response.status_code != requests.codes.ok:
        raise SalesforceAuthenticationFailed(answer.get("error"), answer.get("error_description"))
    following = answer.get("refresh_token")
    rotated = following if following != form["refresh_token"] else None
    return answer["access_token"], urlsplit(answer["instance_url"]).netloc, rotated


def _instance_url(settings: SalesforceSource, host: str, session: PatientSession) -> str:
    """Return where the organisation answers: by https, and by plain http only where one signs in at this machine."""
    host = host.rstrip("/")
    is_plain = urlsplit(settings.login).scheme == "http" and is_loopback(urlsplit(f"//{host}").hostname or "")
    if not is_plain:
        return f"https://{host}"
    session.allow_loopback(f"http://{host}")
    return f"http://{host}"


def _refused(settings: SalesforceSource, code: str, words: str, secrets: list[str]) -> ConnectorError:
    """Return what a refused sign-in means."""
    way = settings.sign_in
    said = quoted(_without(secrets, f"{code}: {words}".strip(": ")))
    known = f"{code} {words}".lower()
    way_out = next((way_out for part, way_out in _WAYS_OUT if part in known), "")
    if not way_out and "invalid_grant" in known:
        way_out = _INVALID_GRANT[way.method]
    if not way_out and way.method == "password":
        way_out = _RETIREMENT
    return SignInError(
        f"{settings.login}: does not let us in by {_SECTION}.method {way.method} "
        f"({said or 'without a word'}); {way_out or f'see {_SECTION}, and {_APP}'}"
    )


def _without(secrets: list[str], text: str) -> str:
    """Return a text with secrets blanked out, however they are written in it."""
    for value in sorted(secrets, key=len, reverse=True):
        for written in (value, html.escape(value), quote(value, safe="")):
            text = text.replace(written, "***")
    return text
