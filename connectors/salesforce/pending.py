"""Bulk jobs whose results have not been landed yet, and the pages that are here already, so that a run can go on.

What belongs here: what is written down of a job, and when it is still good. What does not: asking for pages (bulk.py).
"""

import json
import re
import shutil
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

STAYS_GOOD = timedelta(hours=12)
"""How old a job's answer may be; what has changed since then is read by the next run."""

_FILE = "job.json"


@dataclass(frozen=True)
class Question:
    """What a job is the answer to; only the answer to the very same question is used again.

    Attributes
    ----------
    key : str
        What the answer is for: the object, with a suffix where several things are asked of it.
    soql : str
        The query.
    org_id, api_version : str
        Who was asked, and how.
    """

    key: str
    soql: str
    org_id: str
    api_version: str


@dataclass(frozen=True)
class SavedPage:
    """A page that is on disk.

    Attributes
    ----------
    locator : str
        Where the server has it: the address, or the locator, empty for the first page.
    file : str
        Name of the file in the job's folder.
    row_cnt : int or None
        Records that the server announced.
    next_locator : str
        Locator of the page after it, empty where there is none or it is found otherwise.
    """

    locator: str
    file: str
    row_cnt: int | None
    next_locator: str = ""


@dataclass
class PendingJob:
    """A job that was submitted, and what is here of its results.

    Attributes
    ----------
    question : Question
        What was asked.
    job_id : str
        The server's id of it.
    submitted_at : datetime
        Server time before it was submitted: what was saved by then is in its results.
    horizon : datetime or None
        Until when everything was committed then; None where nobody has said.
    folder : Path
        Where its pages are.
    pages : list[SavedPage]
        What is on disk, in their order.
    record_cnt : int or None
        Records in all, once the job is complete and says so.
    is_whole : bool
        Every page is on disk, so that the server is not needed any more.
    """

    question: Question
    job_id: str
    submitted_at: datetime
    horizon: datetime | None
    folder: Path
    pages: list[SavedPage] = field(default_factory=list)
    record_cnt: int | None = None
    is_whole: bool = False

    def save(self) -> None:
        """Write down what is known, in one step: a reader sees the old state or the new one."""
        state = {
            "question": asdict(self.question),
            "job_id": self.job_id,
            "submitted_at": self.submitted_at.isoformat(),
            "horizon": self.horizon.isoformat() if self.horizon else None,
            "pages": [asdict(page) for page in self.pages],
            "record_cnt": self.record_cnt,
            "is_whole": self.is_whole,
        }
        beside = self.folder / f"{_FILE}.new"
        beside.write_text(json.dumps(state), encoding="utf-8")
        beside.replace(self.folder / _FILE)

    def saved(self, locator: str) -> SavedPage | None:
        """Return the page of a locator when it is on disk."""
        found = (page for page in self.pages if page.locator == locator)
        return next((page for page in found if (self.folder / page.file).is_file()), None)

    def keep(self, page: SavedPage) -> None:
        """Write down that a page is on disk."""
        self.pages = [known for known in self.pages if known.locator != page.locator]
        self.pages.append(page)
        self.save()


class PendingJobs:
    """The jobs of one work folder.

    Parameters
    ----------
    folder : Path
        Made when the first job is written down. Nothing in it is secret but the records themselves.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(
        self, question: Question, job_id: str, submitted_at: datetime, horizon: datetime | None = None
    ) -> PendingJob:
        """Write down a job that has just been submitted; what was there under its key goes."""
        folder = self._folder / _folder_name(question.key)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        job = PendingJob(question, job_id, submitted_at, horizon, folder)
        job.save()
        return job

    def of(self, key: str) -> PendingJob | None:
        """Return the job that is written down under a key; None where there is none, or its file is damaged."""
        folder = self._folder / _folder_name(key)
        try:
            state = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            return PendingJob(
                question=Question(**state["question"]),
                job_id=str(state["job_id"]),
                submitted_at=datetime.fromisoformat(state["submitted_at"]),
                horizon=datetime.fromisoformat(state["horizon"]) if state["horizon"] else None,
                folder=folder,
                pages=[SavedPage(**page) for page in state["pages"]],
                record_cnt=state["record_cnt"],
                is_whole=bool(state["is_whole"]),
            )
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def all(self) -> list[PendingJob]:
        """Return every job that is written down."""
        if not self._folder.is_dir():
            return []
        jobs = [self.of(path.name) for path in sorted(self._folder.iterdir())]
        return [job for job in jobs if job]

    def drop(self, job: PendingJob) -> None:
        """Forget a job, and delete its pages."""
        shutil.rmtree(job.folder, ignore_errors=True)


def answers(job: PendingJob, question: Question, now: datetime) -> bool:
    """Return whether a job is the answer to a question, and not too old."""
    age = now - job.submitted_at
    return job.question == question and timedelta(0) <= age <= STAYS_GOOD


def _folder_name(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", key)
