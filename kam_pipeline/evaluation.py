"""One evaluation: for which date, with which knowledge, and the values that the SQL models are given.

What belongs here: the as-of date, known-then against newest knowledge, parameters, the small tables made in Python.
What does not: the clock (the front doors hand in the time), order of tables (assets/), publishing.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from kam_pipeline.built import read_built
from kam_pipeline.contracts import TableContract
from kam_pipeline.errors import WarehouseError
from kam_pipeline.raw import create_known_then
from kam_pipeline.selection.parameters import criteria_parameters
from kam_pipeline.settings import Configuration, Settings
from kam_pipeline.settings.maturity import title_pattern
from kam_pipeline.settings_tables import (
    CONFIGURED_RATE,
    GROUP_OVERRIDE,
    configured_rate_frame,
    group_override_frame,
)
from kam_pipeline.sql_models import sql_models
from kam_pipeline.warehouse import CATALOG, SqlValue, Warehouse, literal, quoted

SCRATCH = "known_then"
NATURAL_DATE = "core.natural_date"
DEFAULT_WON_STAGES = ("Closed Won",)
DEFAULT_LOST_STAGES = ("Closed Lost",)
# In the languages of the CRM's users; in lower case, as all are compared.
DEFAULT_HELD = (
    "completed", "held", "done", "afholdt", "gennemført", "udført", "fuldført", "avholdt", "gjennomført", "fullført",
    "genomfört", "hållet", "slutförd", "abgeschlossen", "durchgeführt", "erledigt", "terminé",
)  # fmt: skip

Knowledge = Literal["then", "newest", "restate"]
"""then: a stored date as known at its own data cut; newest: the natural date with all that is known; restate: a past
date with all that is known."""


@dataclass(frozen=True)
class Evaluation:
    """What one run computes.

    Attributes
    ----------
    as_of_date : date
        Exclusive end of every window.
    run_id : str
        The run.
    created_at : datetime
        When the run began, UTC without zone.
    data_cut_at : datetime
        Newest knowledge used, UTC without zone.
    is_restated : bool
        A past date computed with later knowledge.
    is_known_then : bool
        Staging and core are evaluated anew, as known at `data_cut_at` and with the settings of now.
    is_newest : bool
        No later date is stored: undated tables are rebuilt.
    """

    as_of_date: date
    run_id: str
    created_at: datetime
    data_cut_at: datetime
    is_restated: bool
    is_known_then: bool
    is_newest: bool

    def rebuilds(self, contract: TableContract) -> bool:
        """Whether this run builds a table: undated tables are today's knowledge, for the run of the newest date."""
        return contract.is_dated or contract.is_cumulative or (self.is_newest and not self.is_known_then)


def decide_evaluation(
    warehouse: Warehouse,
    configuration: Configuration,
    as_of_date: date,
    knowledge: Knowledge,
    run_id: str,
    created_at: datetime,
) -> Evaluation:
    """Return what a run for a date computes, given what is stored.

    Parameters
    ----------
    warehouse : Warehouse
        The open warehouse with at least one load.
    configuration : Configuration
        The settings as they are now.
    as_of_date : date
        The date asked for.
    knowledge : Knowledge
        Which knowledge is wanted.
    run_id : str
        The run.
    created_at : datetime
        When the run began, UTC without zone.

    Returns
    -------
    Evaluation
        Staging and core are evaluated anew where the date is stored and more has become known since, or where they
        were built with other settings.

    Raises
    ------
    WarehouseError
        When nothing has been loaded yet.
    """
    newest_cut = warehouse.value("select max(known_at) from raw.load") if warehouse.has_table("raw.load") else None
    if newest_cut is None:
        raise WarehouseError(f"nothing has been extracted yet, so {as_of_date} cannot be computed; run `kam run` first")
    stored: list[tuple[date, datetime, bool]] = []
    if warehouse.has_table("published.snapshot"):
        stored = warehouse.rows("select as_of_date, data_cut_at, is_restated from warehouse.published.snapshot")
    own = next((row for row in stored if row[0] == as_of_date), None)
    is_newest = all(row[0] <= as_of_date for row in stored)
    is_natural = as_of_date >= default_as_of_date(warehouse)
    is_outdated = _is_outdated(warehouse, configuration)
    if own is not None and knowledge == "then":
        is_anew = is_outdated or own[1] < newest_cut
        return Evaluation(as_of_date, run_id, created_at, own[1], own[2], is_anew, is_newest)
    is_restated = knowledge == "restate" or not is_natural
    return Evaluation(as_of_date, run_id, created_at, newest_cut, is_restated, is_outdated, is_newest)


