"""SQL expressions that turn text into the declared types, null where the text is not one.

What belongs here: how dates, numbers, flags and ids may be written. What does not: where the text comes from (reading).
"""

import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from kam_pipeline.crm_schema import DUCKDB_TYPES, FieldType

# 9999 is how open ends are written
_DATE = r"(19\d\d|2[01]\d\d|2200|9999)-\d\d-\d\d"
_YEAR_AND_MONTH = r"(19|20|21)\d\d-\d\d"
_TIME = r"\d\d:\d\d(:\d\d(\.\d{1,9})?)?"
_ZONE = r"(Z|[+-]\d\d(:?\d\d)?)"
_FLAGS = "['0', 'false', 'f', 'no', 'n', '1', 'true', 't', 'yes', 'y']"  # five that mean no, five that mean yes
_BLANKS = " \u00a0\u2009\u202f'\u2019"
_YEARS = "BETWEEN 1900 AND 2200"
_ZERO_IDS = "('000000000000000', '000000000000000AAA')"
# An id's checksum has a character per block of five; its place in the alphabet is the number whose bits, the first
# character's lowest, say which of the five are capitals. Looking it up keeps the expression small, which DuckDB has to
# bind for every column.
_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_BIT_PATTERNS = ",".join(f"{number:05b}"[::-1] for number in range(32))
_CHARACTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits
_IS_CAPITAL = "1" * 26 + "0" * 36


@dataclass(frozen=True)
class Notation:
    """How values are written in a file.

    Attributes
    ----------
    date_formats : tuple[str, ...]
        Formats of dates as in strptime; none means ISO 8601.
    datetime_formats : tuple[str, ...]
        Formats of date-times; where none is given either, ISO 8601.
    decimal_separator : str
        `.` or `,`; the other one may stand between thousands.
    salesforce_ids : bool
        Whether ids are Salesforce ids, which are made 18 characters long.
    is_api : bool
        Whether no hand has been at the values, so that an id of 18 characters is right as it is.
    """

    date_formats: tuple[str, ...] = ()
    datetime_formats: tuple[str, ...] = ()
    decimal_separator: str = "."
    salesforce_ids: bool = False
    is_api: bool = False

    def native(self) -> "Notation":
        """Return how columns are written that were typed in the file and cast to text: the ISO way."""
        return Notation(salesforce_ids=self.salesforce_ids)


