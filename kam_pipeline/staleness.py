"""What is stale: which tables of the newest published date would come out otherwise today, and why.

What belongs here: holding what was built against the settings and the code of now. What does not: rebuilding (assets/),
bookkeeping (built.py). It needs no Dagster: the page asks Dagster, the command line asks here, a test holds both equal.
"""

from dataclasses import dataclass
from datetime import date, datetime

from kam_pipeline.built import Built, read_built, record_built
from kam_pipeline.lineage import Recipe, section_versions
from kam_pipeline.settings import Configuration
from kam_pipeline.settings.configuration import content_version
from kam_pipeline.tables import lineage, tables
from kam_pipeline.warehouse import Warehouse

EXTRACTION = "landing.extraction"
KEPT = "published.snapshots"
PUBLICATION = "published.key_accounts"
REPORT = "published.report"
READING = ("reading",)
"""Sections that take effect only when the source is read anew."""
CODE = "code"
DATA = "data"


@dataclass(frozen=True)
class StaleTable:
    """A table that is no longer what it would be, and why.

    Attributes
    ----------
    table : str
        `layer.name`; also `landing.extraction` and what publishing makes.
    causes : tuple[str, ...]
        Sections as `settings.<name>`; `code`: a new version makes it otherwise; `data`: what stands in the warehouse is
        of another data cut, or another run, than what is published.
    """

    table: str
    causes: tuple[str, ...]


@dataclass(frozen=True)
class Rerun:
    """What came of a rerun.

    Attributes
    ----------
    as_of_date : date
        The newest published date.
    stale : tuple[StaleTable, ...]
        What was stale, and why.
    rerun : tuple[str, ...]
        What was made again, in that order; empty where nothing was to do.
    """

    as_of_date: date
    stale: tuple[StaleTable, ...]
    rerun: tuple[str, ...]

    @property
    def sections(self) -> list[str]:
        """The sections of kam.yaml that made something stale."""
        causes = dict.fromkeys(cause for item in self.stale for cause in item.causes)
        return [cause.removeprefix("settings.") for cause in causes if cause.startswith("settings.")]

    @property
    def needs_reading(self) -> bool:
        """Whether how the source is read has changed too: that takes effect with the next whole run."""
        return any(item.table == EXTRACTION for item in self.stale)


@dataclass(frozen=True)
class PublishedDate:
    """The newest published date, and the newest knowledge in it (UTC without zone)."""

    as_of_date: date
    data_cut_at: datetime


def newest_published(warehouse: Warehouse) -> PublishedDate | None:
    """Return the newest date that readers may see, None before the first."""
    if not warehouse.has_table("published.snapshot"):
        return None
    rows = warehouse.rows(
        "select as_of_date, data_cut_at from warehouse.published.snapshot order by as_of_date desc limit 1"
    )
    return PublishedDate(*rows[0]) if rows else None


def stale_tables(warehouse: Warehouse, configuration: Configuration) -> list[StaleTable]:
    """Return what is stale of the newest published date, each after its inputs.

    Parameters
    ----------
    warehouse : Warehouse
        The open warehouse.
    configuration : Configuration
        The settings as they are now.

    Returns
    -------
    list[StaleTable]
        Empty where nothing is, or nothing has been published yet. Undated tables of marts hold the newest knowledge:
        where more has been read than is published, they wait for the next whole run and are not named.
    """
    newest = newest_published(warehouse)
    if newest is None:
        return []
    built = read_built(warehouse, newest.as_of_date)
    causes = {EXTRACTION: _causes(_reading_recipe(configuration), built.get(EXTRACTION))}
    causes |= _causes_of_tables(warehouse, configuration, newest, built)
    causes[KEPT] = _causes(_kept_recipe(configuration), built.get(KEPT))
    for target in (PUBLICATION, REPORT):
        own = _causes(_target_recipe(warehouse, configuration, target), built.get(target), of_code=DATA)
        causes[target] = tuple(dict.fromkeys((*causes[KEPT], *own)))
    return [StaleTable(name, found) for name, found in causes.items() if found]


