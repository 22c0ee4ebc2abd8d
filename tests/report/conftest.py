"""Reports for tests: made from a published file, and read as a reader reads them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kam_pipeline.report.words import CODES, Code
from kam_pipeline.report.writing import write_report
from tests.report.page_text import PageText
from tests.report.published_file import PublishedFile, minimal
from tests.report.sample_company import sample_company

Made = Callable[..., PageText]


@pytest.fixture
def published(tmp_path: Path) -> PublishedFile:
    """A published file with a snapshot and a verdict, to which a test adds what it is about."""
    return minimal(tmp_path / "published" / "key_accounts.duckdb")


@pytest.fixture
def page_of(tmp_path: Path) -> Made:
    """Make the report of a published file."""

    def make(file: PublishedFile, *languages: Code) -> PageText:
        path = tmp_path / "report" / "index.html"
        write_report(file.path, path, languages or CODES)
        return PageText(path.read_text(encoding="utf-8"))

    return make


@pytest.fixture(scope="session")
def sample_page(tmp_path_factory: pytest.TempPathFactory) -> PageText:
    """The report of the sample company in both languages."""
    folder = tmp_path_factory.mktemp("sample")
    file = sample_company(folder / "published" / "key_accounts.duckdb")
    write_report(file.path, folder / "report" / "index.html", CODES)
    return PageText((folder / "report" / "index.html").read_text(encoding="utf-8"))
