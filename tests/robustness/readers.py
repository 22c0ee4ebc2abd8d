"""Readers that look at publication and report over and over while nights run and are killed.

What belongs here: what a reader sees. What does not: which publications are complete, which the test says.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from tests.robustness.nights import contents, processes, published, report_text

PAUSE_SECONDS = 0.05


@contextmanager
def watching(folder: Path, complete: list[tuple[dict, str]], problems: list[str]) -> Iterator[None]:
    """Let a reader in a process of its own look all the while; what it must not have seen goes to `problems`.

    `complete` holds contents and report of each publication that a reader may see. Before a file is there for the
    first time it may be missing; afterwards never.
    """
    stopped = processes.Event()
    inbox, outbox = processes.Pipe(duplex=False)
    reader = processes.Process(target=_look_all_the_while, args=(folder, complete, stopped, outbox))
    reader.start()
    try:
        yield
    finally:
        stopped.set()
        looks, found = inbox.recv()
        reader.join()
        problems += found
        if looks < 2:
            problems.append(f"the reader looked {looks} times only")


def _look_all_the_while(folder: Path, complete: list[tuple[dict, str]], stopped, outbox) -> None:
    looks, problems = 0, []
    tables = _Seen(published(folder), [tables for tables, _ in complete], lambda: contents(published(folder)))
    page = _Seen(folder / "report" / "index.html", [text for _, text in complete], lambda: report_text(folder))
    while True:
        is_last = stopped.is_set()
        try:
            problems += [*tables.look(), *page.look()]
            looks += 1
        except (OSError, duckdb.Error) as error:
            problems.append(f"{type(error).__name__}: {error}")
        if is_last:
            break
        stopped.wait(PAUSE_SECONDS)
    outbox.send((looks, problems))


class _Seen:
    """One file as a reader sees it."""

    def __init__(self, path: Path, complete: list, read) -> None:
        self.path = path
        self.complete = complete
        self.read = read
        self.was_there = path.exists()

    def look(self) -> Iterator[str]:
        if not self.was_there and not self.path.exists():
            return
        self.was_there = True
        seen = self.read()
        if seen not in self.complete:
            yield f"{self.path.name} is no complete publication: {str(seen)[:300]}"
