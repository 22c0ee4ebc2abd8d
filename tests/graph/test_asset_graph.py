"""The Dagster side: the graph that people see, and what it says of each table."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from kam_pipeline.definitions import build_defs
from kam_pipeline.demo import write_export
from kam_pipeline.settings import load_configuration
from kam_pipeline.tables import published_contracts, tables

REPOSITORY = Path(__file__).resolve().parents[2]
SNAPSHOT = Path(__file__).with_name("asset_graph.txt")


def graph_text(definitions: dg.Definitions) -> str:
    """One line per asset: group, key, and what it is made from."""
    graph = definitions.resolve_asset_graph()
    lines = []
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        inputs = ", ".join(sorted(parent.to_user_string() for parent in node.parent_keys)) or "-"
        lines.append(f"{node.group_name:<9} {key.to_user_string()} <- {inputs}")
    return "\n".join(lines) + "\n"


def test_the_graph_of_assets_is_the_reviewed_one():
    # after a change that is meant: python tests/graph/test_asset_graph.py
    assert graph_text(build_defs()) == SNAPSHOT.read_text(encoding="utf-8")


def test_every_table_is_an_asset_of_its_layers_group():
    graph = build_defs().resolve_asset_graph()
    for name, table in tables().items():
        assert graph.get(dg.AssetKey(name.split("."))).group_name == table.contract.layer


def test_every_asset_says_what_one_row_is_and_which_columns_it_has():
    definitions = build_defs()
    for spec in definitions.resolve_all_asset_specs():
        assert spec.description, spec.key
        if spec.key.path[0] not in ("settings", "landing", "published"):
            assert spec.metadata["dagster/column_schema"].columns, spec.key
            assert "ne row" in spec.description, spec.key


def test_the_publication_waits_for_every_table_that_readers_get():
    graph = build_defs().resolve_asset_graph()
    parent_keys = graph.get(dg.AssetKey(["published", "snapshots"])).parent_keys
    parents = {key.path[-1] for key in parent_keys if key.path[0] != "settings"}
    assert {contract.name for contract in published_contracts()} == parents


@pytest.mark.slow
def test_dagsters_own_validation_is_clean():
    result = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "Validation successful for code location kam_pipeline" in result.stderr + result.stdout


@pytest.fixture(scope="module")
def whole_chain(tmp_path_factory) -> tuple[dg.ExecuteInProcessResult, Path]:
    """The whole graph in one run, as the page starts it."""
    folder = tmp_path_factory.mktemp("whole_chain")
    write_export(folder, accounts=40)
    (folder / "kam.yaml").write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    configuration = load_configuration(folder / "kam.yaml")
    definitions = build_defs(configuration=lambda: configuration)
    with dg.DagsterInstance.ephemeral() as instance:
        result = definitions.resolve_job_def("ingest_and_evaluate").execute_in_process(
            instance=instance, partition_key="2026-07-01"
        )
        return result, configuration.published_path


@pytest.mark.slow
def test_the_whole_graph_runs_as_one_job_for_a_date(whole_chain):
    result, published = whole_chain
    assert result.success
    with duckdb.connect(str(published), read_only=True) as connection:
        assert connection.sql("select as_of_date from kam.snapshot").fetchall() == [(date(2026, 7, 1),)]


@pytest.mark.slow
def test_every_table_reports_its_row_count(whole_chain):
    result, _ = whole_chain
    counted = {
        event.asset_key.path[-1]
        for event in result.get_asset_materialization_events()
        if "dagster/row_count" in event.materialization.metadata
    }
    assert {table.contract.name for table in tables().values()} <= counted


if __name__ == "__main__":
    SNAPSHOT.write_text(graph_text(build_defs()), encoding="utf-8")
