"""Records of one object's files as typed record batches, read by a DuckDB that serves as parser only.

What belongs here: temporary copies, the query over one file, what its errors mean. What does not: which files and
columns (discovery, columns), how values are written (typing_sql).
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.base import CUSTOM, UNPARSED
from connectors.files.columns import Part, custom_columns, positions
from connectors.files.dialect import UndecodableError, decoded, first_odd_line_end
from connectors.files.discovery import Entry
from connectors.typing_sql import Notation, can_fail, identifier, literal, typed, unparsed_json
from kam_pipeline.crm_schema import DUCKDB_TYPES, CrmObject
from kam_pipeline.errors import ConnectorError, SourceFormatError
from kam_pipeline.settings.source import ObjectMapping

MAX_LINE_BYTES = 8 << 20
"""Longest record; a long text area has 131,072 characters and a record 400,000, of up to four bytes each."""

BATCH_ROWS = 32_768

_THREADS = 2
_MEMORY_LIMIT = "2GB"
_COPY_BYTES = 1 << 20
_SHOWN_LINE = 80
_READ_ERRORS = (duckdb.Error, pa.ArrowException, OSError)


def connect(temp_directory: str = "") -> duckdb.DuckDBPyConnection:
    """Return a DuckDB in memory whose dates are UTC and which looks at nothing but what it is told to read."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": _THREADS,
        "memory_limit": _MEMORY_LIMIT,
        "temp_directory": temp_directory,
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
    }
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def format_problems(notation: Notation, section: str) -> list[str]:
    """Return what is wrong with the date formats in a section of the settings."""
    formats = [("date_formats", one) for one in notation.date_formats]
    formats += [("datetime_formats", one) for one in notation.datetime_formats]
    if not formats:
        return []
    problems = []
    with connect() as connection:
        for setting, one in formats:
            try:
                connection.execute(f"SELECT try_strptime('1', {literal(one)})").fetchall()
            except duckdb.Error:
                problems.append(f"{section}.{setting}: {one!r} has an unknown % directive; write it as in strptime")
    return problems


def read_parquet_part(entry: Entry) -> Part:
    """Return the columns and the number of records of a Parquet file.

    Raises
    ------
    SourceFormatError
        When the file is empty or not Parquet.
    """
    with TemporaryDirectory(prefix="kam-files-") as folder:
        local = _local_copy(entry, None, Path(folder) / "part.parquet")
        try:
            with pq.ParquetFile(local) as file:
                schema, record_cnt = file.schema_arrow, file.metadata.num_rows
        except _READ_ERRORS as error:
            raise SourceFormatError(f"{entry.label}: cannot be read as Parquet; export it again") from error
    text_types = (pa.string(), pa.large_string(), pa.string_view())
    native = frozenset(
        position
        for position, column in enumerate(schema)
        if column.type not in text_types and not pa.types.is_dictionary(column.type)
    )
    return Part(entry, tuple(schema.names), native=native, record_cnt=record_cnt)


def read_batches(
    crm_object: CrmObject, parts: Sequence[Part], mapping: ObjectMapping, notation: Notation
) -> Iterator[pa.RecordBatch]:
    """Yield the records of an object with the schema of `arrow_schema`, file after file; copies go when a file is done.

    Raises
    ------
    SourceFormatError
        When a file is damaged: a record with too few or too many columns, a quote that is never closed.
    """
    custom = custom_columns(crm_object, parts, mapping)
    with TemporaryDirectory(prefix="kam-files-") as spill, connect(spill) as connection:
        for part in parts:
            with TemporaryDirectory(prefix="kam-files-") as folder:
                local = _local_copy(part.entry, part, Path(folder) / "part")
                query = _query(crm_object, part, mapping, notation, local, custom)
                yield from _stream(connection, query, part)


def _stream(connection: duckdb.DuckDBPyConnection, query: str, part: Part) -> Iterator[pa.RecordBatch]:
    try:
        with closing(connection.sql(query).to_arrow_reader(BATCH_ROWS)) as reader:
            yield from reader
    except _READ_ERRORS as error:
        raise _explained(part, str(error)) from error


def _local_copy(entry: Entry, part: Part | None, target: Path) -> Path:
    """Return a file on disk that DuckDB can read: the file itself, or a copy unpacked and made UTF-8."""
    scan = part.scan if part else None
    if scan and not scan.is_utf8:
        with entry.opened() as stream, target.open("w", encoding="utf-8", newline="") as copy:
            try:
                copy.writelines(decoded(stream, scan.encoding))
            except UndecodableError as error:
                raise SourceFormatError(f"{entry.label}: changed while it was being read; run again") from error
        return target
    if entry.member is None:
        return entry.path
    with entry.opened() as stream, target.open("wb") as plain_copy:
        shutil.copyfileobj(stream, plain_copy, _COPY_BYTES)
    return target