def _is_outdated(warehouse: Warehouse, configuration: Configuration) -> bool:
    """Return whether staging and core were built with other settings; or by a version that did not write it down."""
    built = [item for item in read_built(warehouse, None).values() if item.table.startswith(("staging.", "core."))]
    used = {pair for item in built for pair in item.recipe.sections.items()}
    return not built or any(configuration.section_version(name) != version for name, version in used)


def is_stored(warehouse: Warehouse, as_of_date: date) -> bool:
    """Return whether a date has been published before."""
    if not warehouse.has_table("published.snapshot"):
        return False
    query = "select count(*) from warehouse.published.snapshot where as_of_date = $day"
    return bool(warehouse.value(query, {"day": as_of_date}))


def default_as_of_date(warehouse: Warehouse) -> date:
    """Return the date that what is known naturally belongs to.

    Returns
    -------
    date
        Of a live source the day of the extraction; of files the day after the newest created or modified stamp, close
        of a closed deal or completed activity, but never after the extraction.

    Raises
    ------
    WarehouseError
        When core has not been built.
    """
    if not warehouse.has_table(NATURAL_DATE):
        raise WarehouseError("the core tables are not there yet; run `kam run` first")
    natural: date = warehouse.value(f"select natural_on from {CATALOG}.{NATURAL_DATE}")
    return natural


def held_statuses(settings: Settings) -> list[str]:
    """Return the statuses, in lower case, of meetings and tasks that have taken place."""
    given = [status.strip().lower() for name in ("Event", "Task") for status in settings.mapping.of(name).held]
    return given or list(DEFAULT_HELD)


def model_parameters(configuration: Configuration, evaluation: Evaluation | None = None) -> dict[str, SqlValue]:
    """Return the value of every parameter that a SQL model may name.

    Parameters
    ----------
    configuration : Configuration
        The settings.
    evaluation : Evaluation, optional
        The evaluation, for dated models.

    Returns
    -------
    dict[str, SqlValue]
        Values by parameter name.
    """
    settings = configuration.settings
    accounts, deals = settings.scope.exclude_accounts, settings.scope.exclude_opportunities
    stages = settings.mapping.of("Opportunity").stages
    satisfaction = settings.feeds.satisfaction
    values: dict[str, SqlValue] = {
        "excluded_account_types": accounts.types,
        "excluded_account_record_types": accounts.record_type_ids,
        "excluded_account_names": accounts.names_containing,
        "excluded_account_ids": accounts.ids,
        "excluded_opportunity_types": deals.types,
        "excluded_opportunity_record_types": deals.record_type_ids,
        "won_stages": list(stages.won if stages else DEFAULT_WON_STAGES),
        "lost_stages": list(stages.lost if stages else DEFAULT_LOST_STAGES),
        "activated_statuses": [text.strip().lower() for text in settings.mapping.of("Order").activated]
        or ["activated"],
        "revenue_basis": settings.revenue_basis,
        "held_statuses": held_statuses(settings),
        "fiscal_year_start_month": settings.fiscal_year.start_month,
        "reporting_currency": settings.currency.reporting,
        "timezone": settings.schedule.timezone,
        "record_url": settings.source.record_address,
        "decimal_separator": settings.source.decimal_separator if settings.source.kind == "files" else ".",
        "facts": settings.publish.facts,
        **criteria_parameters(settings.criteria),
        "min_groups": settings.relevance.min_groups,
        "configured_feeds": [feed.declared.name for feed in settings.feeds.configured],
        "decisions_designate": settings.feeds.decisions is not None and settings.feeds.decisions.designates,
        "satisfaction_lowest": satisfaction.lowest if satisfaction else None,
        "satisfaction_highest": satisfaction.highest if satisfaction else None,
        "satisfied_from": satisfaction.satisfied_from if satisfaction else None,
        "segment_fields": list(settings.kpis.segments),
        "growing_from": settings.kpis.growing_from,
        "shrinking_from": settings.kpis.shrinking_from,
        "contact_days": settings.kpis.contact_days,
        "cross_sell_months": settings.kpis.cross_sell_months,
        "shrink_deals": settings.kpis.shrink_deals,
        "min_valued_share": settings.kpis.min_valued_share,
        "min_cost_coverage": settings.kpis.min_cost_coverage,
        "max_missing_reasons": settings.kpis.max_missing_reasons,
        "support_titles": title_pattern(settings.maturity.seniority.support),
        "senior_titles": title_pattern(settings.maturity.seniority.senior),
        "other_titles": title_pattern(settings.maturity.seniority.other),
    }
    if evaluation is not None:
        values |= {"as_of_date": evaluation.as_of_date, "run_id": evaluation.run_id}
    return values


