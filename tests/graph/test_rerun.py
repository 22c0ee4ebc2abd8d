"""An analyst edits kam.yaml and reruns: what the page calls stale, what is made again, and what is left alone."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster_graphql.test.utils import execute_dagster_graphql

from assets.backfill import backfill
from assets.publish import PUBLICATION
from assets.rerun import RERUN_JOB, rerun_stale
from assets.runs import open_instance, run_pipeline
from assets.sections import section_key, section_sensor
from kam_pipeline.definitions import build_defs
from kam_pipeline.demo import write_export
from kam_pipeline.errors import WarehouseError
from kam_pipeline.settings import Configuration, load_configuration
from kam_pipeline.settings.configuration import SECTIONS
from kam_pipeline.staleness import stale_tables
from kam_pipeline.tables import lineage, published_contracts, tables
from kam_pipeline.warehouse import Warehouse

TARGETS = {"published.snapshots", "published.key_accounts", "published.report"}
OTHER_TARGETS = {"published.parquet", "published.postgresql"}
RUN_KEYED = {"marts.snapshot", "marts.data_quality", "marts.rejected_row", "marts.field_availability"}
ABOVE_THE_CRITERIA = {
    "marts.entity_revenue", "marts.revenue_concentration", "marts.group_metric", "marts.potential_estimate",
}  # fmt: skip
UNDATED = """{ assetNodes { assetKey { path } partitionDefinition { type } staleStatus } }"""
DATED = """
query ($day: String, $keys: [AssetKeyInput!]) {
  assetNodes(assetKeys: $keys) { assetKey { path } staleStatus(partition: $day) }
}
"""


def configured(folder: Path, text: str = "") -> Configuration:
    path = folder / "kam.yaml"
    path.write_text("source: {kind: files, path: export}\n" + text, encoding="utf-8")
    return load_configuration(path)


def definitions(configuration: Configuration) -> dg.Definitions:
    return build_defs(configuration=lambda: load_configuration(configuration.folder / "kam.yaml"))


def stale_in_the_page(instance: dg.DagsterInstance, configuration: Configuration, day: str) -> set[str]:
    """What the page calls stale for a date, asked as it asks."""
    origin = InProcessCodeLocationOrigin(
        LoadableTargetOrigin(executable_path=sys.executable, module_name="kam_pipeline.definitions"),
        location_name="kam_pipeline",
    )
    with WorkspaceProcessContext(instance, InProcessWorkspaceLoadTarget(origin)) as workspace:

        def ask(query: str, **variables: Any) -> list[dict[str, Any]]:
            answer = execute_dagster_graphql(workspace.create_request_context(), query, variables)
            nodes: list[dict[str, Any]] = answer.data["assetNodes"]
            return nodes

        everything = ask(UNDATED)
        undated = [node for node in everything if not node["partitionDefinition"]]
        keys = [node["assetKey"] for node in everything if node["partitionDefinition"]]
        nodes = undated + ask(DATED, day=day, keys=keys)
    return {".".join(node["assetKey"]["path"]) for node in nodes if node["staleStatus"] != "FRESH"}


def made_since(instance: dg.DagsterInstance, cursor: int) -> set[str]:
    """The tables and targets that a run has made after an event."""
    keys = instance.all_asset_keys()
    latest = {key: instance.fetch_materializations(key, limit=1).records for key in keys}
    return {".".join(key.path) for key, records in latest.items() if records and records[0].storage_id > cursor}


def last_event(instance: dg.DagsterInstance) -> int:
    found = [instance.fetch_materializations(key, limit=1).records for key in instance.all_asset_keys()]
    return max(records[0].storage_id for records in found if records)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Iterator[tuple[Configuration, dg.DagsterInstance, str]]:
    """A small company after its first run, with Dagster's history kept as `kam` keeps it."""
    folder = tmp_path_factory.mktemp("analyst")
    write_export(folder, accounts=40)
    configuration = configured(folder)
    day = run_pipeline(definitions(configuration), configuration, None, "newest")
    with open_instance(configuration) as instance:
        yield configuration, instance, day.isoformat()


@pytest.mark.slow
def test_after_an_edit_just_what_is_below_is_stale_and_made_again(published, monkeypatch):
    before, instance, day = published
    monkeypatch.setenv("KAM_CONFIG", str(before.folder / "kam.yaml"))
    assert stale_in_the_page(instance, before, day) == set()

    edited = configured(before.folder, "criteria: {cap: 2}\n")
    sensor = section_sensor(lambda: load_configuration(edited.folder / "kam.yaml"))
    tick = sensor(dg.build_sensor_context(instance))
    assert [event.asset_key for event in tick.asset_events] == [section_key("criteria")]
    instance.report_runless_asset_event(tick.asset_events[0])
    below = {*lineage().tables_below("criteria"), *TARGETS}
    assert stale_in_the_page(instance, edited, day) == below | OTHER_TARGETS
    with Warehouse.open(edited.warehouse_path, edited.settings.engine) as warehouse:
        assert {item.table for item in stale_tables(warehouse, edited)} == below

    cursor = last_event(instance)
    job = definitions(edited).resolve_job_def(RERUN_JOB)
    assert job.execute_in_process(instance=instance).success
    made = made_since(instance, cursor)
    assert made == below | RUN_KEYED | OTHER_TARGETS
    assert made & ABOVE_THE_CRITERIA == set()
    assert stale_in_the_page(instance, edited, day) == set()
    with duckdb.connect(str(edited.published_path), read_only=True) as connection:
        assert connection.sql("select count(*) from kam.key_account_candidate where is_in_list").fetchall() == [(2,)]
        # three places before the edit; the report says that the criteria took one
        changed = "select cause, count(*) from kam.candidate_change where attribute = 'decision' group by cause"
        assert connection.sql(changed).fetchall() == [("criteria", 1)]
        runs = connection.sql(
            "select run_id from kam.snapshot union select run_id from kam.data_quality "
            "union select run_id from kam.rejected_row union select run_id from kam.field_availability"
        ).fetchall()
    assert len(runs) == 1
    assert "One customer left the list" in edited.report_path.read_text(encoding="utf-8")

    runs_cnt = instance.get_runs_count()
    again = rerun_stale(definitions(edited), edited, instance)
    assert again.stale == again.rerun == ()
    assert instance.get_runs_count() == runs_cnt


