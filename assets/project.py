"""The resource that every asset works on: settings, source, one open warehouse, one evaluation per date.

What belongs here: opening and closing for the length of a run. What does not: what is done with it.
"""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import cast

import dagster as dg

from assets.lost_runs import note_process
from assets.sections import observe_sections
from connectors.base import Source
from kam_pipeline.evaluation import Evaluation, Knowledge, decide_evaluation, knowledge_of
from kam_pipeline.settings import Configuration
from kam_pipeline.storage import storage_errors
from kam_pipeline.tables import Build
from kam_pipeline.warehouse import Warehouse

PROJECT = "project"
KNOWLEDGE_TAG = "kam/knowledge"
# Read everything anew, whatever is known already.
FULL_REFRESH_TAG = "kam/full_refresh"
NIGHT_TAG = "kam/night"
# Seconds before each further attempt of a night: most sources and databases are back within half an hour.
RETRY_WAITS = (60.0, 300.0, 1200.0)
# Who started a run: a command tells its user, or alerts, by itself.
STARTED_BY_TAG = "kam/started_by"
COMMAND = "command"

Progress = Callable[[str], None]


class Project:
    """One run's view of a configured pipeline.

    Parameters
    ----------
    configuration : Configuration
        The settings.
    source : Callable[[], Source]
        Makes the source when it is needed.
    progress : Progress
        Told what begins.
    run_id : str
        The run.
    retry_waits : tuple[float, ...]
        Seconds before each further attempt, see assets/retries.py.
    stack : contextlib.ExitStack
        Closed when the run ends.
    """

    def __init__(
        self,
        configuration: Configuration,
        source: Callable[[], Source],
        progress: Progress,
        run_id: str,
        retry_waits: tuple[float, ...],
        stack: contextlib.ExitStack,
    ) -> None:
        self.configuration = configuration
        self.source = source
        self.progress = progress
        self.run_id = run_id
        self.retry_waits = retry_waits
        self.started_at = datetime.now(UTC)
        self._stack = stack
        self._warehouse: Warehouse | None = None
        self._evaluation: Evaluation | None = None

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse, opened at first use and held until the run ends."""
        if self._warehouse is None:
            opening = Warehouse.open(self.configuration.warehouse_path, self.configuration.settings.engine)
            self._warehouse = self._stack.enter_context(opening)
        return self._warehouse

    def build(self) -> Build:
        """Return what undated tables of staging and core are built with."""
        return Build(self.warehouse, self.configuration)

    def build_for(self, as_of_date: date, knowledge: Knowledge) -> Build:
        """Return what tables of marts are built with; the evaluation is decided once per run."""
        if self._evaluation is None:
            stamp = self.started_at.replace(tzinfo=None)
            with storage_errors(self.configuration.warehouse_path):
                self._evaluation = decide_evaluation(
                    self.warehouse, self.configuration, as_of_date, knowledge, self.run_id, stamp
                )
                self._stack.enter_context(knowledge_of(self.warehouse, self.configuration, self._evaluation))
        return Build(self.warehouse, self.configuration, self._evaluation)


def project_resource(
    configuration: Callable[[], Configuration],
    source: Callable[[Configuration], Source],
    progress: Progress,
    retry_waits: tuple[float, ...],
) -> dg.ResourceDefinition:
    """Return the resource; the settings are read when a run begins, not when the code is loaded."""

    @dg.resource(description="Settings, source and warehouse of this pipeline.")
    def project(context: dg.InitResourceContext) -> Iterator[Project]:
        run_id = context.run.run_id if context.run else ""
        if context.instance and run_id:
            note_process(context.instance, run_id)
        settings = configuration()
        if context.instance:
            observe_sections(context.instance, settings)
        with contextlib.ExitStack() as stack:
            yield Project(settings, lambda: source(settings), progress, run_id, retry_waits, stack)

    return project


def project_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Project:
    """Return the project of a running asset or check."""
    return cast("Project", context.resources.project)


def dated_build(context: dg.AssetExecutionContext) -> Build:
    """Return what a table of marts is built with, for the partition of the run."""
    knowledge = cast("Knowledge", context.run.tags.get(KNOWLEDGE_TAG, "then"))
    return project_of(context).build_for(date.fromisoformat(context.partition_key), knowledge)
