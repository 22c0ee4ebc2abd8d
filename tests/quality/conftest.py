"""Companies whose nights fail gates: what was counted is read from the warehouse, where a blocked night leaves it."""

from collections.abc import Callable

import pytest

from tests.pipeline.conftest import SmallCompany

Outcome = tuple[float | None, bool | None, str]


@pytest.fixture(scope="module")
def outcomes() -> Callable[[SmallCompany], dict[tuple[str, str], Outcome]]:
    """Reads the newest checks of a company: (check, object) to (value, passed, severity)."""

    def read(company: SmallCompany) -> dict[tuple[str, str], Outcome]:
        rows = company.inside(
            'select "check", object, value, passed, severity from marts.data_quality '
            "where as_of_date = (select max(as_of_date) from marts.data_quality)"
        )
        return {(check, name): (value, passed, severity) for check, name, value, passed, severity in rows}

    return read
