"""What failed and since when, read from Dagster's history of runs.

What belongs here: events and runs. What does not: wording (kam_pipeline.alerting), telling anybody (alerts.py).

Of errors only the classes are taken, of checks only names and figures: their texts may quote records.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from assets.gates import PUBLISHABLE
from assets.project import COMMAND, STARTED_BY_TAG
from assets.publish import PUBLICATION
from kam_pipeline.alerting import LOST, FailedCheck, Failure, Since, failure_of
from kam_pipeline.alerting.message import plain

# Dagster says with a run that failed by itself why it did; it cannot for one whose process is gone.
_REASON_TAG = "dagster/failure_reason"
_REASONS_OF_THE_LIVING = frozenset({"STEP_FAILURE", "RUN_EXCEPTION", "JOB_INITIALIZATION_FAILURE"})
_MOST_RUNS = 100


def is_lost(run: dg.DagsterRun) -> bool:
    """Return whether a failed run's process died without a word: somebody else reported it as failed."""
    return run.tags.get(_REASON_TAG) not in _REASONS_OF_THE_LIVING


def has_told(run: dg.DagsterRun) -> bool:
    """Return whether a failed run's own process has told its user: a command that lived to do so."""
    # a run that is another attempt at one has its tags too, but was started by Dagster
    return run.tags.get(STARTED_BY_TAG) == COMMAND and run.parent_run_id is None and not is_lost(run)


def failure_of_run(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Failure:
    """Return what a failed run failed with.

    Parameters
    ----------
    instance : dg.DagsterInstance
        With the events of the run.
    run : dg.DagsterRun
        A run that has ended in failure.

    Returns
    -------
    Failure
        Of the first step that failed; without one, of the run itself.
    """
    if is_lost(run):
        return LOST
    wanted = {
        dg.DagsterEventType.STEP_FAILURE,
        dg.DagsterEventType.RUN_FAILURE,
        dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    }
    records = instance.get_records_for_run(run.run_id, of_type=wanted).records
    events = [event for record in records if (event := record.event_log_entry.dagster_event) is not None]
    failures = [event for event in events if event.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION]
    # a step's failure comes before the run's, which only says that a step failed
    first = next(iter(failures), None)
    if first is None:
        return failure_of([])
    step = first.step_key.replace("__", "/", 1) if first.step_key else None
    return failure_of(list(_error_names(first)), step, _failed_checks(events))


def since_when(instance: dg.DagsterInstance, until: datetime, *, ended_before_a_run: bool = False) -> Since:
    """Return since when no run has ended well.

    Parameters
    ----------
    instance : dg.DagsterInstance
        With the history of runs.
    until : datetime
        The moment to look back from, with its zone.
    ended_before_a_run : bool
        The failure in question is no run of its own, but counts.

    Returns
    -------
    Since
        Counted over at most the last 100 publications and failed runs.
    """
    good = _last_good(instance, until)
    failed = [
        ended
        for record in instance.get_run_records(
            dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]), limit=_MOST_RUNS, ascending=False
        )
        if (ended := _ended(record)) is not None and ended <= until and (good is None or ended > good)
    ]
    moments = [*failed, *([until] if ended_before_a_run or not failed else [])]
    return Since(
        first_failed_at=min(moments),
        failed_cnt=len(moments),
        is_at_least=len(failed) == _MOST_RUNS,
        last_good_at=good,
    )


def _last_good(instance: dg.DagsterInstance, until: datetime) -> datetime | None:
    """Return when the last run ended that published and then ended well."""
    published = instance.fetch_materializations(PUBLICATION, limit=_MOST_RUNS).records
    run_ids = list({record.run_id for record in published})
    if not run_ids:
        return None
    records = instance.get_run_records(dg.RunsFilter(run_ids=run_ids, statuses=[dg.DagsterRunStatus.SUCCESS]))
    ends = [ended for record in records if (ended := _ended(record)) is not None and ended <= until]
    return max(ends, default=None)


def _ended(record: dg.RunRecord) -> datetime | None:
    return datetime.fromtimestamp(record.end_time, UTC) if record.end_time is not None else None


def _error_names(event: dg.DagsterEvent) -> Iterator[str]:
    """Return the class of an event's error and of its causes, outermost first."""
    error = getattr(event.event_specific_data, "error", None)
    while error is not None:
        if error.cls_name:
            yield error.cls_name
        error = error.cause


def _failed_checks(events: list[dg.DagsterEvent]) -> list[FailedCheck]:
    """Return the blocking checks that failed, each once: a step that was tried again has evaluated them again."""
    failed: dict[tuple[str, str], FailedCheck] = {}
    for event in events:
        if event.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            continue
        evaluation = event.asset_check_evaluation_data
        if evaluation.check_name == PUBLISHABLE:
            continue  # says only that others have failed
        table, name = plain("/".join(evaluation.asset_key.path)), plain(evaluation.check_name)
        failed.pop((table, name), None)
        if not evaluation.passed and evaluation.severity == dg.AssetCheckSeverity.ERROR:
            failed[table, name] = FailedCheck(
                table, name, _figure(evaluation, "value"), _figure(evaluation, "threshold")
            )
    return list(failed.values())


def _figure(evaluation: dg.AssetCheckEvaluation, name: str) -> float | None:
    """Return a figure of a check; a text is none, whatever it says."""
    given = evaluation.metadata.get(name)
    found = given.value if given is not None else None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
