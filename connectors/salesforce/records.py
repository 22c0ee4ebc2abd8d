"""Pages of records, as CSV or as JSON, as typed record batches: both become texts, and one query types the texts.

What belongs here: how a page is taken apart, and the query over its texts. What does not: where pages come from
(rest.py, bulk.py), how one text is typed (connectors/typing_sql.py).
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from mmap import ACCESS_READ, mmap
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from connectors.base import CUSTOM, UNPARSED, arrow_schema
from connectors.salesforce.json_texts import DamagedPageError, texts_of
from connectors.salesforce.plan import SelectedColumn
from connectors.typing_sql import Notation, can_fail, identifier, literal, typed, unparsed_json
from kam_pipeline.crm_schema import DUCKDB_TYPES, CrmObject

__all__ = ["BATCH_ROWS", "DamagedPageError", "RecordTyping", "schema_of"]

BATCH_ROWS = 32_768

_API = Notation(salesforce_ids=True, is_api=True)
_NUMBERS = frozenset({"currency", "double", "percent", "int", "long"})
_PARSER: dict[str, str | bool | int | float | list[str]] = {
    "threads": 2,
    "memory_limit": "512MB",
    "temp_directory": "",
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
}
# A record has at most 400,000 characters of up to four bytes; the header line is short.
_MAX_LINE_BYTES = 4 << 20
_BUFFER_BYTES = 8 << 20
_HEADER_BYTES = 1 << 20
# A page that takes no more than this is held until its records are counted; of a larger one they are counted first.
_HELD_BYTES = 64 << 20
# Numbers of Salesforce have up to 18 digits.
_EXACT = "DECIMAL(38, 18)"
_PLAIN_NUMBER = r"-?(0|[1-9]\d*)(\.\d+)?"
_POWER_OF_TEN = rf"{_PLAIN_NUMBER}[eE][+-]?\d+"


def schema_of(crm_object: CrmObject, patched: Sequence[str] | None = None) -> pa.Schema:
    """Return the schema of an object's batches, or of a patch of some of its fields (see `ColumnPatch`)."""
    whole = arrow_schema(crm_object)
    if patched is None:
        return whole
    kept = {"Id", "SystemModstamp", *patched, UNPARSED}
    return pa.schema([field for field in whole if field.name in kept])


