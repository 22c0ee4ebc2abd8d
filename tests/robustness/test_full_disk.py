"""A disk that is full or cannot be written: a clear error, the last publication whole, the next night whole."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from kam_pipeline.errors import WarehouseError
from kam_pipeline.storage import storage_errors
from tests.robustness.nights import FIRST, SECOND, contents, night, published, report_text
from tests.robustness.undisturbed import assert_equal_to_undisturbed

MEGABYTE = 1_000_000


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount something on a folder; skip the test where that is not allowed."""
    done = subprocess.run(["mount", *options, folder], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder read-only, for root too."""
    with mounted(folder, "--bind", str(folder)):
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        yield


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Put a folder on a disk that has hardly room for what is in it."""
    aside = shutil.copytree(folder, folder.with_name(folder.name + "-aside"))
    with mounted(folder, "-t", "tmpfs", "-o", f"size={size}", "tmpfs"):
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        yield
    shutil.rmtree(aside)


def fails(ended, folder: Path, words: str) -> None:
    """Hold a night against what it must say: no traceback, the path, the cause, the way out."""
    assert ended.exit_code == 1, ended.said
    assert "Traceback" not in ended.said
    message = ended.said[ended.said.index("error:") :]
    assert str(folder) in message
    for word in words.split("|"):
        assert word in message
    assert "free space or rights" in message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("megabytes", "words"),
    # whichever file grows first is named: the history of runs, or the warehouse
    [
        (1, "state/dagster"),
        pytest.param(2.5, "state/|cannot be written (|Readers keep the last", marks=pytest.mark.slow),
    ],
    ids=["history", "whichever"],
)
def test_where_no_file_can_grow_a_night_fails_clearly_and_readers_keep_the_last(
    undisturbed, tmp_path, megabytes, words
):
    folder = shutil.copytree(undisturbed.before[SECOND], tmp_path / "company")
    fails(night(folder, SECOND, largest_file=int(megabytes * MEGABYTE)), folder, words)
    assert (contents(published(folder)), report_text(folder)) == undisturbed.complete(FIRST)[0]


@pytest.mark.slow
def test_once_there_is_room_again_the_next_night_is_the_undisturbed_one(undisturbed, tmp_path):
    folder = shutil.copytree(undisturbed.before[SECOND], tmp_path / "company")
    ended = night(folder, SECOND, largest_file=5 * MEGABYTE)
    fails(ended, folder, "cannot be written (|Readers keep the last")
    assert (contents(published(folder)), report_text(folder)) == undisturbed.complete(FIRST)[0]
    assert [path.name for path in (folder / "published").iterdir()] == ["key_accounts.duckdb"]
    assert night(folder, SECOND).exit_code == 0
    assert_equal_to_undisturbed(folder, undisturbed, SECOND)


@pytest.mark.slow
def test_a_state_folder_that_is_read_only_fails_at_once(undisturbed, tmp_path):
    folder = shutil.copytree(undisturbed.before[SECOND], tmp_path / "company")
    with read_only(folder / "state"):
        fails(night(folder, SECOND), folder, "state/|Read-only file system")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("published", "published/key_accounts.duckdb: cannot be written (Read-only file system)|Readers keep"),
        ("report", "report/index.html: cannot be written (Read-only file system)|The tables are published"),
    ],
)
def test_a_read_only_folder_is_named_and_the_next_night_is_the_undisturbed_one(undisturbed, tmp_path, place, words):
    folder = shutil.copytree(undisturbed.before[SECOND], tmp_path / "company")
    with read_only(folder / place):
        fails(night(folder, SECOND), folder, words)
        assert report_text(folder) == undisturbed.complete(FIRST)[0][1]
    assert night(folder, SECOND).exit_code == 0
    assert_equal_to_undisturbed(folder, undisturbed, SECOND)


@pytest.mark.slow
def test_a_full_disk_under_the_publication_leaves_the_last_one_alone_on_it(undisturbed, tmp_path):
    folder = shutil.copytree(undisturbed.before[SECOND], tmp_path / "company")
    with small_disk(folder / "published", "8m"):
        ended = night(folder, SECOND)
        fails(ended, folder, "published/key_accounts.duckdb: cannot be written (No space left on device)")
        assert contents(published(folder)) == undisturbed.complete(FIRST)[0][0]
        assert [path.name for path in (folder / "published").iterdir()] == ["key_accounts.duckdb"]


@pytest.mark.slow
@pytest.mark.parametrize("size", ["32m", "36m", "42m", "50m", "60m"])
def test_wherever_the_disk_of_the_state_folder_fills_up_the_night_fails_clearly(undisturbed, tmp_path, size):
    folder = shutil.copytree(undisturbed.before[SECOND], tmp_path / "company")
    with small_disk(folder / "state", size):
        ended = night(folder, SECOND)
        if ended.exit_code:
            fails(ended, folder, "state/")
            assert contents(published(folder)) == undisturbed.complete(FIRST)[0][0]
    assert ended.exit_code or size == "60m"


def test_memory_that_is_too_small_names_the_setting():
    with (
        pytest.raises(WarehouseError, match=r"state: no room for what does not fit into memory .*engine\.memory_limit"),
        storage_errors(Path("state/warehouse.duckdb")),
        duckdb.connect(config={"memory_limit": "20MB", "temp_directory": "", "threads": 1}) as connection,
    ):
        connection.execute("select count(*) from (select range, random() from range(20_000_000) order by 2)").fetchall()
