"""Progress on stderr: what begins, on a terminal as a line that changes, elsewhere as plain lines.

What belongs here: the console of stderr. What does not: results, which go to stdout (presentation.py).
"""

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console

progress_console = Console(stderr=True, emoji=False)


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
