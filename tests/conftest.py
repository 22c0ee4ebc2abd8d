"""What all tests share: a warehouse with empty raw tables, and how far hypothesis searches."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from kam_pipeline.raw import make_raw_tables
from kam_pipeline.settings.operation import Engine
from kam_pipeline.warehouse import Warehouse

# The same examples on every machine: a red test is red again, and two shared cores make deadlines a lottery.
settings.register_profile("house", deadline=None, derandomize=True, database=None, max_examples=25)
settings.register_profile("few", settings.get_profile("house"), max_examples=10)


def pytest_configure(config: pytest.Config) -> None:
    """Search less far in the ordinary run: `make test-slow` asks for the laws by their mark, and goes all the way."""
    settings.load_profile("few" if config.option.markexpr == "not slow" else "house")


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a warehouse with empty raw tables, to be copied: making a hundred tables costs more than a test."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    with Warehouse.open(path, Engine()) as opened:
        make_raw_tables(opened)
    return path


@pytest.fixture
def warehouse(empty_warehouse: Path, tmp_path: Path) -> Iterator[Warehouse]:
    """An empty warehouse of this test alone."""
    with Warehouse.open(shutil.copyfile(empty_warehouse, tmp_path / "warehouse.duckdb"), Engine()) as opened:
        yield opened


@pytest.fixture(scope="module")
def reused_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """One warehouse for the many examples of a law; each example clears what it uses."""
    with Warehouse.open(tmp_path_factory.mktemp("reused") / "warehouse.duckdb", Engine()) as opened:
        make_raw_tables(opened)
        yield opened
