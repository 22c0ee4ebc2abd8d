"""Layers staging, core and marts: one asset per table, made from its contract.

What belongs here: turning a table into an asset. What does not: which tables there are (kam_pipeline.tables), SQL.
"""

from collections.abc import Callable, Iterator

import dagster as dg

from assets.project import PROJECT, dated_build, project_of
from assets.retries import retried
from assets.sections import section_key
from assets.table_metadata import table_metadata
from kam_pipeline.evaluation import NATURAL_DATE, default_as_of_date
from kam_pipeline.tables import Table, lineage, tables

QUALITY_TABLE = "marts.data_quality"
AS_OF_DATE = "as_of_date"

_Compute = Callable[[dg.AssetExecutionContext], Iterator[dg.MaterializeResult[None]]]
# Bookkeeping that is written together with the raw tables; the account asset stands for it.
_WRITTEN_WITH_RAW = dict.fromkeys(("raw.load", "raw.duplicate", "raw.field_presence"), "raw.account")


def table_key(full_name: str) -> dg.AssetKey:
    """Return the asset key of a table `layer.name`."""
    return dg.AssetKey(full_name.split("."))


def table_assets(daily: dg.DailyPartitionsDefinition) -> list[dg.AssetsDefinition]:
    """Return an asset for every table of staging, core and marts.

    Parameters
    ----------
    daily : dg.DailyPartitionsDefinition
        The as-of dates; tables of marts belong to one, staging and core hold the newest knowledge.

    Returns
    -------
    list[dg.AssetsDefinition]
        In the order in which they can be built.
    """
    return [
        _asset(table, _compute_dated(table), daily)
        if name.startswith("marts.")
        else _asset(table, _compute(table), None)
        for name, table in tables().items()
    ]


def _compute(table: Table) -> _Compute:
    @retried
    def build(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        project = project_of(context)
        project.progress(f"building {table.contract.full_name}")
        metadata: dict[str, int | str] = {"dagster/row_count": table.build(project.build())}
        if table.contract.full_name == NATURAL_DATE:
            metadata[AS_OF_DATE] = default_as_of_date(project.warehouse).isoformat()
        yield dg.MaterializeResult(metadata=metadata)

    return build


def _compute_dated(table: Table) -> _Compute:
    contract = table.contract

    @retried
    def build(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        dated = dated_build(context)
        project_of(context).progress(f"building {contract.full_name}")
        if not dated.dated.rebuilds(contract) and dated.warehouse.has_table(contract.full_name):
            yield dg.MaterializeResult(metadata={"left_as_is": "it belongs to the newest date; this is an earlier one"})
            return
        yield dg.MaterializeResult(metadata={"dagster/row_count": table.build(dated)})

    return build


def _asset(table: Table, compute: _Compute, partitions: dg.PartitionsDefinition | None) -> dg.AssetsDefinition:
    contract = table.contract
    key = table_key(contract.full_name)
    # what readers had before is no asset above: it is made from this one
    inputs = [name for name in contract.inputs if not name.startswith("published.")]
    needed = {_WRITTEN_WITH_RAW.get(name, name) for name in inputs}
    if partitions is not None:
        needed.add(NATURAL_DATE)  # what a date means is decided by it, see kam_pipeline.evaluation
    # Dagster marks only the direct children of what has changed, so each table names every section above it
    sections = [section_key(section) for section in lineage().sections_above(contract.full_name)]
    return dg.asset(
        key=key,
        deps=sorted([*sections, *(table_key(name) for name in needed)]),
        group_name=contract.layer,
        kinds={"duckdb", "sql" if table.model else "python"},
        required_resource_keys={PROJECT},
        description=contract.description,
        metadata=table_metadata(table),
        code_version=lineage().own_code(contract.full_name),
        partitions_def=partitions,
    )(compute)
