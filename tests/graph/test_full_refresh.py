"""What a source is told of earlier extractions: what it left in the warehouse, unless everything is to be read anew."""

from datetime import UTC, date, datetime

import duckdb
import pytest
from typer.testing import CliRunner

from assets.jobs import INGEST
from assets.project import FULL_REFRESH_TAG
from assets.runs import execute_job, open_instance, run_pipeline
from connectors.base import Source
from kam_pipeline.cli import app
from kam_pipeline.crm_schema import ACCOUNT, OPPORTUNITY
from kam_pipeline.definitions import build_defs
from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings import load_configuration
from kam_pipeline.warehouse import Warehouse
from tests.factories import account_row, extract_of, won

CLOCK = datetime(2026, 7, 1, 1, tzinfo=UTC)


class LiveSource(Source):
    """An organisation with two accounts and a deal; it writes down what it is told."""

    is_live = True
    name = "live: acme"

    def __init__(self):
        self.told = []
        self.readings = 0

    def clock(self):
        return CLOCK

    def inspect(self, objects, checkpoints):
        self.told.append(checkpoints.of("Account"))
        return [extract_of(declared, []).availability for declared in objects]

    def extract(self, objects, checkpoints):
        known = sum(batch.num_rows for batch in checkpoints.known("Account"))
        self.told.append((checkpoints.of("Account"), known, checkpoints.reads_all))
        self.readings += 1
        rows = [account_row("A"), account_row("B")]
        is_complete = known == 0 or checkpoints.reads_all
        yield extract_of(ACCOUNT, rows, checkpoint={"reading": self.readings}, is_complete=is_complete)
        yield extract_of(OPPORTUNITY, [won("d", "A", closed_on=date(2026, 6, 15))])


@pytest.fixture
def live(tmp_path):
    (tmp_path / "kam.yaml").write_text(
        "source: {kind: files, path: export}\ncurrency: {reporting: EUR}\n", encoding="utf-8"
    )
    source = LiveSource()
    configuration = load_configuration(tmp_path / "kam.yaml", reads_source=False)
    return source, configuration, build_defs(configuration=lambda: configuration, source=lambda _: source)


def ingest(definitions, instance, **tags):
    execute_job(definitions, instance, INGEST, tags=tags)


def inside(configuration, query):
    with duckdb.connect(str(configuration.warehouse_path), read_only=True) as connection:
        return connection.sql(query).fetchall()


def test_a_source_is_told_where_it_left_off_and_to_read_all_in_a_full_refresh(live):
    source, configuration, definitions = live
    with open_instance(configuration) as instance:
        ingest(definitions, instance)
        ingest(definitions, instance)
        ingest(definitions, instance, **{FULL_REFRESH_TAG: "true"})
        ingest(definitions, instance)
    assert source.told == [
        (None, 0, False), ({"reading": 1}, 2, False), ({"reading": 2}, 2, True), ({"reading": 3}, 2, False),
    ]  # fmt: skip
    assert inside(configuration, "select inserted_cnt, unchanged_cnt from raw.load where object = 'Account'") == [
        (2, 0), (0, 2), (0, 2), (0, 2),
    ]  # fmt: skip
    assert inside(configuration, "select natural_on from core.natural_date") == [(date(2026, 7, 1),)]


def test_a_full_refresh_of_a_date_that_reads_nothing_is_refused(live):
    source, configuration, definitions = live
    day = date(2026, 6, 1)
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        warehouse.connection.execute("create table published.snapshot as select date '2026-06-01' as as_of_date")
    with pytest.raises(ConfigurationError, match=r"--full-refresh: 2026-06-01 is stored.*add --restate"):
        run_pipeline(definitions, configuration, day, "then", full_refresh=True)
    assert source.told == []


def test_the_command_asks_for_everything_anew(live, monkeypatch):
    _, configuration, _ = live
    asked = {}

    def remember(definitions, configuration, day, knowledge, *, full_refresh):
        asked.update(knowledge=knowledge, full_refresh=full_refresh)
        raise ConfigurationError(["enough"])

    (configuration.folder / "export").mkdir()
    monkeypatch.setattr("assets.runs.run_pipeline", remember)
    CliRunner().invoke(app, ["run", "--full-refresh", "--config", str(configuration.folder / "kam.yaml")])
    assert asked == {"knowledge": "newest", "full_refresh": True}


def test_check_tells_the_source_what_is_known_and_goes_without_it_while_a_run_holds_the_warehouse(live, monkeypatch):
    source, configuration, definitions = live
    with open_instance(configuration) as instance:
        ingest(definitions, instance)
    (configuration.folder / "export").mkdir()
    monkeypatch.setattr("kam_pipeline.definitions.open_source", lambda _: source)
    source.told.clear()
    command = ["check", "--json", "--config", str(configuration.folder / "kam.yaml")]
    assert CliRunner().invoke(app, command, catch_exceptions=False).exit_code == 0
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine):
        assert CliRunner().invoke(app, command, catch_exceptions=False).exit_code == 0
    assert source.told == [{"reading": 1}, None]
