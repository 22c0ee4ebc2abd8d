"""The source of kind `files`: exported CSV or Parquet files as the pipeline's objects.

What belongs here: putting together what the modules beside it find out, and reporting all problems at once. What does
not: any detail of archives, encodings, columns or values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.base import ObjectAvailability, ObjectExtract, Source
from connectors.files.columns import Part, column_problems, known_names, mapped_columns, presence
from connectors.files.dialect import TextScan, name_key, read_header, scan_text
from connectors.files.discovery import Entry, entries_of, list_entries, missing_object
from connectors.files.reading import format_problems, read_batches, read_parquet_part
from connectors.files.typing_sql import Notation
from kam_pipeline.crm_schema import ACCOUNT, CrmObject
from kam_pipeline.errors import SourceFormatError
from kam_pipeline.settings.source import FilesSource, Mapping

_EntryKey = tuple[Path, int, int, int]


@dataclass(frozen=True)
class _Found:
    availability: ObjectAvailability
    parts: tuple[Part, ...]


class ExportFiles(Source):
    """Records exported to files.

    Parameters
    ----------
    settings : FilesSource
        Section `source`.
    mapping : Mapping
        Section `mapping`: files and columns that are not called like ours.
    base_dir : Path
        Folder that `source.path` is relative to.
    """

    def __init__(self, settings: FilesSource, mapping: Mapping, base_dir: Path) -> None:
        self._settings = settings
        self._mapping = mapping
        self._root = base_dir / Path(settings.path).expanduser()
        self._scans: dict[_EntryKey, TextScan] = {}

    @property
    def name(self) -> str:
        """The kind and the last part of the path."""
        return f"files:{self._root.name or self._root.resolve().name}"

    @property
    def is_complete(self) -> bool:
        """Whether each delivery holds every living record, as the settings say."""
        return self._settings.complete

    def inspect(self, objects: Sequence[CrmObject]) -> list[ObjectAvailability]:
        """Return what the files hold of each object, in the order asked.

        Raises
        ------
        SourceFormatError
            With one line per problem, over all objects.
        """
        return [found.availability for found in self._survey(objects)]

    def extract(self, objects: Sequence[CrmObject]) -> Iterator[ObjectExtract]:
        """Yield every object that has files, in the order asked; records are read as the batches are.

        Raises
        ------
        SourceFormatError
            With one line per problem, over all objects, before the first object.
        """
        survey = self._survey(objects)
        notation = self._notation(salesforce_ids=self._ids_are_salesforce())
        for found in survey:
            if not found.parts:
                continue
            crm_object = found.availability.crm_object
            counts = [part.record_cnt for part in found.parts if part.record_cnt is not None]
            yield ObjectExtract(
                availability=found.availability,
                batches=read_batches(crm_object, found.parts, self._mapping.of(crm_object.name), notation),
                announced_cnt=sum(counts) if len(counts) == len(found.parts) else None,
            )

    def _survey(self, objects: Sequence[CrmObject]) -> list[_Found]:
        entries = list_entries(self._root)
        problems = format_problems(self._notation())
        found = [self._find(crm_object, entries, problems) for crm_object in objects]
        if problems:
            raise SourceFormatError("\n".join(problems))
        return found

    def _find(self, crm_object: CrmObject, entries: Sequence[Entry], problems: list[str]) -> _Found:
        """Return what is there of an object; what is wrong is added to the problems."""
        mapping = self._mapping.of(crm_object.name)
        own = entries_of(crm_object.name, mapping.file, entries)
        if not own and (crm_object.is_required or mapping.file):
            problems.append(missing_object(crm_object.name, mapping.file, self._root, entries))
        before = len(problems)
        parts: list[Part] = []
        for entry in own:
            try:
                parts.append(self._part(crm_object, entry))
            except SourceFormatError as error:
                problems.append(str(error))
        if parts and len(problems) == before:
            problems += column_problems(crm_object, parts, mapping)
        availability = ObjectAvailability(
            crm_object=crm_object,
            origins=tuple(part.entry.label for part in parts),
            presence=presence(crm_object, parts, mapping),
            notes=tuple(part.scan.note for part in parts if part.scan and part.scan.note),
        )
        return _Found(availability, tuple(parts))

    def _part(self, crm_object: CrmObject, entry: Entry) -> Part:
        if entry.is_parquet:
            return read_parquet_part(entry)
        scan = self._scan(entry)
        known = known_names(crm_object, self._mapping.of(crm_object.name))
        header = read_header(entry, scan, self._settings.delimiter, known, crm_object.name)
        return Part(entry, header.names, header.delimiter, scan)

    def _scan(self, entry: Entry) -> TextScan:
        """Read a file for its encoding; once for as long as it does not change."""
        stat = entry.path.stat()
        key = (entry.path, entry.member.header_offset if entry.member else -1, stat.st_size, stat.st_mtime_ns)
        if key not in self._scans:
            self._scans[key] = scan_text(entry, self._settings.encoding)
        return self._scans[key]

    def _notation(self, *, salesforce_ids: bool = False) -> Notation:
        return Notation(
            date_formats=tuple(self._settings.date_formats),
            datetime_formats=tuple(self._settings.datetime_formats),
            decimal_separator=self._settings.decimal_separator,
            salesforce_ids=salesforce_ids,
        )

    def _ids_are_salesforce(self) -> bool:
        """Whether ids are Salesforce ids: as set, else when the accounts have a column Id that is used as it is."""
        if self._settings.ids != "auto":
            return self._settings.ids == "salesforce"
        mapping = self._mapping.of(ACCOUNT.name)
        id_field = next(field for field in ACCOUNT.fields if field.name == "Id")
        if any(name_key(column) != "id" for column in mapped_columns(id_field, mapping)):
            return False
        accounts = entries_of(ACCOUNT.name, mapping.file, list_entries(self._root))
        return bool(accounts) and self._part(ACCOUNT, accounts[0]).position("Id") is not None
