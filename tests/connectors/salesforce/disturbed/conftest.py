"""What the tests of disturbed nights share: the company, its server, and what an undisturbed night lands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.salesforce_emulator.org import Org
from connectors.salesforce_emulator.server import Emulator
from kam_pipeline.settings.salesforce import SalesforceSource
from tests.connectors.salesforce.disturbed.fragile_nights import (
    ACCOUNTS,
    BULK_FROM,
    DEALS,
    SMALL_PAGES,
    content,
    employ,
    land,
)


@pytest.fixture
def company(org: Org) -> Org:
    return employ(org)


@pytest.fixture
def emulator(company: Org, serve: Callable[..., Emulator]) -> Emulator:
    return serve(**SMALL_PAGES)


@pytest.fixture
def settings(emulator: Emulator, source_settings: Callable[..., SalesforceSource]) -> SalesforceSource:
    return source_settings(emulator, bulk_from=BULK_FROM)


@pytest.fixture(scope="session")
def undisturbed() -> dict[str, Any]:
    """Filled by the first test that asks: the organisations of all tests here are the same."""
    return {}


@pytest.fixture
def expected(undisturbed: dict[str, Any], settings: SalesforceSource, company: Org, tmp_path: Path) -> dict[str, Any]:
    """What a first night lands when nothing happens."""
    if not undisturbed:
        undisturbed.update(content(land(settings, tmp_path / "undisturbed", company.clock.now())))
    assert (undisturbed["Account"][0], undisturbed["Opportunity"][0]) == (ACCOUNTS, DEALS)
    return undisturbed
