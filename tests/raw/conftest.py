"""Deliveries of a made-up source, landed and loaded."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kam_pipeline.crm_schema import ACCOUNT, CrmObject
from kam_pipeline.landing import Landing, write_landing
from kam_pipeline.raw import LoadCounts, load_landing
from kam_pipeline.warehouse import Warehouse
from tests.factories import FIRST_EXTRACTION, extract_of

Rows = Iterable[Mapping[str, Any]]


@pytest.fixture
def land(tmp_path: Path) -> Callable[..., Landing]:
    """Land a delivery, of accounts where nothing is said; each is a day after the one before."""
    days = iter(range(1000))

    def write(rows: Rows | None, *, of: CrmObject = ACCOUNT, source: str = "files: made up", **how: Any) -> Landing:
        day = next(days)
        extracts = [] if rows is None else [extract_of(of, rows, **how)]
        return write_landing(
            tmp_path / "landing",
            run_id=f"run-{day:04}",
            extracted_at=FIRST_EXTRACTION + timedelta(days=day),
            source=source,
            extracts=extracts,
        )

    return write


@pytest.fixture
def deliver(warehouse: Warehouse, land: Callable[..., Landing]) -> Callable[..., LoadCounts]:
    """Land and load a delivery, of accounts where nothing is said, and return what became of it."""

    def load(rows: Rows, **how: Any) -> LoadCounts:
        (counts,) = load_landing(warehouse, land(rows, **how))
        return counts

    return load
