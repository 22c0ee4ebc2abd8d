"""Section `source` of kind salesforce: which organisation, how to sign in, how much to read at a time.

What belongs here: the shape of the section. What does not: signing in and reading (connectors/salesforce).
"""

import ipaddress
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from kam_pipeline.settings.secret import SecretReference
from kam_pipeline.settings.section import Section
from kam_pipeline.settings.source import RecordUrl

PRODUCTION_LOGIN = "https://login.salesforce.com"
SANDBOX_LOGIN = "https://test.salesforce.com"
_SHARED_LOGINS = (PRODUCTION_LOGIN, SANDBOX_LOGIN)
# What a browser shows while one works; the API answers at My Domain.
_BROWSER = ".lightning.force.com"
# Bulk API 2.0 queries exist since 47; older versions are retired one after the other.
_OLDEST_VERSION = 47


def is_loopback(host: str) -> bool:
    """Return whether a host name is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_origin(address: str) -> str:
    parts = urlsplit(address.strip().rstrip("/"))
    if "@" in address:
        # what stands before it may be a password, which no message repeats
        raise ValueError(f"{parts.hostname or 'the address'}: write the host alone; how to sign in is said in sign_in")
    is_plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if not is_plain and (parts.scheme != "https" or not parts.hostname):
        raise ValueError(
            f"{address!r} is no https address; write https://<your domain>.my.salesforce.com "
            "(plain http is for this machine itself, 127.0.0.1)"
        )
    if parts.path or parts.query:
        raise ValueError(f"{parts.hostname}: write the host alone, e.g. {parts.scheme}://{parts.netloc}")
    in_browser = str(parts.hostname).removesuffix(_BROWSER)
    if in_browser != parts.hostname:
        raise ValueError(
            f"{parts.hostname} is where people work, not programs; write https://{in_browser}.my.salesforce.com"
        )
    return parts.geturl()


def _is_version(text: str) -> str:
    number = text.strip().lower().removeprefix("v")
    whole, _, fraction = number.partition(".")
    if not whole.isdecimal() or fraction.strip("0"):
        raise ValueError(f"{text!r} is no API version; write it as 66.0")
    if int(whole) < _OLDEST_VERSION:
        raise ValueError(f"{text!r} is too old for the Bulk API 2.0; write {_OLDEST_VERSION}.0 or newer")
    return f"{int(whole)}.0"


Origin = Annotated[str, AfterValidator(_is_origin)]
"""Scheme and host, without a path; https, or http for loopback."""

ApiVersion = Annotated[str, AfterValidator(_is_version)]
"""Such as 66.0."""


class ClientCredentials(Section):
    """OAuth client credentials: the connected app signs in as the user it runs as."""

    method: Literal["client_credentials"] = Field(description="The app signs in by itself.")
    client_id: SecretReference = Field(description="Consumer key of the connected app, as ${ENV_NAME}.")
    client_secret: SecretReference = Field(description="Consumer secret of the connected app, as ${ENV_NAME}.")


class JwtBearer(Section):
    """OAuth JWT bearer: a certificate of the connected app vouches for a user."""

    method: Literal["jwt"] = Field(description="A private key signs in for a user.")
    client_id: SecretReference = Field(description="Consumer key of the connected app, as ${ENV_NAME}.")
    username: str = Field(min_length=1, description="User that the pipeline reads as.")
    private_key: SecretReference | None = Field(
        default=None, description="The private key in PEM form, as ${ENV_NAME}; or give private_key_file."
    )
    private_key_file: str | None = Field(
        default=None, min_length=1, description="File with the private key in PEM form, relative to kam.yaml."
    )

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.private_key is None) == (self.private_key_file is None):
            raise ValueError("needs private_key (as ${ENV_NAME}) or private_key_file, one of the two")
        return self


class RefreshToken(Section):
    """OAuth refresh token, granted to a connected app once in a browser."""

    method: Literal["refresh_token"] = Field(description="A token granted in a browser.")
    client_id: SecretReference = Field(description="Consumer key of the connected app, as ${ENV_NAME}.")
    client_secret: SecretReference | None = Field(default=None, description="Consumer secret, as ${ENV_NAME}.")
    refresh_token: SecretReference = Field(description="The refresh token, as ${ENV_NAME}.")


class Password(Section):
    """User name, password and security token; Salesforce retires this way in Summer '27."""

    method: Literal["password"] = Field(description="Legacy: user name, password and security token.")
    username: str = Field(min_length=1, description="User that the pipeline reads as.")
    password: SecretReference = Field(description="Password, as ${ENV_NAME}.")
    security_token: SecretReference | None = Field(default=None, description="Security token, as ${ENV_NAME}.")


SignIn = Annotated[ClientCredentials | JwtBearer | RefreshToken | Password, Field(discriminator="method")]
"""One of the four ways to sign in, told apart by `method`."""


class SalesforceSource(Section):
    """A Salesforce organisation, read through its API."""

    kind: Literal["salesforce"] = Field(description="Records come from Salesforce.")
    login: Origin = Field(
        description="Your My Domain, e.g. https://acme.my.salesforce.com; or https://login.salesforce.com."
    )
    sign_in: SignIn = Field(description="How to sign in: client_credentials, jwt, refresh_token or password.")
    api_version: ApiVersion = Field(default="66.0", description="Version of the API; account plans need 62.0.")
    bulk_from: int = Field(
        default=2000, ge=0, description="From how many records on an object is read through the Bulk API 2.0."
    )
    overlap_minutes: float = Field(
        default=10, ge=0, description="How far each reading goes back behind the last one, for records seen late."
    )
    lag_seconds: float = Field(
        default=30, ge=0, description="How long before now a reading ends, for records that are being saved."
    )
    reconcile_days: float = Field(
        default=7, ge=0, description="How often all ids are held against ours, for deletes that left no trace."
    )
    formula_hours: float = Field(
        default=24,
        ge=0,
        description="How often formula columns are read for all records; their changes leave no stamp.",
    )
    max_api_share: float = Field(
        default=0.9, gt=0, le=1, description="Share of the organisation's daily API calls at which reading stops."
    )
    timeout_seconds: float = Field(default=150, gt=0, description="How long one answer may take.")
    record_url: RecordUrl | None = Field(
        default=None, description="Address of a record with {id} in it; default <login>/{id} for a My Domain."
    )

    @model_validator(mode="after")
    def _client_credentials_need_my_domain(self) -> Self:
        if self.sign_in.method == "client_credentials" and self.login in _SHARED_LOGINS:
            raise ValueError(
                "login: client credentials work at your My Domain only; write https://<your domain>.my.salesforce.com"
            )
        return self

    @property
    def record_address(self) -> str | None:
        """Address of a record with {id} in it, None where nobody has said and login is no My Domain."""
        if self.record_url is not None or self.login in _SHARED_LOGINS:
            return self.record_url
        return f"{self.login}/{{id}}"