def test_the_sensor_reports_an_edit_once_and_says_why_it_cannot_while_kam_yaml_cannot_be_read(tmp_path):
    (tmp_path / "export").mkdir()
    sensor = section_sensor(lambda: load_configuration(tmp_path / "kam.yaml"))
    with dg.DagsterInstance.ephemeral() as instance:

        def tick(text: str) -> dg.SensorResult | dg.SkipReason:
            (tmp_path / "kam.yaml").write_text("source: {kind: files, path: export}\n" + text, encoding="utf-8")
            found = sensor(dg.build_sensor_context(instance))
            for event in getattr(found, "asset_events", []):
                instance.report_runless_asset_event(event)
            return found

        assert len(tick("").asset_events) == len(SECTIONS)
        assert isinstance(tick(""), dg.SkipReason)
        assert "criteria.cap" in tick("criteria: {cap: many}\n").skip_message
        # where the files are, and who is told, is in no section that counts
        assert isinstance(tick("publish: {folder: elsewhere}\n"), dg.SkipReason)
        assert [event.asset_key for event in tick("criteria: {cap: 2}\n").asset_events] == [section_key("criteria")]


def test_every_section_can_be_observed_from_the_page():
    graph = build_defs().resolve_asset_graph()
    assert {key.path[-1] for key in graph.observable_asset_keys} == set(SECTIONS)


def test_a_rerun_before_anything_is_published_says_what_to_do(tmp_path):
    (tmp_path / "export").mkdir()
    configuration = configured(tmp_path)
    with pytest.raises(WarehouseError, match=r"nothing has been published yet.*kam run"):
        rerun_stale(definitions(configuration), configuration)
    assert not configuration.state_folder.exists()


def test_a_table_depends_in_the_page_on_every_section_above_it():
    graph = build_defs().resolve_asset_graph()
    for name in tables():
        parents = {
            key.path[-1] for key in graph.get(dg.AssetKey(name.split("."))).parent_keys if key.path[0] == "settings"
        }
        assert parents == set(lineage().sections_above(name)), name


@pytest.mark.slow
def test_a_backfill_gives_what_single_runs_give_and_publishes_once(published):
    configuration, instance, newest = published
    made = definitions(configuration)
    may, june = date(2026, 5, 1), date(2026, 6, 1)
    run_pipeline(made, configuration, may, "newest")
    single = rows_of(configuration, may)
    publications = len(instance.fetch_materializations(PUBLICATION, limit=50).records)

    done = backfill(made, configuration, [may, june])

    assert done.computed == (may, june)
    assert done.blocked == {}
    assert rows_of(configuration, may) == single
    with duckdb.connect(str(configuration.published_path), read_only=True) as connection:
        dates = connection.sql("select as_of_date::varchar, is_restated from kam.snapshot order by 1").fetchall()
        runs = connection.sql("select count(distinct run_id) from kam.snapshot").fetchall()
    assert dates == [("2026-05-01", True), ("2026-06-01", True), (newest, False)]
    assert runs == [(3,)]
    assert len(instance.fetch_materializations(PUBLICATION, limit=50).records) == publications + 1


@pytest.mark.slow
def test_a_date_that_fails_its_checks_is_named_and_not_published(published):
    before, _, _ = published
    strict = configured(before.folder, "quality: {max_rejected_share: 0}\n")
    publication = before.published_path.read_bytes()
    done = backfill(definitions(strict), strict, [date(2026, 4, 1)])
    assert done.computed == ()
    assert "rejected_share" in done.blocked[date(2026, 4, 1)]
    assert before.published_path.read_bytes() == publication


def rows_of(configuration: Configuration, day: date) -> dict[str, list[Any]]:
    """Every published dated row of a date, without what names the run."""
    found = {}
    with duckdb.connect(str(configuration.published_path), read_only=True) as connection:
        for contract in published_contracts():
            if contract.is_dated:
                names = [f'"{item.name}"' for item in contract.columns if item.name not in ("run_id", "created_at")]
                query = f"select {', '.join(names)} from kam.{contract.name} where as_of_date = ? order by all"
                found[contract.name] = connection.execute(query, [day]).fetchall()
    assert found["snapshot"]
    return {name: [str(row) for row in found_rows] for name, found_rows in found.items()}
