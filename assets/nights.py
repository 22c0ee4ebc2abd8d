"""Nights: the schedule that begins one, and the sensor that goes on with it.

What belongs here: when which job is started by itself. What does not: what a job does (assets/jobs.py).
A night is two runs, as `kam run` is (docs/decisions/0003): what has been read decides which date it belongs to.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg

from assets.history import forget_old_runs
from assets.jobs import EVALUATE, INGEST
from assets.project import KNOWLEDGE_TAG, NIGHT_TAG
from assets.tables import AS_OF_DATE, table_key
from kam_pipeline.evaluation import NATURAL_DATE

_FOLLOW_UP_SECONDS = 5
_NIGHT_FORMAT = "%Y-%m-%d %H:%M"
# Steps report to Dagster's history; the daemon's own log gets what goes wrong.
_QUIET = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}
# A night whose process died is begun once more, from its start: all rows of a date come from one run.
_RESTARTED = {"dagster/max_retries": "1", "dagster/retry_strategy": "ALL_STEPS"}


def night_definitions(cron: str | None, timezone: str) -> dg.Definitions:
    """Return the schedule, where there is one, and the sensor.

    Parameters
    ----------
    cron : str or None
        When the nights begin; None for never.
    timezone : str
        The time zone that `cron` is meant in.

    Returns
    -------
    dg.Definitions
        Both are on until somebody turns them off in the page.
    """
    return dg.Definitions(schedules=[_nightly(cron, timezone)] if cron else [], sensors=[evaluate_tonight])


def next_night(cron: str, timezone: str, now: datetime) -> str:
    """Return when the next night begins, as its people read a clock."""
    begins = dg.TimeWindowPartitionsDefinition(
        start=now.astimezone(ZoneInfo(timezone)), cron_schedule=cron, timezone=timezone, fmt=_NIGHT_FORMAT, end_offset=1
    )
    return f"{begins.get_first_partition_key()} {timezone}"


def _nightly(cron: str, timezone: str) -> dg.ScheduleDefinition:
    @dg.schedule(
        name="nightly",
        job_name=INGEST,
        cron_schedule=cron,
        execution_timezone=timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Reads the source; evaluate_tonight goes on with the date that the data belongs to.",
    )
    def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        forget_old_runs(context.instance, context.scheduled_execution_time)
        night = context.scheduled_execution_time.isoformat(timespec="minutes")
        return dg.RunRequest(run_key=night, run_config=_QUIET, tags={NIGHT_TAG: night, **_RESTARTED})

    return nightly


@dg.sensor(
    job_name=EVALUATE,
    minimum_interval_seconds=_FOLLOW_UP_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Computes and publishes the date that a night's newest records belong to.",
)
def evaluate_tonight(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Go on with the newest reading of the source, if a night has made it and it has not been gone on with."""
    instance = context.instance
    read = dg.RunsFilter(job_name=INGEST, statuses=[dg.DagsterRunStatus.SUCCESS])
    newest = next(iter(instance.get_run_records(read, limit=1)), None)
    night = newest.dagster_run.tags.get(NIGHT_TAG) if newest else None
    if newest is None or night is None:
        return dg.SkipReason("the newest reading of the source is not a night's")
    if instance.get_runs_count(dg.RunsFilter(job_name=EVALUATE, tags={NIGHT_TAG: night})):
        return dg.SkipReason(f"the night of {night} has been gone on with")
    day = _date_read(instance, newest.dagster_run.run_id)
    tags = {NIGHT_TAG: night, KNOWLEDGE_TAG: "newest", **_RESTARTED}
    return dg.RunRequest(run_key=night, run_config=_QUIET, partition_key=day, tags=tags)


def _date_read(instance: dg.DagsterInstance, run_id: str) -> str:
    """Return the as-of date that a reading has found; the run reports it with the table that holds it."""
    records = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
    tables = [record.event_log_entry.asset_materialization for record in records]
    [found] = [table for table in tables if table and table.asset_key == table_key(NATURAL_DATE)]
    return str(found.metadata[AS_OF_DATE].value)
