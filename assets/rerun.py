"""Rerun what an edit of kam.yaml, or a new version, has made stale: just that, to the end of the chain.

What belongs here: `kam run --stale` and the job of the page that does the same. What does not: what is stale
(kam_pipeline.staleness), whole runs (runs.py).
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date

import dagster as dg

from assets.publish import SNAPSHOTS
from assets.runs import evaluate, execute_job, open_instance
from assets.tables import table_key
from kam_pipeline.errors import WarehouseError
from kam_pipeline.settings import Configuration
from kam_pipeline.staleness import (
    KEPT,
    PUBLICATION,
    REPORT,
    Rerun,
    StaleTable,
    newest_published,
    rerun_names,
    stale_tables,
)
from kam_pipeline.warehouse import Warehouse

RERUN_JOB = "rerun_stale"


def rerun_stale(
    definitions: dg.Definitions, configuration: Configuration, instance: dg.DagsterInstance | None = None
) -> Rerun:
    """Make again what is stale of the newest published date, with what was known at its data cut, and publish it.

    Parameters
    ----------
    definitions : dg.Definitions
        The definitions of this configuration.
    configuration : Configuration
        The settings.
    instance : dg.DagsterInstance, optional
        Where the runs are kept; default that of the configuration.

    Returns
    -------
    Rerun
        What was stale and what was made again.

    Raises
    ------
    WarehouseError
        When nothing has been published yet.
    PublicationBlockedError
        When a blocking check failed; the message says which.
    """
    day, stale = _what_is_stale(configuration)
    names = rerun_names(stale)
    with contextlib.ExitStack() as stack:
        if names:
            opened = instance or stack.enter_context(open_instance(configuration))
            _make_again(definitions, configuration, opened, day, names)
    return Rerun(day, tuple(stale), tuple(names))


def _make_again(
    definitions: dg.Definitions,
    configuration: Configuration,
    instance: dg.DagsterInstance,
    day: date,
    names: Sequence[str],
) -> None:
    """Make the named tables and targets again, those below marts first."""
    rebuild_core(definitions, instance, names)
    upper = [name for name in names if name.startswith("marts.")]
    keys = {table_key(name) for name in upper}
    if KEPT in names:
        keys |= published_keys(definitions)
    elif PUBLICATION in names:
        keys |= published_keys(definitions) - {SNAPSHOTS}
    else:
        keys |= {table_key(REPORT)}
    evaluate(definitions, configuration, instance, day, "then", sorted(keys))


def rebuild_core(definitions: dg.Definitions, instance: dg.DagsterInstance, names: Iterable[str]) -> None:
    """Build those of the named tables that lie below marts anew, from what raw holds."""
    keys = [table_key(name) for name in names if name.startswith(("staging.", "core."))]
    if keys:
        # a run of its own: what marts are evaluated with is decided on a core that is whole
        execute_job(definitions, instance, "ingest", keys=keys)


def published_keys(definitions: dg.Definitions) -> set[dg.AssetKey]:
    """Return the assets of publishing: what keeps a date for readers, and every target."""
    return set(dg.AssetSelection.groups("published").resolve(definitions.resolve_asset_graph()))


def rerun_job(
    definitions: Callable[[], dg.Definitions], configuration: Callable[[], Configuration]
) -> dg.JobDefinition:
    """Return the job of the page: no date to choose, since it is the newest published one.

    Parameters
    ----------
    definitions : Callable[[], dg.Definitions]
        Makes the definitions that are run.
    configuration : Callable[[], Configuration]
        Reads the settings.

    Returns
    -------
    dg.JobDefinition
        One step, which starts the same runs as `kam run --stale` and holds nothing itself meanwhile.
    """

    @dg.op(name="rerun", description="Find out what is stale, make it again, publish.")
    def rerun(context: dg.OpExecutionContext) -> None:
        done = rerun_stale(definitions(), configuration(), context.instance)
        context.log.info(f"as of {done.as_of_date}: made again {', '.join(done.rerun) or 'nothing, all is fresh'}")
        if done.needs_reading:
            context.log.warning("how the source is read has changed: that takes effect with the next whole run")

    @dg.job(
        name=RERUN_JOB,
        description="After an edit of kam.yaml: make again what is stale of the newest published date, and publish it.",
        executor_def=dg.in_process_executor,
    )
    def job() -> None:
        rerun()

    return job


def _what_is_stale(configuration: Configuration) -> tuple[date, list[StaleTable]]:
    nothing = "nothing has been published yet, so there is nothing to rerun; start with `kam run`"
    if not configuration.warehouse_path.exists():
        raise WarehouseError(nothing)
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        newest = newest_published(warehouse)
        if newest is None:
            raise WarehouseError(nothing)
        return newest.as_of_date, stale_tables(warehouse, configuration)
