"""The front door for Dagster: put the rooms together.

What belongs here: which source a configuration means, and the list of definitions. What does not: logic.
"""

from collections.abc import Callable
from pathlib import Path

import dagster as dg

from assets.alerts import failure_alerts
from assets.gates import gate_checks
from assets.jobs import as_of_dates, job_definitions
from assets.landing import extraction
from assets.lost_runs import lost_runs
from assets.nights import night_definitions
from assets.project import PROJECT, RETRY_WAITS, Progress, project_resource
from assets.publish import publish_assets
from assets.raw import raw
from assets.rerun import rerun_job
from assets.sections import section_assets, section_sensor
from assets.tables import table_assets
from connectors.base import Source
from connectors.feeds import SourceWithFeeds
from connectors.files import ExportFiles, FeedFiles
from connectors.salesforce import SalesforceOrg
from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings import Configuration, configuration_path, load_configuration, load_what_can_be_used
from kam_pipeline.settings.source import FilesSource


def open_source(configuration: Configuration) -> Source:
    """Return the source that a configuration names, with the feeds beside it."""
    settings = configuration.settings
    crm: Source
    if isinstance(settings.source, FilesSource):
        crm = ExportFiles(settings.source, settings.mapping, configuration.folder)
    else:
        crm = SalesforceOrg(settings.source, settings.mapping, configuration.folder, configuration.extraction_folder)
    return SourceWithFeeds(crm, FeedFiles(settings.feeds, configuration.folder))


def load_configured() -> Configuration:
    """Read the configuration that KAM_CONFIG names, or kam.yaml in the current folder."""
    return load_configuration(configuration_path())


def build_defs(
    configuration: Callable[[], Configuration] = load_configured,
    source: Callable[[Configuration], Source] = open_source,
    progress: Progress = lambda _: None,
    timezone: str = "UTC",
    cron: str | None = None,
    retry_waits: tuple[float, ...] = RETRY_WAITS,
    at_load: Configuration | None = None,
) -> dg.Definitions:
    """Return all definitions, with anything swapped that a caller wants swapped.

    Parameters
    ----------
    configuration : Callable[[], Configuration]
        Reads the settings when a run begins.
    source : Callable[[Configuration], Source]
        Makes the source.
    progress : Progress
        Told what begins.
    timezone : str
        Time zone of the as-of dates and of `cron`.
    cron : str or None
        When nights begin; None for never.
    retry_waits : tuple[float, ...]
        Seconds that a night waits before each further attempt.
    at_load : Configuration, optional
        Settings that say who is told when `configuration` can no longer be read.

    Returns
    -------
    dg.Definitions
        Assets, checks, jobs, schedule, sensors and the resource.
    """
    daily = as_of_dates(timezone)

    def again() -> dg.Definitions:
        return build_defs(configuration, source, progress, timezone)

    return dg.Definitions.merge(
        dg.Definitions(
            assets=[*section_assets(configuration), extraction, raw, *table_assets(daily), *publish_assets(daily)],
            jobs=[rerun_job(again, configuration)],
            sensors=[lost_runs, section_sensor(configuration), failure_alerts(configuration, at_load)],
            resources={PROJECT: project_resource(configuration, source, progress, retry_waits)},
            asset_checks=[gate_checks()],
            executor=dg.in_process_executor,
        ),
        job_definitions(),
        night_definitions(cron, timezone),
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Return the definitions of the configured pipeline; without kam.yaml, those of any pipeline."""
    path = configuration_path()
    if not path.exists():
        return build_defs()
    at_load = _at_load(path)
    return build_defs(timezone=at_load.as_of_timezone, cron=at_load.settings.schedule.cron, at_load=at_load)


def _at_load(path: Path) -> Configuration:
    """Return the settings that say when nights begin and who is told; each run reads all of them anew.

    Of a kam.yaml that has become wrong the right sections count: the next night begins, fails by what is wrong, and
    somebody is told, where no definitions at all would mean no night, night after night, and not a word.
    """
    try:
        # the source need not be there yet: it is looked for when a run begins
        return load_configuration(path, reads_source=False)
    except ConfigurationError:
        usable = load_what_can_be_used(path)
        if usable is None:
            raise
        return usable
