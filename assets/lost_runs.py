"""Runs whose process has died: found, and said to have failed, so that they block nothing and somebody is told.

What belongs here: which process a run has, and what becomes of a run without one. What does not: what a process is
(kam_pipeline.processes), another attempt at the run, which Dagster's run retries make.
"""

from datetime import UTC, datetime, timedelta

import dagster as dg

from kam_pipeline.processes import Process

_PROCESS_TAG = "kam/process"
_UNFINISHED = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
# A run says which process it has within seconds; one that has not by now never will.
_PATIENCE = timedelta(minutes=10)
_INTERVAL_SECONDS = 30


def note_process(instance: dg.DagsterInstance, run_id: str) -> None:
    """Note on a run that this process carries it out."""
    # with the run's own id, because Dagster copies the tags of a run to the one that tries it again
    instance.add_run_tags(run_id, {_PROCESS_TAG: f"{run_id} {Process.current()}"})


def end_lost_runs(instance: dg.DagsterInstance) -> list[str]:
    """Report the runs whose process is gone as failed, those being cancelled as cancelled.

    Parameters
    ----------
    instance : dg.DagsterInstance
        Where the runs are.

    Returns
    -------
    list[str]
        Their ids.
    """
    lost = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=_UNFINISHED)):
        message = _loss(record)
        # read again: a process that is gone may have finished its run while we were looking
        run = instance.get_run_by_id(record.dagster_run.run_id) if message else None
        if message is None or run is None or run.status not in _UNFINISHED:
            continue
        if run.status == dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, message)
        else:
            instance.report_run_failed(run, message)
        lost.append(run.run_id)
    return lost


def _loss(record: dg.RunRecord) -> str | None:
    """Return what has become of the process of an unfinished run, None while nothing is wrong with it."""
    run = record.dagster_run
    noted_id, _, noted = run.tags.get(_PROCESS_TAG, "").partition(" ")
    process = Process.parse(noted) if noted_id == run.run_id else None
    if process is not None:
        return f"its process (PID {process.pid}) ended before the run did" if process.is_known_to_be_gone() else None
    changed = record.update_timestamp
    age = datetime.now(UTC) - (changed if changed.tzinfo else changed.replace(tzinfo=UTC))
    return "no process has taken it up" if age > _PATIENCE else None


@dg.sensor(
    minimum_interval_seconds=_INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Reports runs whose process has died as failed, so that the next one can begin.",
)
def lost_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Look for lost runs again and again while the daemon runs."""
    lost = end_lost_runs(context.instance)
    return dg.SkipReason(f"reported as failed: {', '.join(lost)}" if lost else "no run has lost its process")
