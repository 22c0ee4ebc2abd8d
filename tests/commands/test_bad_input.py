"""Bad input: one clear message that names the file, row or field and the way out, and the right exit code."""

import socket
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets import runs
from kam_pipeline import cli
from kam_pipeline.errors import PublicationBlockedError

ACCOUNTS = '"Id","Name"\n"a1","Acme"\n'
DEALS = '"Id","AccountId","Amount","CloseDate","StageName"\n"d1","a1","10","2026-05-01","Closed Won"\n'


def write_project(folder: Path, **files: str | bytes) -> Path:
    """Write kam.yaml and an export; a file named None is left out."""
    contents: dict[str, str | bytes] = {"Account.csv": ACCOUNTS, "Opportunity.csv": DEALS}
    contents |= {name.replace("_csv", ".csv"): content for name, content in files.items()}
    export = folder / "export"
    export.mkdir()
    for name, content in contents.items():
        if content != "":
            (export / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        elif name not in ("Account.csv", "Opportunity.csv"):
            (export / name).write_bytes(b"")
    config = folder / "kam.yaml"
    config.write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    return config


def run_command(monkeypatch, capsys, *arguments: str | Path) -> tuple[int, str]:
    """Run `kam` in this process and return its exit code and what it said on stderr, as one line."""
    monkeypatch.setattr("sys.argv", ["kam", *map(str, arguments)])
    monkeypatch.setattr(cli.progress_console, "_width", 500, raising=False)
    with pytest.raises(SystemExit) as exit_info:
        cli.main()
    return int(exit_info.value.code or 0), " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_missing_required_object_is_named_with_what_is_there_instead(tmp_path, monkeypatch, capsys, command):
    config = write_project(tmp_path, Opportunity_csv="")
    code, message = run_command(monkeypatch, capsys, command, "--config", config)
    assert code == 2
    assert "Opportunity" in message
    assert "Account.csv" in message


def test_a_missing_required_column_is_named_with_its_file(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path, Opportunity_csv=DEALS.replace('"Amount"', '"Sum"'))
    code, message = run_command(monkeypatch, capsys, "run", "--config", config)
    assert code == 2
    assert "Opportunity.csv" in message
    assert "Amount" in message
    assert "mapping" in message


def test_a_wrong_delimiter_shows_the_header_as_read(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path, Account_csv=ACCOUNTS.replace(",", "#"))
    code, message = run_command(monkeypatch, capsys, "run", "--config", config)
    assert code == 2
    assert "Account.csv" in message
    assert "delimiter" in message


def test_an_unreadable_encoding_names_the_file_and_the_setting(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path, Account_csv=ACCOUNTS.replace("Acme", "K\x81b").encode("latin-1"))
    config.write_text("source: {kind: files, path: export, encoding: utf-8}\n", encoding="utf-8")
    code, message = run_command(monkeypatch, capsys, "run", "--config", config)
    assert code == 2
    assert "Account.csv" in message
    assert "source.encoding" in message


def test_a_truncated_zip_asks_for_a_new_download(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path)
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("Account.csv", "Opportunity.csv"):
            archive.write(tmp_path / "export" / name, name)
    (tmp_path / "part.ZIP").write_bytes(whole.read_bytes()[:-60])
    config.write_text("source: {kind: files, path: part.ZIP}\n", encoding="utf-8")
    code, message = run_command(monkeypatch, capsys, "run", "--config", config)
    assert code == 2
    assert "part.ZIP" in message


def test_an_empty_file_is_named(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path, Task_csv="")
    code, message = run_command(monkeypatch, capsys, "run", "--config", config)
    assert code == 2
    assert "Task.csv" in message


def test_a_truncated_file_is_named_with_its_row(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path, Opportunity_csv=DEALS + '"d2","a1","20","2026-05-02","Closed')
    code, message = run_command(monkeypatch, capsys, "run", "--config", config)
    assert code == 2
    assert "Opportunity.csv" in message
    assert "row 3" in message


def test_all_configuration_errors_come_at_once(tmp_path, monkeypatch, capsys):
    config = tmp_path / "kam.yaml"
    config.write_text(
        "source: {kind: files, pth: export}\nrelevence: {}\nrelevance: {min_months: 0}\n"
        "mapping: {Acount: {file: a.csv}}\n",
        encoding="utf-8",
    )
    code, message = run_command(monkeypatch, capsys, "run", "--config", config)
    assert code == 2
    for hint in ("did you mean path?", "did you mean relevance?", "relevance.min_months", "did you mean Account?"):
        assert hint in message


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_feed_file_that_is_not_there_is_named_with_its_setting(tmp_path, monkeypatch, capsys, command):
    config = write_project(tmp_path)
    with config.open("a", encoding="utf-8") as file:
        file.write("feeds: {costs: {file: costs.csv}}\n")
    code, message = run_command(monkeypatch, capsys, command, "--config", config)
    assert code == 2
    assert f"feeds.costs.file: {tmp_path}/costs.csv does not exist" in message


def test_checking_names_the_setting_of_a_feed_that_lacks_a_column(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path)
    (tmp_path / "costs.csv").write_text("account_id,month\na1,2026-05\n", encoding="utf-8")
    with config.open("a", encoding="utf-8") as file:
        file.write("feeds: {costs: {file: costs.csv}}\n")
    code, message = run_command(monkeypatch, capsys, "check", "--config", config)
    assert code == 2
    assert "costs.csv: has no column cost_amt" in message
    assert "feeds.costs.fields.cost_amt" in message


def test_a_missing_configuration_says_how_to_make_one(tmp_path, monkeypatch, capsys):
    code, message = run_command(monkeypatch, capsys, "run", "--config", tmp_path / "kam.yaml")
    assert code == 2
    assert "kam init" in message


def test_a_date_that_is_none_is_a_usage_error(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path)
    code, message = run_command(monkeypatch, capsys, "run", "--config", config, "--as-of", "31/12/2026")
    assert code == 2
    assert "--as-of 31/12/2026" in message


@pytest.mark.parametrize("day", ["2099-01-01", "1985-01-01", ""])
def test_a_date_that_cannot_be_computed_is_refused_before_anything_is_read(tmp_path, monkeypatch, capsys, day):
    config = write_project(tmp_path)
    code, message = run_command(monkeypatch, capsys, "run", "--config", config, "--as-of", day)
    assert code == 2
    assert "--as-of" in message
    assert not (tmp_path / "state" / "landing").exists()


def test_a_state_folder_that_is_a_file_is_named(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path)
    (tmp_path / "state").write_text("", encoding="utf-8")
    code, message = run_command(monkeypatch, capsys, "run", "--config", config)
    assert code == 1
    assert "engine.state_folder" in message


def test_what_blocks_a_publication_is_said_and_ends_with_three(tmp_path, monkeypatch, capsys):
    def blocked(*_, **__):
        raise PublicationBlockedError("rejected_share of Opportunity: 0.5 against 0.2")

    monkeypatch.setattr(runs, "run_pipeline", blocked)
    code, message = run_command(monkeypatch, capsys, "run", "--config", write_project(tmp_path))
    assert (code, "rejected_share of Opportunity: 0.5 against 0.2" in message) == (3, True)


@pytest.mark.slow
def test_a_blocked_publication_ends_with_three_and_says_why(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path, Opportunity_csv=DEALS + '"d2","a1","ten","2026-05-02","Closed Won"\n')
    code, message = run_command(monkeypatch, capsys, "run", "--config", config)
    assert code == 3
    assert "rejected_share of Opportunity: 0.5 against 0.2" in message
    assert not (tmp_path / "published").exists()


def test_initialising_twice_never_overwrites(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["kam", "init", str(tmp_path)])
    with pytest.raises(SystemExit) as first:
        cli.main()
    assert first.value.code == 0
    (tmp_path / "kam.yaml").write_text("mine", encoding="utf-8")
    code, message = run_command(monkeypatch, capsys, "init", tmp_path)
    assert code == 2
    assert "already there" in message
    assert (tmp_path / "kam.yaml").read_text(encoding="utf-8") == "mine"


def test_a_section_that_is_there_twice_is_named_with_its_line(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path)
    with config.open("a", encoding="utf-8") as file:
        file.write("currency: {reporting: DKK}\ncurrency: {reporting: EUR}\n")
    code, message = run_command(monkeypatch, capsys, "check", "--config", config)
    assert code == 2
    assert "line 3: not valid YAML (currency is there twice)" in message


def test_a_port_in_use_is_named_before_anything_is_started(tmp_path, monkeypatch, capsys):
    config = write_project(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, message = run_command(monkeypatch, capsys, "ui", "--config", config, "--port", port)
    assert code == 2
    assert f"--port {port}: cannot be used" in message


def test_a_port_that_no_machine_has_is_wrong_usage(tmp_path):
    config = write_project(tmp_path)
    for port in ("0", "65536"):
        ended = CliRunner().invoke(cli.app, ["ui", "--config", str(config), "--port", port])
        assert ended.exit_code == 2, ended.exception
        assert "--port" in ended.output


def test_an_address_that_is_not_this_machines_is_named(tmp_path, monkeypatch, capsys):
    # 192.0.2.0/24 is given to nobody (RFC 5737)
    config = write_project(tmp_path)
    code, message = run_command(monkeypatch, capsys, "ui", "--config", config, "--host", "192.0.2.1")
    assert code == 2
    assert "--host 192.0.2.1 --port 3000: cannot be used" in message
