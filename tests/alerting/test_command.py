"""`kam run` as a timer starts it: whoever kam.yaml names is told, and the exit code stays what it was."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from kam_pipeline import cli
from kam_pipeline.settings import load_what_can_be_used
from tests.alerting.listeners import HOOK_TOKEN, free_port

REPOSITORY = Path(__file__).resolve().parents[2]
DEALS = '"Id","AccountId","Amount","CloseDate","StageName"\n"d1","a1","10","2026-05-01","Closed Won"\n'
BAD_DEAL = '"d2","a1","ten of jane.doe@acme.test","2026-05-02","Closed Won"\n'
SETTINGS = 'source: {kind: files, path: export}\nalerts: {webhook: {url: "${KAM_TEST_HOOK}"}}\n'


@pytest.fixture
def config(tmp_path) -> Path:
    """A folder `acme` with a small export and a webhook."""
    export = tmp_path / "acme" / "export"
    export.mkdir(parents=True)
    (export / "Account.csv").write_text('"Id","Name"\n"a1","Grocer Ltd"\n', encoding="utf-8")
    (export / "Opportunity.csv").write_text(DEALS, encoding="utf-8")
    path = tmp_path / "acme" / "kam.yaml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


def kam(*arguments: str | Path, stderr: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kam_pipeline.cli", *map(str, arguments)],
        cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False,
    )  # fmt: skip


def test_a_run_that_fails_before_its_first_step_is_told_and_ends_with_one(config, hook):
    (config.parent / "state").write_text("in the way", encoding="utf-8")
    ended = kam("run", "--config", config)
    assert ended.returncode == 1
    assert "engine.state_folder" in ended.stderr
    alert = json.loads(hook.bodies[0])
    assert alert["kind"] == "failed"
    assert alert["failed"]["error"] == "WarehouseError"
    assert alert["pipeline"].startswith("acme on ")
    assert str(config.parent) not in hook.bodies[0].decode()
    assert len(hook.bodies) == 1


def test_a_kam_yaml_that_has_become_wrong_is_told_and_ends_with_two(config, hook):
    config.write_text(SETTINGS + "criteria: {cap: Grocer Ltd}\nquallity: {}\n", encoding="utf-8")
    ended = kam("run", "--config", config)
    assert ended.returncode == 2
    assert "did you mean quality?" in ended.stderr
    assert json.loads(hook.bodies[0])["failed"]["error"] == "ConfigurationError"
    assert "Grocer" not in hook.bodies[0].decode()


@pytest.mark.slow
def test_a_blocked_night_is_told_and_ends_with_three(config, hook):
    (config.parent / "export" / "Opportunity.csv").write_text(DEALS + BAD_DEAL, encoding="utf-8")
    ended = kam("run", "--config", config)
    assert ended.returncode == 3
    alert = json.loads(hook.bodies[0])
    assert alert["kind"] == "blocked"
    assert alert["run_id"]
    assert alert["since"]["failed_runs_cnt"] == 1
    assert alert["checks"] != []
    assert [word for word in ("Grocer", "jane.doe") if word in hook.bodies[0].decode()] == []
    assert len(hook.bodies) == 1


@pytest.mark.slow
def test_a_night_that_goes_well_tells_nobody(config, hook):
    assert kam("run", "--config", config).returncode == 0
    assert hook.bodies == []


@pytest.mark.slow
def test_an_alert_that_cannot_be_sent_hides_nothing(config, monkeypatch):
    monkeypatch.setenv("KAM_TEST_HOOK", f"http://127.0.0.1:{free_port()}/{HOOK_TOKEN}")
    (config.parent / "state").write_text("in the way", encoding="utf-8")
    ended = kam("run", "--config", config)
    assert ended.returncode == 1
    assert "no alert: alerts.webhook: could not be reached" in ended.stderr
    assert "engine.state_folder" in ended.stderr
    assert HOOK_TOKEN not in ended.stderr + ended.stdout


def test_whoever_sits_at_a_terminal_is_told_there_and_nobody_else(config, hook, monkeypatch):
    config.write_text(SETTINGS + "quallity: {}\n", encoding="utf-8")
    monkeypatch.setenv("TERM", "xterm")
    ours, theirs = pty.openpty()
    assert kam("run", "--config", config, stderr=theirs).returncode == 2
    os.close(theirs)
    assert b"did you mean" in os.read(ours, 100_000)
    os.close(ours)
    assert hook.bodies == []


# --- kam check -------------------------------------------------------------------------------------------------------


def check(monkeypatch, capsys, *arguments: str | Path) -> tuple[int, str]:
    monkeypatch.setattr("sys.argv", ["kam", "check", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    captured = capsys.readouterr()
    return int(ended.value.code or 0), " ".join((captured.out + captured.err).split())


def test_checking_says_whether_the_channels_could_be_used_and_sends_nothing(config, hook, monkeypatch, capsys):
    assert check(monkeypatch, capsys, "--config", config)[1].endswith(
        "alerts.webhook: is ready; try it with `kam check --alert`"
    )
    monkeypatch.delenv("KAM_TEST_HOOK")
    code, said = check(monkeypatch, capsys, "--config", config)
    assert code == 0
    assert "alerts.webhook.url: the environment variable KAM_TEST_HOOK is not set" in said
    config.write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    assert "Nobody is told when a night fails" in check(monkeypatch, capsys, "--config", config)[1]
    assert hook.bodies == []


def test_checking_gives_the_channels_to_programs_too(config, hook, monkeypatch, capsys):
    _, said = check(monkeypatch, capsys, "--config", config, "--json")
    assert json.loads(said)["alerts"] == [{"channel": "alerts.webhook", "problem": None}]


def test_a_test_arrives_and_says_that_it_is_one(config, hook, monkeypatch, capsys):
    code, said = check(monkeypatch, capsys, "--config", config, "--alert")
    assert code == 0
    assert "a test was sent through every channel" in said
    alert = json.loads(hook.bodies[0])
    assert alert["kind"] == "test"
    assert "this is a test, nothing has failed" in alert["text"]
    hook.status = 404
    code, said = check(monkeypatch, capsys, "--config", config, "--alert")
    assert code == 1
    assert "alerts.webhook: answered with status 404" in said


def test_a_test_without_anybody_to_tell_is_wrong_usage(config, monkeypatch, capsys):
    config.write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    code, said = check(monkeypatch, capsys, "--config", config, "--alert")
    assert code == 2
    assert "section alerts" in said


# --- what of a wrong kam.yaml can still be used ----------------------------------------------------------------------


def test_of_a_wrong_kam_yaml_the_right_sections_are_used(tmp_path):
    path = tmp_path / "kam.yaml"
    path.write_text(
        'source: {kind: nonsense}\npublish: {folder: out}\nalerts: {webhook: {url: "${X}"}}\nquality: 7\nnonsense: 1\n',
        encoding="utf-8",
    )
    usable = load_what_can_be_used(path)
    assert usable is not None
    assert usable.settings.alerts.is_configured
    assert usable.published_path == tmp_path / "out" / "key_accounts.duckdb"


@pytest.mark.parametrize("text", [None, "alerts: [", "- a list", "alerts: {}\nalerts: {}\n"])
def test_of_a_kam_yaml_that_is_no_yaml_nothing_can_be_used(tmp_path, text):
    path = tmp_path / "kam.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert load_what_can_be_used(path) is None


def test_wrong_alerts_are_left_out(tmp_path):
    path = tmp_path / "kam.yaml"
    path.write_text("source: {kind: files, path: .}\nalerts: {webhook: {url: https://hook}}\n", encoding="utf-8")
    usable = load_what_can_be_used(path)
    assert usable is not None
    assert not usable.settings.alerts.is_configured
