"""REST or Bulk for each query, and both ways as one reading.

What belongs here: the choice, going on with pending jobs, cleaning up. What does not: the two ways (rest.py, bulk.py,
bulk_pages.py), what is asked (windows).
"""

import shutil
from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import quote_plus

import pyarrow as pa

from connectors.salesforce import bulk
from connectors.salesforce.bulk_pages import BulkPages, SpoiltResultError
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.pending import PendingJob, PendingJobs, Question, answers
from connectors.salesforce.plan import ObjectPlan, Patience, SelectedColumn
from connectors.salesforce.records import RecordTyping
from connectors.salesforce.rest import RestQuery
from kam_pipeline.errors import ConnectorError, RequestRefusedError
from kam_pipeline.settings.salesforce import SalesforceSource

NOT_IN_BULK = frozenset(
    """AcceptedEventRelation AccountFeed CaseStatus CaseTeamMember CaseTeamRole CaseTeamTemplate CaseTeamTemplateMember
    CaseTeamTemplateRecord ContractStatus DeclinedEventRelation EventWhoRelation KnowledgeArticle
    KnowledgeArticleVersion KnowledgeArticleVersionHistory OrderStatus PartnerRole RecentlyViewed TaskPriority
    TaskStatus TaskWhoRelation UndecidedEventRelation""".lower().split()
)
"""Objects that the Bulk API does not take, in small letters."""

_LONGEST_ADDRESS = 12_000
"""Encoded length of a query from which on it goes into the body of a Bulk job: addresses end at 16,384 bytes."""

_PATIENCE = Patience()


class Reading:
    """One query that has been asked, to be read once.

    Parameters
    ----------
    way : RestQuery or PendingJob
        How it is read.
    typing : RecordTyping
        How its records are typed.
    submitted_at : datetime
        Server time from before it was asked: what was saved by then is in it.
    horizon : datetime or None
        Until when everything was committed then; None where nobody has said.
    """

    def __init__(
        self,
        readings: "Readings",
        way: RestQuery | PendingJob,
        typing: RecordTyping,
        submitted_at: datetime,
        horizon: datetime | None,
        what: str,
    ) -> None:
        self.submitted_at = submitted_at
        self.horizon = horizon
        self._readings = readings
        self._way = way
        self._typing = typing
        self._what = what

    @property
    def is_bulk(self) -> bool:
        """Whether it is read through the Bulk API."""
        return isinstance(self._way, PendingJob)

    def announced_cnt(self) -> int | None:
        """Return how many records there are, None where Salesforce does not say; waits for all pages or the job."""
        if isinstance(self._way, RestQuery):
            with self._typing:
                return self._way.fetch(self._readings.spool(self._what))
        return self._readings.completed(self._way).record_cnt

    def batches(self) -> Generator[pa.RecordBatch]:
        """Yield the records, each once.

        Raises
        ------
        ConnectorError
            When they cannot be read, or are not as many as announced.
        """
        with self._typing as typing:
            if isinstance(self._way, RestQuery):
                source = self._way.batches(self._readings.spool(self._what))
            else:
                source = self._readings.job_batches(self._way, typing)
            with closing(source):
                yield from source


