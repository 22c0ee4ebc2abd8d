"""The source as a whole: its name, its settings, reading again."""

from pathlib import Path

import pytest

from connectors.base import Source
from connectors.files import ExportFiles
from kam_pipeline.crm_schema import ACCOUNT
from kam_pipeline.settings.source import FilesSource, Mapping

ACCOUNTS = "Id,Name\n1,A\n"


def test_the_path_is_relative_to_the_base_folder_and_names_the_source(tmp_path):
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / "Account.csv").write_text(ACCOUNTS)
    source = ExportFiles(FilesSource(kind="files", path="export/"), Mapping(), tmp_path)
    assert isinstance(source, Source)
    assert source.name == "files:export"
    assert source.inspect([ACCOUNT])[0].origins == ("Account.csv",)


def test_the_base_folder_itself_may_be_the_source(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert ExportFiles(FilesSource(kind="files", path="."), Mapping(), Path()).name == f"files:{tmp_path.name}"


@pytest.mark.parametrize("complete", [True, False])
def test_the_settings_say_whether_a_delivery_is_complete(complete, tmp_path, source_of):
    (tmp_path / "Account.csv").write_text(ACCOUNTS)
    (extract,) = source_of(tmp_path, complete=complete).extract([ACCOUNT])
    assert extract.is_complete is complete


def test_a_file_that_changed_is_looked_at_again(tmp_path, source_of):
    source = source_of(tmp_path)
    (tmp_path / "Account.csv").write_text(ACCOUNTS)
    assert source.inspect([ACCOUNT])[0].notes == ()
    (tmp_path / "Account.csv").write_bytes(b"Id,Name\n1,caf\xe9\n")
    assert len(source.inspect([ACCOUNT])[0].notes) == 1


def test_two_readings_give_the_same_batches(tmp_path, source_of):
    for part in range(3):
        lines = "".join(f"{part}-{number},x\n" for number in range(5000))
        (tmp_path / f"Account_{part}.csv").write_text(f"Id,Name\n{lines}")

    def batches():
        (extract,) = source_of(tmp_path).extract([ACCOUNT])
        return list(extract.batches)

    first, second = batches(), batches()
    assert [batch.num_rows for batch in first] == [batch.num_rows for batch in second]
    assert all(one.equals(other) for one, other in zip(first, second, strict=True))


def test_reading_leaves_nothing_in_the_working_folder(tmp_path, read, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    (tmp_path / "Account.csv").write_text(ACCOUNTS)
    read(tmp_path, ACCOUNT)
    assert list((tmp_path / "empty").iterdir()) == []
