"""`kam status` after a good night, a blocked one, a failed one, one that was killed, and while one goes on."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from assets.history import recent_runs
from kam_pipeline.presentation_status import show_state
from kam_pipeline.settings import load_configuration
from kam_pipeline.status import PipelineState, read_state
from tests.robustness.nights import FIRST, SECOND, make_company, night

HOLDER = (
    "import fcntl, sys\n"
    "file = open(sys.argv[1], 'r+b'); fcntl.lockf(file, fcntl.LOCK_EX)\n"
    "print('held', flush=True); sys.stdin.read()\n"
)


def state_of(folder: Path) -> PipelineState:
    configuration = load_configuration(folder / "kam.yaml", reads_source=False)
    return read_state(configuration, lambda: recent_runs(configuration))


def fingerprint(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file, without Dagster's own."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and "dagster" not in path.parts
    }


@dataclass(frozen=True)
class Nights:
    """The states after each night of one company, and its folder."""

    folder: Path
    good: PipelineState
    edited: PipelineState
    failed: PipelineState
    killed: PipelineState
    screen: str


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> Nights:
    folder = tmp_path_factory.mktemp("nights") / "company"
    folder.mkdir()
    make_company(folder, 40)
    assert night(folder, FIRST).exit_code == 0
    good = state_of(folder)
    screen = subprocess.run(
        [sys.executable, "-m", "kam_pipeline.cli", "status", "--config", folder / "kam.yaml"],
        env={**os.environ, "COLUMNS": "120"}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    settings = folder / "kam.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("cap: 35", "cap: 3"), encoding="utf-8")
    edited = state_of(folder)
    settings.write_text(text, encoding="utf-8")
    (folder / "export" / "Account.csv").rename(folder / "export" / "Account.txt")
    ended = night(folder, SECOND)
    assert ended.exit_code in (1, 2), ended.said
    failed = state_of(folder)
    (folder / "export" / "Account.txt").rename(folder / "export" / "Account.csv")
    assert night(folder, SECOND, kill_at="landing/").was_killed
    return Nights(folder, good, edited, failed, state_of(folder), screen)


def test_before_the_first_run_it_says_so_and_makes_nothing(tmp_path):
    (tmp_path / "kam.yaml").write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    state = state_of(tmp_path)
    assert state.last_run.outcome == "never"
    assert state.result.publication is None
    assert [path.name for path in tmp_path.iterdir()] == ["kam.yaml"]


def test_after_a_good_night_it_names_its_date_its_run_and_how_far_the_records_go(nights):
    state = nights.good
    assert state.last_run.outcome == "published"
    assert state.result.publication.as_of_date == FIRST
    assert state.last_run.run.run_id == state.result.publication.run_id
    marks = {mark.object_name: mark for mark in state.watermarks}
    assert marks["Account"].records_cnt == 40
    assert str(marks["Opportunity"].newest_at.date()) == "2026-06-30"
    assert marks["feeds.costs"].newest_at is None
    assert state.notes == ()
    assert all(size > 0 for size in asdict(state.sizes).values())


def test_it_fits_on_one_screen_and_counts_what_it_does_not_show(nights):
    assert len(nights.screen.splitlines()) <= 30
    failed = len(nights.good.result.publication.warnings)
    assert f"{failed} of {nights.good.result.publication.checks_cnt} do not hold" in nights.screen
    assert f"and {failed - 3} more: kam status --json" in nights.screen


def test_it_says_what_an_edit_of_kam_yaml_makes_stale_and_why(nights, capsys):
    assert nights.good.stale == ()
    assert "stale            nothing" in nights.screen
    stale = {item.table: item.causes for item in nights.edited.stale}
    assert stale["marts.key_account_candidate"] == ("settings.criteria",)
    assert "core.account" not in stale
    show_state(nights.edited, as_json=False)
    shown = " ".join(capsys.readouterr().out.split())
    assert f"{len(stale)} tables, because of criteria in kam.yaml; `kam run --stale` makes them again" in shown


@pytest.mark.slow
def test_after_a_blocked_night_the_reason_is_there_and_readers_have_the_night_before(nights, tmp_path):
    folder = shutil.copytree(nights.folder, tmp_path / "company")
    deals = folder / "export" / "Opportunity.csv"
    lines = deals.read_text(encoding="utf-8").splitlines(keepends=True)
    deals.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
    assert night(folder, SECOND).exit_code == 3
    state = state_of(folder)
    assert state.last_run.outcome == "blocked"
    assert any(line.startswith("vanished_share of Opportunity is 0.5") for line in state.last_run.reasons)
    assert state.last_run.run.as_of_date == SECOND
    assert state.result.publication.as_of_date == FIRST


def test_after_a_failed_night_it_says_what_failed(nights):
    state = nights.failed
    assert state.last_run.outcome == "failed"
    assert "Account" in state.last_run.reasons[0]
    assert state.result.publication.as_of_date == FIRST


def test_a_night_that_was_killed_broke_off(nights):
    assert nights.killed.last_run.outcome == "interrupted"
    assert nights.killed.result.publication == nights.good.result.publication


def test_while_a_run_goes_on_it_says_so_and_shows_what_readers_have(nights):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, nights.folder / "state" / "warehouse.duckdb"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == "held\n"
        state = state_of(nights.folder)
    finally:
        holder.communicate("")
    assert state.last_run.outcome == "running"
    assert state.watermarks == ()
    assert state.stale is None
    assert state.result.publication == nights.good.result.publication
    assert any("a run is going on" in note for note in state.notes)


def test_looking_changes_nothing(nights):
    before = fingerprint(nights.folder)
    state_of(nights.folder)
    assert fingerprint(nights.folder) == before


def test_the_json_has_everything(nights, capsys):
    show_state(nights.good, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert set(shown) == {"result", "last_run", "watermarks", "stale", "sizes", "notes"}
    assert len(shown["result"]["publication"]["warnings"]) == len(nights.good.result.publication.warnings)
    assert len(shown["watermarks"]) == len(nights.good.watermarks)
