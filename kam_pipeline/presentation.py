"""How results look in a terminal, and as JSON.

What belongs here: wording and layout of command results, on stdout. What does not: progress and errors (cli.py),
`kam status` (presentation_status.py), finding anything out (kam_pipeline.status).
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from kam_pipeline.publishing import Handed
from kam_pipeline.staleness import Rerun
from kam_pipeline.status import Publication, Status

VERDICTS = {
    "relevant": "[green]relevant[/]",
    "borderline": "[yellow]borderline[/]",
    "not_relevant": "[red]not relevant[/]",
    "insufficient_data": "[yellow]insufficient data[/]",
}
_MEGABYTE = 1_000_000


def show_run(status: Status, *, as_json: bool) -> None:
    """Show what a run published."""
    if as_json:
        print_json(dataclasses.asdict(status))
    elif status.publication is not None:
        console = Console(emoji=False)
        _print_publication(console, status.publication)
        _print_report(console, status.report_path)


def show_handed(targets: Sequence[Handed], *, as_json: bool) -> None:
    """Show what each target of the publication got."""
    if as_json:
        print_json({item.target: {"rows": item.rows, "not_configured": item.not_configured} for item in targets})
        return
    console = Console(emoji=False)
    for item in targets:
        got = "made anew" if item.rows is None else f"{item.rows:,} rows"
        said = f"not configured, see {item.not_configured}" if item.not_configured else got
        console.print(f"{item.target:<12} {escape(said)}", highlight=False)


def show_rerun(rerun: Rerun, status: Status, *, as_json: bool) -> None:
    """Show what was stale and what has been made again."""
    if as_json:
        done = {"stale": [dataclasses.asdict(item) for item in rerun.stale], "rerun": rerun.rerun}
        print_json(
            {"as_of_date": rerun.as_of_date, "sections": rerun.sections, "needs_reading": rerun.needs_reading}
            | done
            | dataclasses.asdict(status)
        )
        return
    console = Console(emoji=False)
    if rerun.needs_reading:
        console.print("How the source is read has changed: that takes effect with the next `kam run`, which reads it.")
    if not rerun.rerun:
        console.print(f"Nothing else is stale as of {rerun.as_of_date}." if rerun.needs_reading else _fresh(rerun))
        return
    tables_cnt = sum(not name.startswith("published.") for name in rerun.rerun)
    console.print(
        f"{_because(rerun)}: {_counted(tables_cnt, 'table')} made again as of {rerun.as_of_date}, and published",
        highlight=False,
    )
    show_run(status, as_json=False)


def show_backfill(
    computed: Sequence[date], blocked: Mapping[date, str], not_kept: Sequence[date], status: Status, *, as_json: bool
) -> None:
    """Show which dates have been computed, and which readers do not get."""
    if as_json:
        reasons = {day.isoformat(): reason for day, reason in blocked.items()}
        print_json({"computed": computed, "blocked": reasons, "not_kept": not_kept} | dataclasses.asdict(status))
        return
    console = Console(emoji=False)
    if computed:
        dates = f"{computed[0]}" if len(computed) == 1 else f"{computed[0]} to {computed[-1]}"
        console.print(f"{_counted(len(computed), 'date')} computed and published: {dates}", highlight=False)
    for day, reason in blocked.items():
        console.print(f"[red]not published[/] {day}: {escape(reason)}", highlight=False)
    if computed:
        show_run(status, as_json=False)


def show_report(path: Path, size_bytes: int, *, as_json: bool) -> None:
    """Show where the report is."""
    if as_json:
        print_json({"report_path": path, "size_bytes": size_bytes})
    else:
        _print_report(Console(emoji=False), path)


def show_demo(directory: Path, status: Status, counts: Mapping[str, int], *, is_over: bool = False) -> None:
    """Show what the demo left behind and where to look; its source `is_over` where it ended with the command."""
    console = Console(emoji=False)
    console.print(
        f"A made-up company with {counts['Account']:,} accounts and {counts['Opportunity']:,} opportunities "
        f"is in [bold]{escape(str(directory / 'export'))}[/]."
    )
    if status.publication is not None:
        _print_publication(console, status.publication)
    console.print("\nWhere to look")
    if status.report_path is not None:
        console.print(
            f"  {escape(str(status.report_path))}   the answers, in English and Danish; open it in a browser",
            highlight=False,
            soft_wrap=True,
        )
    console.print(
        f"  {escape(str(directory / 'published' / 'key_accounts.duckdb'))}   the tables, schema kam", highlight=False
    )
    console.print(f"  {escape(str(directory / 'kam.yaml'))}   the criteria; edit, then run again:", highlight=False)
    # without its source, what has been read can still be computed with other criteria
    again = "kam run --stale" if is_over else "kam run"
    console.print(f"  cd {escape(str(directory))} && {again}   (or `kam ui` for the Dagster page)", highlight=False)


def show_initialised(target: Path) -> None:
    """Show what `kam init` wrote and what comes next."""
    console = Console(emoji=False)
    console.print(f"Wrote {escape(str(target))} and its schema for editors.", highlight=False)
    console.print("Next: say in section source where the records are, files or Salesforce;", highlight=False)
    console.print("then `kam check`, then `kam run`.", highlight=False)


def show_ui(host: str, port: int, next_night: str | None, *, with_daemon: bool) -> None:
    """Say where the page will be, and what runs by itself meanwhile."""
    nights = "as long as the page is open" if with_daemon else "by the daemon that runs already"
    _print_lines(
        f"The Dagster page opens at http://{host}:{port}; stop it with Ctrl-C.",
        f"{_nights(next_night)}; nights run {nights}.",
    )


def show_daemon(config: Path, next_night: str | None) -> None:
    """Say what the daemon waits for."""
    _print_lines(f"The daemon of {config} runs the nights; stop it with Ctrl-C or SIGTERM.", f"{_nights(next_night)}.")


def _nights(next_night: str | None) -> str:
    return f"Next night: {next_night}" if next_night else "No night is scheduled (schedule.cron is null)"


def _print_lines(*lines: str) -> None:
    console = Console(emoji=False)
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _print_publication(console: Console, publication: Publication) -> None:
    verdict = VERDICTS.get(publication.verdict, publication.verdict)
    console.print(
        f"\nAs of {publication.as_of_date} ({escape(publication.source)}, data known until "
        f"{publication.data_cut_at:%Y-%m-%d %H:%M} UTC; {publication.dates_cnt} dates published)",
        highlight=False,
    )
    console.print(
        f"Is key account management right here? {verdict}. {escape(publication.verdict_reason)}", highlight=False
    )
    decisions = ", ".join(f"{name} {count}" for name, count in sorted(publication.decisions.items()))
    console.print(f"{publication.groups_cnt:,} groups ranked{': ' if decisions else ''}{decisions}", highlight=False)
    for group in publication.proposed:
        console.print(f"  {group.rank:>3}  {escape(group.group_name)}\n       {escape(group.reason)}", highlight=False)
    if publication.rejected_cnt:
        console.print(
            f"{publication.rejected_cnt:,} rows of rejected_row say what was left out or repaired", highlight=False
        )
    for warning in publication.warnings:
        console.print(f"[yellow]warning[/] {escape(warning)}", highlight=False)
    console.print(
        f"published {escape(str(publication.path))}, {publication.size_bytes / _MEGABYTE:,.1f} MB", highlight=False
    )


def _fresh(rerun: Rerun) -> str:
    return f"Nothing is stale: everything published as of {rerun.as_of_date} is what kam.yaml says now."


def _because(rerun: Rerun) -> str:
    if rerun.sections:
        return f"changed in kam.yaml: {', '.join(rerun.sections)}"
    causes = {cause for item in rerun.stale for cause in item.causes}
    return "a new version" if "code" in causes else "not as published"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _print_report(console: Console, path: Path | None) -> None:
    if path is not None:
        console.print(f"report {escape(str(path))}; open it in a browser", highlight=False, soft_wrap=True)


def print_json(value: object) -> None:
    """Print a result for programs: dates in ISO form, everything else unknown to JSON as text."""

    def plain(item: object) -> str:
        return item.isoformat() if isinstance(item, date | datetime) else str(item)

    print(json.dumps(value, default=plain, indent=2, ensure_ascii=False))
