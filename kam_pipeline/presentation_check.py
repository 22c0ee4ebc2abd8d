"""How `kam check` looks: what the source offers, what the rest would enable, what to change, who is told of failures.

What belongs here: wording and layout of that. What does not: the other commands (presentation.py), finding it out
(connectors).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kam_pipeline.feed_schema import is_feed
from kam_pipeline.landing import Availability
from kam_pipeline.presentation import print_json

_THERE = ("present", "new", "retyped")


class Available(Availability, Protocol):
    """What `kam check` shows of an object (see connectors.base.ObjectAvailability)."""

    @property
    def is_present(self) -> bool:
        """Whether the source has it."""

    @property
    def advice(self) -> Mapping[str, str]:
        """What to change, per field that is not simply there."""


def show_check(source: str, found: Sequence[Available], channels: Mapping[str, str | None], *, as_json: bool) -> None:
    """Show per object what the source offers and what is not configured for lack of it, and who is told of failures.

    A channel of alerts has a problem when it could not be used now.
    """
    if as_json:
        print_json(
            {
                "source": source,
                "objects": [
                    {"object": item.crm_object.name, "is_present": item.is_present, "origins": item.origins,
                     "notes": item.notes, "fields": dict(item.presence), "not_configured": dict(_consequences(item)),
                     "advice": dict(item.advice)}
                    for item in found
                ],
                "alerts": [{"channel": channel, "problem": problem} for channel, problem in channels.items()],
            }
        )  # fmt: skip
        return
    console = Console(emoji=False)
    table = Table(
        title=f"{escape(source)}: what is there, and what is not configured without the rest", title_justify="left"
    )
    for heading in ("object", "found in", "fields", "not configured without it"):
        table.add_column(heading, overflow="fold")
    for item in found:
        table.add_row(
            item.crm_object.name,
            escape(_origins(item)),
            _field_count(item),
            "" if item.is_present else item.crm_object.enables,
        )
    console.print(table)
    for item in found:
        for name, presence in item.presence.items():
            if item.is_present and presence != "present":
                _print_field(console, item, name)
    for item in found:
        for note in item.notes:
            console.print(f"[yellow]note[/] {item.crm_object.name}: {escape(note)}", highlight=False)
    _print_channels(console, channels)


def _print_channels(console: Console, channels: Mapping[str, str | None]) -> None:
    if not channels:
        console.print("Nobody is told when a night fails; see section alerts (`kam init` has an example).")
    for channel, problem in channels.items():
        said = "is ready; try it with `kam check --alert`" if problem is None else f"[yellow]{escape(problem)}[/]"
        console.print(f"{channel}: {said}", highlight=False, soft_wrap=True)


def _origins(item: Available) -> str:
    if not item.is_present:
        return "not configured" if is_feed(item.crm_object.name) else "not there"
    more = f" and {len(item.origins) - 1} more" if len(item.origins) > 1 else ""
    return item.origins[0] + more


def _field_count(item: Available) -> str:
    there = sum(presence in _THERE for presence in item.presence.values())
    return f"{there} of {len(item.presence)}"


def _print_field(console: Console, item: Available, name: str) -> None:
    """Print how a field is there or not, what follows, and what to change."""
    presence = item.presence[name].replace("_", " ")
    lost = _consequences(item).get(name)
    parts = [f"not configured: {lost}" if lost else "", item.advice.get(name, "")]
    said = "; ".join(part for part in parts if part)
    colour = "yellow" if lost else "dim"
    console.print(
        f"[{colour}]{presence}[/] {escape(f'{item.crm_object.name}.{name}')}{escape(f': {said}' if said else '')}",
        highlight=False,
        soft_wrap=True,
    )


def _consequences(item: Available) -> dict[str, str]:
    """Return what is not configured, per declared field whose values do not arrive."""
    return {
        field.name: field.enables
        for field in item.crm_object.fields
        if field.enables and item.presence.get(field.name) not in _THERE
    }
