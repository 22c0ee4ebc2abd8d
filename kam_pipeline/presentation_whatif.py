"""How `kam whatif` looks: one short screen for each set of criteria, and several side by side first.

What belongs here: wording and layout in a terminal, and the JSON. What does not: the page (report/whatif_page.py),
finding anything out (kam_pipeline.selection).
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kam_pipeline.presentation import print_json
from kam_pipeline.selection.differences import Alternative, Compared, ListFigures, WhatIf

_SHOWN = 10
_UNKNOWN = "not known"


def show_what_if(found: WhatIf, html: Path | None, *, as_json: bool) -> None:
    """Show what other criteria would change; every group that they concern is in the JSON and on the page."""
    if as_json:
        print_json(dataclasses.asdict(found))
        return
    console = Console(emoji=False, highlight=False)
    console.print(
        f"Held against the list published as of {found.as_of_date} (criteria {found.criteria_version}); figures are "
        "those published, and nothing is written."
    )
    if found.overrides_cnt:
        console.print(
            f"Decisions that override the score stay as published: {found.overrides_cnt} "
            f"{'group' if found.overrides_cnt == 1 else 'groups'}."
        )
    if len(found.alternatives) > 1:
        _side_by_side(console, found)
    for place, alternative in enumerate(found.alternatives, start=1):
        number = f"{place}. " if len(found.alternatives) > 1 else ""
        _one(console, alternative, number, found)
    if html is not None:
        console.print(f"\nwritten to {escape(str(html))}; open it in a browser", soft_wrap=True)


def _side_by_side(console: Console, found: WhatIf) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("criteria", overflow="fold")
    for heading in ("list", "enter", "leave", "move", "kept", "covered", "of best", "firm"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_row("published", str(found.before.list_cnt), "", "", "", "", *_shares(found.before))
    for place, one in enumerate(found.alternatives, start=1):
        counts = (len(one.entering), len(one.leaving), len(one.moved))
        table.add_row(
            f"{place}. {escape(one.name)}", str(one.figures.list_cnt), *map(str, counts), _percent(one.kept_share, 0),
            *_shares(one.figures),
        )  # fmt: skip
    console.print()
    console.print(table)
    for pair in found.pairs:
        console.print(
            f"{pair.one + 1} and {pair.other + 1} share {pair.shared_cnt} groups, "
            f"{_percent(pair.jaccard, 0)} of those on either list"
        )


def _one(console: Console, one: Alternative, number: str, found: WhatIf) -> None:
    console.print(f"\n[bold]{number}{escape(one.name)}[/] (criteria {one.criteria_version})", soft_wrap=True)
    if one.changes_nothing:
        console.print("Nothing changes: the same list in the same order, and the same decisions.")
    before, now = found.before, one.figures
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(
        "list",
        f"{now.list_cnt} groups, before {before.list_cnt}; {one.kept_cnt} stay ({_percent(one.kept_share, 0)}), "
        f"overlap {_percent(one.jaccard, 0)} of those on either",
    )
    grid.add_row(
        "revenue",
        f"{_percent(now.covered_share)} covered, before {_percent(before.covered_share)}; "
        f"{_percent(now.coverage, 0)} of the best list of that size, before {_percent(before.coverage, 0)}",
    )
    grid.add_row("stability", f"{_share(now.mean_stability)}, before {_share(before.mean_stability)}")
    for label, figures in (("warning", now), ("warned before", before)):
        if figures.warning and (figures is now or now.warning != before.warning):
            grid.add_row(f"[yellow]{label}[/]", escape(figures.warning))
    if one.needs_a_run:
        grid.add_row(
            "[yellow]not in it[/]",
            f"what differs in {' and '.join(one.needs_a_run)} takes effect in a run: figures and decisions are as "
            "published",
        )
    console.print(grid)
    _groups(console, "enters", one.entering, found.reporting_currency)
    _groups(console, "leaves", one.leaving, found.reporting_currency)
    _groups(console, "moves", one.moved, found.reporting_currency, with_reason=False)
    if one.decisions:
        console.print(f"decisions that change: {escape(_changes(one.decisions))}")


def _groups(
    console: Console, title: str, groups: Sequence[Compared], currency: str, *, with_reason: bool = True
) -> None:
    """Print the first of some groups: rank before and now, name, revenue, and the new sentence."""
    if not groups:
        return
    console.print(f"{title} ({len(groups)})")
    for group in groups[:_SHOWN]:
        revenue = _UNKNOWN if group.revenue_amt is None else f"{group.revenue_amt:,.0f} {currency}"
        console.print(
            f"  {_rank(group.rank_before):>6} → {_rank(group.rank_now):<6} [bold]{escape(group.group_name)}[/], "
            f"revenue {revenue}"
        )
        if with_reason:
            console.print(f"                  {escape(group.reason or 'It can no longer be proposed.')}")
    if len(groups) > _SHOWN:
        console.print(f"  and {len(groups) - _SHOWN} more: --json, or --html FILE")


def _changes(groups: Iterable[Compared]) -> str:
    counted = Counter((group.decision_before or "not ranked", group.decision_now or "not ranked") for group in groups)
    return ", ".join(f"{before} → {now} {count:,}" for (before, now), count in sorted(counted.items()))


def _shares(figures: ListFigures) -> tuple[str, str, str]:
    return _percent(figures.covered_share), _percent(figures.coverage, 0), _share(figures.mean_stability)


def _rank(rank: int | None) -> str:
    return "none" if rank is None else f"{rank:,}"


def _percent(share: float | None, digits: int = 1) -> str:
    return _UNKNOWN if share is None else f"{100 * share:.{digits}f} %"


def _share(share: float | None) -> str:
    return "not drawn" if share is None else f"{share:.2f}"
