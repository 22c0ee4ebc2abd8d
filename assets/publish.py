"""Layer published: keep the tables of a finished date, hand the kept dates to readers, then the report on them."""

from collections.abc import Callable

import dagster as dg

from assets.project import PROJECT, Project, dated_build, project_of
from assets.retries import retried
from assets.tables import QUALITY_TABLE, table_key
from kam_pipeline.errors import PublicationBlockedError
from kam_pipeline.publishing import keep, write_publication
from kam_pipeline.quality import blocking_checks
from kam_pipeline.report.writing import write_report
from kam_pipeline.tables import published_contracts

SNAPSHOTS = dg.AssetKey(["published", "snapshots"])
PUBLICATION = dg.AssetKey(["published", "key_accounts"])
REPORT = dg.AssetKey(["published", "report"])


def publish_assets(daily: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """Return the assets that publish, each after what it is made from."""
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
        deps=sorted(deps),
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
        return _row_counts(keep(build.warehouse, published_contracts(), build.dated, keep_days))

    return snapshots


def _asset(
    key: dg.AssetKey,
    made_from: dg.AssetKey,
    daily: dg.DailyPartitionsDefinition,
    kind: str,
    description: str,
    write: Callable[[Project], dg.MaterializeResult[None]],
) -> dg.AssetsDefinition:
    """Return an asset that hands what is kept to one kind of reader."""

    @dg.asset(
        key=key,
        deps=[made_from],
        group_name="published",
        kinds={kind},
        partitions_def=daily,
        required_resource_keys={PROJECT},
        description=description,
    )
    @retried
    def target(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        return write(project_of(context))

    return target


def _write_publication(project: Project) -> dg.MaterializeResult[None]:
    project.progress("publishing")
    path = project.configuration.published_path
    return _row_counts(write_publication(project.warehouse, published_contracts(), path), file=path.name)


def _write_report(project: Project) -> dg.MaterializeResult[None]:
    project.progress("making the report")
    configuration = project.configuration
    path = configuration.report_path
    size = write_report(configuration.published_path, path, configuration.settings.report.languages)
    return dg.MaterializeResult(metadata={"file": path.name, "size_bytes": size})


def _row_counts(counts: dict[str, int], **more: str) -> dg.MaterializeResult[None]:
    rows = {name: dg.MetadataValue.int(count) for name, count in counts.items()}
    return dg.MaterializeResult(metadata={"dagster/row_count": sum(counts.values()), **more, **rows})
