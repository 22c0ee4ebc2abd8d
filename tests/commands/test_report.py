"""`kam report`, and what the settings of the report do."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from kam_pipeline.settings import Settings
from kam_pipeline.status import read_status
from tests.factories import make_configuration
from tests.report.published_file import minimal


def kam(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "KAM_CONFIG"}
    return subprocess.run(
        [sys.executable, "-m", "kam_pipeline.cli", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configured pipeline that has never run."""
    (tmp_path / "export").mkdir()
    (tmp_path / "kam.yaml").write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    return tmp_path


def test_before_the_first_run_it_fails_and_says_what_to_run(folder):
    result = kam("report", cwd=folder)
    assert result.returncode == 1
    assert "nothing has been published yet; start with `kam run`" in result.stderr.replace("\n", " ")
    assert not (folder / "report").exists()


def test_it_makes_the_report_of_what_is_published_and_names_the_file(folder):
    minimal(folder / "published" / "key_accounts.duckdb")
    result = kam("report", cwd=folder)
    assert (result.returncode, result.stderr.count("error")) == (0, 0)
    assert result.stdout == f"report {folder / 'report' / 'index.html'}; open it in a browser\n"
    assert (folder / "report" / "index.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.slow
def test_the_source_may_be_gone_when_only_results_are_looked_at(folder):
    minimal(folder / "published" / "key_accounts.duckdb")
    (folder / "export").rmdir()
    assert kam("report", cwd=folder).returncode == 0
    assert kam("status", cwd=folder).returncode == 0
    result = kam("run", cwd=folder)
    assert result.returncode == 2
    assert "source.path" in result.stderr


def test_as_json_it_names_the_file_and_its_size(folder):
    minimal(folder / "published" / "key_accounts.duckdb")
    with (folder / "kam.yaml").open("a", encoding="utf-8") as file:
        file.write("report: {folder: pages, languages: [da]}\n")
    result = kam("report", "--json", "--config", folder / "kam.yaml", cwd=folder.parent)
    path = folder / "pages" / "index.html"
    assert json.loads(result.stdout) == {"report_path": str(path), "size_bytes": path.stat().st_size}
    assert '<html lang="da">' in path.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_fails_with_exit_code_1(folder):
    minimal(folder / "published" / "key_accounts.duckdb")
    (folder / "report").write_text("a file where the folder should be", encoding="utf-8")
    result = kam("report", cwd=folder)
    assert result.returncode == 1
    assert "cannot be written" in result.stderr


def test_status_names_the_report_once_there_is_one(tmp_path):
    configuration = make_configuration(tmp_path)
    assert read_status(configuration).report_path is None
    configuration.report_path.parent.mkdir()
    configuration.report_path.write_text("a report", encoding="utf-8")
    assert read_status(configuration).report_path == tmp_path / "report" / "index.html"


@pytest.mark.parametrize(
    ("languages", "words"),
    [([], "at least 1"), (["en", "en"], "named twice"), (["de"], "'en' or 'da'")],
    ids=["none", "twice", "unknown"],
)
def test_languages_are_checked(languages, words):
    with pytest.raises(ValidationError, match=words):
        Settings.model_validate({"source": {"kind": "files", "path": "."}, "report": {"languages": languages}})


def test_the_report_section_changes_no_number_and_so_no_version():
    plain, other = make_configuration(), make_configuration(report={"folder": "x", "languages": ["da"]})
    assert plain.config_version == other.config_version
    assert plain.settings.report.languages == ("en", "da")
