"""Sign-in by OAuth: `POST /services/oauth2/token`, and the end of a session.

What belongs here: four grants and their refusals. What does not: SOAP login() (soap_login.py), tokens (sessions.py).
"""

import base64
import binascii
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import jwt
from jwt.types import Options

from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.credentials import Credentials
from connectors.salesforce_emulator.messages import Answer, Request, json_answer
from connectors.salesforce_emulator.organisation import Organisation
from connectors.salesforce_emulator.server_settings import ServerSettings, SignInMethod
from connectors.salesforce_emulator.sessions import Sessions

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_METHODS: dict[str, SignInMethod] = {
    "client_credentials": "client_credentials",
    JWT_GRANT: "jwt",
    "refresh_token": "refresh_token",
    "password": "password",
}
_AUDIENCE = re.compile(r"https://(login|test|[A-Za-z0-9-]+(--[A-Za-z0-9-]+\.sandbox)?\.my)\.salesforce\.com")


class GrantError(Exception):
    """A grant that is refused.

    Parameters
    ----------
    error, description : str
        As OAuth says them.
    status : int
        HTTP status.
    """

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


@dataclass
class _RefreshTokens:
    """Refresh tokens of the one grant: the living one, and those that rotation has used up."""

    living: str | None
    used: set[str]


class SignIn:
    """The token endpoint.

    Parameters
    ----------
    org : Organisation
        Whose sessions are opened.
    settings : ServerSettings
        Which grants are allowed.
    credentials : Credentials
        What is accepted.
    sessions : Sessions
        Where the sessions are opened.
    url : str
        Address of the server.
    """

    def __init__(
        self, org: Organisation, settings: ServerSettings, credentials: Credentials, sessions: Sessions, url: str
    ) -> None:
        self._org = org
        self._settings = settings
        self._credentials = credentials
        self._sessions = sessions
        self._url = url
        self._refresh = _RefreshTokens(credentials.refresh_token, set())
        self._lock = threading.Lock()
        self._grants: dict[SignInMethod, Callable[[Mapping[str, str]], dict[str, str]]] = {
            "client_credentials": self._by_client_credentials,
            "jwt": self._by_jwt,
            "refresh_token": self._by_refresh_token,
            "password": self._by_password,
        }

    def token(self, request: Request) -> Answer:
        """Answer a request for a token."""
        try:
            form = _with_basic(request)
            method = _METHODS.get(form.get("grant_type", ""))
            if method is None:
                raise GrantError("unsupported_grant_type", "grant type not supported")
            if method not in self._settings.sign_in_methods:
                raise _not_allowed(method)
            more = self._grants[method](form)
        except GrantError as refused:
            value = {"error": refused.error, "error_description": refused.description}
            return json_answer(value, refused.status)
        return json_answer(self._success() | more, headers={"Cache-Control": "no-store"})

    def revoke(self, request: Request) -> Answer:
        """End the session of a token."""
        self._sessions.end(request.form.get("token") or request.query.get("token"))
        return Answer(200)

    def _success(self) -> dict[str, str]:
        now = self._org.clock.now()
        return {
            "access_token": self._sessions.open(now),
            "signature": base64.b64encode(secrets.token_bytes(32)).decode(),
            "scope": "api refresh_token",
            "instance_url": self._settings.instance_url or self._url,
            "id": f"{self._url}/id/{self._org.org_id}/{self._credentials.user_id}",
            "token_type": "Bearer",
            "issued_at": str(int(now.timestamp() * 1000)),
        }

    def _check_app(self, form: Mapping[str, str], *, secret_needed: bool = True) -> None:
        if form.get("client_id") != self._credentials.consumer_key:
            raise GrantError("invalid_client_id", "client identifier invalid")
        secret = form.get("client_secret", "")
        if (secret or secret_needed) and not secrets.compare_digest(
            secret.encode(), self._credentials.consumer_secret.encode()
        ):
            raise GrantError("invalid_client", "invalid client credentials")

    def _by_client_credentials(self, form: Mapping[str, str]) -> dict[str, str]:
        self._check_app(form)
        return {}

    def _by_password(self, form: Mapping[str, str]) -> dict[str, str]:
        self._check_app(form)
        if not password_fits(form.get("username", ""), form.get("password", ""), self._credentials, self._settings):
            raise GrantError("invalid_grant", "authentication failure")
        return {}

    def _by_refresh_token(self, form: Mapping[str, str]) -> dict[str, str]:
        self._check_app(form, secret_needed=False)
        asked = form.get("refresh_token", "")
        with self._lock:
            if asked in self._refresh.used:
                self._refresh.living = None
            if asked != self._refresh.living:
                raise GrantError("invalid_grant", "expired access/refresh token")
            if not self._settings.refresh_token_rotation:
                return {}
            self._refresh.used.add(asked)
            self._refresh.living = "5Aep861" + secrets.token_hex(24)
            return {"refresh_token": self._refresh.living}

    def _by_jwt(self, form: Mapping[str, str]) -> dict[str, str]:
        claims = self._claims(form.get("assertion", ""))
        if claims.get("iss") != self._credentials.consumer_key:
            raise GrantError("invalid_client_id", "client identifier invalid")
        audience = str(claims.get("aud", ""))
        if audience != self._url and not _AUDIENCE.fullmatch(audience):
            raise GrantError("invalid_grant", "audience is invalid")
        if claims.get("sub") != self._credentials.username:
            raise GrantError("invalid_grant", "user hasn't approved this consumer")
        try:
            expires = datetime.fromtimestamp(float(claims.get("exp", 0)), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise GrantError("invalid_grant", "invalid assertion") from error
        # An organisation whose clock stands at another day still has to do with clients that live today.
        if expires < self._org.clock.now() and expires < Clock().now():
            raise GrantError("invalid_grant", "expired authorization code")
        return {}

    def _claims(self, assertion: str) -> dict[str, Any]:
        key = self._credentials.public_key_pem
        try:
            # Claims are checked one by one above: Salesforce has its own words for each.
            checked_here = {"verify_exp": False, "verify_aud": False, "verify_iss": False, "verify_sub": False}
            return dict(jwt.decode(assertion, key, algorithms=["RS256"], options=cast("Options", checked_here)))
        except jwt.PyJWTError as error:
            raise GrantError("invalid_grant", "invalid assertion") from error


def password_fits(username: str, password: str, credentials: Credentials, settings: ServerSettings) -> bool:
    """Return whether a user's password, with the security token behind it, is right."""
    right = [credentials.password + credentials.security_token]
    if settings.trusted_network:
        right.append(credentials.password)
    return username == credentials.username and password in right


def _not_allowed(method: SignInMethod) -> GrantError:
    if method == "client_credentials":
        return GrantError("invalid_grant", "no client credentials user enabled")
    if method == "password":
        return GrantError("invalid_grant", "authentication failure")
    return GrantError("unsupported_grant_type", "grant type not supported")


def _with_basic(request: Request) -> dict[str, str]:
    """Return the form, with the app's key and secret from the header Authorization where they stand there."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return request.form
    try:
        key, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise GrantError("invalid_client", "invalid client credentials", 401) from error
    if not colon:
        raise GrantError("invalid_client", "invalid client credentials", 401)
    return request.form | {"client_id": key, "client_secret": secret}
