"""The front door for people: the `kam` command.

What belongs here: arguments, what is shown, exit codes. What does not: logic; every command calls one room.
Progress goes to stderr, results to stdout. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 finished but
a check blocked publishing.
"""

import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape

from kam_pipeline.cli_alerts import alerts_when_unwatched, try_alerts
from kam_pipeline.cli_demo import Via, demo_configuration, make_company
from kam_pipeline.cli_options import DEFAULT_CONFIG, ConfigOption, JsonOption
from kam_pipeline.cli_whatif import whatif
from kam_pipeline.date_range import dates_of
from kam_pipeline.errors import ConfigurationError, KamError, PublicationBlockedError
from kam_pipeline.presentation import (
    show_backfill,
    show_daemon,
    show_demo,
    show_handed,
    show_initialised,
    show_report,
    show_rerun,
    show_run,
    show_ui,
)
from kam_pipeline.presentation_check import show_check
from kam_pipeline.presentation_status import show_state
from kam_pipeline.progress import progress, progress_console, warn_of_leaving
from kam_pipeline.settings import Configuration, load_configuration, schema_text
from kam_pipeline.status import Status, read_state, read_status

if TYPE_CHECKING:
    from dagster import Definitions

    from kam_pipeline.evaluation import Knowledge
    from kam_pipeline.staleness import Rerun

app = typer.Typer(
    name="kam",
    help="Who should be a key account, and why: from CRM records, every night, with the evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

EXAMPLE = Path(__file__).with_name("kam.example.yaml")


@app.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", help="Folder to make.")] = Path("demo"),
    accounts: Annotated[int, typer.Option(help="How many accounts; 25 deals each.", min=40)] = 600,
    seed: Annotated[int, typer.Option(help="Another seed makes another company.", min=0)] = 7,
    via: Annotated[Via, typer.Option(help="Read exported files, or a Salesforce emulated here.")] = Via.FILES,
    as_of: Annotated[str | None, typer.Option(help="Compute this date, e.g. 2026-07-01.")] = None,
) -> None:
    """Make a company up and run it all the way, without any credentials."""
    day = _parse_day(as_of) if as_of is not None else None
    with progress_console.status("making up a company"):
        summary = make_company(directory, accounts=accounts, seed=seed)
    with demo_configuration(directory, via) as text:
        _write_configuration(directory / "kam.yaml", text)
        published = _run(load_configuration(directory / "kam.yaml"), day, "newest")
    show_demo(directory, published, summary.counts, is_over=via is not Via.FILES)


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(help="Folder for kam.yaml.")] = Path(),
) -> None:
    """Write a commented kam.yaml and its schema for editors."""
    target = directory / "kam.yaml"
    if target.exists():
        raise ConfigurationError([f"{target}: is already there; edit it, or name another folder"])
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError([f"{directory}: cannot be made ({error.strerror}); name another folder"]) from error
    _write_configuration(target, EXAMPLE.read_text(encoding="utf-8"))
    show_initialised(target)


