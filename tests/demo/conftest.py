"""The demo company, written once per session at its default size and at its smallest."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from kam_pipeline.demo import DemoSummary, write_export


@dataclass(frozen=True)
class Written:
    folder: Path
    summary: DemoSummary
    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()

    def value(self, query: str) -> object:
        return self.rows(query)[0][0]

    def dirty_ids(self, *kinds: str) -> set[str]:
        return {record.record_id for record in self.summary.dirty if record.kind in kinds}


def open_folder(folder: Path, summary: DemoSummary) -> Written:
    """Every file as a view of text columns; empty text and the zero id are null."""
    connection = duckdb.connect()
    for file in sorted(folder.glob("*/*.csv")):
        connection.execute(
            f"""CREATE VIEW "{file.stem}" AS SELECT nullif(COLUMNS(*), '000000000000000AAA') FROM read_csv(
                '{file}', all_varchar = true, header = true, delim = ',', quote = '"', escape = '"',
                nullstr = '', allow_quoted_nulls = true)"""
        )
    return Written(folder, summary, connection)


@pytest.fixture(scope="session")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    written = open_folder(folder, write_export(folder))
    yield written
    written.connection.close()


@pytest.fixture(scope="session")
def smallest_company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("smallest")
    written = open_folder(folder, write_export(folder, accounts=40))
    yield written
    written.connection.close()


@pytest.fixture(params=["company", "smallest_company"])
def any_company(request):
    return request.getfixturevalue(request.param)
