"""Nights of the connector without the rest of the pipeline: reading, landing, loading."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.salesforce import SalesforceOrg
from kam_pipeline.checkpoints import WarehouseCheckpoints
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.landing import prune_landings, write_landing
from kam_pipeline.raw import load_landing
from kam_pipeline.raw_merge import LoadCounts
from kam_pipeline.settings.salesforce import SalesforceSource
from kam_pipeline.settings.source import Mapping
from kam_pipeline.warehouse import Warehouse
from tests.connectors.salesforce.conftest import IMPATIENT


class Pipeline:
    """Reading, landing and loading, night after night, in one warehouse."""

    def __init__(
        self,
        settings: SalesforceSource,
        folder: Path,
        warehouse: Warehouse,
        objects: Sequence[CrmObject],
        mapping: dict[str, Any] | None = None,
    ) -> None:
        self.settings, self.folder, self.warehouse, self.objects = settings, folder, warehouse, objects
        self.mapping = Mapping.model_validate(mapping or {})
        self.nights = 0

    def night(self, now: datetime, *, full: bool = False) -> dict[str, LoadCounts]:
        self.nights += 1
        source = SalesforceOrg(self.settings, self.mapping, self.folder, self.folder / "extraction", IMPATIENT)
        with closing(source):
            known = WarehouseCheckpoints(self.warehouse.connection, source.name, reads_all=full)
            landing = write_landing(
                self.folder / "landing",
                run_id=f"night-{self.nights:04}",
                extracted_at=now,
                source=source.name,
                clock_at=source.clock(),
                is_live=True,
                extracts=source.extract(self.objects, known),
            )
        counts = {count.object_name: count for count in load_landing(self.warehouse, landing)}
        prune_landings(landing, 1)
        return counts

    def living(self, declared: CrmObject) -> dict[str, dict[str, Any]]:
        """The living records by id."""
        deleted = "coalesce(IsDeleted, false)" if declared.field("IsDeleted") else "false"
        hidden = "_is_gone, _known_at, _run_id"
        query = f'select * exclude ({hidden}) from raw."{declared.table}" where not _is_gone and not {deleted}'
        found = self.warehouse.connection.execute(query)
        names = [column[0] for column in found.description]
        return {row[names.index("Id")]: dict(zip(names, row, strict=True)) for row in found.fetchall()}
