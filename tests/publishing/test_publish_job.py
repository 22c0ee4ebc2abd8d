"""The targets in a run: a database that is down takes nothing else from readers, and `kam publish` hands all again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from assets.runs import publish_again, run_pipeline
from kam_pipeline.definitions import build_defs
from kam_pipeline.demo import write_export
from kam_pipeline.errors import ConfigurationError, PublicationBlockedError, TargetUnavailableError
from kam_pipeline.presentation import show_handed
from kam_pipeline.publishing import Handed, kept_dates
from kam_pipeline.settings import load_configuration
from kam_pipeline.tables import published_contracts
from kam_pipeline.warehouse import Warehouse

SETTINGS = """
source: {kind: files, path: export}
publish:
  parquet: true
  postgresql: {url: "${TEST_KAM_URL}", reader_role: null}
"""
PASSWORD = "".join(("wr", "0ng"))


def kam(*arguments: str, cwd: Path, url: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "KAM_CONFIG"} | {"TEST_KAM_URL": url}
    return subprocess.run(
        [sys.executable, "-m", "kam_pipeline.cli", *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """A night whose database is down: the folder, and what the run ended with."""
    folder = tmp_path_factory.mktemp("company")
    write_export(folder, accounts=40)
    (folder / "kam.yaml").write_text(SETTINGS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_KAM_URL", f"postgresql://kam:{PASSWORD}@127.0.0.1:1/bi")
        configuration = load_configuration(folder / "kam.yaml")
        definitions = build_defs(configuration=lambda: configuration, timezone=configuration.as_of_timezone)
        with pytest.raises(TargetUnavailableError) as caught:
            run_pipeline(definitions, configuration, None, "newest")
    return configuration, caught.value


def test_a_database_that_is_down_fails_the_run_and_takes_nothing_else_from_readers(night):
    configuration, error = night
    assert "PostgreSQL 127.0.0.1:1/bi: does not answer" in str(error)
    assert configuration.published_path.exists()
    assert configuration.report_path.exists()
    manifest = json.loads((configuration.parquet_folder / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(manifest["tables"]) == [contract.name for contract in published_contracts()]


def test_the_password_is_nowhere_in_what_the_run_left(night):
    configuration, _ = night
    left = [path for path in configuration.state_folder.rglob("*") if path.is_file()]
    assert left
    assert [path for path in left if PASSWORD.encode() in path.read_bytes()] == []


@pytest.mark.slow
def test_kam_publish_hands_everything_to_every_target(night, database):
    configuration, _ = night
    configuration.report_path.unlink()
    result = kam("publish", "--json", cwd=configuration.folder, url=database.url)
    assert result.returncode == 0, result.stderr
    handed = json.loads(result.stdout)
    assert {name: target["not_configured"] for name, target in handed.items()} == dict.fromkeys(
        ["key_accounts", "parquet", "postgresql", "report"]
    )
    assert handed["key_accounts"]["rows"] == handed["parquet"]["rows"] == handed["postgresql"]["rows"] > 1000
    assert configuration.report_path.exists()
    assert database.rows("select count(*) from kam.snapshot") == [(1,)]
    assert database.rows("select count(*) from kam_latest.key_account_candidate where is_in_list")[0][0] > 0


@pytest.mark.slow
def test_kam_publish_fails_when_a_target_is_down_and_says_which(night):
    configuration, _ = night
    result = kam("publish", cwd=configuration.folder, url="postgresql://kam@127.0.0.1:1/bi")
    assert result.returncode == 1
    assert "PostgreSQL 127.0.0.1:1/bi: does not answer" in result.stderr.replace("\n", " ")


def test_what_each_target_got_is_said_in_words(capsys):
    targets = [Handed("key_accounts", 1234, None), Handed("parquet", None, "publish.parquet in kam.yaml")]
    show_handed([*targets, Handed("report", None, None)], as_json=False)
    assert [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()] == [
        ["key_accounts", "1,234 rows"],
        ["parquet", "not configured, see publish.parquet in kam.yaml"],
        ["report", "made anew"],
    ]


def test_a_variable_that_is_not_set_is_named(night, monkeypatch):
    configuration, _ = night
    monkeypatch.delenv("TEST_KAM_URL", raising=False)
    definitions = build_defs(configuration=lambda: configuration)
    with pytest.raises(ConfigurationError, match=r"publish.postgresql.url: the environment variable TEST_KAM_URL is"):
        publish_again(definitions, configuration)


def test_before_the_first_publication_it_says_what_to_run(tmp_path):
    (tmp_path / "export").mkdir()
    (tmp_path / "kam.yaml").write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    result = kam("publish", cwd=tmp_path, url="")
    assert result.returncode == 1
    assert "nothing has been published yet; start with `kam run`" in result.stderr.replace("\n", " ")


def test_what_is_not_configured_says_so_and_does_nothing(night, tmp_path):
    configuration, _ = night
    without = load_configuration(configuration.folder / "kam.yaml")
    publish = without.settings.publish.model_copy(update={"parquet": False, "postgresql": None})
    settings = without.settings.model_copy(update={"publish": publish})
    plain = type(without)(settings=settings, folder=without.folder)
    definitions = build_defs(configuration=lambda: plain)
    with dg.DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_job_def("publish").execute_in_process(
            instance=instance,
            partition_key="2026-07-01",
            asset_selection=[dg.AssetKey(["published", name]) for name in ("parquet", "postgresql")],
        )
    said = {
        event.asset_key.path[-1]: event.materialization.metadata["not_configured"].value
        for event in result.get_asset_materialization_events()
    }
    assert said == {
        "parquet": "publish.parquet in kam.yaml",
        "postgresql": "publish.postgresql in kam.yaml",
    }


@pytest.mark.slow
def test_a_blocking_check_still_says_which_one_it_was(night):
    configuration, _ = night
    quality = configuration.settings.quality.model_copy(update={"max_rejected_share": 0.0})
    strict = type(configuration)(
        settings=configuration.settings.model_copy(update={"quality": quality}), folder=configuration.folder
    )
    with Warehouse.open(strict.warehouse_path, strict.settings.engine) as warehouse:
        day = kept_dates(warehouse)[-1].as_of_date
    with pytest.raises(PublicationBlockedError, match=f"nothing was published for {day}.*\nrejected_share of"):
        run_pipeline(build_defs(configuration=lambda: strict), strict, day, "then")
