"""Result pages of a Bulk job: fetched into files side by side, handed on in their order while the next ones arrive.

What belongs here: finding and downloading pages, holding the parts against the whole. What does not: reading a page's
records (records.py), the job's own life (bulk.py), what is written down of it (pending.py).
"""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import pyarrow as pa

from connectors.salesforce.bulk import JOBS
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.pending import PendingJob, SavedPage
from connectors.salesforce.records import DamagedPageError, RecordTyping
from kam_pipeline.errors import ConnectorError, RequestRefusedError

_DOWNLOADS = 2
# Pages that are here and wait to be read, beside those on their way.
_AHEAD = 2
_PAGE_RECORDS = "50000"
_FIRST_WITH_RESULT_PAGES = 58.0
_NO_MORE = ("", "null")


class SpoiltResultError(ConnectorError):
    """Raised when a job's result cannot be used, so that it has to be asked for anew."""


class BulkPages:
    """The result of a complete job.

    Parameters
    ----------
    client : SalesforceClient
        Who asks.
    job : PendingJob
        The job, with what is on disk already.
    """

    def __init__(self, client: SalesforceClient, job: PendingJob) -> None:
        self._client = client
        self._job = job
        self._what = job.question.key

    def batches(self, typing: RecordTyping) -> Generator[pa.RecordBatch]:
        """Yield all records.

        Raises
        ------
        ConnectorError
            When a page stays damaged, or the pages hold another number of records than the job.
        """
        found = 0
        with closing(self._pages()) as pages:
            for page in pages:
                for batch in self._read(page, typing):
                    found += batch.num_rows
                    yield batch
        expected = self._job.record_cnt
        if expected is not None and found != expected:
            raise SpoiltResultError(
                f"{self._what}: Salesforce announced {expected} records and sent {found}; {self._way_out()}"
            )
        self._job.is_whole = True
        self._job.save()

    def _way_out(self) -> str:
        """Return what to do where records are missing: by their locators pages end with one that says null."""
        last = self._job.pages[-1] if self._job.pages else None
        if last is None or last.next_locator or last.locator.startswith("/"):
            return "run again, it is read anew"
        return "run again, and see whether a proxy removes the header Sforce-Locator, for the last page has none"

    def _read(self, page: SavedPage, typing: RecordTyping) -> Iterator[pa.RecordBatch]:
        """Yield the records of a page, fetched a second time when it is not whole."""
        path = self._job.folder / page.file
        try:
            yield from typing.csv_batches(path, page.row_cnt)
            return
        except DamagedPageError:
            again = self._fetch(page.locator, page.file)
            self._job.keep(again)
        try:
            yield from typing.csv_batches(path, again.row_cnt)
        except DamagedPageError as error:
            raise SpoiltResultError(
                f"{self._what}: a page of the result is not whole, also when fetched again ({error}); run again later"
            ) from error

    # --- fetching ----------------------------------------------------------------------------------------------------

    def _pages(self) -> Generator[SavedPage]:
        """Yield the pages in their order; those that are on disk are not fetched again."""
        if self._job.is_whole:
            for page in self._job.pages:
                yield self._job.saved(page.locator) or self._fetch(page.locator, page.file)
            return
        with ThreadPoolExecutor(_DOWNLOADS, thread_name_prefix="bulk-page") as pool:
            addresses = self._addresses()
            yield from self._side_by_side(pool, addresses) if addresses else self._one_after_the_other(pool)

    def _addresses(self) -> Iterator[str] | None:
        """Return where the pages are, asked for as needed; None where the server has no list of them."""
        if float(self._job.question.api_version) < _FIRST_WITH_RESULT_PAGES:
            return None
        path = f"{JOBS}/{self._job.job_id}/resultPages"
        try:
            first = self._client.get(path, about=self._what)
        except RequestRefusedError as error:
            if error.code in ("NOT_FOUND", "METHOD_NOT_ALLOWED", ""):
                return None
            raise
        return self._listed(first) if first.get("resultPages") else None

    def _listed(self, answer: dict[str, object]) -> Iterator[str]:
        while True:
            listed = answer.get("resultPages")
            for page in listed if isinstance(listed, list) else []:
                yield str(page["resultUrl"])
            more = answer.get("nextRecordsUrl") or answer.get("nextRecordUrl")
            if answer.get("done", not more) or not more:
                return
            answer = self._client.get(str(more), about=self._what)

    def _side_by_side(self, pool: ThreadPoolExecutor, addresses: Iterator[str]) -> Iterator[SavedPage]:
        coming: deque[Future[SavedPage]] = deque()
        try:
            for number, address in enumerate(addresses):
                coming.append(pool.submit(self._page, address, number))
                if len(coming) >= _DOWNLOADS + _AHEAD:
                    yield self._arrived(coming.popleft())
            while coming:
                yield self._arrived(coming.popleft())
        finally:
            for future in coming:
                future.cancel()

    def _one_after_the_other(self, pool: ThreadPoolExecutor) -> Iterator[SavedPage]:
        """Yield the pages by their locators; each is known when the one before it has arrived."""
        number, coming = 0, pool.submit(self._page, "", 0)
        while True:
            page = self._arrived(coming)
            if page.next_locator in _NO_MORE:
                yield page
                return
            number += 1
            coming = pool.submit(self._page, page.next_locator, number)
            yield page

    def _arrived(self, coming: Future[SavedPage]) -> SavedPage:
        page = coming.result()
        if self._job.saved(page.locator) != page:
            self._job.keep(page)
        return page

    def _page(self, locator: str, number: int) -> SavedPage:
        """Return a page: as it is on disk, or fetched."""
        return self._job.saved(locator) or self._fetch(locator, f"page-{number:05d}.csv")

    def _fetch(self, locator: str, file: str) -> SavedPage:
        arriving = self._job.folder / f"{file}.part"
        if locator.startswith("/"):
            headers = self._client.download(locator, {}, arriving, about=self._what)
        else:
            params = {"maxRecords": _PAGE_RECORDS} | ({"locator": locator} if locator else {})
            path = f"{JOBS}/{self._job.job_id}/results"
            headers = self._client.download(path, params, arriving, about=self._what)
        arriving.replace(self._job.folder / file)
        count = headers.get("Sforce-NumberOfRecords", "")
        return SavedPage(
            locator=locator,
            file=file,
            row_cnt=int(count) if count.isdecimal() else None,
            next_locator=headers.get("Sforce-Locator", ""),
        )
