"""Dagster's own history of runs: reading it, keeping it bounded, and what can go wrong with its files.

What belongs here: the history, and its failures in our words. What does not: starting runs (runs.py).
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster import DagsterEventType, DagsterRunStatus
from sqlalchemy.exc import DBAPIError

from kam_pipeline.errors import KamError, WarehouseError
from kam_pipeline.settings import Configuration, set_environment
from kam_pipeline.status import RunRecord
from kam_pipeline.status.runs import RunStatus
from kam_pipeline.storage import storage_cause

# A run leaves more than a megabyte of events: a year of nights would be a gigabyte that nobody reads.
HISTORY_DAYS = 90
# At most so many at a time, because somebody waits: a history that has grown for long is gone through bit by bit.
_FORGOTTEN_AT_ONCE = 20
_FINISHED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]

# Everything else is on its way or going on.
_STATUS: dict[DagsterRunStatus, RunStatus] = {
    DagsterRunStatus.SUCCESS: "succeeded",
    DagsterRunStatus.FAILURE: "failed",
    DagsterRunStatus.CANCELED: "cancelled",
}


@contextlib.contextmanager
def history_errors(home: Path) -> Iterator[None]:
    """Let a block fail in our words where Dagster's history is on a disk that is full or cannot be written.

    Parameters
    ----------
    home : Path
        Folder of the history.

    Yields
    ------
    None
        Once.

    Raises
    ------
    KamError
        What failed before the history did: Dagster could not even write that down.
    WarehouseError
        When the history was the first to fail.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error, dg.DagsterError, OSError) as error:
        if (earlier := _earlier(error)) is not None:
            raise earlier from error
        cause = storage_cause(error)
        if cause is None:
            raise
        raise WarehouseError(
            f"{home}: the history of runs cannot be written ({cause}); free space or rights, then run again. "
            "Readers keep the last publication."
        ) from error


def _earlier(error: BaseException) -> KamError | None:
    """Return the error of ours that was being handled when another came up."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, KamError):
        seen = seen.__cause__ or seen.__context__
    return seen


def forget_old_runs(instance: dg.DagsterInstance, now: datetime) -> list[str]:
    """Remove runs that ended long ago from the history, the oldest first.

    Parameters
    ----------
    instance : dg.DagsterInstance
        Where the runs are.
    now : datetime
        The time, with a zone.

    Returns
    -------
    list[str]
        Their ids. What they published is untouched: it stands in the warehouse.
    """
    ended = dg.RunsFilter(statuses=_FINISHED, updated_before=now - timedelta(days=HISTORY_DAYS))
    old = [record.dagster_run.run_id for record in instance.get_run_records(ended, _FORGOTTEN_AT_ONCE, ascending=True)]
    for run_id in old:
        instance.delete_run(run_id)
        # SQLite keeps the room of what is deleted, and each run has a file of its own
        for left in (Path(instance.root_directory) / "history" / "runs").glob(f"{run_id}.db*"):
            left.unlink(missing_ok=True)
    return old


def recent_runs(configuration: Configuration, limit: int = 5) -> list[RunRecord]:
    """Return the last runs, newest first; none where there is no history yet, which is not made.

    Raises
    ------
    WarehouseError
        When the history cannot be read.
    """
    home = configuration.dagster_home
    if not (home / "history").is_dir():
        return []
    set_environment(DAGSTER_HOME=str(home))  # dagster.yaml names it
    with history_errors(home), dg.DagsterInstance.from_config(str(home)) as instance:
        return [_record(instance, found) for found in instance.get_run_records(limit=limit)]


def _record(instance: dg.DagsterInstance, found: dg.RunRecord) -> RunRecord:
    run = found.dagster_run
    status = _STATUS.get(run.status, "going_on")
    partition = run.tags.get("dagster/partition")
    return RunRecord(
        run_id=run.run_id,
        job=run.job_name,
        as_of_date=date.fromisoformat(partition) if partition else None,
        status=status,
        started_at=_moment(found.start_time),
        ended_at=_moment(found.end_time),
        error=_first_error(instance, run.run_id) if status == "failed" else "",
    )


def _moment(timestamp: float | None) -> datetime | None:
    """Return a moment as our tables hold it: UTC without a zone."""
    return datetime.fromtimestamp(timestamp, UTC).replace(tzinfo=None) if timestamp else None


def _first_error(instance: dg.DagsterInstance, run_id: str) -> str:
    """Return what the first failure of a run says, without the name of its class."""
    for entry in instance.all_logs(run_id, of_type={DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE}):
        event = entry.get_dagster_event()
        # of a run that another process reported as failed there is nothing but a message
        error = getattr(event.event_specific_data, "error", None)
        if error is None:
            return event.message or ""
        while error.cause is not None:
            error = error.cause
        message: str = error.message
        return message.partition(": ")[2].strip() or message.strip()
    return ""
