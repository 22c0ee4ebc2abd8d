"""The source of kind `salesforce`: a Salesforce organisation as the pipeline's objects.

What belongs here: putting together what the modules beside it find out. What does not: requests, types, windows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from connectors.base import NOTHING_KNOWN, Checkpoints, ObjectAvailability, ObjectExtract, Source
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describing import plan_objects
from connectors.salesforce.permissions import sharing_notes
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.settings.salesforce import SalesforceSource
from kam_pipeline.settings.source import Mapping


class SalesforceOrg(Source):
    """A Salesforce organisation.

    Parameters
    ----------
    settings : SalesforceSource
        Section `source`.
    mapping : Mapping
        Section `mapping`: objects and fields that are not called like ours.
    base_dir : Path
        Folder that `source.sign_in.private_key_file` is relative to.
    work_folder : Path
        Where an interrupted extraction goes on from.
    """

    def __init__(self, settings: SalesforceSource, mapping: Mapping, base_dir: Path, work_folder: Path) -> None:
        self._settings = settings
        self._mapping = mapping
        self._client = SalesforceClient(settings, base_dir)
        self._work_folder = work_folder

    @property
    def name(self) -> str:
        """The kind and the host that one signs in at."""
        return f"salesforce:{urlsplit(self._settings.login).netloc}"

    @property
    def is_live(self) -> bool:
        """An organisation holds what is true now."""
        return True

    def clock(self) -> datetime | None:
        """Return what time it is by the server's clock (UTC with zone)."""
        return self._client.server_time()

    def inspect(
        self, objects: Sequence[CrmObject], checkpoints: Checkpoints = NOTHING_KNOWN
    ) -> list[ObjectAvailability]:
        """Return what the organisation shows of each object, in the order asked, and where it hides records."""
        plans, found = plan_objects(self._client, objects, self._mapping, checkpoints)
        hidden = sharing_notes(self._client, plans)
        return [replace(item, notes=(*item.notes, *_note(hidden, item))) for item in found]

    def extract(
        self, objects: Sequence[CrmObject], checkpoints: Checkpoints = NOTHING_KNOWN
    ) -> Iterator[ObjectExtract]:
        """Yield what is new of every object that the organisation shows."""
        raise NotImplementedError


def _note(hidden: dict[str, str], item: ObjectAvailability) -> tuple[str, ...]:
    note = hidden.get(item.crm_object.name)
    return (note,) if note else ()
