"""Layer landing: read the source once and write what it sent as Parquet."""

import contextlib

import dagster as dg

from assets.project import FULL_REFRESH_TAG, PROJECT, project_of
from assets.retries import retried
from assets.sections import section_key
from kam_pipeline.checkpoints import WarehouseCheckpoints
from kam_pipeline.feed_schema import SOURCE_OBJECTS
from kam_pipeline.landing import write_landing
from kam_pipeline.staleness import record_extraction

EXTRACTION = dg.AssetKey(["landing", "extraction"])


@dg.asset(
    key=EXTRACTION,
    deps=[section_key("reading")],
    group_name="landing",
    kinds={"parquet"},
    required_resource_keys={PROJECT},
    description="The records of one extraction as received. One Parquet file per CRM object and feed, never changed "
    "afterwards.",
)
@retried
def extraction(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Read the source and land it."""
    project = project_of(context)
    warehouse = project.warehouse  # held from here on: a second run waits outside instead of clearing our landing away
    with contextlib.closing(project.source()) as source:
        reads_all = context.run.tags.get(FULL_REFRESH_TAG) == "true"
        known = WarehouseCheckpoints(warehouse.connection, source.name, reads_all=reads_all)
        landing = write_landing(
            project.configuration.landing_folder,
            run_id=project.run_id,
            extracted_at=project.started_at,
            source=source.name,
            # before the records, which may come after it
            clock_at=source.clock(),
            is_live=source.is_live,
            extracts=source.extract(SOURCE_OBJECTS, known),
            progress=lambda name: project.progress(f"reading {name}"),
        )
    record_extraction(warehouse, project.configuration, project.run_id)
    counts = {landed.object_name: dg.MetadataValue.int(landed.read_cnt) for landed in landing.objects}
    total = sum(landed.read_cnt for landed in landing.objects)
    return dg.MaterializeResult(
        metadata={"dagster/row_count": total, "folder": landing.folder.name, "source": landing.source, **counts}
    )
