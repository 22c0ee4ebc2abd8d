"""Bulk query jobs: their states, and the pages that they leave.

What belongs here: the life of a job. What does not: calls (bulk_routes.py), CSV files (bulk_pages.py).
"""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from connectors.salesforce_emulator.answers import BulkResult, RefusalError
from connectors.salesforce_emulator.bulk_pages import DELIMITERS, LINE_ENDINGS, compressed, rewritten
from connectors.salesforce_emulator.faults import Fault
from connectors.salesforce_emulator.ids import make_id
from connectors.salesforce_emulator.messages import not_found
from connectors.salesforce_emulator.organisation import Organisation
from connectors.salesforce_emulator.server_settings import ServerSettings

_LIFE = timedelta(days=7)
_DAY = timedelta(hours=24)
TERMINAL = ("JobComplete", "Failed", "Aborted")


@dataclass(frozen=True)
class JobRequest:
    """What a client wants.

    Attributes
    ----------
    operation : str
        query or queryAll.
    soql : str
        The query.
    sobject : str
        The object that it reads.
    version : str
        Version of the API that the job belongs to.
    delimiter, line_ending : str
        As Salesforce names them.
    """

    operation: str
    soql: str
    sobject: str
    version: str
    delimiter: str = "COMMA"
    line_ending: str = "LF"


@dataclass
class Job:
    """One job.

    Attributes
    ----------
    id : str
        Begins with 750.
    asked : JobRequest
        What it is to do.
    created : datetime
        By the organisation's clock.
    folder : Path
        Where its pages are.
    work : Future[BulkResult]
        Its pages, once they are there.
    fate : Fault or None
        A fault that struck its creation.
    poll_cnt : int
        How often its state was asked for.
    is_aborted : bool
        Whether somebody ended it.
    """

    id: str
    asked: JobRequest
    created: datetime
    folder: Path
    work: "Future[BulkResult]"
    fate: Fault | None = None
    poll_cnt: int = 0
    is_aborted: bool = False

    @property
    def result(self) -> BulkResult:
        """The pages of a job that is complete."""
        return self.work.result()

    @property
    def error(self) -> str | None:
        """Why a job that has run failed, None where it did not."""
        if self.fate is not None and self.fate.kind == "fail_job":
            return str(self.fate.options["message"] or "")
        failure = self.work.exception()
        return None if failure is None else str(failure)


@dataclass
class Jobs:
    """The jobs of one organisation; a few run at a time, the others wait.

    Attributes
    ----------
    org : Organisation
        Who answers the queries.
    settings : ServerSettings
        How long jobs take, and how many there may be.
    folder : Path
        Where their pages are written.
    failed : Callable[[BaseException], None]
        Told of a job that ended by a defect of the emulator.
    """

    org: Organisation
    settings: ServerSettings
    folder: Path
    failed: Callable[[BaseException], None]
    _jobs: dict[str, Job] = field(default_factory=dict)
    _starts: list[datetime] = field(default_factory=list)
    _number: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "bulk-job"))

    def create(self, asked: JobRequest, fate: Fault | None) -> Job:
        """Return a new job, which begins to run."""
        now = self.org.clock.now()
        limit = self.settings.daily_jobs_limit
        with self._lock:
            self._forget_yesterday(now)
            if len(self._starts) >= limit:
                raise RefusalError("LIMIT_EXCEEDED", f"Max bulk v2 query jobs ({limit}) per 24 hrs has been reached")
            self._starts.append(now)
            self._number += 1
            job_id = make_id("750", self._number)
        folder = self.folder / job_id
        folder.mkdir()
        job = Job(job_id, asked, now, folder, self._pool.submit(self._run, asked, folder), fate)
        job.work.add_done_callback(self._note)
        with self._lock:
            self._jobs[job_id] = job
        return job

    def _run(self, asked: JobRequest, folder: Path) -> BulkResult:
        result = self.org.bulk_query(
            asked.soql,
            include_deleted=asked.operation == "queryAll",
            version=float(asked.version),
            folder=folder,
            page_rows=self.settings.bulk_page_rows,
            shuffle=self.settings.bulk_shuffle,
        )
        pages = result.pages
        if (asked.delimiter, asked.line_ending) != ("COMMA", "LF"):
            form = DELIMITERS[asked.delimiter], LINE_ENDINGS[asked.line_ending]
            pages = tuple((rewritten(page, *form), count) for page, count in pages)
        if self.settings.gzip and self.settings.compress_ahead:
            for page, _ in pages:
                compressed(page)
        return BulkResult(pages)

    def _note(self, work: "Future[BulkResult]") -> None:
        failure = None if work.cancelled() else work.exception()
        if failure is not None and not isinstance(failure, RefusalError):
            self.failed(failure)

    def get(self, job_id: str) -> Job:
        """Return a job; one that is not there, or no longer, is refused."""
        job = {known.id: known for known in self.all()}.get(job_id)
        if job is None:
            raise not_found()
        return job

    def all(self) -> list[Job]:
        """Return the jobs that are not older than 7 days, after taking away those that are."""
        now = self.org.clock.now()
        with self._lock:
            old = [job for job in self._jobs.values() if now - job.created > _LIFE]
        for job in old:
            self.remove(job)
        with self._lock:
            return list(self._jobs.values())

    def remove(self, job: Job) -> None:
        """Take a job and its pages away."""
        with self._lock:
            self._jobs.pop(job.id, None)
        # One that was aborted may still be writing.
        job.work.cancel()
        wait([job.work])
        shutil.rmtree(job.folder, ignore_errors=True)

    def count_today(self) -> int:
        """Return how many jobs were created in the last 24 hours, whatever became of them."""
        with self._lock:
            self._forget_yesterday(self.org.clock.now())
            return len(self._starts)

    def _forget_yesterday(self, now: datetime) -> None:
        self._starts = [start for start in self._starts if now - start < _DAY]

    def poll(self, job: Job) -> str:
        """Return the state of a job, which counts as a look at it."""
        with self._lock:
            job.poll_cnt += 1
        return self.state(job)

    def state(self, job: Job) -> str:
        """Return the state of a job."""
        if job.is_aborted:
            return "Aborted"
        if job.fate is not None and job.fate.kind == "stuck_job":
            return str(job.fate.options["state"])
        waits = self.settings.job_polls
        is_due = self.org.clock.now() >= job.created + timedelta(seconds=self.settings.job_seconds)
        if not is_due or max(job.poll_cnt, 1) <= waits:
            return "UploadComplete" if job.poll_cnt < 2 and waits != 1 else "InProgress"
        if not job.work.done():
            return "InProgress"
        return "JobComplete" if job.error is None else "Failed"

    def close(self) -> None:
        """Wait for the jobs that run, and begin no other."""
        self._pool.shutdown(wait=True, cancel_futures=True)
