"""Progress on stderr: what begins, on a terminal as a line that changes, elsewhere as plain lines.

What belongs here: the console of stderr, and what to know before waiting for a result. What does not: results, which
go to stdout (presentation.py).
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from rich.console import Console

progress_console = Console(stderr=True, emoji=False)
_SHOWN = 3


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show what begins, on stderr."""
    with progress_console.status("starting") as line:

        def show(step: str) -> None:
            # a log file or a pipe gets plain lines, a terminal one that changes
            if progress_console.is_terminal:
                line.update(step)
            else:
                progress_console.print(step, highlight=False, markup=False)

        yield show


def warn_of_leaving(days: Sequence[date], keep_days: int | None) -> None:
    """Say on stderr which dates of a backfill the next night lets go again; nothing where there are none."""
    if not days:
        return
    shown = ", ".join(map(str, days[:_SHOWN])) + (f" and {len(days) - _SHOWN} more" if len(days) > _SHOWN else "")
    progress_console.print(
        f"[bold yellow]not kept:[/] {shown}: older than publish.keep_days ({keep_days}) and not the last of the month, "
        "so the next night lets go of them; raise publish.keep_days (null keeps all), or use --every month",
        highlight=False,
        soft_wrap=True,
    )
