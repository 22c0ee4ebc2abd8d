"""Runs: how the last one ended, from Dagster's history, the warehouse and the publication together.

What belongs here: the verdict on a run. What does not: reading the history (assets/history.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

RunStatus = Literal["succeeded", "failed", "going_on", "cancelled"]
Outcome = Literal["never", "published", "succeeded", "blocked", "failed", "cancelled", "running", "interrupted"]


@dataclass(frozen=True)
class RunRecord:
    """One run as Dagster's history has it; `error` is the first thing that failed, in one text."""

    run_id: str
    job: str
    as_of_date: date | None
    status: RunStatus
    started_at: datetime | None
    ended_at: datetime | None
    error: str = ""


@dataclass(frozen=True)
class LastRun:
    """The last run and how it ended.

    Attributes
    ----------
    outcome : Outcome
        never: there was none; published: readers have it; succeeded: done, without a publication of its own; blocked:
        a check kept it from readers; interrupted: it stopped without a word, killed or with its machine.
    run : RunRecord or None
        The run, None where there was none.
    reasons : tuple[str, ...]
        Why it was blocked or failed, a line each.
    """

    outcome: Outcome
    run: RunRecord | None
    reasons: tuple[str, ...]


def judge_last_run(
    runs: Sequence[RunRecord], published_runs: frozenset[str], failed_checks: tuple[str, ...], *, is_busy: bool
) -> LastRun:
    """Say how the last run ended.

    Parameters
    ----------
    runs : Sequence[RunRecord]
        Newest first.
    published_runs : frozenset[str]
        Runs whose dates readers have.
    failed_checks : tuple[str, ...]
        What kept the newest run from publishing.
    is_busy : bool
        Whether a process holds the warehouse.

    Returns
    -------
    LastRun
        The verdict; while a process holds the warehouse, the run is going on whatever the history says.
    """
    last = runs[0] if runs else None
    if is_busy:
        return LastRun("running", last if last is not None and last.status == "going_on" else None, ())
    if last is None:
        return LastRun("never", None, ())
    if last.status == "going_on":
        return LastRun("interrupted", last, ("it stopped without a word: killed, or with its machine",))
    if last.status == "succeeded":
        return LastRun("published" if last.run_id in published_runs else "succeeded", last, ())
    if failed_checks:
        return LastRun("blocked", last, failed_checks)
    reasons = tuple(line for line in last.error.splitlines() if line.strip())
    return LastRun("cancelled" if last.status == "cancelled" else "failed", last, reasons)
