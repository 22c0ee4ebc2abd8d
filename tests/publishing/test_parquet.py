"""The Parquet target: a manifest that names the complete set, and files that never change."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from kam_pipeline.contracts import Column
from kam_pipeline.errors import PublicationError
from kam_pipeline.publishing import parquet, write_parquet
from kam_pipeline.snapshots import SNAPSHOT
from tests.publishing.conftest import ACCOUNT, JULY, JUNE, SCORE

NIGHT = datetime(2026, 7, 1, 5, tzinfo=UTC)


class Folder:
    """The folder of the Parquet files, as the publisher and a reader see it."""

    def __init__(self, path, published):
        self.path = path
        self.published = published
        self.now = NIGHT

    def publish(self, contracts=None, after=timedelta(days=1)):
        self.now += after
        return write_parquet(self.published.warehouse, contracts or self.published.contracts, self.path, self.now)

    @property
    def manifest(self):
        return json.loads((self.path / "manifest.json").read_text(encoding="utf-8"))

    def named(self, table=None):
        tables = self.manifest["tables"]
        return {file["path"] for name in ([table] if table else tables) for file in tables[name]["files"]}

    def there(self):
        files = {path for path in self.path.rglob("*") if path.is_file()}
        return {path.relative_to(self.path).as_posix() for path in files} - {"manifest.json"}

    def rows(self, query, table):
        files = [str(self.path / name) for name in sorted(self.named(table))]
        with duckdb.connect() as connection:
            return connection.execute(
                f"select {query} from read_parquet($files) order by all", {"files": files}
            ).fetchall()


@pytest.fixture
def folder(tmp_path, published):
    return Folder(tmp_path / "published" / "parquet", published)


def test_the_manifest_names_every_file_with_what_is_in_it(published, folder):
    published.keep(1, JUNE)
    published.keep(2, JULY, rows=4)
    assert folder.publish() == {"account": 4, "score": 7, "snapshot": 2}
    manifest = folder.manifest
    assert (manifest["run_id"], manifest["as_of_dates"]) == ("run-2", ["2026-06-01", "2026-07-01"])
    assert manifest["created_at"] == "2026-07-02T05:00:00+00:00"
    score = manifest["tables"]["score"]
    assert [(file["as_of_date"], file["run_id"], file["rows"]) for file in score["files"]] == [
        ("2026-06-01", "run-1", 3), ("2026-07-01", "run-2", 4),
    ]  # fmt: skip
    assert all((folder.path / file["path"]).stat().st_size == file["bytes"] for file in score["files"])
    assert score["columns"][1] == {
        "name": "group_id", "type": "VARCHAR", "description": SCORE.columns[1].description,
    }  # fmt: skip
    assert score["description"] == SCORE.description
    assert folder.named() == folder.there()


def test_the_files_hold_the_published_rows(published, folder):
    published.keep(1, JUNE)
    published.keep(2, JULY, rows=2)
    folder.publish()
    assert folder.rows("*", "score") == published.warehouse.rows("select * from published.score order by all")
    assert folder.rows("*", "account") == published.warehouse.rows("select * from published.account order by all")


def test_files_of_dates_that_nobody_computed_again_are_used_again(published, folder):
    published.keep(1, JUNE)
    published.keep(2, JULY)
    folder.publish()
    before = {name: (folder.path / name).stat().st_mtime_ns for name in folder.named("score")}
    published.keep(3, JULY)
    folder.publish()
    june, july = sorted(folder.named("score"))
    assert "run-1" in june
    assert (folder.path / june).stat().st_mtime_ns == before[june]
    assert "run-3" in july
    assert july not in before


def test_rows_that_retention_lets_go_of_an_older_date_go_with_a_new_file(published, folder):
    published.keep(1, JUNE)
    published.keep(2, JULY)
    folder.publish()
    before = set(folder.named("score"))
    published.warehouse.connection.execute(
        "delete from published.score where as_of_date = '2026-06-01' and group_id = 'g0'"
    )
    assert folder.publish()["score"] == 5
    [june] = set(folder.named("score")) - before
    assert "2026-06-01" in june


def test_what_is_no_longer_named_stays_an_hour_for_readers_and_then_goes(published, folder):
    published.keep(1)
    folder.publish()
    old = folder.named()
    published.keep(2)
    folder.publish()
    assert old <= folder.there()
    assert not old & folder.named()
    folder.publish(after=timedelta(minutes=59))
    assert old <= folder.there()
    folder.publish(after=timedelta(minutes=1))
    assert folder.there() == folder.named()
    assert folder.manifest["superseded"] == {}


def test_what_a_killed_publication_left_goes_with_the_next(published, folder):
    published.keep(1)
    folder.publish()
    for left in ("score/2026-07-01.run-9.x.parquet", "score/.2026-07-01.run-9.x.parquet.unfinished"):
        (folder.path / left).write_bytes(b"half")
    (folder.path / ".manifest.json.unfinished").write_bytes(b"half")
    folder.publish()
    assert folder.there() == folder.named()


def test_a_file_that_somebody_removed_or_cut_short_is_written_again(published, folder):
    published.keep(1, JUNE)
    published.keep(2, JULY)
    folder.publish()
    june, july = sorted(folder.named("score"))
    (folder.path / june).unlink()
    (folder.path / july).write_bytes(b"PAR1")
    folder.publish()
    assert folder.rows("count(*)", "score") == [(6,)]


def test_a_manifest_that_cannot_be_read_is_replaced(published, folder):
    published.keep(1)
    folder.publish()
    (folder.path / "manifest.json").write_text("{", encoding="utf-8")
    folder.publish()
    assert folder.rows("count(*)", "score") == [(3,)]


def test_a_table_that_gains_a_column_gets_new_files_for_all_dates(published, folder):
    published.keep(1, JUNE)
    published.keep(2, JULY)
    folder.publish()
    old = folder.named("score")
    wider = replace(SCORE, columns=(*SCORE.columns, Column("band", "VARCHAR", "the band")))
    folder.publish([ACCOUNT, wider, SNAPSHOT])
    assert not old & folder.named("score")
    assert folder.rows("distinct band", "score") == [(None,)]


def test_a_date_without_rows_is_a_file_without_rows(published, folder):
    published.keep(1, rows=0)
    folder.publish()
    assert folder.rows("*", "score") == []


def test_before_anything_is_kept_it_says_what_to_run(folder):
    with pytest.raises(PublicationError, match="nothing has been published yet; start with `kam run`"):
        folder.publish()


def test_a_full_disk_leaves_the_last_publication_and_no_litter(published, folder, monkeypatch):
    published.keep(1)
    folder.publish()
    before, named = folder.manifest, folder.named()
    published.keep(2)

    def full(unfinished, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parquet, "swap_in", full)
    with pytest.raises(PublicationError, match=r"parquet: cannot be written \(No space left on device\); free space"):
        folder.publish()
    assert folder.manifest == before
    assert folder.there() == named


def test_a_folder_that_is_a_file_is_an_error_that_names_it(published, folder):
    published.keep(1)
    folder.path.parent.mkdir(parents=True)
    folder.path.write_text("in the way", encoding="utf-8")
    with pytest.raises(PublicationError, match="parquet: cannot be written"):
        folder.publish()
