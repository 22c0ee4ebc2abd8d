"""What the tests of the Salesforce connector share: an organisation on loopback, and clients of it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import ObjectAvailability
from connectors.salesforce.choosing import Readings
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.plan import ObjectPlan, Patience, SelectedColumn
from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.org import Org
from connectors.salesforce_emulator.server import Emulator
from connectors.salesforce_emulator.server_settings import ServerSettings
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.settings.salesforce import SalesforceSource

IMPATIENT = Patience(
    attempts=4, first_wait=0.001, longest_wait=0.01, first_poll=0.001, longest_poll=0.01, job_hours=0.0003
)


@pytest.fixture
def org() -> Org:
    """An organisation whose clock stands still at 2026-07-01 03:04:05."""
    return Org(clock=Clock(datetime(2026, 7, 1, 3, 4, 5, tzinfo=UTC), ticking=False))


@pytest.fixture
def serve(org: Org) -> Iterator[Callable[..., Emulator]]:
    """Start the organisation with the settings of a server."""
    running: list[Emulator] = []

    def start(**settings: Any) -> Emulator:
        running.append(Emulator(org, settings=ServerSettings(**settings)).start())
        return running[-1]

    yield start
    for emulator in running:
        emulator.stop()


@pytest.fixture
def source_settings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., SalesforceSource]:
    """Make section `source` for an emulator; secrets stand in the environment."""

    def make(emulator: Emulator, method: str = "client_credentials", **settings: Any) -> SalesforceSource:
        known = emulator.credentials
        for name, value in {
            "SF_KEY": known.consumer_key,
            "SF_SECRET": known.consumer_secret,
            "SF_PASSWORD": known.password,
            "SF_TOKEN": known.security_token,
            "SF_REFRESH": known.refresh_token,
            "SF_PEM": known.private_key_pem,
        }.items():
            monkeypatch.setenv(name, value)
        ways: dict[str, dict[str, str]] = {
            "client_credentials": {"client_id": "${SF_KEY}", "client_secret": "${SF_SECRET}"},
            "jwt": {"client_id": "${SF_KEY}", "username": known.username, "private_key": "${SF_PEM}"},
            "refresh_token": {
                "client_id": "${SF_KEY}",
                "client_secret": "${SF_SECRET}",
                "refresh_token": "${SF_REFRESH}",
            },
            "password": {"username": known.username, "password": "${SF_PASSWORD}", "security_token": "${SF_TOKEN}"},
        }
        way = {"method": method, **ways[method], **settings.pop("sign_in", {})}
        return SalesforceSource.model_validate(
            {"kind": "salesforce", "login": emulator.url, "sign_in": way, "timeout_seconds": 5} | settings
        )

    return make


@pytest.fixture
def connect(
    source_settings: Callable[..., SalesforceSource], tmp_path: Any
) -> Iterator[Callable[..., SalesforceClient]]:
    """Make a client of an emulator that waits for milliseconds where a real one waits for seconds."""
    clients: list[SalesforceClient] = []

    def make(emulator: Emulator, method: str = "client_credentials", **settings: Any) -> SalesforceClient:
        clients.append(SalesforceClient(source_settings(emulator, method, **settings), tmp_path, IMPATIENT))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def readings(connect: Callable[..., SalesforceClient], tmp_path: Path) -> Callable[..., Readings]:
    """Ask queries of an emulator: through Bulk from no record on, or through REST only."""

    def make(emulator: Emulator, *, bulk: bool, now: datetime | None = None, **settings: Any) -> Readings:
        client = connect(emulator)
        settings = {"bulk_from": 0 if bulk else 10**9} | settings
        source = SalesforceSource.model_validate(
            {"kind": "salesforce", "login": emulator.url, "sign_in": _NOBODY} | settings
        )
        return Readings(client, source, tmp_path / "work", now or emulator.org.clock.now(), IMPATIENT)

    return make


@pytest.fixture
def plan_of() -> Callable[..., ObjectPlan]:
    """Plan columns of an object by hand: API name, kind, and which declared field they fill."""

    def make(crm_object: CrmObject, columns: Sequence[tuple[str, str, str | None]], sobject: str = "") -> ObjectPlan:
        selected = tuple(
            SelectedColumn(name, kind, crm_object.field(filled) if filled else None) for name, kind, filled in columns
        )
        availability = ObjectAvailability(crm_object, ("API",), {})
        return ObjectPlan(
            crm_object,
            sobject or crm_object.name,
            selected,
            availability,
            {},
            "SystemModstamp",
            has_bin=True,
            is_replicateable=True,
        )

    return make


_NOBODY = {"method": "client_credentials", "client_id": "${SF_KEY}", "client_secret": "${SF_SECRET}"}