def outdated_core(warehouse: Warehouse, configuration: Configuration) -> list[str]:
    """Return the tables of staging and core that other settings or another version made, each after its inputs."""
    built = read_built(warehouse, None)
    names = [name for name, table in tables().items() if table.contract.layer in ("staging", "core")]
    return [name for name in names if _causes(lineage().recipe(name, configuration), built.get(name))]


def rerun_names(stale: list[StaleTable]) -> list[str]:
    """Return what has to be rerun, each after its inputs: what is stale and can be made from what has been read.

    Tables of a run (with a run_id) come with every rerun, so that the rows of a published date lead to one run.
    """
    waiting = {f"settings.{name}" for name in READING}
    names = {item.table for item in stale if not waiting.issuperset(item.causes)} - {EXTRACTION}
    if names - {PUBLICATION, REPORT}:
        names |= {KEPT, PUBLICATION, REPORT}
        names |= {
            name for name, table in tables().items() if "run_id" in {item.name for item in table.contract.columns}
        }
    elif PUBLICATION in names:
        names.add(REPORT)
    return [name for name in (*tables(), KEPT, PUBLICATION, REPORT) if name in names]


def record_extraction(warehouse: Warehouse, configuration: Configuration, run_id: str) -> None:
    """Write down how the source was read."""
    recipe = _reading_recipe(configuration)
    record_built(warehouse, Built(EXTRACTION, None, recipe, None, run_id))


def record_kept(warehouse: Warehouse, configuration: Configuration, as_of_date: date, run_id: str) -> None:
    """Write down what the tables of a date were made with that readers may see now."""
    record_built(warehouse, Built(KEPT, as_of_date, _kept_recipe(configuration), None, run_id))


def record_target(warehouse: Warehouse, configuration: Configuration, name: str) -> None:
    """Write down what a target, such as `published.report`, was made from."""
    record_built(warehouse, Built(name, None, _target_recipe(warehouse, configuration, name), None, None))


def _causes_of_tables(
    warehouse: Warehouse, configuration: Configuration, newest: PublishedDate, built: dict[str, Built]
) -> dict[str, tuple[str, ...]]:
    newest_cut = warehouse.value("select max(known_at) from raw.load")
    causes: dict[str, tuple[str, ...]] = {}
    for name, table in tables().items():
        contract = table.contract
        is_waiting = contract.layer == "marts" and not contract.is_dated and newest_cut != newest.data_cut_at
        if is_waiting and not contract.is_cumulative:
            continue
        found = _causes(lineage().recipe(name, configuration), built.get(name))
        is_of_other_data = contract.is_dated and name in built and built[name].data_cut_at != newest.data_cut_at
        if is_of_other_data or any(DATA in causes.get(needed, ()) for needed in contract.inputs):
            found = (*found, DATA)
        causes[name] = found
    return causes


def _causes(now: Recipe, built: Built | None, of_code: str = CODE) -> tuple[str, ...]:
    """Return why something is no longer what it would be; what nobody wrote down was made by an earlier version."""
    if built is None:
        return (CODE,)
    then = built.recipe
    changed = {name for name, version in now.sections.items() if then.sections.get(name) != version}
    found = [f"settings.{name}" for name in now.sections if name in changed]
    if then.code != now.code:
        found.append(of_code)
    return tuple(found)


def _reading_recipe(configuration: Configuration) -> Recipe:
    return Recipe("", section_versions(configuration, READING))


def _kept_recipe(configuration: Configuration) -> Recipe:
    return lineage().whole_recipe(configuration)


def _target_recipe(warehouse: Warehouse, configuration: Configuration, name: str) -> Recipe:
    """Return what a target is made from: the dates that are kept, each by its run, and how the report is to look."""
    kept = warehouse.rows("select as_of_date::varchar, run_id from warehouse.published.snapshot order by all")
    return Recipe(content_version(kept), section_versions(configuration, ("report",) if name == REPORT else ()))
