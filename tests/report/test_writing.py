"""The report file: whole or not at all, and the same publication gives the same bytes."""

import os
from pathlib import Path

import pytest

from kam_pipeline.errors import ReportError
from kam_pipeline.report import writing
from kam_pipeline.report.words import CODES
from kam_pipeline.report.writing import write_report
from tests.report.published_file import minimal
from tests.report.sample_company import sample_company


@pytest.fixture
def report(tmp_path) -> Path:
    return tmp_path / "report" / "index.html"


def test_the_same_publication_gives_the_same_bytes(tmp_path, report):
    file = sample_company(tmp_path / "key_accounts.duckdb")
    size = write_report(file.path, report, CODES)
    first = report.read_bytes()
    assert len(first) == size
    write_report(file.path, report, CODES)
    assert report.read_bytes() == first


def test_the_folder_holds_the_report_and_nothing_else(tmp_path, report):
    write_report(minimal(tmp_path / "key_accounts.duckdb").path, report, CODES)
    assert [path.name for path in report.parent.iterdir()] == ["index.html"]


def test_a_folder_that_cannot_be_made_is_named_with_the_way_out(tmp_path):
    (tmp_path / "report").write_text("a file where the folder should be", encoding="utf-8")
    file = minimal(tmp_path / "key_accounts.duckdb")
    with pytest.raises(ReportError) as caught:
        write_report(file.path, tmp_path / "report" / "index.html", CODES)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'report' / 'index.html'}: cannot be written (")
    assert "readers keep the last report" in message


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_when_writing_fails_the_last_report_stays(tmp_path, report, monkeypatch, fails):
    file = minimal(tmp_path / "key_accounts.duckdb")
    write_report(file.path, report, CODES)
    before = report.read_bytes()
    file.change("update snapshot set run_id = 'another run'")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync", full) if fails == "fsync" else (Path, "replace", full)))
    with pytest.raises(ReportError, match="No space left on device"):
        write_report(file.path, report, CODES)
    assert report.read_bytes() == before
    assert [path.name for path in report.parent.iterdir()] == ["index.html"]


def test_a_publication_that_cannot_be_read_leaves_the_last_report(tmp_path, report):
    write_report(minimal(tmp_path / "key_accounts.duckdb").path, report, CODES)
    before = report.read_bytes()
    with pytest.raises(ReportError):
        write_report(tmp_path / "no such file", report, CODES)
    assert report.read_bytes() == before


def test_the_report_is_swapped_in_by_rename(tmp_path, report):
    file = minimal(tmp_path / "key_accounts.duckdb")
    write_report(file.path, report, CODES)
    with report.open("rb") as open_report:
        write_report(file.path, report, CODES)
        assert len(open_report.read()) > 1000  # who has the old one open reads it to its end
    assert writing.__doc__
