"""What the Dagster page shows of a table: columns with type and meaning, grain, the SQL behind it."""

from collections.abc import Iterable

import dagster as dg

from kam_pipeline.contracts import TableContract
from kam_pipeline.data_dictionary import kpi_lines
from kam_pipeline.tables import Table


def column_schema(columns: Iterable[tuple[str, str, str]]) -> dg.TableSchema:
    """Return a column schema from (name, type, description)."""
    return dg.TableSchema(
        columns=[dg.TableColumn(name=name, type=kind, description=text) for name, kind, text in columns]
    )


def contract_schema(contract: TableContract) -> dg.TableSchema:
    """Return the column schema of a contract."""
    return column_schema((column.name, column.type, column.description) for column in contract.columns)


def table_metadata(table: Table) -> dict[str, dg.TableSchema | str | dg.MarkdownMetadataValue]:
    """Return the metadata of a table's asset."""
    contract = table.contract
    metadata: dict[str, dg.TableSchema | str | dg.MarkdownMetadataValue] = {
        "dagster/column_schema": contract_schema(contract),
        "dagster/table_name": contract.full_name,
        "key": ", ".join(contract.key),
    }
    if any(column.name == "kpi" for column in contract.columns):
        metadata["kpis"] = dg.MetadataValue.md("\n".join(kpi_lines()))
    if table.model is not None:
        metadata["sql"] = dg.MetadataValue.md(f"```sql\n{table.model.query}\n```")
    return metadata
