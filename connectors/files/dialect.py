"""How a CSV file is written: its encoding, its delimiter, its header.

What belongs here: everything that is found out from the text of one file alone. What does not: which columns an object
needs (columns), reading records (reading).
"""

import codecs
import csv
import io
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import IO

from connectors.files.discovery import Entry
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.errors import SourceFormatError
from kam_pipeline.feed_schema import settings_section
from kam_pipeline.settings.source import Delimiter

DELIMITERS: dict[Delimiter, str] = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "pipe": "|",
    "caret": "^",
    "backquote": "`",
}
"""Delimiters by their name in `source.delimiter`, in the order in which they are preferred."""

FALLBACK_ENCODING = "cp1252"

_CHUNK_BYTES = 1 << 20
_HEAD_CHARACTERS = 1 << 18
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_AROUND_NAMES = " \t\r\n\ufeff\0"
_SHOWN_HEADER = 200


class UndecodableError(Exception):
    """Raised inside this package when bytes are not text of an encoding.

    Parameters
    ----------
    offset : int
        Position of the byte in the file, from 0.
    line : int
        Line it is on, from 1.
    """

    def __init__(self, offset: int, line: int) -> None:
        self.offset, self.line = offset, line
        super().__init__(f"byte {offset}, line {line}")


@dataclass(frozen=True)
class TextScan:
    """What reading a text file once from start to end told.

    Attributes
    ----------
    encoding : str
        Codec under which all of it can be read.
    head : str
        Its first part, at least the header.
    ends_in_newline : bool
        Whether the last line is a whole one; a file that was cut off mostly ends within a line.
    has_nul : bool
        Whether there are NUL characters, which no CRM means.
    note : str
        What a reader should know about the encoding, empty when nothing.
    """

    encoding: str
    head: str
    ends_in_newline: bool
    has_nul: bool
    note: str = ""

    @property
    def is_utf8(self) -> bool:
        """Whether the bytes can be read as UTF-8 as they are."""
        return codecs.lookup(self.encoding).name in {"utf-8", "utf-8-sig", "ascii"}


@dataclass(frozen=True)
class Header:
    """Column names of a file and the delimiter between them."""

    delimiter: str
    names: tuple[str, ...]


def decoded(stream: IO[bytes], encoding: str) -> Iterator[str]:
    """Yield the text of a stream piece by piece.

    Raises
    ------
    UndecodableError
        When bytes are not text of the encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    offset, line = 0, 1
    chunk = stream.read(_CHUNK_BYTES)
    while True:
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].count(b"\n")
            raise UndecodableError(offset - pending + error.start, line + before) from error
        if text:
            yield text
        if not chunk:
            return
        offset += len(chunk)
        line += text.count("\n")
        chunk = stream.read(_CHUNK_BYTES)


def scan_text(entry: Entry, encoding: str, section: str) -> TextScan:
    """Read a file once and return the encoding that fits all of it, with its first part.

    Parameters
    ----------
    entry : Entry
        The file.
    encoding : str
        A codec, or `auto` for a byte order mark, UTF-8 or cp1252.
    section : str
        Where kam.yaml says how the file is written, such as `source`; for messages.

    Raises
    ------
    SourceFormatError
        When the file is empty or is not text of the encoding.
    """
    with entry.opened() as stream:
        start = stream.read(4)
    if encoding != "auto":
        return _scan_under(entry, encoding, section, f"{section}.encoding is {encoding}")
    marked = next((codec for mark, codec in _BYTE_ORDER_MARKS if start.startswith(mark)), None)
    if marked:
        return _scan_under(entry, marked, section, f"its byte order mark says {marked}")
    try:
        return _scan(entry, "utf-8")
    except UndecodableError as error:
        note = (
            f"{entry.label}: not UTF-8 ({error}), read as {FALLBACK_ENCODING};"
            f" set {section}.encoding if letters with accents look wrong"
        )
    return _scan_under(entry, FALLBACK_ENCODING, section, f"it is not UTF-8 and was tried as {FALLBACK_ENCODING}", note)


def read_header(
    entry: Entry, scan: TextScan, delimiter: Delimiter, known: AbstractSet[str], crm_object: CrmObject, section: str
) -> Header:
    """Return the column names of a file, finding the delimiter when it is `auto`.

    Parameters
    ----------
    entry : Entry
        The file.
    scan : TextScan
        What was found of its text.
    delimiter : Delimiter
        Name of the delimiter, or `auto`.
    known : Set[str]
        Keys (`name_key`) of the column names that the object may have.
    crm_object : CrmObject
        The object, for messages.
    section : str
        Where kam.yaml says how the file is written, such as `source`; for messages.

    Raises
    ------
    SourceFormatError
        When no column is known under any delimiter.
    """
    tried = list(DELIMITERS.values()) if delimiter == "auto" else [DELIMITERS[delimiter]]
    headers = [Header(separator, _first_record(scan.head, separator)) for separator in tried]
    scores = [len({name_key(name) for name in header.names} & known) for header in headers]
    best = max(scores)
    if not best:
        seen = scan.head.strip(_AROUND_NAMES).splitlines()[0][:_SHOWN_HEADER]
        raise SourceFormatError(
            f"{entry.label}: no known column of {crm_object.name} in its header, which reads {seen!r}; set"
            f" {section}.delimiter if columns are not told apart, or {settings_section(crm_object)}.fields to what"
            " they are called"
        )
    return headers[scores.index(best)]


def first_odd_line_end(entry: Entry, scan: TextScan) -> int | None:
    """Return the row, the header being 1, whose line end differs from the first one's, None when there is none.

    It is asked only when the parser has given up, which does not say the row in this one case.
    """
    row, first, is_quoted = 0, "", False
    with entry.opened() as stream, io.TextIOWrapper(stream, encoding=scan.encoding, newline="") as lines:
        for line in lines:
            is_quoted ^= line.count('"') % 2 == 1
            end = line[len(line.rstrip("\r\n")) :]
            if is_quoted or not end:
                continue
            row += 1
            first = first or end[-2:]
            if end[-2:] != first:
                return row
    return None


def name_key(name: str) -> str:
    """Return what column names are compared by: without letter case and surrounding blanks."""
    return name.strip(_AROUND_NAMES).casefold()


def _scan(entry: Entry, encoding: str, note: str = "") -> TextScan:
    head, last, has_nul = "", "", False
    with entry.opened() as stream:
        for text in decoded(stream, encoding):
            head = head or text[:_HEAD_CHARACTERS]
            last = text
            has_nul = has_nul or "\0" in text
    if not head.strip(_AROUND_NAMES):
        raise SourceFormatError(f"{entry.label}: the file is empty; export it again")
    return TextScan(encoding, head, last.endswith(("\n", "\r")), has_nul, note)


def _scan_under(entry: Entry, encoding: str, section: str, reason: str, note: str = "") -> TextScan:
    try:
        return _scan(entry, encoding, note)
    except UndecodableError as error:
        raise SourceFormatError(
            f"{entry.label}: cannot be read as {encoding} at {error} ({reason}); set {section}.encoding to the"
            " encoding it was exported in, such as utf-8, cp1252 or latin-1"
        ) from error


def _first_record(head: str, delimiter: str) -> tuple[str, ...]:
    text = io.StringIO(head.lstrip("\ufeff"), newline="")
    try:
        record = next(csv.reader(text, delimiter=delimiter), [])
    except csv.Error:
        return ()
    return tuple(name.strip(_AROUND_NAMES) for name in record)
