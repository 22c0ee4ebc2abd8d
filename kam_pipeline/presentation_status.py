"""How `kam status` looks: one screen, the most urgent first.

What belongs here: wording and layout of the state of a pipeline. What does not: other commands (presentation.py),
finding anything out (kam_pipeline.status).
"""

import dataclasses
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kam_pipeline.presentation import VERDICTS, print_json
from kam_pipeline.staleness import CODE, DATA, EXTRACTION, StaleTable
from kam_pipeline.status import LastRun, PipelineState, Publication
from kam_pipeline.status.state import Sizes
from kam_pipeline.status.warehouse_reading import Watermark

OUTCOMES = {
    "never": "none yet; start with `kam run`",
    "published": "[green]published[/]",
    "succeeded": "[green]done[/], without a publication of its own",
    "blocked": "[red]blocked[/]: checks kept it from readers, who have the last good night",
    "failed": "[red]failed[/]; readers have the last good night",
    "cancelled": "[yellow]stopped by hand[/]; readers have the last good night",
    "running": "[yellow]going on now[/]",
    "interrupted": "[red]broke off[/]; `kam run` begins it again",
}
CAUSES = {CODE: "a new version", DATA: "a run that was not published"}
_SHOWN = 3
_MEGABYTE = 1_000_000


def show_state(state: PipelineState, *, as_json: bool) -> None:
    """Show the state of a pipeline; everything that does not fit on one screen is in the JSON."""
    if as_json:
        print_json(dataclasses.asdict(state))
        return
    console = Console(emoji=False, highlight=False)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    publication = state.result.publication
    table.add_row("last good night", _last_good_night(publication))
    if publication is not None:
        verdict = VERDICTS.get(publication.verdict, publication.verdict)
        table.add_row("verdict", f"{verdict}, {publication.groups_cnt:,} groups ranked; readers open {_where(state)}")
    table.add_row("last run", _last_run(state.last_run))
    for line in _first(state.last_run.reasons):
        table.add_row("", line)
    if publication is not None:
        table.add_row("checks", _checks(publication))
        for line in _first(publication.warnings):
            table.add_row("", line)
    if state.stale is not None and publication is not None:
        table.add_row("stale", _stale(state.stale))
    for number, line in enumerate(_watermarks(state.watermarks)):
        table.add_row("records" if number == 0 else "", line)
    table.add_row("sizes", _sizes(state.sizes, state.result.landings_cnt))
    for note in state.notes:
        table.add_row("note", escape(note))
    console.print(table)


def _last_good_night(publication: Publication | None) -> str:
    if publication is None:
        return "none yet: nothing has been published; start with `kam run`"
    return (
        f"as of {publication.as_of_date}, computed {_moment(publication.created_at)} by run {publication.run_id[:8]} "
        f"from {escape(publication.source)} as known {_moment(publication.data_cut_at)}; {publication.dates_cnt} "
        f"{'date' if publication.dates_cnt == 1 else 'dates'} published"
    )


def _where(state: PipelineState) -> str:
    publication, report = state.result.publication, state.result.report_path
    places = [publication.path] if publication is not None else []
    return escape(" and ".join(str(path) for path in [*places, *([report] if report else [])]))


def _last_run(last: LastRun) -> str:
    if last.run is None:
        return OUTCOMES[last.outcome]
    run = last.run
    day = f" as of {run.as_of_date}" if run.as_of_date else ""
    began = f", began {_moment(run.started_at)}" if run.started_at else ""
    ended = f", ended {_moment(run.ended_at)}" if run.ended_at else ""
    return f"{OUTCOMES[last.outcome]} ({run.job}{day}, run {run.run_id[:8]}{began}{ended})"


def _checks(publication: Publication) -> str:
    failed = len(publication.warnings)
    if not failed:
        return f"{publication.checks_cnt} made, all hold"
    made = f"[yellow]{failed}[/] of {publication.checks_cnt}"
    return f"{made} do not hold for {publication.as_of_date}, none of them blocking"


def _stale(stale: tuple[StaleTable, ...]) -> str:
    """Return how much would come out otherwise now, why, and what to do about it."""
    if not stale:
        return "nothing: kam.yaml and code are those of the newest date"
    causes = dict.fromkeys(cause for item in stale for cause in item.causes)
    why = ", ".join(CAUSES.get(cause, f"{cause.removeprefix('settings.')} in kam.yaml") for cause in causes)
    waits = all(item.table == EXTRACTION for item in stale)
    again = "the next `kam run` reads the source anew" if waits else "`kam run --stale` makes them again"
    tables = len(stale)
    return f"[yellow]{tables}[/] {'table' if tables == 1 else 'tables'}, because of {why}; {again}"


def _first(lines: tuple[str, ...]) -> list[str]:
    """Return the first lines, each short enough for a line of the screen, and how many more there are."""
    shown = [f"- {escape(line if len(line) <= 100 else line[:99] + '…')}" for line in lines[:_SHOWN]]
    more = len(lines) - _SHOWN
    return [*shown, f"- and {more} more: kam status --json"] if more > 0 else shown


def _watermarks(marks: tuple[Watermark, ...]) -> list[str]:
    """Return when the source was read, then each object with its records and the newest stamp among them."""
    if not marks:
        return []
    read_at = max(mark.last_read_at for mark in marks if mark.last_read_at)
    texts = []
    for mark in marks:
        newest = f" to {mark.newest_at:%Y-%m-%d %H:%M}" if mark.newest_at else ""
        late = f", last read {mark.last_read_at:%Y-%m-%d}" if mark.last_read_at and mark.last_read_at < read_at else ""
        texts.append(f"{mark.object_name} {mark.records_cnt:,}{newest}{late}")
    return [f"read {_moment(read_at)}; how many, and the newest stamp among them:", escape(" · ".join(texts))]


def _sizes(sizes: Sizes, landings_cnt: int) -> str:
    parts = {
        "warehouse": sizes.warehouse_bytes,
        f"{landings_cnt} {'landing' if landings_cnt == 1 else 'landings'}": sizes.landing_bytes,
        "publication": sizes.published_bytes,
        "report": sizes.report_bytes,
        "history of runs": sizes.history_bytes,
    }
    return " · ".join(f"{name} {size / _MEGABYTE:,.1f} MB" for name, size in parts.items())


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""
