"""Queries through the REST API: page after page into a table of typed records, every record once.

What belongs here: following pages, starting again where a place is lost, counting. What does not: whether REST is the
right way (choosing.py), typing (records.py).
"""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.records import DamagedPageError, RecordTyping
from kam_pipeline.errors import ConnectorError, RequestRefusedError

_READINGS = 2
"""How often a query is read when the number of records is not what was announced."""


class RestQuery:
    """One query, deleted and archived records included, its first page already asked for.

    Parameters
    ----------
    client : SalesforceClient
        Who asks.
    select : str
        The query without conditions; `Id` is selected.
    where : str
        Its condition, empty for none.
    typing : RecordTyping
        How its records are typed.
    what : str
        What it reads, for messages.

    Attributes
    ----------
    total_size : int
        Records that match, as the first page says.
    """

    def __init__(self, client: SalesforceClient, select: str, where: str, typing: RecordTyping, what: str) -> None:
        self._client = client
        self._select = select
        self._where = where
        self._typing = typing
        self._what = what
        self._first: _Page | None = self._ask("")
        self._is_fetched = False
        self.total_size = self._first.total_size

    def fetch(self, spool: Path) -> int:
        """Put all records into a file, once their number is known to be right, and return it.

        Parameters
        ----------
        spool : Path
            Written anew.

        Raises
        ------
        ConnectorError
            When the number of records stays another than Salesforce says.
        """
        problem = ""
        for _ in range(0 if self._is_fetched else _READINGS):
            problem = self._fill(spool)
            if not problem:
                break
        if problem:
            spool.unlink(missing_ok=True)
            raise ConnectorError(f"{self._what}: {problem}, also when asked again; run again later")
        self._is_fetched = True
        return self.total_size

    def batches(self, spool: Path) -> Generator[pa.RecordBatch]:
        """Yield all records, none before their number is known to be right.

        Parameters
        ----------
        spool : Path
            File that they wait in; it is deleted in the end.

        Raises
        ------
        ConnectorError
            When the number of records stays another than Salesforce says.
        """
        try:
            self.fetch(spool)
            with pa.OSFile(str(spool)) as file, pa.ipc.open_stream(file) as reader:
                yield from reader
        finally:
            spool.unlink(missing_ok=True)

    def _fill(self, spool: Path) -> str:
        """Write the records into a file and return what is wrong with their number, nothing when it is right."""
        with pa.OSFile(str(spool), "wb") as file, pa.ipc.new_stream(file, self._typing.schema) as writer:
            page, self._first = self._first or self._ask(""), None
            expected, found = page.total_size, 0
            last_id = page.last_id
            while True:
                found += page.texts.num_rows
                last_id = page.last_id or last_id
                for batch in self._typing.record_batches(page.texts):
                    writer.write_batch(batch)
                if page.next_url is None:
                    break
                page, is_restart = self._next(page.next_url, last_id)
                if is_restart:
                    expected = found + page.total_size
        self.total_size = found
        return "" if found == expected else f"Salesforce announced {expected} records and sent {found}"

    def _next(self, next_url: str, last_id: str) -> tuple["_Page", bool]:
        """Return the next page, and whether the query had to be asked anew for it.

        A place in a result ends with the session that opened it; the records are in the order of their ids, so that
        the rest can be asked for.
        """
        try:
            return self._page(self._client.get(next_url, numbers_as_text=True, about=self._what)), False
        except RequestRefusedError as error:
            if error.code != "INVALID_QUERY_LOCATOR":
                raise
            if not last_id:
                raise ConnectorError(
                    f"{self._what}: the session ended in the middle of records without ids; run again"
                ) from error
            return self._ask(last_id), True

    def _ask(self, after_id: str) -> "_Page":
        conditions = [f"({self._where})"] if self._where and after_id else [self._where] if self._where else []
        conditions += [f"Id > '{after_id}'"] if after_id else []
        condition = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return self._page(
            self._client.get("queryAll", {"q": f"{self._select}{condition} ORDER BY Id"}, numbers_as_text=True)
        )

    def _page(self, answer: Mapping[str, Any]) -> "_Page":
        try:
            records: Sequence[Mapping[str, Any]] = answer["records"]
            total_size, texts = int(answer["totalSize"]), self._typing.texts_of(records)
        except (KeyError, TypeError, ValueError, DamagedPageError) as error:
            raise ConnectorError(
                f"{self._what}: Salesforce answers the query without records, their number or a field "
                f"({type(error).__name__}: {error}); run again later, and see whether a proxy changes answers"
            ) from None
        is_last = answer.get("done", True) or not answer.get("nextRecordsUrl")
        return _Page(
            total_size=total_size,
            texts=texts,
            last_id=self._typing.last_id(texts),
            next_url=None if is_last else str(answer["nextRecordsUrl"]),
        )


class _Page:
    """One page, its records as a compact table of texts."""

    def __init__(self, total_size: int, texts: pa.Table, last_id: str, next_url: str | None) -> None:
        self.total_size = total_size
        self.texts = texts
        self.last_id = last_id
        self.next_url = next_url
