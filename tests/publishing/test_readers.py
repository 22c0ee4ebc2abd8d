"""Promise 5: 20 readers poll while 20 publications run, and see whole publications only: no error, mix or empty table.

Publication n writes n into every row of two tables, with another number of rows each time, so that half a publication
shows as two numbers, or as a number with the wrong count of rows.
"""

import ast
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import duckdb
import psycopg
import pytest

from kam_pipeline.publishing import write_parquet, write_publication
from tests.factories import one_of
from tests.publishing.conftest import JUNE

READERS, PUBLICATIONS = 20, 20
PAUSE = 0.02  # seconds between two looks, so that the publisher gets its share of two cores
Seen = tuple[int, int, int, int, int, int]


def rows_of(number: int) -> int:
    return 2 + number % 5


def whole(number: int) -> Seen:
    """What a reader sees of publication n: smallest and largest number and count of rows, of both tables."""
    return (number, number, rows_of(number), number, number, rows_of(number))


def watched(published, publish: Callable[[], object], look: Callable[[], list[Seen]]) -> list[set[Seen]]:
    """Run 20 publications with 20 threads looking all the while; return what each of them saw."""
    over = threading.Event()
    started = threading.Barrier(READERS + 1)

    def poll() -> set[Seen]:
        found = set(look())
        started.wait(60)
        while not over.wait(PAUSE):
            found |= set(look())
        return found | set(look())

    published.keep(0, JUNE)
    published.keep(0, rows=rows_of(0))
    publish()
    with ThreadPoolExecutor(READERS) as pool:
        readers = [pool.submit(poll) for _ in range(READERS)]
        started.wait(60)
        try:
            for number in range(1, PUBLICATIONS + 1):
                published.keep(number, rows=rows_of(number))
                publish()
        finally:
            over.set()
        return [reader.result() for reader in readers]


def check(seen: list[set[Seen]]) -> None:
    """Every reader saw the last publication and nothing but whole ones; together they saw most of them."""
    possible = {whole(number) for number in range(PUBLICATIONS + 1)}
    assert [found - possible for found in seen if found - possible] == []
    assert all(whole(PUBLICATIONS) in found for found in seen)
    assert all(len(found) >= 3 for found in seen), sorted(len(found) for found in seen)
    assert len(set().union(*seen)) >= PUBLICATIONS // 2


BOTH = (
    "select s.*, a.* from (select min(amount_amt)::int, max(amount_amt)::int, count(*) from {score}) s, "
    "(select min(number), max(number), count(*) from {account}) a"
)
NEWEST = BOTH.format(
    score="kam.score where as_of_date = (select max(as_of_date) from kam.snapshot)", account="kam.account"
)
LATEST = BOTH.format(score="kam_latest.score", account="kam_latest.account")


@pytest.mark.parametrize("manner", one_of("one transaction", "one statement"))
def test_readers_of_postgresql_see_whole_publications_only(published, database, manner):
    def one_statement() -> list[Seen]:
        with psycopg.connect(database.url, options="-c lock_timeout=1ms", autocommit=True) as connection:
            return [connection.execute(query).fetchone() for query in (NEWEST, LATEST)]

    def one_transaction() -> list[Seen]:
        with psycopg.connect(database.url, options="-c lock_timeout=1ms") as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            score = connection.execute(
                "select min(amount_amt)::int, max(amount_amt)::int, count(*) from kam_latest.score"
            ).fetchone()
            account = connection.execute("select min(number), max(number), count(*) from kam.account").fetchone()
            return [(*score, *account)]

    look = {"one statement": one_statement, "one transaction": one_transaction}[manner]
    check(watched(published, lambda: database.publish(published), look))


@pytest.mark.slow
def test_readers_of_the_parquet_manifest_see_whole_publications_only(published, tmp_path):
    folder, clock = tmp_path / "parquet", iter(range(PUBLICATIONS + 1))

    def publish() -> None:
        # ten minutes from one to the next: the first files are removed while readers poll
        now = datetime(2026, 7, 1, tzinfo=UTC) + timedelta(minutes=10 * next(clock))
        write_parquet(published.warehouse, published.contracts, folder, now)

    def look() -> list[Seen]:
        tables = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["tables"]
        files = {name: [str(folder / file["path"]) for file in tables[name]["files"]] for name in tables}
        newest = [path for path in files["score"] if "2026-07-01" in path]
        with duckdb.connect() as connection:
            return connection.execute(
                BOTH.format(score="read_parquet($score)", account="read_parquet($account)"),
                {"score": newest, "account": files["account"]},
            ).fetchall()

    check(watched(published, publish, look))


# A process of its own: within one, DuckDB would hand a second reader the file that the first has open.
READER = f"""
import sys, time
from pathlib import Path
import duckdb
over, seen = Path(sys.argv[2]), set()

def look():
    with duckdb.connect(sys.argv[1], read_only=True, config={{"threads": 1}}) as connection:
        seen.update(connection.execute({NEWEST!r}).fetchall())

look()
print("ready", flush=True)
while not over.exists():
    time.sleep({PAUSE})
    look()
look()
print(sorted(seen))
"""


@pytest.mark.slow
def test_readers_of_the_duckdb_file_see_whole_publications_only(published, tmp_path):
    path, over = tmp_path / "published" / "key_accounts.duckdb", tmp_path / "over"
    published.keep(0, JUNE)
    for number in range(PUBLICATIONS + 1):
        published.keep(number, rows=rows_of(number))
        write_publication(published.warehouse, published.contracts, path)
        if number == 0:
            readers = [
                subprocess.Popen([sys.executable, "-c", READER, path, over], stdout=subprocess.PIPE, text=True)
                for _ in range(READERS)
            ]
            assert [reader.stdout.readline() for reader in readers] == ["ready\n"] * READERS
    over.touch()
    answers = [reader.communicate(timeout=60)[0] for reader in readers]
    assert [reader.returncode for reader in readers] == [0] * READERS
    check([set(ast.literal_eval(answer)) for answer in answers])
