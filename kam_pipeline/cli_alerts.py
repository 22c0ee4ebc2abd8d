"""Alerts of commands: a run that nobody watches tells of its failure, and a test shows that alerts arrive.

What belongs here: when a command alerts. What does not: what is said and how it is sent (alerting), runs of the daemon
(assets/alerts.py).
"""

import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rich.markup import escape

from kam_pipeline.errors import AlertError, ConfigurationError
from kam_pipeline.progress import progress_console
from kam_pipeline.settings import Configuration


@contextlib.contextmanager
def alerts_when_unwatched(config: Path) -> Iterator[None]:
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


def try_alerts(configuration: Configuration) -> None:
    """Send a test through every channel of alerts, and say what came of it.

    Raises
    ------
    ConfigurationError
        When nobody is named.
    AlertError
        When a channel did not take it.
    """
    from assets.alerts import trial_alert
    from kam_pipeline.alerting import send

    if not configuration.settings.alerts.is_configured:
        raise ConfigurationError(["--alert: there is nobody to tell; see section alerts in kam.yaml (`kam init`)"])
    with progress_console.status("sending a test"):
        problems = send(trial_alert(configuration), configuration.settings.alerts)
    if problems:
        raise AlertError("\n".join(problems))
    progress_console.print("a test was sent through every channel; see whether it has arrived", highlight=False)
