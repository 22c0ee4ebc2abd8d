"""Pages of Bulk results as files: cutting, rewriting, compressing and damaging them, with little memory.

What belongs here: CSV files in and out. What does not: jobs (bulk_jobs.py), choosing faults (faults.py).
"""

import csv
import gzip
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from connectors.salesforce_emulator.faults import Fault

DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "TAB": "\t", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
_GZIP_LEVEL = 1


def _records(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the records of a CSV file in which line ends stand within quotes too."""
    lines: list[bytes] = []
    is_open = False
    for line in file:
        lines.append(line)
        is_open ^= line.count(b'"') % 2 == 1
        if not is_open:
            yield b"".join(lines)
            lines = []
    if lines:
        yield b"".join(lines)


def _made_once(target: Path, write: Callable[[Path], None]) -> Path:
    """Return a file, written first where it is not there; two threads may both write it, readers see a whole one."""
    if not target.exists():
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            draft = Path(file.name)
        write(draft)
        draft.replace(target)
    return target


def cut(page: Path, start: int, count: int) -> Path:
    """Return a file with the header and some records of a page."""
    return _changed(page, f"{start}-{count}", lambda records: itertools.islice(records, start, start + count))


def rewritten(page: Path, delimiter: str, line_ending: str) -> Path:
    """Return a page with another delimiter and line ending; line ends within values stay."""

    def write(target: Path) -> None:
        with page.open(newline="", encoding="utf-8") as read, target.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=delimiter, lineterminator=line_ending, quoting=csv.QUOTE_ALL)
            writer.writerows(csv.reader(read))

    return _made_once(page.with_suffix(".rewritten.csv"), write)


def compressed(page: Path) -> Path:
    """Return a page compressed with gzip."""

    def write(target: Path) -> None:
        with page.open("rb") as read, gzip.open(target, "wb", compresslevel=_GZIP_LEVEL) as file:
            shutil.copyfileobj(read, file, 1 << 20)

    return _made_once(page.with_name(page.name + ".gz"), write)


def damaged(page: Path, count: int, faults: Iterable[Fault]) -> tuple[Path, int]:
    """Return a page as the faults that strike it leave it, and how many records its header line says it has."""
    for fault in faults:
        if fault.kind == "short_page":
            kept = max(0, count - int(fault.options["rows"]))
            page = cut(page, 0, kept)
            count = kept if fault.options["count_header"] == "actual" else count
        elif fault.kind == "nul_bytes":
            page = _changed(page, "nul", lambda records: (_with_nul(record) for record in records))
        elif fault.kind == "repeat_header":
            page = _changed(page, "repeated", lambda records: records, header_cnt=2)
        elif fault.kind == "no_header":
            page = _changed(page, "headless", lambda records: records, header_cnt=0)
    return page, count


def _changed(
    page: Path, name: str, change: Callable[[Iterator[bytes]], Iterable[bytes]], *, header_cnt: int = 1
) -> Path:
    def write(target: Path) -> None:
        with page.open("rb") as read, target.open("wb") as file:
            records = _records(read)
            header = next(records, b"")
            file.write(header * header_cnt)
            file.writelines(change(records))

    return _made_once(page.with_suffix(f".{name}.csv"), write)


def _with_nul(record: bytes) -> bytes:
    """Return a record with a NUL byte at the end of its last value."""
    text = record.rstrip(b"\r\n")
    return text[:-1] + b'\x00"' + record[len(text) :] if text.endswith(b'"') else record
