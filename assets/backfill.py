"""Compute past dates from what is known, then publish once: `kam backfill`.

What belongs here: the order of runs. What does not: which dates (kam_pipeline.date_range), what a date is computed with
(kam_pipeline.evaluation).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import dagster as dg

from assets.publish import SNAPSHOTS
from assets.rerun import published_keys, rebuild_core
from assets.runs import evaluate, newest_published_date, open_instance
from assets.tables import table_key
from kam_pipeline.errors import PublicationBlockedError, WarehouseError
from kam_pipeline.publishing import kept_dates
from kam_pipeline.publishing.retention import leaving
from kam_pipeline.settings import Configuration
from kam_pipeline.staleness import outdated_core
from kam_pipeline.tables import tables
from kam_pipeline.warehouse import Warehouse


@dataclass(frozen=True)
class Backfill:
    """What came of a backfill: the dates that readers have now, and why others were blocked."""

    computed: tuple[date, ...]
    blocked: dict[date, str]


def backfill(definitions: dg.Definitions, configuration: Configuration, days: Sequence[date]) -> Backfill:
    """Compute each date, keep those that pass their checks, and publish all of them at the end.

    A date never stored is computed with all that is known and marked restated; a stored one with what was known at its
    data cut. Nothing is read from the source.

    Parameters
    ----------
    definitions : dg.Definitions
        The definitions of this configuration.
    configuration : Configuration
        The settings.
    days : Sequence[date]
        The dates, rising.

    Returns
    -------
    Backfill
        What came of each date.

    Raises
    ------
    WarehouseError
        When nothing has been read yet.
    KamError
        What a run failed with, other than a blocking check.
    """
    outdated = _outdated_core(configuration)
    computed: list[date] = []
    blocked: dict[date, str] = {}
    with open_instance(configuration) as instance:
        rebuild_core(definitions, instance, outdated)
        for day in days:
            try:
                evaluate(definitions, configuration, instance, day, "then", _keys_of(configuration, day))
                computed.append(day)
            except PublicationBlockedError as error:
                blocked[day] = str(error).partition("\n")[2]
        newest = newest_published_date(configuration)
        if computed and newest:
            targets = published_keys(definitions) - {SNAPSHOTS}
            evaluate(definitions, configuration, instance, newest, "then", sorted(targets))
    readable = _published(configuration)
    return Backfill(tuple(day for day in computed if day in readable), blocked)


def not_kept(configuration: Configuration, days: Sequence[date]) -> list[date]:
    """Return which dates of a backfill the next night lets go again.

    Parameters
    ----------
    configuration : Configuration
        The settings, `publish.keep_days` among them.
    days : Sequence[date]
        The dates, rising.

    Returns
    -------
    list[date]
        Those that are old and not the last of their month, beside what is published.
    """
    keep_days = configuration.settings.publish.keep_days
    if keep_days is None or not configuration.warehouse_path.exists():
        return []
    everything = _published(configuration) | set(days)
    return [day for day in leaving(everything, max(everything), keep_days) if day in days]


def _outdated_core(configuration: Configuration) -> list[str]:
    if not configuration.warehouse_path.exists():
        raise WarehouseError("nothing has been read yet, so no date can be computed; run `kam run` first")
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        if not warehouse.has_table("raw.load"):
            raise WarehouseError("nothing has been read yet, so no date can be computed; run `kam run` first")
        return outdated_core(warehouse, configuration)


def _keys_of(configuration: Configuration, day: date) -> list[dg.AssetKey]:
    """Return what is made for a date: undated tables only where no later date is published, which they belong to."""
    newest = newest_published_date(configuration)
    contracts = [table.contract for table in tables().values() if table.contract.layer == "marts"]
    whole = newest is None or newest <= day
    names = [item.full_name for item in contracts if whole or item.is_dated or item.is_cumulative]
    return [*(table_key(name) for name in names), SNAPSHOTS]


def _published(configuration: Configuration) -> set[date]:
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        return {kept.as_of_date for kept in kept_dates(warehouse)}
