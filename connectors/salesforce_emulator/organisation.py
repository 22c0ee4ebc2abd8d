"""What the server needs of an organisation: the reading half of org.py.

What belongs here: the shape that the protocol relies on, nothing that does anything.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from connectors.salesforce_emulator.answers import BulkResult, QueryResult


class OrganisationClock(Protocol):
    """The organisation's clock."""

    def now(self) -> datetime:
        """Return what time it is there, UTC with zone."""


class Organisation(Protocol):
    """Records and their description, as one user of the organisation sees them.

    All methods may be called by several threads at once, and raise `RefusalError` where Salesforce would refuse.
    """

    @property
    def org_id(self) -> str:
        """Id of the organisation, 18 characters."""

    @property
    def user_id(self) -> str:
        """Id of the user that reads, 18 characters."""

    @property
    def clock(self) -> OrganisationClock:
        """The organisation's clock."""

    def describe_global(self, version: float) -> Mapping[str, Any]:
        """Return the objects of the organisation."""

    def describe(self, sobject: str, version: float) -> Mapping[str, Any]:
        """Return the fields of one object and more."""

    def query(self, soql: str, *, include_deleted: bool, version: float) -> QueryResult:
        """Return the result of a REST query."""

    def check_bulk(self, soql: str, version: float) -> str:
        """Return the object that a Bulk query reads."""

    def bulk_query(
        self, soql: str, *, include_deleted: bool, version: float, folder: Path, page_rows: int, shuffle: bool = False
    ) -> BulkResult:
        """Write the result of a Bulk query as CSV pages into a folder."""

    def record_cnt(self, sobject: str) -> int:
        """Return how many records an object has, whoever may see them."""

    def deleted(self, sobject: str, start: datetime, end: datetime) -> Mapping[str, Any]:
        """Return which records were deleted in a time."""

    def updated(self, sobject: str, start: datetime, end: datetime) -> Mapping[str, Any]:
        """Return which records were changed in a time."""