@contextlib.contextmanager
def knowledge_of(warehouse: Warehouse, configuration: Configuration, evaluation: Evaluation) -> Iterator[None]:
    """Let queries see the knowledge of an evaluation: the stored tables, or a scratch copy as known then.

    Parameters
    ----------
    warehouse : Warehouse
        The open warehouse.
    configuration : Configuration
        The settings.
    evaluation : Evaluation
        What is computed; nothing is done unless it is known-then.

    Yields
    ------
    None
        Inside, `staging.x` and `core.x` are those of the evaluation; afterwards the scratch copy is gone.
    """
    if not evaluation.is_known_then:
        yield
        return
    execute = warehouse.connection.execute
    execute(f"attach ':memory:' as {SCRATCH}")
    try:
        create_known_then(warehouse, SCRATCH, evaluation.data_cut_at)
        for layer in ("staging", "core", "marts"):
            execute(f"create schema {SCRATCH}.{layer}")
        execute(f"use {SCRATCH}")
        _build_scratch(warehouse, configuration, evaluation)
        yield
    finally:
        execute(f"use {CATALOG}")
        execute(f"detach {SCRATCH}")


def _build_scratch(warehouse: Warehouse, configuration: Configuration, evaluation: Evaluation) -> None:
    """Evaluate staging and core in the scratch catalog, and show it the tables of marts and of the settings."""
    execute = warehouse.connection.execute
    known_on = warehouse.value("select max(known_at)::date from raw.load")
    frames = {
        "group_override": group_override_frame(configuration.groups_path, known_on),
        "configured_rate": configured_rate_frame(configuration.settings.currency),
    }
    for contract in (GROUP_OVERRIDE, CONFIGURED_RATE):
        warehouse.connection.register("frame_to_put", frames[contract.name])
        casts = ", ".join(f"{column.name}::{column.type} as {column.name}" for column in contract.columns)
        execute(f"create table {SCRATCH}.staging.{contract.name} as select {casts} from frame_to_put")
        warehouse.connection.unregister("frame_to_put")
    params = model_parameters(configuration, evaluation)
    for model in sql_models().values():
        contract = model.contract
        if contract.layer in ("staging", "core"):
            bound = {name: params[name] for name in contract.params}
            execute(f"create table {SCRATCH}.{contract.layer}.{quoted(contract.name)} as {model.query}", bound)
    for (table,) in warehouse.rows(
        f"select table_name from duckdb_tables() where database_name = {literal(CATALOG)} and schema_name = 'marts'"
    ):
        show_to_scratch(warehouse, table)


def show_to_scratch(warehouse: Warehouse, table: str) -> None:
    """Show the scratch catalog a table of marts as it is now: it may be new, or have gained columns."""
    warehouse.connection.execute(
        f"create or replace view {SCRATCH}.marts.{quoted(table)} as select * from {CATALOG}.marts.{quoted(table)}"
    )
