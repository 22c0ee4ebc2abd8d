"""A company whose KPIs are built from a handful of records, and one way to ask for a KPI."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from kam_pipeline.crm_schema import STAGED_OBJECTS
from kam_pipeline.settings import Configuration
from kam_pipeline.warehouse import Warehouse
from tests.factories import AS_OF, build, loaded

EVERYTHING = tuple(declared.name for declared in STAGED_OBJECTS)

Measure = Callable[..., SimpleNamespace]


@pytest.fixture
def measured(warehouse: Warehouse) -> Callable[..., Measure]:
    """Build the KPIs and return a function that gives one row of kpi_snapshot."""

    def make(
        as_of: date = AS_OF, configuration: Configuration | None = None, objects: tuple[str, ...] = EVERYTHING
    ) -> Measure:
        if not warehouse.value("select count(*) from raw.load"):
            loaded(warehouse, objects=objects)
        build(warehouse, "marts.kpi_snapshot", configuration=configuration, as_of=as_of)

        def of(kpi: str, entity: str = "all", period: str = "ttm", start: str | None = None) -> SimpleNamespace:
            result = warehouse.connection.execute(
                "select * from marts.kpi_snapshot where as_of_date = $day and kpi = $kpi and entity_id = $entity "
                "and period_type = $period and ($start is null or period_start = $start::date)",
                {"day": as_of, "kpi": kpi, "entity": entity, "period": period, "start": start},
            )
            names = [column[0] for column in result.description]
            rows: list[tuple[Any, ...]] = result.fetchall()
            assert len(rows) == 1, f"{len(rows)} rows of {kpi} for {entity} and {period}"
            return SimpleNamespace(**dict(zip(names, rows[0], strict=True)))

        return of

    return make