class RecordTyping:
    """Types pages of one query; holds a DuckDB that serves as parser only, from the first page until it is closed.

    Parameters
    ----------
    columns : Sequence[SelectedColumn]
        The SELECT list.
    crm_object : CrmObject
        What the records are.
    patched : Sequence[str] or None
        Fields of a patch; None for whole records.
    """

    def __init__(
        self, columns: Sequence[SelectedColumn], crm_object: CrmObject, patched: Sequence[str] | None = None
    ) -> None:
        self.schema = schema_of(crm_object, patched)
        self._columns = tuple({column.api_name.lower(): column for column in columns}.values())
        self._crm_object = crm_object
        self._filled: dict[str, list[SelectedColumn]] = {}
        for column in columns:
            self._filled.setdefault(column.field.name if column.field else CUSTOM, []).append(column)
        self._opened: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the parser go."""
        if self._opened:
            self._opened.close()
            self._opened = None

    @property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        if self._opened is None:
            self._opened = duckdb.connect(":memory:", config=dict(_PARSER))
            self._opened.execute("SET TimeZone = 'UTC'")
        return self._opened

    # --- CSV ---------------------------------------------------------------------------------------------------------

    def csv_batches(self, page: Path, announced: int | None) -> Iterator[pa.RecordBatch]:
        """Yield the records of a CSV page, none before it is known to be whole.

        Parameters
        ----------
        page : Path
            The file; its columns are found by the names in its header, by their order where it has none.
        announced : int or None
            How many records it is to hold; None where nobody has said.

        Raises
        ------
        DamagedPageError
            When it holds another number, or breaks off in the middle of a record.
        """
        names, has_header = self._header(page)
        if not names:
            self._hold_against(0, announced, page)
            return
        scan = _csv_scan(page, len(names), has_header=has_header)
        has_nul = _has_nul(page)
        texts = {name.lower(): _without_nul(f"c{place}", has_nul) for place, name in enumerate(names)}
        query = self._query(texts, scan)
        try:
            if page.stat().st_size <= _HELD_BYTES:
                held = list(self._stream(query))
                self._hold_against(sum(batch.num_rows for batch in held), announced, page)
                yield from held
                return
            found = self._connection.execute(f"SELECT count(*) FROM {scan}").fetchall()
            self._hold_against(int(found[0][0]), announced, page)
            yield from self._stream(query)
        except (duckdb.Error, pa.ArrowException) as error:
            raise DamagedPageError(f"{page.name}: {str(error).partition(chr(10))[0][:80]}") from error

    def _header(self, page: Path) -> tuple[list[str], bool]:
        """Return the columns of a page, and whether its first line names them; no columns for an empty page."""
        with page.open("rb") as file:
            line = file.readline(_HEADER_BYTES)
        # A record may go on in the next line; then its first line is no header, and only looks like half a record.
        first = next(csv.reader([line.decode("utf-8-sig", errors="replace").replace("\0", "")]), [])
        expected = {column.api_name.lower() for column in self._columns}
        if expected <= {name.lower() for name in first}:
            return first, True
        if not line.strip():
            return [], False
        if expected & {name.lower() for name in first}:
            missing = ", ".join(sorted(expected - {name.lower() for name in first}))
            raise DamagedPageError(f"{page.name}: its header lacks {missing}")
        return [column.api_name for column in self._columns], False

    @staticmethod
    def _hold_against(found: int, announced: int | None, page: Path) -> None:
        if announced is not None and found != announced:
            raise DamagedPageError(f"{page.name}: {found} records instead of the {announced} that were announced")

    # --- JSON --------------------------------------------------------------------------------------------------------

    def texts_of(self, records: Sequence[Mapping[str, Any]]) -> pa.Table:
        """Return records of the REST API, numbers in them as text, as a compact table of texts; see `texts_of`."""
        return texts_of(records, self._columns)

    def last_id(self, texts: pa.Table) -> str:
        """Return the id of the last record of a table that `texts_of` made, empty where there is none."""
        place = next((place for place, column in enumerate(self._columns) if column.api_name.lower() == "id"), None)
        return str(texts[place][-1].as_py() or "") if place is not None and texts.num_rows else ""

    def record_batches(self, texts: pa.Table) -> Iterator[pa.RecordBatch]:
        """Yield records from the table that `texts_of` made."""
        if not texts.num_rows:
            return
        names = {column.api_name.lower(): _without_nul(f"c{place}", True) for place, column in enumerate(self._columns)}
        self._connection.register("records", texts)
        try:
            yield from self._stream(self._query(names, "records"))
        finally:
            self._connection.unregister("records")

    # --- typing ------------------------------------------------------------------------------------------------------

    def _stream(self, query: str) -> Iterator[pa.RecordBatch]:
        with closing(self._connection.sql(query).to_arrow_reader(BATCH_ROWS)) as reader:
            yield from reader

    def _query(self, texts: Mapping[str, str], scan: str) -> str:
        """Return the query that types texts, given by the API name in small letters."""
        inner: list[str] = []
        values: list[str] = []
        selected: list[str] = []
        fallible: dict[str, tuple[str, str]] = {}
        for number, name in enumerate(self.schema.names):
            field = self._crm_object.field(name)
            if field is None:
                continue
            filling = self._filled.get(field.name, [])
            if not filling:
                selected.append(f"CAST(NULL AS {DUCKDB_TYPES[field.type]}) AS {identifier(name)}")
                continue
            text, value = f"t{number}", f"v{number}"
            parts = [_canonical(texts[one.api_name.lower()], one, is_text=field.type == "text") for one in filling]
            joined = parts[0] if len(parts) == 1 else f"nullif(concat_ws('|', {', '.join(parts)}), '')"
            inner.append(f"{joined} AS {text}")
            values.append(f"{typed(field.type, text, _API)} AS {value}")
            selected.append(f"{value} AS {identifier(name)}")
            if can_fail(field.type):
                fallible[name] = (text, value)
        selected.append(f"{unparsed_json(fallible)} AS {identifier(UNPARSED)}")
        if CUSTOM in self.schema.names:
            inner.append(f"{self._custom(texts)} AS own")
            selected.append(f"own AS {identifier(CUSTOM)}")
        return (
            f"SELECT {', '.join(selected)} FROM (SELECT {', '.join(['*', *values])} FROM ("
            f"SELECT {', '.join(inner)} FROM {scan}))"
        )

    def _custom(self, texts: Mapping[str, str]) -> str:
        own = sorted(self._filled.get(CUSTOM, []), key=lambda column: column.api_name)
        if not own:
            return "CAST(NULL AS VARCHAR)"
        items = ", ',', ".join(
            f"{literal(json.dumps(column.api_name) + ':')}, {_json_value(texts[column.api_name.lower()], column.kind)}"
            for column in own
        )
        return f"concat('{{', {items}, '}}')"


def _canonical(text: str, column: SelectedColumn, *, is_text: bool) -> str:
    """Return a text as it is; of a number kept as text its one spelling, for each API writes it its own way."""
    return f"CASE {_spelt(text)} ELSE {text} END" if is_text and column.kind in _NUMBERS else text


def _json_value(text: str, kind: str) -> str:
    """Return the expression for a value in `_custom`: a flag or a number where the text is one, else a text or null."""
    quoted = f"coalesce(CAST(to_json({text}) AS VARCHAR), 'null')"
    if kind == "boolean":
        return f"CASE WHEN {text} IN ('true', 'false') THEN {text} ELSE {quoted} END"
    if kind in _NUMBERS:
        return f"CASE {_spelt(text)} ELSE {quoted} END"
    return quoted


def _spelt(text: str) -> str:
    """Return branches that write a number without exponent and without zeros at the end: exactly, never as a float."""
    is_plain = f"regexp_full_match({text}, {literal(_PLAIN_NUMBER)})"
    is_power = f"regexp_full_match({text}, {literal(_POWER_OF_TEN)})"
    value = f"TRY_CAST({text} AS {_EXACT})"
    return (
        f"WHEN {is_plain} THEN CASE WHEN contains({text}, '.') THEN rtrim(rtrim({text}, '0'), '.') ELSE {text} END"
        f" WHEN {is_power} THEN coalesce(rtrim(rtrim(CAST({value} AS VARCHAR), '0'), '.'), {text})"
    )


def _without_nul(text: str, has_nul: bool) -> str:
    return f"nullif(replace({text}, chr(0), ''), '')" if has_nul else text


def _has_nul(page: Path) -> bool:
    with page.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        return content.find(b"\0") >= 0


def _csv_scan(page: Path, column_cnt: int, *, has_header: bool) -> str:
    # A path is a pattern to DuckDB; brackets around its wildcards make it a name again.
    path = literal(re.sub(r"[*?[]", r"[\g<0>]", str(page)))
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(column_cnt))
    return (
        f"read_csv({path}, auto_detect = false, columns = {{{columns}}}, all_varchar = true,"
        f" header = {str(has_header).lower()}, delim = ',', quote = '\"', escape = '\"', nullstr = '',"
        f" strict_mode = true, max_line_size = {_MAX_LINE_BYTES}, buffer_size = {_BUFFER_BYTES},"
        f" compression = 'none', hive_partitioning = false)"
    )
