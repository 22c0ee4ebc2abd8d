"""What is found of one object before its records are read: its files, their columns, what is wrong with them.

What belongs here: looking at files, once for as long as they do not change. What does not: which files are an object's
(source, feeds), reading records (reading).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.base import ObjectAvailability
from connectors.files.columns import Part, advice, column_problems, known_names, presence
from connectors.files.dialect import TextScan, read_header, scan_text
from connectors.files.discovery import Entry
from connectors.files.reading import read_parquet_part
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.errors import SourceFormatError
from kam_pipeline.settings.source import FileNotation, ObjectMapping

_EntryKey = tuple[Path, int, int, int]


@dataclass(frozen=True)
class Found:
    """What was found of an object, and the files to read it from."""

    availability: ObjectAvailability
    parts: tuple[Part, ...]

    @property
    def announced_cnt(self) -> int | None:
        """How many records the files say they have, None when one of them does not say."""
        counts = [part.record_cnt for part in self.parts if part.record_cnt is not None]
        return sum(counts) if len(counts) == len(self.parts) else None


class Survey:
    """Looks at files that are written in one way.

    Parameters
    ----------
    written : FileNotation
        How they are written.
    section : str
        Where kam.yaml says so, such as `source`; for messages.
    """

    def __init__(self, written: FileNotation, section: str) -> None:
        self._written = written
        self._section = section
        self._scans: dict[_EntryKey, TextScan] = {}

    def find(
        self, crm_object: CrmObject, entries: Sequence[Entry], mapping: ObjectMapping, problems: list[str]
    ) -> Found:
        """Return what an object's files hold; what is wrong with them is added to the problems."""
        before = len(problems)
        parts: list[Part] = []
        for entry in entries:
            try:
                parts.append(self.part(crm_object, entry, mapping))
            except SourceFormatError as error:
                problems.append(str(error))
        if parts and len(problems) == before:
            problems += column_problems(crm_object, parts, mapping)
        states = presence(crm_object, parts, mapping)
        availability = ObjectAvailability(
            crm_object=crm_object,
            origins=tuple(part.entry.label for part in parts),
            presence=states,
            advice=advice(crm_object, states) if parts else {},
            notes=tuple(part.scan.note for part in parts if part.scan and part.scan.note),
        )
        return Found(availability, tuple(parts))

    def part(self, crm_object: CrmObject, entry: Entry, mapping: ObjectMapping) -> Part:
        """Return a file with its columns.

        Raises
        ------
        SourceFormatError
            When it cannot be read as what its name says.
        """
        if entry.is_parquet:
            return read_parquet_part(entry)
        scan = self._scan(entry)
        known = known_names(crm_object, mapping)
        header = read_header(entry, scan, self._written.delimiter, known, crm_object, self._section)
        return Part(entry, header.names, header.delimiter, scan)

    def _scan(self, entry: Entry) -> TextScan:
        """Read a file for its encoding; once for as long as it does not change."""
        stat = entry.path.stat()
        key = (entry.path, entry.member.header_offset if entry.member else -1, stat.st_size, stat.st_mtime_ns)
        if key not in self._scans:
            self._scans[key] = scan_text(entry, self._written.encoding, self._section)
        return self._scans[key]
