"""Start a run from Python, in this process, and say what came of it.

What belongs here: Dagster's instance, which jobs a run needs, its result. What does not: what a job does, the
command line.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg

from assets.history import forget_old_runs, history_errors
from assets.jobs import EVALUATE, INGEST, START_OF_DATES, as_of_dates
from assets.lost_runs import end_lost_runs
from assets.project import COMMAND, FULL_REFRESH_TAG, KNOWLEDGE_TAG, STARTED_BY_TAG
from assets.publish import NOT_CONFIGURED
from kam_pipeline.errors import ConfigurationError, KamError, PublicationBlockedError, PublicationError, WarehouseError
from kam_pipeline.evaluation import Knowledge, default_as_of_date, is_stored
from kam_pipeline.publishing import Handed
from kam_pipeline.quality import blocking_checks
from kam_pipeline.settings import Configuration, set_environment
from kam_pipeline.staleness import newest_published
from kam_pipeline.warehouse import Warehouse

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_INSTANCE_FILE = "dagster.yaml"


def prepare_home(configuration: Configuration) -> Path:
    """Return the folder that Dagster calls DAGSTER_HOME, made and with our dagster.yaml in it."""
    home = configuration.dagster_home
    package = Path(__file__).resolve().parent.parent
    shipped = (package / _INSTANCE_FILE, package / "kam_pipeline" / _INSTANCE_FILE)
    try:
        home.mkdir(parents=True, exist_ok=True)
        _put_whole(home / _INSTANCE_FILE, next(path for path in shipped if path.exists()).read_bytes())
    except OSError as error:
        raise WarehouseError(f"{home}: cannot be made ({error.strerror}); see engine.state_folder") from error
    # dagster.yaml says so too, but Dagster does not find it below a folder with brackets in its name
    set_environment(DAGSTER_HOME=str(home), DAGSTER_DISABLE_TELEMETRY="1")
    return home


def run_pipeline(
    definitions: dg.Definitions,
    configuration: Configuration,
    as_of_date: date | None,
    knowledge: Knowledge,
    *,
    full_refresh: bool = False,
) -> date:
    """Read the source, compute one date and publish it.

    Parameters
    ----------
    definitions : dg.Definitions
        The definitions of this configuration.
    configuration : Configuration
        The settings.
    as_of_date : date or None
        The date, None for the one that the data naturally belongs to.
    knowledge : Knowledge
        Which knowledge to use; a stored date as known then reads nothing new.
    full_refresh : bool
        Read every record anew, whatever is known already.

    Returns
    -------
    date
        The date that was published.

    Raises
    ------
    ConfigurationError
        When the date is none that can be computed, or a full refresh is asked of a date that reads nothing.
    PublicationBlockedError
        When a blocking check failed; the message says which.
    KamError
        What else the run failed with.
    """
    if as_of_date and not as_of_dates(configuration.as_of_timezone).has_partition_key(as_of_date.isoformat()):
        raise ConfigurationError([f"--as-of {as_of_date}: must lie between {START_OF_DATES} and today"])
    _refuse_a_second_writer(configuration)
    reads = not (knowledge == "then" and as_of_date and _is_stored(configuration, as_of_date))
    if full_refresh and not reads:
        way_out = "add --restate, or leave one out"
        raise ConfigurationError([f"--full-refresh: {as_of_date} is stored, so that nothing is read for it; {way_out}"])
    with open_instance(configuration) as instance:
        if reads:
            execute_job(definitions, instance, INGEST, tags={FULL_REFRESH_TAG: "true"} if full_refresh else None)
        day = as_of_date or _default_date(configuration)
        evaluate(definitions, configuration, instance, day, knowledge)
    return day


def evaluate(
    definitions: dg.Definitions,
    configuration: Configuration,
    instance: dg.DagsterInstance,
    day: date,
    knowledge: Knowledge,
    keys: Sequence[dg.AssetKey] | None = None,
) -> None:
    """Compute one date and publish it, or only these of its assets.

    Parameters
    ----------
    definitions : dg.Definitions
        The definitions of this configuration.
    configuration : Configuration
        The settings.
    instance : dg.DagsterInstance
        Where the run is kept.
    day : date
        The date.
    knowledge : Knowledge
        Which knowledge to use.
    keys : Sequence[dg.AssetKey], optional
        Assets of marts and published; default all.

    Raises
    ------
    PublicationBlockedError
        When a blocking check failed; the message says which.
    KamError
        What else the run failed with.
    """
    try:
        execute_job(definitions, instance, EVALUATE, day, {KNOWLEDGE_TAG: knowledge}, keys)
    except dg.DagsterError as error:
        # Dagster's error for a failed blocking check has no public name; the quality table says which it was
        failed = _failed_checks(configuration, day)
        if not failed:
            raise
        headline = f"nothing was published for {day}; readers keep the last publication."
        raise PublicationBlockedError("\n".join([headline, *failed])) from error


def publish_again(definitions: dg.Definitions, configuration: Configuration) -> list[Handed]:
    """Hand what is kept to every target again: the DuckDB file, Parquet, PostgreSQL, the report.

    Parameters
    ----------
    definitions : dg.Definitions
        The definitions of this configuration.
    configuration : Configuration
        The settings.

    Returns
    -------
    list[Handed]
        What each target got, in the order of their names.

    Raises
    ------
    PublicationError
        When nothing is kept yet, or a target could not be written; the others are.
    """
    newest = newest_published_date(configuration)
    if newest is None:
        raise PublicationError("nothing has been published yet; start with `kam run`")
    with open_instance(configuration) as instance:
        result = execute_job(definitions, instance, "publish", newest)
        return sorted(_handed(event) for event in result.get_asset_materialization_events())


def _handed(event: dg.DagsterEvent) -> Handed:
    materialization = event.materialization
    values = {name: entry.value for name, entry in materialization.metadata.items()}
    rows, setting = values.get("dagster/row_count"), values.get(NOT_CONFIGURED)
    return Handed(
        target=materialization.asset_key.path[-1],
        rows=rows if isinstance(rows, int) else None,
        not_configured=setting if isinstance(setting, str) else None,
    )


def newest_published_date(configuration: Configuration) -> date | None:
    """Return the newest date that readers may see, None before the first."""
    if not configuration.warehouse_path.exists():
        return None
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        newest = newest_published(warehouse)
    return newest.as_of_date if newest else None


@contextmanager
def open_instance(configuration: Configuration) -> Iterator[dg.DagsterInstance]:
    """Open Dagster's history of this configuration: runs of dead processes end first, and very old ones go."""
    home = prepare_home(configuration)
    with history_errors(home), dg.DagsterInstance.from_config(str(home)) as instance:
        end_lost_runs(instance)
        forget_old_runs(instance, datetime.now(UTC))
        yield instance


