"""Layer published: hand the tables of a finished date to readers, whole or not at all, then the report on them."""

import dagster as dg

from assets.project import PROJECT, dated_build, project_of
from assets.tables import QUALITY_TABLE, table_key
from kam_pipeline.errors import PublicationBlockedError
from kam_pipeline.publishing import publish
from kam_pipeline.quality import blocking_checks
from kam_pipeline.report.writing import write_report
from kam_pipeline.tables import published_contracts

PUBLICATION = dg.AssetKey(["published", "key_accounts"])
REPORT = dg.AssetKey(["published", "report"])


def publication_asset(daily: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """Return the asset that publishes; it depends on every table that readers get."""
    deps = {table_key(contract.full_name) for contract in published_contracts()} | {table_key(QUALITY_TABLE)}

    @dg.asset(
        key=PUBLICATION,
        deps=sorted(deps),
        group_name="published",
        kinds={"duckdb"},
        partitions_def=daily,
        required_resource_keys={PROJECT},
        description="The database that readers open, swapped in by rename. One table per contract, in schema kam.",
    )
    def key_accounts(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        project = project_of(context)
        build = dated_build(context)
        # also when somebody materialises this asset alone: the blocking check may have failed in an earlier run
        failed = blocking_checks(build.warehouse, build.dated.as_of_date)
        if failed:
            raise PublicationBlockedError(
                "nothing was published; readers keep the last publication.\n" + "\n".join(failed)
            )
        project.progress("publishing")
        path = project.configuration.published_path
        counts = publish(build.warehouse, published_contracts(), build.dated, path)
        rows = {name: dg.MetadataValue.int(count) for name, count in counts.items()}
        return dg.MaterializeResult(metadata={"dagster/row_count": sum(counts.values()), "file": path.name, **rows})

    return key_accounts


def report_asset(daily: dg.DailyPartitionsDefinition) -> dg.AssetsDefinition:
    """Return the asset that makes the report; it reads the published file alone, and shows its newest date."""

    @dg.asset(
        key=REPORT,
        deps=[PUBLICATION],
        group_name="published",
        kinds={"html"},
        partitions_def=daily,
        required_resource_keys={PROJECT},
        description="The page that a sales leader opens: one HTML file, made from the published file.",
    )
    def report(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        project = project_of(context)
        project.progress("making the report")
        configuration = project.configuration
        path = configuration.report_path
        size = write_report(configuration.published_path, path, configuration.settings.report.languages)
        return dg.MaterializeResult(metadata={"file": path.name, "size_bytes": size})

    return report
