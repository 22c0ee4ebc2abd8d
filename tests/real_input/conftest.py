"""Real and widely used sample data beside the repository; read in place, skipped where it is not there."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data."""
    if not SHARED_DATA.is_dir():
        pytest.skip(
            f"the real test data is not here: {SHARED_DATA.parent.name}/{SHARED_DATA.name} beside the repository"
        )
    return SHARED_DATA
