"""Group settings: the sections of kam.yaml as observable assets, so that the page shows what an edit makes stale.

What belongs here: telling Dagster the content version of each section. What does not: what a section's version is
(kam_pipeline.settings), which tables are below it (kam_pipeline.lineage).
"""

import warnings
from collections.abc import Callable

import dagster as dg

from kam_pipeline.errors import ConfigurationError
from kam_pipeline.lineage import section_versions
from kam_pipeline.settings import Configuration
from kam_pipeline.settings.configuration import SECTIONS, Settings
from kam_pipeline.tables import lineage

GROUP = "settings"
EVERY_SECONDS = 30
_DATA_VERSION = "dagster/data_version"
_PARTS = {
    "reading": "How the source and the feeds are read: notation of the files, names of files and columns.",
    "potential": "Whether and from how many customers it is learnt what similar ones buy (criteria.potential).",
}


def section_key(name: str) -> dg.AssetKey:
    """Return the asset key of a section of kam.yaml."""
    return dg.AssetKey([GROUP, name])


def section_assets(configuration: Callable[[], Configuration]) -> list[dg.SourceAsset]:
    """Return one observable asset per section that can change a result.

    Parameters
    ----------
    configuration : Callable[[], Configuration]
        Reads kam.yaml.

    Returns
    -------
    list[dg.SourceAsset]
        Each with the content version of its section as data version.
    """
    with warnings.catch_warnings():
        # observable assets are called beta; the version of Dagster is pinned, and a test asks the page what is stale
        warnings.simplefilter("ignore", dg.BetaWarning)
        return [_section_asset(name, configuration) for name in SECTIONS]


def _section_asset(name: str, configuration: Callable[[], Configuration]) -> dg.SourceAsset:
    @dg.observable_source_asset(
        key=section_key(name), group_name=GROUP, description=_description(name), metadata=_metadata(name)
    )
    def section() -> dg.DataVersion:
        return dg.DataVersion(configuration().section_version(name))

    return section


def section_sensor(configuration: Callable[[], Configuration]) -> dg.SensorDefinition:
    """Return the sensor that notices an edit of kam.yaml without a run.

    Parameters
    ----------
    configuration : Callable[[], Configuration]
        Reads kam.yaml.

    Returns
    -------
    dg.SensorDefinition
        It reports what the page does not know yet; while kam.yaml cannot be read, it says why.
    """

    @dg.sensor(
        name="settings_edited",
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Notices an edit of kam.yaml, so that the tables below it are shown as stale.",
    )
    def edited(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        try:
            found = unseen(context.instance, configuration())
        except ConfigurationError as error:
            return dg.SkipReason(str(error))
        if not found:
            return dg.SkipReason("kam.yaml says what it said before")
        return dg.SensorResult(asset_events=found)

    return edited


def observe_sections(instance: dg.DagsterInstance, configuration: Configuration) -> None:
    """Tell Dagster which sections a run is about to work with, where it does not know them yet."""
    for observation in unseen(instance, configuration):
        instance.report_runless_asset_event(observation)


def unseen(instance: dg.DagsterInstance, configuration: Configuration) -> list[dg.AssetObservation]:
    """Return an observation of each section whose newest one in Dagster has another version, or is not there."""
    return [
        dg.AssetObservation(section_key(name), tags={_DATA_VERSION: version})
        for name, version in section_versions(configuration).items()
        if _last_seen(instance, name) != version
    ]


def _last_seen(instance: dg.DagsterInstance, name: str) -> str | None:
    records = instance.fetch_observations(section_key(name), limit=1).records
    observation = records[0].asset_observation if records else None
    return observation.tags.get(_DATA_VERSION) if observation else None


def _metadata(name: str) -> dict[str, str]:
    below = lineage().tables_below(name)
    return {"tables below": ", ".join(below) or "none; it decides how the report looks"}


def _description(name: str) -> str:
    field = Settings.model_fields.get(name)
    text = field.description if field and field.description else _PARTS[name]
    return f"{text} What kam.yaml says of it that can change a result; one version per content."
