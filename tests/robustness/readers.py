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
    path, page_path = published(folder), folder / "report" / "index.html"
    tables = _Seen(path, [tables for tables, _ in complete], lambda: contents(path), lambda: _glance(path))
    page = _Seen(page_path, [text for _, text in complete], lambda: report_text(folder), page_path.read_bytes)
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


def _glance(path: Path) -> bool:
    """Whether there is a date in the publication, as a BI tool asks that refreshes."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("select count(*) > 0 from kam.snapshot").fetchone()[0]


class _Seen:
    """One file as a reader sees it: read to the end when it is another file than before, otherwise looked into."""

    def __init__(self, path: Path, complete: list, read, glance) -> None:
        self.path = path
        self.complete = complete
        self.read = read
        self.glance = glance
        self.was_there = path.exists()
        self.known: tuple[int, int] | None = None

    def look(self) -> Iterator[str]:
        if not self.was_there and not self.path.exists():
            return
        self.was_there = True
        # asked before the file is opened: a file swapped in between is read once more at the next look
        state = self.path.stat()
        if (state.st_ino, state.st_mtime_ns) == self.known:
            if not self.glance():
                yield f"{self.path.name} is empty"
            return
        self.known = (state.st_ino, state.st_mtime_ns)
        seen = self.read()
        if seen not in self.complete:
            yield f"{self.path.name} is no complete publication: {str(seen)[:300]}"
