"""The organisation as the server in front of it reads it.

What belongs here: the front of the emulator's data. What does not: what users and administrators do (users.py,
administration.py), HTTP (server.py).
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.salesforce_emulator import describing, reading, replication
from connectors.salesforce_emulator.administration import Administration
from connectors.salesforce_emulator.answers import BulkResult, QueryResult
from connectors.salesforce_emulator.soql_parser import parse
from connectors.salesforce_emulator.soql_scope import quoted
from connectors.salesforce_emulator.soql_sql import Translator
from connectors.salesforce_emulator.state import Features
from connectors.salesforce_emulator.users import Users

__all__ = ["Features", "Org"]


class Org(Users, Administration):
    """One organisation with its records; every method may be called from any thread."""

    def describe_global(self, version: float) -> dict[str, Any]:
        """Return what the list of all objects says in a version of the API."""
        with self._store.lock:
            return describing.describe_global(self._schema, version)

    def describe(self, sobject: str, version: float) -> dict[str, Any]:
        """Return what describe says of an object.

        Raises
        ------
        RefusalError
            NOT_FOUND when the API does not show it.
        """
        with self._store.lock:
            return describing.describe(self._schema, self._shown(sobject, version), version)

    def query(self, soql: str, *, include_deleted: bool, version: float) -> QueryResult:
        """Return the result of a REST query, which stays as it is now.

        Raises
        ------
        RefusalError
            As the real one refuses it.
        """
        parsed = parse(soql)
        with self._settled():
            translated = self._translator(soql, version, include_deleted=include_deleted).translate(parsed)
            return reading.rest_result(self._store, translated, version)

    def check_bulk(self, soql: str, version: float) -> str:
        """Return the object of a query that the Bulk API takes.

        Raises
        ------
        RefusalError
            As the real one refuses to make the job.
        """
        with self._store.lock:
            query = reading.bulk_query_of(self._schema, soql, version)
            translator = self._translator(soql, version, include_deleted=True)
            return reading.translated_for_bulk(translator, query, shuffle=False).entity.name

    def bulk_query(
        self, soql: str, *, include_deleted: bool, version: float, folder: Path, page_rows: int, shuffle: bool = False
    ) -> BulkResult:
        """Write the result of a Bulk query into a folder, as pages of so many records.

        Raises
        ------
        RefusalError
            As `check_bulk`, when objects or fields have gone since.
        """
        with self._settled():
            query = reading.bulk_query_of(self._schema, soql, version)
            translator = self._translator(soql, version, include_deleted=include_deleted)
            translated = reading.translated_for_bulk(translator, query, shuffle=shuffle)
            batches = reading.bulk_reader(self._store, translated)
        return reading.write_pages(translated.cells, batches, folder, page_rows)

    def record_cnt(self, sobject: str) -> int:
        """Return how many living records an object has, those that the user does not see among them."""
        with self._settled():
            owner = self._schema.find(sobject)
            where = "coalesce(\"IsDeleted\", 'false') <> 'true'" if owner.has_is_deleted else "true"
            return int(self._store.fetch(f"select count(*) from {quoted(owner.name)} where {where}")[0][0])

    def deleted(self, sobject: str, start: datetime, end: datetime) -> dict[str, Any]:
        """Return what `/deleted` answers.

        Raises
        ------
        RefusalError
            When the object or the range cannot be answered for.
        """
        with self._settled():
            owner, now = self._shown(sobject), self.clock.now()
            return replication.deleted(self._log, owner, start, end, now=now, horizon=self.commit_horizon)

    def updated(self, sobject: str, start: datetime, end: datetime) -> dict[str, Any]:
        """Return what `/updated` answers.

        Raises
        ------
        RefusalError
            When the object or the range cannot be answered for.
        """
        with self._settled():
            owner, now = self._shown(sobject), self.clock.now()
            return replication.updated(self._store, owner, start, end, now=now, horizon=self.commit_horizon)

    def _translator(self, soql: str, version: float, *, include_deleted: bool) -> Translator:
        return Translator(self._schema, version, soql, self.clock.now().date(), include_deleted)