def literal(text: str) -> str:
    """Return a text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Return a name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def typed(kind: FieldType, column: str, notation: Notation) -> str:
    """Return the expression that reads a text column as a declared type.

    Parameters
    ----------
    kind : FieldType
        Declared type.
    column : str
        SQL name of the text column; it is used several times in the expression.
    notation : Notation
        How values are written.
    """
    if kind == "text":
        return column
    if kind == "id":
        return _id(column, notation)
    readers: dict[FieldType, Callable[[str, Notation], str]] = {
        "boolean": _boolean,
        "date": _date,
        "datetime": _datetime,
        "amount": partial(_numeric, "amount"),
        "number": _number,
        "integer": _integer,
        "month": _month,
    }
    patient = readers[kind](f"trim({column})", notation)
    canonical = _canonical(kind, column, notation)
    return f"CASE {canonical} ELSE {patient} END" if canonical else patient


def can_fail(kind: FieldType) -> bool:
    """Return whether a text can fail to be of a type."""
    return kind not in {"id", "text"}


def is_unparsed(text: str, value: str) -> str:
    """Return the condition that a text is there but was not read as its type."""
    return f"({text} IS NOT NULL AND {value} IS NULL)"


def unparsed_json(columns: dict[str, tuple[str, str]]) -> str:
    """Return the expression for `_unparsed`.

    Parameters
    ----------
    columns : dict[str, tuple[str, str]]
        Per field that can fail, the SQL names of its text and of its value.
    """
    if not columns:
        return "CAST(NULL AS VARCHAR)"
    failed = {field: is_unparsed(text, value) for field, (text, value) in columns.items()}
    items = ", ".join(
        f"CASE WHEN {failed[field]} THEN {literal(identifier(field) + ':')} || CAST(to_json({text}) AS VARCHAR) END"
        for field, (text, _) in columns.items()
    )
    return f"CASE WHEN {' OR '.join(failed.values())} THEN '{{' || concat_ws(',', {items}) || '}}' END"


def _fits(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def _canonical(kind: FieldType, column: str, notation: Notation) -> str:
    """Return branches for the one form that a machine writes: the same values for a third of the time, or nothing.

    The limits are compared as texts, because naming a cast twice makes DuckDB evaluate it for every row.
    """
    is_iso = not notation.date_formats and not notation.datetime_formats
    in_years = f"{column} BETWEEN '1900' AND '2201'"
    if kind == "boolean":
        return f"WHEN {column} = 'false' THEN false WHEN {column} = 'true' THEN true"
    if kind == "date" and is_iso:
        value = f"TRY_CAST({column} AS DATE)"
        return f"WHEN {in_years} AND CAST({value} AS VARCHAR) = {column} THEN {value}"
    if kind == "datetime" and is_iso:
        shape = f"strlen({column}) = 24 AND {column} LIKE '____-__-__T__:__:__.___Z' AND NOT contains({column}, ' ')"
        return f"WHEN {in_years} AND {shape} THEN TRY_CAST({column} AS TIMESTAMP)"
    if kind in ("amount", "number") and notation.decimal_separator == ".":
        plain = _fits(column, r"-?[0-9]{1,100}\.?[0-9]{0,100}")
        return f"WHEN {plain} THEN TRY_CAST({column} AS {DUCKDB_TYPES[kind]})"
    return ""


def _boolean(text: str, _notation: Notation) -> str:
    # The text is named once: what stands twice is evaluated for every row, whatever branch it is in.
    words = f"list_position({_FLAGS}, lower({text}))"
    return f"CAST((nullif({words}, 0) - 1) // 5 AS BOOLEAN)"


def _date(text: str, notation: Notation) -> str:
    if notation.date_formats:
        return f"CAST({_by_formats(text, notation.date_formats)} AS DATE)"
    iso = _fits(text, f"{_DATE}([ T]{_TIME}{_ZONE}?)?")
    return f"CASE WHEN {iso} THEN TRY_CAST(left({text}, 10) AS DATE) END"


def _month(text: str, notation: Notation) -> str:
    """Read any day of a month as its first; a year and a month are one in any notation."""
    year_and_month = f"CASE WHEN {_fits(text, _YEAR_AND_MONTH)} THEN TRY_CAST({text} || '-01' AS DATE) END"
    return f"CAST(date_trunc('month', coalesce({_date(text, notation)}, {year_and_month})) AS DATE)"


def _datetime(text: str, notation: Notation) -> str:
    # Only the cast to a type with a zone applies the offset; the other one is cheaper and would drop it silently.
    with_time = (
        f"CASE WHEN {_fits(text, f'{_DATE}[ T]{_TIME}Z?')} THEN TRY_CAST({text} AS TIMESTAMP)"
        f" WHEN {_fits(text, f'{_DATE}[ T]{_TIME}{_ZONE}')}"
        f" THEN CAST(TRY_CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP)"
    )
    if notation.datetime_formats:
        return _by_formats(text, (*notation.datetime_formats, *notation.date_formats))
    if notation.date_formats:
        # formats for dates say nothing of stamps with a time, which systems write as ISO 8601 whatever their dates are
        return f"coalesce({_by_formats(text, notation.date_formats)}, {with_time} END)"
    return f"{with_time} WHEN {_fits(text, _DATE)} THEN TRY_CAST({text} AS TIMESTAMP) END"


def _by_formats(text: str, formats: tuple[str, ...]) -> str:
    """Try formats in their order; `epoch` and `infinity`, which every format takes, have no digit."""
    tries = ", ".join(f"CAST(try_strptime({text}, {literal(one)}) AS TIMESTAMP)" for one in formats)
    moment = f"coalesce({tries})"
    return f"CASE WHEN regexp_matches({text}, '[0-9]') AND year({moment}) {_YEARS} THEN {moment} END"


def _decimal_text(text: str, notation: Notation) -> tuple[str, str, str]:
    """Return the conditions that a text is a plain number and one in groups of thousands, and it without groups.

    The other separator counts as thousands separator only where three digits follow, so that 1,5 is never read as 15.
    """
    other = "," if notation.decimal_separator == "." else "."
    point = "\\" + notation.decimal_separator
    plain = _fits(text, rf"[+-]?(\d+{point}?\d*|{point}\d+)([eE][+-]?\d+)?")
    between = f"[{other}{_BLANKS}]"
    grouped = _fits(text, rf"[+-]?\d{{1,3}}({between}\d{{2,3}})*{between}\d{{3}}({point}\d*)?")
    return plain, grouped, f"regexp_replace({text}, {literal(between)}, '', 'g')"


def _numeric_as(sql_type: str, text: str, notation: Notation) -> str:
    plain, grouped, ungrouped = _decimal_text(text, notation)
    if notation.decimal_separator == ",":
        text, ungrouped = f"replace({text}, ',', '.')", f"replace({ungrouped}, ',', '.')"
    return (
        f"CASE WHEN {plain} THEN TRY_CAST({text} AS {sql_type})"
        f" WHEN {grouped} THEN TRY_CAST({ungrouped} AS {sql_type}) END"
    )


def _numeric(kind: FieldType, text: str, notation: Notation) -> str:
    return _numeric_as(DUCKDB_TYPES[kind], text, notation)


def _number(text: str, notation: Notation) -> str:
    value = _numeric("number", text, notation)
    return f"CASE WHEN isfinite({value}) THEN {value} END"


def _integer(text: str, notation: Notation) -> str:
    value = _numeric_as("DECIMAL(38,18)", text, notation)
    return f"CASE WHEN {value} = trunc({value}) THEN TRY_CAST({value} AS BIGINT) END"


def _id(column: str, notation: Notation) -> str:
    kept = column
    if notation.salesforce_ids:
        kept = _whole_id(column) if notation.is_api else _salesforce_id(column)
    return f"CASE WHEN {column} IN {_ZERO_IDS} THEN NULL ELSE {kept} END"


def _salesforce_id(column: str) -> str:
    """Return an id with 18 characters; the first branch is all that an id in good order costs."""
    raised = f"upper({column})"
    damaged = f"{_fits(raised, '[A-Z0-9]{15}[A-Z0-5]{3}')} AND {_suffix_is_consistent(raised)}"
    return (
        f"CASE WHEN strlen({column}) = 18 THEN"
        f" CASE WHEN {column} <> {raised} AND {column} <> lower({column}) THEN {column}"
        f" WHEN substr({column}, 16) = {_checksum(column)} THEN {column}"
        f" WHEN {damaged} THEN {_repaired(raised)} ELSE {column} END"
        f" WHEN {_fits(column, '[A-Za-z0-9]{15}')} THEN {column} || {_checksum(column)} ELSE {column} END"
    )


def _whole_id(column: str) -> str:
    """Return an id with 18 characters; none has been through a spreadsheet that takes capitals away."""
    is_short = f"strlen({column}) = 15 AND {_fits(column, '[A-Za-z0-9]{15}')}"
    return f"CASE WHEN {is_short} THEN {column} || {_checksum(column)} ELSE {column} END"


def _checksum(column: str) -> str:
    """Return three characters, one per block of five, whose bits say which characters are capitals."""
    blocks = []
    for start in (1, 6, 11):
        bits = f"translate(substr({column}, {start}, 5), '{_CHARACTERS}', '{_IS_CAPITAL}')"
        blocks.append(f"substr('{_ID_ALPHABET}', 1 + (strpos('{_BIT_PATTERNS}', {bits}) - 1) // 6, 1)")
    return " || ".join(blocks)


def _capitals_by_suffix(raised: str) -> str:
    """Return fifteen characters, 1 where the checksum says that the id has a capital."""
    blocks = (
        f"substr('{_BIT_PATTERNS}', 6 * strpos('{_ID_ALPHABET}', substr({raised}, {position}, 1)) - 5, 5)"
        for position in (16, 17, 18)
    )
    return f"({' || '.join(blocks)})"


def _suffix_is_consistent(raised: str) -> str:
    """Return the condition that the checksum asks for no capital where there is a digit."""
    clash = f"substr({_capitals_by_suffix(raised)}, i, 1) = '1' AND substr({raised}, i, 1) <= '9'"
    return f"len(list_filter(range(1, 16), lambda i: {clash})) = 0"


def _repaired(raised: str) -> str:
    is_capital = f"substr({_capitals_by_suffix(raised)}, i, 1) = '1'"
    character = f"CASE WHEN {is_capital} THEN substr({raised}, i, 1) ELSE lower(substr({raised}, i, 1)) END"
    return f"array_to_string(list_transform(range(1, 16), lambda i: {character}), '') || substr({raised}, 16)"