@app.command()
def check(
    config: ConfigOption = DEFAULT_CONFIG,
    alert: Annotated[bool, typer.Option("--alert", help="Also send a test through every channel of alerts.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check configuration, files, fields and who is told of failures; write nothing."""
    from connectors.base import NOTHING_KNOWN
    from kam_pipeline.alerting import channel_problems
    from kam_pipeline.checkpoints import stored_checkpoints
    from kam_pipeline.definitions import open_source
    from kam_pipeline.feed_schema import SOURCE_OBJECTS

    configuration = load_configuration(config)
    with closing(open_source(configuration)) as source:
        stored = stored_checkpoints(configuration.warehouse_path, source.name)
        with progress_console.status("looking at the source"), stored as known:
            found = source.inspect(SOURCE_OBJECTS, known or NOTHING_KNOWN)
    show_check(source.name, found, channel_problems(configuration.settings.alerts), as_json=as_json)
    if alert:
        try_alerts(configuration)


@app.command()
def run(
    config: ConfigOption = DEFAULT_CONFIG,
    as_of: Annotated[str | None, typer.Option(help="Compute this date, e.g. 2026-07-01.")] = None,
    restate: Annotated[bool, typer.Option(help="Compute a stored date with today's knowledge.")] = False,
    full_refresh: Annotated[bool, typer.Option(help="Read every record anew, not just what has changed.")] = False,
    stale: Annotated[
        bool, typer.Option(help="After an edit of kam.yaml: make again just what it changes, of the newest date.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Read the source, compute one date, publish."""
    with alerts_when_unwatched(config):
        configuration = load_configuration(config)
        if stale:
            _refuse_with_stale({"--as-of": as_of is not None, "--restate": restate, "--full-refresh": full_refresh})
            show_rerun(*_rerun(configuration), as_json=as_json)
            return
        day = _parse_day(as_of) if as_of is not None else None
        if restate and day is None:
            raise ConfigurationError(["--restate: needs --as-of DATE, the date to compute again"])
        knowledge: Knowledge = "restate" if restate else "then" if day else "newest"
        show_run(_run(configuration, day, knowledge, full_refresh=full_refresh), as_json=as_json)


@app.command()
def publish(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Hand what is kept to every target again: DuckDB file, Parquet, PostgreSQL, report; compute nothing."""
    from assets.runs import publish_again

    with alerts_when_unwatched(config):
        configuration = load_configuration(config, reads_source=False)
        with progress() as show:
            handed = publish_again(_definitions(configuration, show), configuration)
        show_handed(handed, as_json=as_json)


@app.command()
def backfill(
    start: Annotated[str, typer.Option("--from", help="First day of the range, e.g. 2025-01-01.")],
    end: Annotated[str, typer.Option("--to", help="Last day of the range.")],
    every: Annotated[str, typer.Option(help="day, week, month, quarter or year: the first day of each.")] = "month",
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Compute past dates from what is known, and publish them together; read nothing."""
    from assets.backfill import backfill as compute
    from assets.backfill import not_kept

    with alerts_when_unwatched(config):
        configuration = load_configuration(config, reads_source=False)
        today = datetime.now(ZoneInfo(configuration.as_of_timezone)).date()
        days = dates_of(start, end, every, today)
        leaving = not_kept(configuration, days)
        warn_of_leaving(leaving, configuration.settings.publish.keep_days)
        with progress() as show:
            done = compute(_definitions(configuration, show), configuration, days)
        show_backfill(done.computed, done.blocked, leaving, read_status(configuration), as_json=as_json)
        if done.blocked:
            dates = ", ".join(day.isoformat() for day in done.blocked)
            raise PublicationBlockedError(f"not published, because a check has failed: {dates}")


app.command()(whatif)


@app.command()
def report(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Make the report anew from what is published; compute nothing."""
    from kam_pipeline.report.writing import write_report

    configuration = load_configuration(config, reads_source=False)
    with progress_console.status("making the report"):
        size = write_report(
            configuration.published_path, configuration.report_path, configuration.settings.report.languages
        )
    show_report(configuration.report_path, size, as_json=as_json)


@app.command()
def status(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Say on one screen how things stand: last good night, last run, checks, records, sizes; change nothing."""
    from assets.history import recent_runs

    configuration = load_configuration(config, reads_source=False)
    show_state(read_state(configuration, lambda: recent_runs(configuration)), as_json=as_json)


@app.command()
def ui(
    config: ConfigOption = DEFAULT_CONFIG,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 3000,
) -> None:
    """Open the Dagster page of this pipeline; stop it with Ctrl-C."""
    from assets.daemon import is_daemon_running
    from assets.web_page import check_port, serve

    configuration = load_configuration(config, reads_source=False)
    check_port(host, port)
    with_daemon = not is_daemon_running(configuration)
    show_ui(host, port, _next_night(configuration), with_daemon=with_daemon)
    raise typer.Exit(serve(configuration, config.resolve(), host, port, with_daemon=with_daemon))


@app.command()
def daemon(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run every night as scheduled, and what the page starts; stop it with Ctrl-C."""
    from assets.daemon import become_daemon, daemon_lock

    configuration = load_configuration(config, reads_source=False)
    with daemon_lock(configuration) as lock:
        show_daemon(config, _next_night(configuration))
        become_daemon(configuration, config.resolve(), lock)


def main() -> None:
    """Run the command and turn our errors into a message and an exit code."""
    try:
        app()
    except KamError as error:
        progress_console.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError([f"--as-of {text}: is no date; write it as 2026-07-01"]) from None


def _write_configuration(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")
    target.with_name("kam.schema.json").write_text(schema_text(), encoding="utf-8")


def _next_night(configuration: Configuration) -> str | None:
    from assets.nights import next_night

    cron = configuration.settings.schedule.cron
    return next_night(cron, configuration.as_of_timezone, datetime.now(UTC)) if cron else None


def _run(
    configuration: Configuration, day: date | None, knowledge: "Knowledge", *, full_refresh: bool = False
) -> Status:
    # Dagster takes seconds to import; `kam check` and `kam report` do without it
    from assets.runs import run_pipeline

    with progress() as show:
        definitions = _definitions(configuration, show)
        published = run_pipeline(definitions, configuration, day, knowledge, full_refresh=full_refresh)
    return read_status(configuration, published)


def _rerun(configuration: Configuration) -> "tuple[Rerun, Status]":
    from assets.rerun import rerun_stale

    with progress() as show:
        done = rerun_stale(_definitions(configuration, show), configuration)
    return done, read_status(configuration, done.as_of_date)


def _refuse_with_stale(given: dict[str, bool]) -> None:
    problems = [
        f"{option}: does not go with --stale, which reruns the newest published date as known then; leave one out"
        for option, is_given in given.items()
        if is_given
    ]
    if problems:
        raise ConfigurationError(problems)


def _definitions(configuration: Configuration, show: Callable[[str], None]) -> "Definitions":
    from kam_pipeline.definitions import build_defs

    return build_defs(configuration=lambda: configuration, progress=show, timezone=configuration.as_of_timezone)


if __name__ == "__main__":
    main()
