"""How much of an object one extraction reads: everything, or what has changed since the last one.

What belongs here: the window, what else is due with it, and the checkpoint that the next extraction starts from. What
does not: asking Salesforce (deletes.py, reconciling.py, rest.py, bulk.py).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.salesforce.describing import remembered
from connectors.salesforce.plan import ObjectPlan, SelectedColumn
from kam_pipeline.settings.salesforce import SalesforceSource

# Nights begin a few minutes earlier or later than the one before; what is due daily is due all the same.
_JITTER = timedelta(hours=1)


@dataclass(frozen=True)
class Window:
    """How much of one object is read.

    Attributes
    ----------
    plan : ObjectPlan
        The object.
    since : datetime or None
        Stamp from which records are read (included), None for all of them.
    until : datetime
        Stamp up to which a window is read (excluded); of a full reading, from when on changes are read next.
    deleted_since : datetime or None
        From when on deletes are asked for; None where none are: all records are read, or nobody answers.
    reconciles : bool
        All ids are held against those that are known.
    patched : tuple[SelectedColumn, ...]
        Columns that are read for all records: formulas that are due, and fields that are new.
    last : Mapping[str, Any]
        The checkpoint that this window follows; empty for a first reading.
    """

    plan: ObjectPlan
    since: datetime | None
    until: datetime
    deleted_since: datetime | None = None
    reconciles: bool = False
    patched: tuple[SelectedColumn, ...] = ()
    last: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether all records are read, so that one that is not among them is gone."""
        return self.since is None

    def ending_as(self, soql: str, earliest: datetime) -> "Window":
        """Return the window that a query asks for, where it is this one up to an earlier end; else this one.

        Parameters
        ----------
        soql : str
            A query that was asked before.
        earliest : datetime
            How early its end may be.
        """
        asked = re.fullmatch(r"(.* < )(\S+)", soql)
        if asked is None or self.since is None:
            return self
        other = replace(self, until=parse_time(asked.group(2)))
        is_same = other.plan.soql(other.where) == soql and earliest <= other.until <= self.until
        return other if is_same else self

    @property
    def where(self) -> str:
        """The condition of the query, empty where all records are read."""
        if self.since is None:
            return ""
        cursor = self.plan.cursor
        return f"{cursor} >= {soql_time(self.since)} AND {cursor} < {soql_time(self.until)}"


def decide_window(
    plan: ObjectPlan, settings: SalesforceSource, org_id: str, now: datetime, last: Mapping[str, Any] | None
) -> Window:
    """Return how much of an object is to be read.

    Parameters
    ----------
    plan : ObjectPlan
        The object as described now.
    settings : SalesforceSource
        Overlap, lag and what is due how often.
    org_id : str
        The organisation; the checkpoint of another one is none.
    now : datetime
        The server's time, UTC with zone.
    last : Mapping[str, Any] or None
        What the last extraction left.

    Returns
    -------
    Window
        Everything where there is nothing to go on from.
    """
    until = (now - timedelta(seconds=settings.lag_seconds)).replace(microsecond=0)
    if last is None or not _goes_on_from(plan, org_id, last):
        return Window(plan, None, until)
    since = parse_time(last["watermark"]) - timedelta(minutes=settings.overlap_minutes)
    reconciled_at = parse_time(last["reconciled_at"])
    return Window(
        plan,
        since=since,
        until=max(until, since),
        deleted_since=parse_time(last["deleted_until"]) if plan.is_replicateable else None,
        reconciles=now - reconciled_at >= timedelta(days=settings.reconcile_days) - _JITTER,
        patched=_patched(plan, settings, now, last),
        last=last,
    )


def next_checkpoint(
    window: Window, org_id: str, now: datetime, horizon: datetime | None, *, reconciled: bool
) -> dict[str, Any]:
    """Return what the next extraction goes on from, once the records of a window are stored.

    Parameters
    ----------
    window : Window
        What was read.
    org_id : str
        The organisation.
    now : datetime
        The server's time when the reading began.
    horizon : datetime or None
        Until when Salesforce says that everything is committed, None where it does not say.
    reconciled : bool
        All ids have been held against ours.

    Returns
    -------
    dict[str, Any]
        JSON values.
    """
    last = window.last
    plan = window.plan
    covered = min(window.until, horizon) if horizon else window.until
    has_formulas = window.is_full or any(column.is_formula for column in window.patched)
    return {
        **remembered(plan),
        "org_id": org_id,
        "cursor": plan.cursor,
        "watermark": _text(covered),
        "deleted_until": _text(min(now, horizon) if horizon else now),
        "reconciled_at": _text(now) if window.is_full or reconciled else last["reconciled_at"],
        "formulas_at": _text(now) if has_formulas else last["formulas_at"],
        # a field that is gone stays known, so that it counts as vanished for as long as its last values are shown
        "described": {**last.get("described", {}), **plan.described},
    }


def soql_time(moment: datetime) -> str:
    """Return a moment as SOQL writes it: unquoted, in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> datetime:
    """Return the moment that an ISO 8601 text, also of Salesforce (`+0000`), says."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _goes_on_from(plan: ObjectPlan, org_id: str, last: Mapping[str, Any]) -> bool:
    # what has no bin shows its deletes by being gone: read whole, the difference counts
    if not plan.has_bin or plan.cursor is None:
        return False
    return (last["org_id"], last["sobject"], last["cursor"]) == (org_id, plan.sobject, plan.cursor)


def _patched(
    plan: ObjectPlan, settings: SalesforceSource, now: datetime, last: Mapping[str, Any]
) -> tuple[SelectedColumn, ...]:
    """Return the columns to read for all records; custom ones stand in one column and are read together."""
    age = now - parse_time(last["formulas_at"])
    # what history says of a moment stays as it was then
    is_history = plan.crm_object.name.endswith("History")
    formulas_are_due = not is_history and age >= timedelta(hours=settings.formula_hours) - _JITTER
    due = [column for column in plan.columns if column.is_formula and formulas_are_due]
    wanted = {column.api_name for column in (*due, *plan.new_columns)}
    fields = {column.field for column in plan.columns if column.api_name in wanted}
    # a field that two columns make up, or the custom ones, are read as a whole
    return tuple(column for column in plan.columns if column.field in fields) if wanted else ()
