"""The source of kind `files`: exported CSV or Parquet files as the pipeline's objects.

What belongs here: putting together what the modules beside it find out, and reporting all problems at once. What does
not: any detail of archives, encodings, columns or values.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors.base import NOTHING_KNOWN, Checkpoints, FieldPresence, ObjectAvailability, ObjectExtract, Source
from connectors.files.columns import mapped_columns
from connectors.files.dialect import name_key
from connectors.files.discovery import Entry, entries_of, list_entries, missing_object
from connectors.files.reading import format_problems, read_batches
from connectors.files.survey import Found, Survey
from connectors.typing_sql import Notation
from kam_pipeline.crm_schema import ACCOUNT, CrmObject
from kam_pipeline.errors import SourceFormatError
from kam_pipeline.settings.source import FilesSource, Mapping

_SECTION = "source"


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
        self._files = Survey(settings, _SECTION)

    @property
    def name(self) -> str:
        """The kind and the last part of the path."""
        return f"files:{self._root.name or self._root.resolve().name}"

    def inspect(
        self,
        objects: Sequence[CrmObject],
        checkpoints: Checkpoints = NOTHING_KNOWN,  # noqa: ARG002 - files are read whole
    ) -> list[ObjectAvailability]:
        """Return what the files hold of each object, in the order asked.

        Raises
        ------
        SourceFormatError
            With one line per problem, over all objects.
        """
        return [found.availability for found in self._survey(objects)]

    def extract(
        self,
        objects: Sequence[CrmObject],
        checkpoints: Checkpoints = NOTHING_KNOWN,  # noqa: ARG002 - files are read whole
    ) -> Iterator[ObjectExtract]:
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
            yield ObjectExtract(
                availability=found.availability,
                batches=read_batches(crm_object, found.parts, self._mapping.of(crm_object.name), notation),
                is_complete=self._settings.complete,
                announced_cnt=found.announced_cnt,
                is_optional=self._is_found_by_name(crm_object),
            )

    def _survey(self, objects: Sequence[CrmObject]) -> list[Found]:
        entries = list_entries(self._root)
        problems = format_problems(self._notation(), _SECTION)
        found = [self._find(crm_object, entries, problems) for crm_object in objects]
        if problems:
            raise SourceFormatError("\n".join(problems))
        return found

    def _find(self, crm_object: CrmObject, entries: Sequence[Entry], problems: list[str]) -> Found:
        """Return what is there of an object; what is wrong is added to the problems."""
        mapping = self._mapping.of(crm_object.name)
        own = entries_of(crm_object.name, mapping.file, entries)
        if not own and (crm_object.is_required or mapping.file):
            problems.append(missing_object(crm_object.name, mapping.file, self._root, entries))
        if not self._is_found_by_name(crm_object):
            return self._files.find(crm_object, own, mapping, problems)
        wrong: list[str] = []
        found = self._files.find(crm_object, own, mapping, wrong)
        return _left_alone(crm_object, wrong) if wrong else found

    def _is_found_by_name(self, crm_object: CrmObject) -> bool:
        """Whether nobody asked for an object that can be left alone: a file of its name may be something else."""
        return crm_object.can_be_left_alone and not self._mapping.names(crm_object.name)

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
        return bool(accounts) and self._files.part(ACCOUNT, accounts[0], mapping).position("Id") is not None


def _left_alone(crm_object: CrmObject, wrong: Sequence[str]) -> Found:
    """Return that an object is not there, and why its file does not count as its own."""
    note = f"left alone, for nobody asked for it: {'; '.join(wrong)}; name it in mapping.{crm_object.name} to have it"
    absent: dict[str, FieldPresence] = dict.fromkeys((field.name for field in crm_object.fields), "absent")
    return Found(ObjectAvailability(crm_object, (), absent, (note,)), ())