class Readings:
    """Asks queries of one organisation during one extraction.

    Parameters
    ----------
    client : SalesforceClient
        Who asks.
    settings : SalesforceSource
        Section `source`: from how many records on Bulk is used, which version of the API.
    work_folder : Path
        Where pages are kept until the extraction has ended.
    now : datetime
        Server time (UTC with zone) at the start of the extraction.
    patience : Patience
        How long to wait for Bulk jobs.
    """

    def __init__(
        self,
        client: SalesforceClient,
        settings: SalesforceSource,
        work_folder: Path,
        now: datetime,
        patience: Patience = _PATIENCE,
    ) -> None:
        self._client = client
        self._settings = settings
        self._folder = work_folder
        self._now = now
        self._patience = patience
        self._pending = PendingJobs(work_folder / "jobs")
        self._record_cnts: dict[str, int] = {}

    # --- asking ------------------------------------------------------------------------------------------------------

    def count(self, sobjects: Sequence[str]) -> dict[str, int]:
        """Return about how many records objects have, and remember it for `prepare`; one cheap call."""
        try:
            self._record_cnts |= self._client.record_counts(sobjects)
        except RequestRefusedError:
            # Then the first page of each query says it.
            return {}
        return {name: self._record_cnts[name.lower()] for name in sobjects if name.lower() in self._record_cnts}

    def prepare(
        self,
        plan: ObjectPlan,
        where: str = "",
        *,
        columns: tuple[SelectedColumn, ...] | None = None,
        patched: Sequence[str] | None = None,
        suffix: str = "",
        horizon: datetime | None = None,
    ) -> Reading:
        """Ask a query and return at once; a Bulk job then runs on the server while others are asked.

        Parameters
        ----------
        plan : ObjectPlan
            What is to be read.
        where : str
            Condition in SOQL; empty for all records.
        columns : tuple[SelectedColumn, ...] or None
            Other columns than the plan's, `Id` among them.
        patched : Sequence[str] or None
            Fields of a patch, None for whole records.
        suffix : str
            Tells several queries for one object apart.
        horizon : datetime or None
            Until when everything is committed; the answer to an interrupted extraction's question has its own.
        """
        what = f"{plan.crm_object.name}{f'.{suffix}' if suffix else ''}"
        question = Question(what, plan.soql(where, columns), self._client.org_id, self._settings.api_version)
        typing = RecordTyping(columns or plan.columns, plan.crm_object, patched)
        way: RestQuery | PendingJob | None = self._kept(question)
        if way is None and self._is_large(plan, question.soql, is_all=not where):
            way = self._submitted(question, plan, horizon)
        if way is None:
            try:
                way = RestQuery(self._client, plan.soql("", columns), where, typing, what)
            except RequestRefusedError as error:
                # a job has more time than a page
                way = self._submitted(question, plan, horizon) if error.code == "QUERY_TIMEOUT" else None
                if way is None:
                    raise
        if isinstance(way, RestQuery) and way.total_size >= self._settings.bulk_from:
            way = self._submitted(question, plan, horizon) or way
        if isinstance(way, RestQuery):
            return Reading(self, way, typing, self._now, horizon, what)
        return Reading(self, way, typing, way.submitted_at, way.horizon, what)

    def pending_question(self, object_name: str, suffix: str = "") -> Question | None:
        """Return what an interrupted extraction has asked and is still good, so that the same can be asked again."""
        job = self._pending.of(f"{object_name}{f'.{suffix}' if suffix else ''}")
        return job.question if job and answers(job, job.question, self._now) else None

    def finish(self) -> None:
        """End every job and delete every page: all that was read has been landed."""
        for job in self._pending.all():
            self._end(job)
        # what killed extractions left, and notes that nobody can read
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kept(self, question: Question) -> PendingJob | None:
        """Return the job that was left behind for this very question; one for another is ended."""
        job = self._pending.of(question.key)
        if job and not answers(job, question, self._now):
            self._end(job)
            return None
        if job and not job.is_whole and not bulk.is_usable(self._client, job.job_id):
            # somebody has ended it in the meantime, or it has been there for too long
            self._pending.drop(job)
            return None
        return job

    def _is_large(self, plan: ObjectPlan, soql: str, *, is_all: bool) -> bool:
        """Whether a query is for Bulk before its first page has been seen."""
        known = self._record_cnts.get(plan.sobject.lower(), 0) if is_all else 0
        return known >= max(self._settings.bulk_from, 1) or len(quote_plus(soql)) > _LONGEST_ADDRESS

    def _submitted(self, question: Question, plan: ObjectPlan, horizon: datetime | None) -> PendingJob | None:
        """Return a new job, None where Bulk does not take the query."""
        if plan.sobject.lower() in NOT_IN_BULK:
            return None
        try:
            job_id = bulk.submit(self._client, question.soql)
        except bulk.NotInBulkError:
            return None
        return self._pending.add(question, job_id, self._now, horizon)

    # --- what a reading asks for -------------------------------------------------------------------------------------

    def spool(self, what: str) -> Path:
        """Return a file for the records of a REST query."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{what}.arrow"

    def completed(self, job: PendingJob) -> PendingJob:
        """Wait until a job is complete."""
        if job.is_whole or job.record_cnt is not None:
            return job
        try:
            job.record_cnt = bulk.wait(self._client, job.job_id, job.question.key, self._patience)
        except ConnectorError as error:
            self._forget_if_spoilt(job, error)
            raise
        job.save()
        return job

    def job_batches(self, job: PendingJob, typing: RecordTyping) -> Generator[pa.RecordBatch]:
        """Yield the records of a job; the next run goes on from an interrupted one."""
        pages = BulkPages(self._client, self.completed(job))
        try:
            yield from pages.batches(typing)
        except ConnectorError as error:
            self._forget_if_spoilt(job, error)
            raise

    def _forget_if_spoilt(self, job: PendingJob, error: ConnectorError) -> None:
        """End a job that would fail the next run too: only the way to the server may be better then.

        Raises
        ------
        JobFailedError
            When somebody has deleted it, which says more than that it is not found.
        """
        if isinstance(error, RequestRefusedError) and error.code == "NOT_FOUND":
            self._pending.drop(job)
            raise bulk.JobFailedError(
                f"{job.question.key}: Bulk job {job.job_id} was deleted by somebody; run again"
            ) from None
        is_refused = isinstance(error, RequestRefusedError) and error.code != "REQUEST_LIMIT_EXCEEDED"
        if is_refused or isinstance(error, SpoiltResultError | bulk.JobFailedError):
            self._end(job)

    def _end(self, job: PendingJob) -> None:
        bulk.end(self._client, job.job_id, is_complete=job.is_whole or job.record_cnt is not None)
        self._pending.drop(job)
