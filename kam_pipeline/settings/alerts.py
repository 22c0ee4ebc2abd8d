"""Section `alerts`: who is told when a night fails or its publication is blocked.

What belongs here: addresses. What does not: what is said and how it is sent (kam_pipeline/alerting).
"""

import ipaddress
from typing import Annotated, Self

from pydantic import Field, model_validator

from kam_pipeline.settings.secret import SecretReference
from kam_pipeline.settings.section import Section

Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, to which an open line may lead.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("mail.acme.com")
    (True, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Webhook(Section):
    """An address that is sent one JSON message per alert; chat systems show its field `text`."""

    url: SecretReference = Field(description="Variable that holds the address, as ${ENV_NAME}: who knows it can post.")


class Email(Section):
    """A mail server and who is written to."""

    host: str = Field(min_length=1, description="Mail server (SMTP).")
    port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    security: Annotated[str, Field(pattern="^(starttls|tls|none)$")] = Field(
        default="starttls", description="starttls, tls from the first byte on, or none for a server on this machine."
    )
    user: str | None = Field(default=None, description="Name to sign in with; default without signing in.")
    password: SecretReference | None = Field(default=None, description="Variable that holds it, as ${ENV_NAME}.")
    sender: Address = Field(description="Address that the messages come from.")
    to: tuple[Address, ...] = Field(min_length=1, description="Addresses that they go to.")

    @model_validator(mode="after")
    def _signs_in_safely(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password go together; give both, or neither for a server without signing in")
        if self.user is not None and self.security == "none" and not is_loopback(self.host):
            raise ValueError("a password does not go over an open line; set security to starttls or tls")
        return self


class Alerts(Section):
    """Section `alerts`: who is told when a night fails or its publication is blocked."""

    webhook: Webhook | None = Field(default=None, description="An address that takes JSON, e.g. of a chat channel.")
    email: Email | None = Field(default=None, description="E-mail.")

    @property
    def is_configured(self) -> bool:
        """Whether anybody is told."""
        return self.webhook is not None or self.email is not None