def _refuse_a_second_writer(configuration: Configuration) -> None:
    """Fail before there is a run that could only fail, while another process writes."""
    if configuration.warehouse_path.exists():
        with Warehouse.open(configuration.warehouse_path, configuration.settings.engine):
            pass


def _put_whole(path: Path, content: bytes) -> None:
    """Put a file in place in one step: a page that is open may read it just then."""
    if path.exists() and path.read_bytes() == content:
        return
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _is_stored(configuration: Configuration, as_of_date: date) -> bool:
    if not configuration.warehouse_path.exists():
        return False
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        return is_stored(warehouse, as_of_date)


def _default_date(configuration: Configuration) -> date:
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        return default_as_of_date(warehouse)


def _failed_checks(configuration: Configuration, day: date) -> list[str]:
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        return blocking_checks(warehouse, day)


def execute_job(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    job: str,
    as_of_date: date | None = None,
    tags: Mapping[str, str] | None = None,
    keys: Sequence[dg.AssetKey] | None = None,
) -> dg.ExecuteInProcessResult:
    """Run a job in this process, or only these of its assets with their checks.

    What does not need a step that failed is still done; then the failure is raised.

    Raises
    ------
    KamError
        What the run failed with.
    """
    failures: list[BaseException] = []

    @dg.failure_hook(name="remember_failure")
    def remember_failure(context: dg.HookContext) -> None:
        if context.op_exception is not None:
            failures.append(context.op_exception)

    result = (
        definitions.resolve_job_def(job)
        .with_hooks({remember_failure})
        .execute_in_process(
            run_config=_QUIET,
            instance=instance,
            partition_key=as_of_date.isoformat() if as_of_date else None,
            raise_on_error=False,
            tags={STARTED_BY_TAG: COMMAND, **(tags or {})},
            asset_selection=list(keys) if keys is not None else None,
        )
    )
    if not result.success:
        raise _as_one(failures) or KamError(f"the run {result.run_id} failed; look at it with `kam ui`")
    return result


def _as_one(failures: list[BaseException]) -> BaseException | None:
    """Return what to raise: the first failure, or several targets' in one."""
    if len(failures) > 1 and all(isinstance(failure, PublicationError) for failure in failures):
        return PublicationError("\n".join(map(str, failures)))
    return failures[0] if failures else None
