"""The source of kind `salesforce`: a Salesforce organisation as the pipeline's objects.

What belongs here: the interface, and one client for its questions. What does not: what is asked (extraction.py).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from connectors.base import NOTHING_KNOWN, Checkpoints, ObjectAvailability, ObjectExtract, Source
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.describing import OfOneOrganisation, plan_objects
from connectors.salesforce.extraction import Extraction
from connectors.salesforce.permissions import sharing_notes
from connectors.salesforce.plan import Patience
from kam_pipeline.crm_schema import CrmObject
from kam_pipeline.settings.salesforce import SalesforceSource
from kam_pipeline.settings.source import Mapping

_PATIENCE = Patience()


class SalesforceOrg(Source):
    """A Salesforce organisation; it is signed in to at the first question, and to be closed.

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
    patience : Patience
        How long to wait for what can pass.
    """

    def __init__(
        self,
        settings: SalesforceSource,
        mapping: Mapping,
        base_dir: Path,
        work_folder: Path,
        patience: Patience = _PATIENCE,
    ) -> None:
        self._settings = settings
        self._mapping = mapping
        self._work_folder = work_folder
        self._patience = patience
        self._client = SalesforceClient(settings, base_dir, patience)

    @property
    def name(self) -> str:
        """The kind and the host that one signs in at."""
        return f"salesforce:{urlsplit(self._settings.login).netloc}"

    @property
    def is_live(self) -> bool:
        """An organisation holds what is true now."""
        return True

    def clock(self) -> datetime | None:
        """Return what time it is by the server's clock (UTC with zone).

        Raises
        ------
        ConnectorError
            When it does not answer, or does not let us in.
        """
        return self._client.server_time()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def inspect(
        self, objects: Sequence[CrmObject], checkpoints: Checkpoints = NOTHING_KNOWN
    ) -> list[ObjectAvailability]:
        """Return what the organisation shows of each object, in the order asked.

        Raises
        ------
        ConnectorError
            When it does not answer, does not let us in, or does not show what nothing can be said without.
        """
        known = OfOneOrganisation(checkpoints, self._client.org_id)
        plans, found = plan_objects(self._client, objects, self._mapping, known)
        notes = sharing_notes(self._client, plans)
        return [
            replace(item, notes=(*item.notes, notes[item.crm_object.name])) if item.crm_object.name in notes else item
            for item in found
        ]

    def extract(
        self, objects: Sequence[CrmObject], checkpoints: Checkpoints = NOTHING_KNOWN
    ) -> Iterator[ObjectExtract]:
        """Yield what is new of every object that the organisation shows; see `Extraction`.

        Raises
        ------
        ConnectorError
            When something cannot be read.
        """
        extraction = Extraction(
            self._client, self._settings, self._mapping, checkpoints, self._work_folder, self._patience
        )
        yield from extraction.extracts(objects)
