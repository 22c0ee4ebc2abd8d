"""Results of queries: records for REST, pages of CSV for the Bulk API.

What belongs here: running a translated query, and what the Bulk API does not take. What does not: SOQL itself
(soql_parser.py, soql_sql.py), the form of JSON values (rendering.py).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from connectors.salesforce_emulator.answers import BulkResult, QueryResult, RefusalError
from connectors.salesforce_emulator.rendering import Row, json_record
from connectors.salesforce_emulator.schema import NOT_IN_BULK, Schema
from connectors.salesforce_emulator.soql_parser import parse
from connectors.salesforce_emulator.soql_scope import quoted
from connectors.salesforce_emulator.soql_sql import Cell, Translated, Translator
from connectors.salesforce_emulator.soql_tree import FieldsOf, Query
from connectors.salesforce_emulator.store import Store

SHUFFLED = "hash(t0._row * 7919)"
_BATCH_ROWS = 25_000


def rows_of(table: pa.Table) -> list[Row]:
    """Return the rows of a table of texts."""
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def rest_result(store: Store, translated: Translated, version: float) -> QueryResult:
    """Run a query and keep its rows as they are now."""
    with store.cursor() as cursor:
        table = cursor.sql(translated.sql, params=translated.values).to_arrow_table()
        children = [_children(cursor, child) for _, child, _ in translated.children]
    if translated.is_count:
        return QueryResult(int(table.column(0)[0].as_py()), 0, _no_records)

    def records(start: int, count: int) -> list[dict[str, Any]]:
        return [
            _with_children(translated, children, row, version) for row in rows_of(table.slice(start, max(0, count)))
        ]

    return QueryResult(table.num_rows, table.num_rows, records)


def _no_records(start: int, count: int) -> list[dict[str, Any]]:  # noqa: ARG001 - as any result
    return []


def _children(cursor: Any, child: Translated) -> dict[str | None, list[Row]]:  # noqa: ANN401 - of DuckDB
    """Return the rows of a query of children per id of the parent, which is their first column."""
    found: dict[str | None, list[Row]] = {}
    for row in rows_of(cursor.sql(child.sql, params=child.values).to_arrow_table()):
        found.setdefault(row[0], []).append(row)
    return found


def _with_children(
    translated: Translated, children: list[dict[str | None, list[Row]]], row: Row, version: float
) -> dict[str, Any]:
    record = json_record(translated, row, version)
    for (name, child, _), rows in zip(translated.children, children, strict=True):
        mine = rows.get(row[translated.id_column], [])[: child.limit_per_parent]
        records = [json_record(child, one, version) for one in mine]
        record[name] = {"totalSize": len(records), "done": True, "records": records} if records else None
    return record


# --- Bulk ------------------------------------------------------------------------------------------------------------


def bulk_query_of(schema: Schema, soql: str, version: float) -> Query:
    """Return a query that the Bulk API takes.

    Raises
    ------
    RefusalError
        As the real one refuses to make the job.
    """
    query = parse(soql)
    known = schema.shown(query.source, version)
    if query.source.lower() in {name.lower() for name in NOT_IN_BULK} and (known or not schema.knows(query.source)):
        name = known.name if known else query.source
        raise RefusalError("INVALIDENTITY", f"Entity '{name}' is not supported by the Bulk API.")
    refused = {
        "GROUP BY": bool(query.group_by),
        "aggregate functions": query.is_aggregate,
        "OFFSET": query.offset is not None,
        "parent to child subqueries": any(isinstance(one, Query) for one in query.selected),
        "FIELDS functions": any(isinstance(one, FieldsOf) and one.which != "STANDARD" for one in query.selected),
    }
    for what, is_there in refused.items():
        if is_there:
            raise RefusalError("FUNCTIONALITY_NOT_ENABLED", f"Selecting {what} not supported in Bulk Query")
    return query


def refuse_compounds(translated: Translated) -> None:
    """Refuse a Bulk query that selects an address or a place.

    Raises
    ------
    RefusalError
        When one is selected.
    """
    if any(cell.kind in ("address", "location", "base64") for cell in translated.cells):
        raise RefusalError("FUNCTIONALITY_NOT_ENABLED", "Selecting compound data not supported in Bulk Query")


def bulk_reader(store: Store, translated: Translated) -> Iterator[pa.RecordBatch]:
    """Start a query whose columns are those of the CSV, nulls as empty texts; it sees the records of this moment."""
    selected = ", ".join(f"coalesce(c{cell.columns[0]}, '') as {quoted(header_of(cell))}" for cell in translated.cells)
    cursor = store.cursor()
    relation = cursor.sql(f"select {selected} from ({translated.sql})", params=translated.values)
    return _closing(cursor, relation.to_arrow_reader(_BATCH_ROWS))


def _closing(cursor: Any, reader: Any) -> Iterator[pa.RecordBatch]:  # noqa: ANN401 - of DuckDB and pyarrow
    try:
        yield from reader
    finally:
        reader.close()
        cursor.close()


def header_of(cell: Cell) -> str:
    """Return the name of a column of the CSV, as describe spells it."""
    return ".".join((*cell.via, cell.name))


def write_pages(cells: list[Cell], batches: Iterator[pa.RecordBatch], folder: Path, page_rows: int) -> BulkResult:
    """Write pages of so many records; without records one page with nothing but the header."""
    schema = pa.schema([pa.field(header_of(cell), pa.string()) for cell in cells])
    folder.mkdir(parents=True, exist_ok=True)
    pages: list[tuple[Path, int]] = []
    writer: Any = None
    room = 0
    try:
        for batch in batches:
            start = 0
            while start < batch.num_rows:
                if room == 0:
                    writer = _next_page(writer, folder, schema, pages)
                    room = page_rows
                piece = batch.slice(start, room)
                writer.write_batch(piece)
                pages[-1] = (pages[-1][0], pages[-1][1] + piece.num_rows)
                start += piece.num_rows
                room -= piece.num_rows
        writer = writer or _next_page(None, folder, schema, pages)
    finally:
        if writer is not None:
            writer.close()
    return BulkResult(tuple(pages))


def _next_page(last: Any, folder: Path, schema: pa.Schema, pages: list[tuple[Path, int]]) -> Any:  # noqa: ANN401
    if last is not None:
        last.close()
    path = folder / f"page-{len(pages) + 1:05d}.csv"
    pages.append((path, 0))
    return pa_csv.CSVWriter(path, schema, write_options=pa_csv.WriteOptions(quoting_style="all_valid"))


def translated_for_bulk(translator: Translator, query: Query, *, shuffle: bool) -> Translated:
    """Return the SQL of a Bulk query, in the order of the store or in none that means anything.

    The order of the store needs no sorting, so that large results flow into their pages without being held.
    """
    translated = translator.translate(query, SHUFFLED if shuffle else "")
    refuse_compounds(translated)
    return translated
