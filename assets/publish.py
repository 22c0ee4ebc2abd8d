"""Layer published: keep the tables of a finished date, hand the kept dates to readers, then the report on them."""

from collections.abc import Callable
from datetime import UTC, datetime

import dagster as dg

from assets.project import PROJECT, Project, dated_build, project_of
from assets.retries import retried
from assets.sections import section_key
from assets.tables import QUALITY_TABLE, table_key
from kam_pipeline.errors import PublicationBlockedError
from kam_pipeline.publishing import keep, publish_to_postgresql, read_address, write_parquet, write_publication
from kam_pipeline.quality import blocking_checks
from kam_pipeline.report.writing import write_report
from kam_pipeline.settings.configuration import SECTIONS
from kam_pipeline.settings.secret import reveal
from kam_pipeline.staleness import record_kept, record_target
from kam_pipeline.storage import storage_errors
from kam_pipeline.tables import newest_only_contracts, published_contracts

SNAPSHOTS = dg.AssetKey(["published", "snapshots"])
PUBLICATION = dg.AssetKey(["published", "key_accounts"])
PARQUET = dg.AssetKey(["published", "parquet"])
POSTGRESQL = dg.AssetKey(["published", "postgresql"])
REPORT = dg.AssetKey(["published", "report"])
TARGETS = (PUBLICATION, PARQUET, POSTGRESQL, REPORT)

# Tag of a run that hands everything to the targets again, also what they have from the same runs.
WHOLE_TAG = "kam/whole"

NOT_CONFIGURED = "not_configured"

Write = Callable[[Project, bool], dg.MaterializeResult[None]]

# How a date looks follows from every section but that of the page that shows it.
_KEPT_SECTIONS = {section_key(name) for name in SECTIONS if name != "report"}


def publish_assets(daily: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """Return the assets that publish, each after what it is made from; none waits for a target beside it."""
    return [
        _snapshots_asset(daily),
        _asset(
            PUBLICATION,
            SNAPSHOTS,
            daily,
            "duckdb",
            "The database that readers open, swapped in by rename. One table per contract, in schema kam.",
            _write_publication,
        ),
        _asset(
            PARQUET,
            SNAPSHOTS,
            daily,
            "parquet",
            "Parquet files that never change, and manifest.json, which names the complete set; where publish.parquet "
            "says so.",
            _write_parquet,
        ),
        _asset(
            POSTGRESQL,
            SNAPSHOTS,
            daily,
            "postgres",
            "The database that BI tools read, schemas kam and kam_latest; where publish.postgresql names one.",
            _publish_to_postgresql,
            # last, so that nothing waits behind a database that hangs
            priority=-1,
        ),
        _asset(
            REPORT,
            PUBLICATION,
            daily,
            "html",
            "The page that a sales leader opens: one HTML file from the published file, of its newest date.",
            _write_report,
        ),
    ]


def _snapshots_asset(daily: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """Return the asset that keeps a date for readers; it depends on every table that they get."""
    deps = {table_key(contract.full_name) for contract in published_contracts()} | {table_key(QUALITY_TABLE)}

    @dg.asset(
        key=SNAPSHOTS,
        deps=sorted({*deps, *_KEPT_SECTIONS}),
        group_name="published",
        kinds={"duckdb"},
        partitions_def=daily,
        required_resource_keys={PROJECT},
        description="The dates that readers may see, in the warehouse's own schema published. A date whose checks "
        "failed does not get here.",
    )
    @retried
    def snapshots(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        build = dated_build(context)
        # also when somebody materialises this asset alone: the blocking check may have failed in an earlier run
        failed = blocking_checks(build.warehouse, build.dated.as_of_date)
        if failed:
            raise PublicationBlockedError(
                "nothing was published; readers keep the last publication.\n" + "\n".join(failed)
            )
        keep_days = project_of(context).configuration.settings.publish.keep_days
        with storage_errors(build.configuration.warehouse_path):
            counts = keep(build.warehouse, published_contracts(), build.dated, keep_days, newest_only_contracts())
            record_kept(build.warehouse, build.configuration, build.dated.as_of_date, build.dated.run_id)
        return _row_counts(counts)

    return snapshots


def _asset(
    key: dg.AssetKey,
    made_from: dg.AssetKey,
    daily: dg.DailyPartitionsDefinition,
    kind: str,
    description: str,
    write: Write,
    priority: int = 0,
) -> dg.AssetsDefinition:
    """Return an asset that hands what is kept to one kind of reader."""

    @dg.asset(
        key=key,
        deps=sorted({made_from, *_KEPT_SECTIONS, *([section_key("report")] if key == REPORT else [])}),
        group_name="published",
        kinds={kind},
        partitions_def=daily,
        required_resource_keys={PROJECT},
        description=description,
        op_tags={"dagster/priority": str(priority)},
    )
    @retried
    def target(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        project = project_of(context)
        result = write(project, WHOLE_TAG in context.run.tags)
        with storage_errors(project.configuration.warehouse_path):
            record_target(project.warehouse, project.configuration, ".".join(key.path))
        return result

    return target


def _write_publication(project: Project, _whole: bool) -> dg.MaterializeResult[None]:
    project.progress("publishing")
    path = project.configuration.published_path
    return _row_counts(write_publication(project.warehouse, published_contracts(), path), file=path.name)


def _write_parquet(project: Project, _whole: bool) -> dg.MaterializeResult[None]:
    # `whole` says nothing here: a file that is there is what its date and run gave, or is written again
    configuration = project.configuration
    if not configuration.settings.publish.parquet:
        return _not_configured("publish.parquet")
    project.progress("publishing Parquet files")
    folder = configuration.parquet_folder
    return _row_counts(write_parquet(project.warehouse, published_contracts(), folder, datetime.now(UTC)))


def _publish_to_postgresql(project: Project, whole: bool) -> dg.MaterializeResult[None]:
    settings = project.configuration.settings.publish.postgresql
    if settings is None:
        return _not_configured("publish.postgresql")
    project.progress("publishing to PostgreSQL")
    database = read_address(reveal(settings.url, "publish.postgresql.url"))
    counts = publish_to_postgresql(
        project.warehouse, published_contracts(), database, settings.reader_role, whole=whole
    )
    return _row_counts(counts, place=database.place)


def _write_report(project: Project, _whole: bool) -> dg.MaterializeResult[None]:
    project.progress("making the report")
    configuration = project.configuration
    path = configuration.report_path
    size = write_report(configuration.published_path, path, configuration.settings.report.languages)
    return dg.MaterializeResult(metadata={"file": path.name, "size_bytes": size})


def _not_configured(setting: str) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={NOT_CONFIGURED: f"{setting} in kam.yaml"})


def _row_counts(counts: dict[str, int], **more: str) -> dg.MaterializeResult[None]:
    rows = {name: dg.MetadataValue.int(count) for name, count in counts.items()}
    return dg.MaterializeResult(metadata={"dagster/row_count": sum(counts.values()), **more, **rows})
