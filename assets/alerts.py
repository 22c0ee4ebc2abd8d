"""Who tells: Dagster for the runs that it started, a command without a terminal for its own.

What belongs here: the sensor, and the same for a command. What does not: what failed (failures.py), what is said and
how it is sent (kam_pipeline.alerting).
"""

import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from sqlalchemy.exc import SQLAlchemyError

from assets.failures import failure_of_run, has_told, since_when
from assets.project import COMMAND, STARTED_BY_TAG
from kam_pipeline.alerting import Alert, Failure, Since, failure_of, pipeline_name, send, what_readers_see
from kam_pipeline.errors import AlertError, ConfigurationError
from kam_pipeline.settings import Configuration, load_what_can_be_used

_RETRIED_TAG = "dagster/will_retry"
# what reading Dagster's history can fail with; no reason to keep silent about what has failed before
_UNREADABLE = (dg.DagsterError, SQLAlchemyError, OSError)


def failure_alerts(configuration: Callable[[], Configuration], at_load: Configuration | None) -> dg.SensorDefinition:
    """Return the sensor that alerts when a run fails that nobody watches.

    Parameters
    ----------
    configuration : Callable[[], Configuration]
        Reads the settings anew for each alert.
    at_load : Configuration or None
        The settings when the code was loaded: for when they can no longer be read, which may be what failed.

    Returns
    -------
    dg.SensorDefinition
        On from the start. It looks at every run of the instance, those of other processes included.
    """

    @dg.run_failure_sensor(
        name="failure_alerts",
        monitor_all_code_locations=True,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells a webhook and by e-mail, see `alerts` in kam.yaml, that a run failed or was not published.",
    )
    def sensor(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
        run = context.dagster_run
        if has_told(run):
            return dg.SkipReason("the command that started the run has told its user")
        current = _read(configuration, at_load)
        if current is None or not current.settings.alerts.is_configured:
            return dg.SkipReason("nobody is to be told: kam.yaml has no section alerts")
        problems = send(_alert_on_run(context.instance, run, current), current.settings.alerts)
        if problems:
            # this fails the sensor's tick, where the page shows it; the run stays as it is
            raise AlertError(f"not everybody was told of run {run.run_id}: {'; '.join(problems)}")
        return None

    return sensor


def tell_of_command(config: Path, error: BaseException, began_at: datetime) -> list[str]:
    """Alert on a command that failed.

    Parameters
    ----------
    config : Path
        The configuration file. It may be what failed; of one that is wrong, the right sections are used.
    error : BaseException
        What the command failed with.
    began_at : datetime
        When it began, with its zone.

    Returns
    -------
    list[str]
        What went wrong with telling, without secrets; empty when everybody was told, or nobody is to be.
    """
    configuration = load_what_can_be_used(config)
    if configuration is None or not configuration.settings.alerts.is_configured:
        return []
    raised = failure_of(list(_class_names(error)))
    try:
        alert = _alert_from_history(configuration, raised, began_at)
    except _UNREADABLE:
        alert = _alert(configuration, raised, None, None)
    return send(alert, configuration.settings.alerts)


def trial_alert(configuration: Configuration) -> Alert:
    """Return an alert that says that it is none."""
    return _alert(configuration, Failure("test", "nothing; somebody tries the alerts", "nothing"), None, None)


def _alert_on_run(instance: dg.DagsterInstance, run: dg.DagsterRun, configuration: Configuration) -> Alert:
    record = instance.get_run_record_by_id(run.run_id)
    ended = datetime.fromtimestamp(record.end_time, UTC) if record and record.end_time else datetime.now(UTC)
    failure, since = failure_of_run(instance, run), since_when(instance, ended)
    is_retried = run.tags.get(_RETRIED_TAG) == "true"
    return _alert(configuration, failure, since, run.run_id, is_retried=is_retried)


def _alert_from_history(configuration: Configuration, raised: Failure, began_at: datetime) -> Alert:
    """Return the alert on a command, with what Dagster has recorded of it; before the first run, that is nothing."""
    if not configuration.dagster_home.is_dir():
        return _alert(configuration, raised, None, None)
    with dg.DagsterInstance.from_config(str(configuration.dagster_home)) as instance:
        run = _failed_run(instance, began_at)
        since = since_when(instance, datetime.now(UTC), ended_before_a_run=run is None)
        if run is None:
            return _alert(configuration, raised, since, None)
        recorded = failure_of_run(instance, run)
        # only the command knows that the check blocked which an earlier run had recorded
        failure = recorded if recorded.kind == raised.kind else raised
        return _alert(configuration, failure, since, run.run_id)


def _alert(
    configuration: Configuration, failure: Failure, since: Since | None, run_id: str | None, *, is_retried: bool = False
) -> Alert:
    return Alert(
        pipeline=pipeline_name(configuration.folder, platform.node()),
        noticed_at=datetime.now(UTC),
        failure=failure,
        readers=what_readers_see(configuration.published_path),
        since=since,
        run_id=run_id,
        is_retried=is_retried,
    )


def _read(configuration: Callable[[], Configuration], at_load: Configuration | None) -> Configuration | None:
    try:
        return configuration()
    except ConfigurationError:
        return at_load


def _failed_run(instance: dg.DagsterInstance, began_at: datetime) -> dg.DagsterRun | None:
    """Return the failed run that a command started, None when it failed before or between runs."""
    of_commands = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.FAILURE], tags={STARTED_BY_TAG: COMMAND}, created_after=began_at
    )
    records = instance.get_run_records(of_commands, limit=1, ascending=False)
    return records[0].dagster_run if records else None


def _class_names(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield type(error).__name__
        error = error.__cause__
