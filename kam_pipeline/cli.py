"""The front door for people: the `kam` command.

What belongs here: arguments, what is shown, exit codes. What does not: logic; every command calls one room.
Progress goes to stderr, results to stdout. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 finished but
a check blocked publishing.
"""

import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape

from kam_pipeline.errors import AlertError, ConfigurationError, KamError
from kam_pipeline.presentation import (
    show_check,
    show_daemon,
    show_demo,
    show_handed,
    show_initialised,
    show_report,
    show_run,
    show_ui,
)
from kam_pipeline.presentation_status import show_state
from kam_pipeline.settings import Configuration, load_configuration, schema_text
from kam_pipeline.status import Status, read_state, read_status

if TYPE_CHECKING:
    from collections.abc import Callable

    import dagster as dg

    from kam_pipeline.evaluation import Knowledge

Result = TypeVar("Result")

app = typer.Typer(
    name="kam",
    help="Who should be a key account, and why: from CRM records, every night, with the evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
progress_console = Console(stderr=True, emoji=False)

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration file.", envvar="KAM_CONFIG")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
DEFAULT_CONFIG = Path("kam.yaml")
EXAMPLE = Path(__file__).with_name("kam.example.yaml")


@app.command()
def demo(
    directory: Annotated[Path, typer.Option("--dir", help="Folder to make.")] = Path("demo"),
    accounts: Annotated[int, typer.Option(help="How many accounts; 25 deals each.", min=40)] = 600,
    seed: Annotated[int, typer.Option(help="Another seed makes another company.", min=0)] = 7,
) -> None:
    """Make a company up and run it all the way, without any credentials."""
    from kam_pipeline.demo import write_export

    target = directory / "kam.yaml"
    if directory.exists() and any(directory.iterdir()) and not (directory / "feeds").is_dir():
        raise ConfigurationError([f"{directory}: is not empty and no demo folder; name another one with --dir"])
    with progress_console.status("making up a company"):
        summary = write_export(directory, accounts=accounts, seed=seed)
        _write_configuration(target, (Path(__file__).parent / "demo" / "kam.yaml").read_text(encoding="utf-8"))
    show_demo(directory, _run(load_configuration(target), None, "newest"), summary.counts)


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
    from kam_pipeline.alerting import channel_problems
    from kam_pipeline.definitions import open_source
    from kam_pipeline.feed_schema import SOURCE_OBJECTS

    configuration = load_configuration(config)
    source = open_source(configuration)
    with progress_console.status("looking at the source"):
        found = source.inspect(SOURCE_OBJECTS)
    show_check(source.name, found, channel_problems(configuration.settings.alerts), as_json=as_json)
    if alert:
        _try_alerts(configuration)


@app.command()
def run(
    config: ConfigOption = DEFAULT_CONFIG,
    as_of: Annotated[str | None, typer.Option(help="Compute this date, e.g. 2026-07-01.")] = None,
    restate: Annotated[bool, typer.Option(help="Compute a stored date with today's knowledge.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Read the source, compute one date, publish."""
    with _alerts_when_unwatched(config):
        configuration = load_configuration(config)
        day = _parse_day(as_of) if as_of is not None else None
        if restate and day is None:
            raise ConfigurationError(["--restate: needs --as-of DATE, the date to compute again"])
        knowledge: Knowledge = "restate" if restate else "then" if day else "newest"
        show_run(_run(configuration, day, knowledge), as_json=as_json)


@app.command()
def publish(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Hand what is kept to every target again: DuckDB file, Parquet, PostgreSQL, report; compute nothing."""
    from assets.runs import publish_again

    with _alerts_when_unwatched(config):
        configuration = load_configuration(config, reads_source=False)
        handed = _in_dagster(configuration, lambda definitions: publish_again(definitions, configuration))
        show_handed(handed, as_json=as_json)


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
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 3000,
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


@contextlib.contextmanager
def _alerts_when_unwatched(config: Path) -> Iterator[None]:
    """Without a terminal, tell those whom kam.yaml names of a failure, which then goes on its way as it is."""
    began_at = datetime.now(UTC)
    try:
        yield
    finally:
        error = sys.exc_info()[1]
        if isinstance(error, Exception) and not progress_console.is_terminal:
            from assets.alerts import tell_of_command

            for problem in tell_of_command(config, error, began_at):
                progress_console.print(f"[bold yellow]no alert:[/] {escape(problem)}", highlight=False, soft_wrap=True)


def _try_alerts(configuration: Configuration) -> None:
    from assets.alerts import trial_alert
    from kam_pipeline.alerting import send

    if not configuration.settings.alerts.is_configured:
        raise ConfigurationError(["--alert: there is nobody to tell; see section alerts in kam.yaml (`kam init`)"])
    with progress_console.status("sending a test"):
        problems = send(trial_alert(configuration), configuration.settings.alerts)
    if problems:
        raise AlertError("\n".join(problems))
    progress_console.print("a test was sent through every channel; see whether it has arrived", highlight=False)


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


def _run(configuration: Configuration, day: date | None, knowledge: "Knowledge") -> Status:
    # Dagster takes seconds to import; `kam check` and `kam report` do without it
    from assets.runs import run_pipeline

    published = _in_dagster(configuration, lambda definitions: run_pipeline(definitions, configuration, day, knowledge))
    return read_status(configuration, published)


def _in_dagster(configuration: Configuration, work: "Callable[[dg.Definitions], Result]") -> "Result":
    """Do work with the definitions of a configuration, and show what begins."""
    from kam_pipeline.definitions import build_defs

    with progress_console.status("starting") as line:

        def show(step: str) -> None:
            # a log file or a pipe gets plain lines, a terminal one that changes
            if progress_console.is_terminal:
                line.update(step)
            else:
                progress_console.print(step, highlight=False, markup=False)

        return work(
            build_defs(
                configuration=lambda: configuration,
                progress=show,
                timezone=configuration.as_of_timezone,
            )
        )


if __name__ == "__main__":
    main()
