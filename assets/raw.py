"""Layer raw: every version of every record, one asset per CRM object and feed, loaded together in one transaction."""

from collections.abc import Iterator

import dagster as dg

from assets.landing import EXTRACTION
from assets.project import PROJECT, project_of
from assets.retries import retried
from assets.table_metadata import column_schema
from kam_pipeline.crm_schema import DUCKDB_TYPES, CrmObject
from kam_pipeline.errors import WarehouseError
from kam_pipeline.feed_schema import SOURCE_OBJECTS, is_feed
from kam_pipeline.landing import newest_landing, prune_landings
from kam_pipeline.raw import load_landing
from kam_pipeline.raw_merge import LoadCounts
from kam_pipeline.storage import storage_errors


def raw_key(crm_object: CrmObject) -> dg.AssetKey:
    """Return the asset key of an object's raw table."""
    return dg.AssetKey(["raw", crm_object.table])


def _spec(crm_object: CrmObject) -> dg.AssetSpec:
    held_by = "its file" if is_feed(crm_object.name) else "the CRM"
    purpose = crm_object.enables or "those who query the warehouse"
    columns = [(field.name, DUCKDB_TYPES[field.type], field.enables) for field in crm_object.fields]
    return dg.AssetSpec(
        raw_key(crm_object),
        deps=[EXTRACTION],
        group_name="raw",
        kinds={"duckdb"},
        description=f"{crm_object.name} as {held_by} has it, for {purpose}. One row per record, its newest "
        "version; earlier versions are in the table of the same name with _superseded.",
        metadata={"dagster/column_schema": column_schema(columns)},
    )


@dg.multi_asset(
    name="raw",
    specs=[_spec(crm_object) for crm_object in SOURCE_OBJECTS],
    required_resource_keys={PROJECT},
)
@retried
def raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Turn the newest landing into versions."""
    project = project_of(context)
    project.progress("keeping versions")
    landing = newest_landing(project.configuration.landing_folder)
    if landing is None:
        raise WarehouseError("nothing has been landed yet; materialise landing/extraction first")
    with storage_errors(project.configuration.warehouse_path):
        counts = {count.object_name: count for count in load_landing(project.warehouse, landing)}
    prune_landings(landing, project.configuration.settings.engine.landings_kept)
    for crm_object in SOURCE_OBJECTS:
        rows = project.warehouse.value(f'select count(*) from raw."{crm_object.table}"')
        yield dg.MaterializeResult(
            asset_key=raw_key(crm_object),
            metadata={"dagster/row_count": rows, **_count_metadata(counts.get(crm_object.name))},
        )


def _count_metadata(count: LoadCounts | None) -> dict[str, int]:
    if count is None:
        return {}
    return {
        "read": count.read_cnt,
        "inserted": count.inserted_cnt,
        "updated": count.updated_cnt,
        "unchanged": count.unchanged_cnt,
        "superseded": count.superseded_cnt,
        "vanished": count.vanished_cnt,
        "patched": count.patched_cnt,
    }