def _query(
    crm_object: CrmObject,
    part: Part,
    mapping: ObjectMapping,
    notation: Notation,
    local: Path,
    custom: Sequence[str],
) -> str:
    texts: list[str] = []
    values: list[str] = []
    selected: list[str] = []
    fallible: dict[str, tuple[str, str]] = {}
    for number, field in enumerate(crm_object.fields):
        found = positions(field, part, mapping)
        if not found:
            selected.append(f"CAST(NULL AS {DUCKDB_TYPES[field.type]}) AS {identifier(field.name)}")
            continue
        text, value = f"t{number}", f"v{number}"
        written = notation.native() if part.native.issuperset(found) else notation
        texts.append(f"{_text(part, found)} AS {text}")
        values.append(f"{typed(field.type, text, written)} AS {value}")
        selected.append(f"{value} AS {identifier(field.name)}")
        if can_fail(field.type):
            fallible[field.name] = (text, value)
    selected.append(f"{unparsed_json(fallible)} AS {identifier(UNPARSED)}")
    if crm_object.has_custom:
        texts.append(f"{_custom_json(part, custom)} AS {identifier(CUSTOM)}")
        selected.append(identifier(CUSTOM))
    return (
        f"SELECT {', '.join(selected)} FROM (SELECT *, {', '.join(values)} FROM ("
        f"SELECT {', '.join(texts)} FROM {_scan(part, local)}))"
    )


def _text(part: Part, found: Sequence[int]) -> str:
    """Return the expression for a field's text: without NUL characters, null when empty."""
    columns = [_column(part, position) for position in found]
    if part.scan is None or part.scan.has_nul:
        columns = [f"nullif(replace({column}, chr(0), ''), '')" for column in columns]
    return columns[0] if len(columns) == 1 else f"nullif(concat_ws('|', {', '.join(columns)}), '')"


def _custom_json(part: Part, custom: Sequence[str]) -> str:
    """Return the expression for `_custom`: the texts of the organisation's own columns, as they stand in the file."""
    if not custom:
        return "CAST(NULL AS VARCHAR)"
    found = {name: part.position(name) for name in custom}
    items = (
        f"{literal(name)}, {'NULL' if position is None else _text(part, [position])}"
        for name, position in found.items()
    )
    return f"CAST(json_object({', '.join(items)}) AS VARCHAR)"


def _column(part: Part, position: int) -> str:
    if part.entry.is_parquet:
        return f"CAST({identifier(part.names[position])} AS VARCHAR)"
    return f"c{position}"


def _scan(part: Part, local: Path) -> str:
    # A path is a pattern to DuckDB; brackets around its wildcards make it a name again.
    path = literal(re.sub(r"[*?[]", r"[\g<0>]", str(local)))
    if part.entry.is_parquet:
        return f"read_parquet({path}, hive_partitioning = false)"
    columns = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(part.names)))
    return (
        f"read_csv({path}, auto_detect = false, columns = {{{columns}}}, all_varchar = true, header = true,"
        f" delim = {literal(part.delimiter)}, quote = '\"', escape = '\"', nullstr = '', strict_mode = true,"
        f" max_line_size = {MAX_LINE_BYTES}, compression = 'none', hive_partitioning = false)"
    )


def _explained(part: Part, reported: str) -> ConnectorError:
    """Return the error a reader can act on, from the long one of the parser."""
    label = part.entry.label
    if part.entry.is_parquet:
        return SourceFormatError(f"{label}: cannot be read as Parquet; export it again")
    row = re.search(r"CSV Error on Line: (\d+)", reported)
    where = f"{label}, row {row.group(1)} (the header is row 1)" if row else label
    original = re.search(r"Original Line: ?(.*)", reported)
    excerpt = f": {original.group(1)[:_SHOWN_LINE]!r}" if original else ""
    cut_off = "the file looks truncated; export it again"
    is_cut_off = part.scan is not None and not part.scan.ends_in_newline
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", reported)
    if counts:
        is_last = is_cut_off and int(counts.group(2)) < int(counts.group(1))
        way_out = cut_off if is_last else "look for quotes that are not doubled, or export it again"
        return SourceFormatError(
            f"{where}: {counts.group(2)} instead of the {counts.group(1)} columns of the header{excerpt}; {way_out}"
        )
    if "unterminated quote" in reported:
        return SourceFormatError(f"{where}: a quote is opened and not closed where the value ends{excerpt}; {cut_off}")
    if "Maximum line size" in reported:
        return SourceFormatError(f"{where}: longer than {MAX_LINE_BYTES:,} bytes, so a quote is not closed; {cut_off}")
    odd_row = first_odd_line_end(part.entry, part.scan) if part.scan else None
    if odd_row:
        return SourceFormatError(
            f"{label}, row {odd_row} (the header is row 1): ends its line otherwise than the rows before (CRLF and LF"
            " are mixed); give all lines one ending, or export it again"
        )
    said = reported.partition("\n")[0][:_SHOWN_LINE]
    return SourceFormatError(f"{where}: cannot be read as CSV{excerpt} ({said}); export it again")
