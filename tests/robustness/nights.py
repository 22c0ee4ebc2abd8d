"""Nights in processes of their own that can be killed, and what a folder holds after them.

A night is the command itself. It is forked from a server that has everything imported already, so that a night costs
what it computes. What belongs here: starting, killing, comparing. What does not: what is expected.
"""

import csv
import multiprocessing
import os
import re
import resource
import shutil
import signal
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import great_expectations.expectations  # noqa: F401 - seconds of import that every night would pay

# what a night imports on its way; forked nights find it there
import assets.runs  # noqa: F401
import kam_pipeline.definitions
import kam_pipeline.report.page
import kam_pipeline.report.reading
from kam_pipeline.cli import main
from kam_pipeline.demo import write_export

FIRST, SECOND = date(2026, 7, 1), date(2026, 7, 2)
VOLATILE = ("run_id", "created_at", "data_cut_at")
DEMO_CONFIGURATION = Path(kam_pipeline.definitions.__file__).with_name("demo") / "kam.yaml"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Ended:
    """How a night ended: exit code, negative for a signal; what it said; seconds of processor time it took."""

    exit_code: int
    said: str
    seconds: float

    @property
    def was_killed(self) -> bool:
        return self.exit_code == -signal.SIGKILL


def make_company(folder: Path, accounts: int) -> None:
    """Write the export of a made-up company and its configuration."""
    write_export(folder, accounts=accounts)
    shutil.copyfile(DEMO_CONFIGURATION, folder / "kam.yaml")


def change_export(folder: Path) -> None:
    """Let a day pass in the CRM: deals grow, activities are deleted, an account gets another name."""
    _edit(folder / "export" / "Opportunity.csv", lambda n, row: {**row, "Amount": "4321.00"} if n % 9 == 0 else row)
    _edit(folder / "export" / "Event.csv", lambda n, row: None if n % 50 == 0 else row)
    _edit(folder / "export" / "Account.csv", lambda n, row: {**row, "Name": "Renamed"} if n == 20 else row)


def _edit(path: Path, change) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = [changed for n, row in enumerate(reader) if (changed := change(n, row)) is not None]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, reader.fieldnames, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)


# --- nights ----------------------------------------------------------------------------------------------------------


def night(
    folder: Path,
    day: date,
    kill_after: float | None = None,
    kill_at: int | str | None = None,
    largest_file: int | None = None,
) -> Ended:
    """Run a night; kill it after so many seconds of processor time, or just before a change to a file of the folder.

    `kill_at` is the number of the change, or words that its line in `file_changes` contains. With `largest_file` no
    file can grow beyond so many bytes, as on a disk that is full.
    """
    return command(folder, ["run", "--as-of", day.isoformat(), "--json"], kill_after, kill_at, largest_file)


def command(
    folder: Path,
    arguments: list[str],
    kill_after: float | None = None,
    kill_at: int | str | None = None,
    largest_file: int | None = None,
) -> Ended:
    """Run any command of `kam` on a folder, and disturb it as a night is."""
    log = folder.with_name(folder.name + ".log")
    process = processes.Process(target=_command, args=(folder, arguments, log, kill_at, largest_file))
    process.start()
    seconds = 0.0
    while process.is_alive():
        seconds = _processor_seconds(process.pid) or seconds
        if kill_after is not None and seconds >= kill_after:
            process.kill()  # which is SIGKILL, and nothing where it has just ended
        process.join(0.01)
    return Ended(process.exitcode, log.read_text(encoding="utf-8", errors="replace"), seconds)


def _processor_seconds(pid: int) -> float | None:
    """How much a process has computed, None when it has just ended: on a busy machine the clock says little."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def file_changes(folder: Path, day: date) -> list[str]:
    """Run a night undisturbed and return every change it makes to a file of the folder from Python, in order."""
    assert night(folder, day, kill_at=0).exit_code == 0
    return folder.with_name(folder.name + ".changes").read_text(encoding="utf-8").splitlines()


def _command(
    folder: Path, arguments: list[str], log: Path, kill_at: int | str | None, largest_file: int | None
) -> None:
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(target, 1)
    os.dup2(target, 2)
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    if kill_at is not None:
        sys.addaudithook(_Death(folder, kill_at))
    sys.argv = ["kam", *arguments, "--config", str(folder / "kam.yaml")]
    main()


class _Death:
    """An audit hook that sends SIGKILL to its own process just before a change to a file below a folder."""

    def __init__(self, folder: Path, at: int | str) -> None:
        self.below = str(folder) + os.sep
        self.at = at
        self.count = 0
        self.changes = folder.with_name(folder.name + ".changes").open("w", buffering=1, encoding="utf-8")

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if event not in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"):
            return
        if not str(args[0]).startswith(self.below) or (event == "open" and not int(args[2] or 0) & _WRITING):
            return
        self.count += 1
        change = f"{event} {str(args[0]).removeprefix(self.below)}"
        self.changes.write(f"{change}\n")
        if self.at == self.count or (isinstance(self.at, str) and self.at in change):
            os.kill(os.getpid(), signal.SIGKILL)


# --- what a folder holds ---------------------------------------------------------------------------------------------


def published(folder: Path) -> Path:
    return folder / "published" / "key_accounts.duckdb"


def contents(path: Path) -> dict[str, tuple[int, int, int]]:
    """Rows and two digests of every published table, without what may differ from run to run."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return {table: connection.execute(_digest(table, columns)).fetchone() for table, columns in _tables(connection)}


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, list[str]]]:
    return connection.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns() "
        "where schema_name = 'kam' and not list_contains($volatile, column_name) group by 1 order by 1",
        {"volatile": list(VOLATILE)},
    ).fetchall()


def _digest(table: str, columns: list[str]) -> str:
    row = ", ".join(f'"{column}"' for column in columns)
    return (
        f"select count(*), bit_xor(hash(row({row})))::hugeint, sum(hash(row({row})) % 1000003)::hugeint "
        f"from kam.{table}"
    )


def differences(found: Path, expected: Path, limit: int = 3) -> list[str]:
    """The first rows of each table that two publications do not share, without what may differ from run to run."""
    lines = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{found}' as found (read_only); attach '{expected}' as expected (read_only)")
        with duckdb.connect(str(expected), read_only=True) as other:
            tables = _tables(other)
        for table, columns in tables:
            row = ", ".join(f'"{column}"' for column in columns)
            for one, two in (("found", "expected"), ("expected", "found")):
                query = f"select {row} from {one}.kam.{table} except all select {row} from {two}.kam.{table}"
                rows = connection.execute(f"{query} order by all limit {limit}").fetchall()
                lines += [f"only {one} in {table}: {row}" for row in rows]
    return lines


def report_text(folder: Path) -> str:
    """The report without what may differ from run to run."""
    text = (folder / "report" / "index.html").read_text(encoding="utf-8")
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{1,2}\.?\s\w+\s\d{4}\s\d\d[:.]\d\d\sUTC", "*", text)


def files(folder: Path) -> set[str]:
    """Every file below a folder, with the names of single runs taken out; the records of Dagster's runs left out."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    history = "state/dagster/history/runs/"
    return {re.sub(r"landing/\d{8}T[^/]*/", "landing/*/", name) for name in names if not name.startswith(history)}


def landings(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "state" / "landing").iterdir())
