"""What is stale after an edit, after a night that was not published, and for tables that wait for the next night."""

from datetime import date

import pytest

from kam_pipeline.built import BUILT
from kam_pipeline.evaluation import decide_evaluation
from kam_pipeline.settings import load_configuration
from kam_pipeline.staleness import newest_published, rerun_names, stale_tables
from kam_pipeline.tables import Build, lineage, tables
from kam_pipeline.warehouse import CATALOG, Warehouse

JUNE = date(2026, 6, 1)


def stale(company):
    """The stale tables with their causes, without landing and publishing, which this company does not write down."""
    company.write()
    configuration = load_configuration(company.folder / "kam.yaml")
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        return {item.table: item.causes for item in stale_tables(warehouse, configuration) if item.table in tables()}


def test_nothing_is_stale_after_a_run(company):
    company.run()
    assert stale(company) == {}


def test_an_edit_makes_exactly_the_tables_below_its_section_stale(company):
    company.run()
    company.settings += "criteria: {cap: 2}\n"
    assert stale(company) == dict.fromkeys(lineage().tables_below("criteria"), ("settings.criteria",))
    assert "marts.revenue_concentration" not in stale(company)


def test_an_edit_taken_back_leaves_nothing_stale(company):
    company.run()
    before = company.settings
    company.settings += "criteria: {cap: 2}\n"
    assert stale(company)
    company.settings = before
    assert stale(company) == {}


def test_an_edit_of_who_is_a_customer_reaches_down_to_staging(company):
    company.run()
    company.settings += "scope: {exclude_accounts: {ids: [a30]}}\n"
    assert {"staging.account", "core.account_group", "marts.key_account_candidate"} <= set(stale(company))


def test_a_new_version_of_a_query_is_a_cause_of_its_own(company):
    company.run()
    with Warehouse.open(company.folder / "state" / "warehouse.duckdb", load_settings(company).engine) as warehouse:
        warehouse.connection.execute(
            f"update {CATALOG}.{BUILT} set code = 'older' where table_name = 'marts.kpi_scorecard'"
        )
    assert stale(company) == {"marts.kpi_scorecard": ("code",)}


@pytest.mark.slow
def test_a_blocked_night_of_the_same_date_makes_what_it_left_behind_stale(company):
    company.run(as_of=JUNE)
    company.run(as_of=JUNE, knowledge="restate", publishes=False)
    found = stale(company)
    dated = {name for name, table in tables().items() if table.contract.is_dated}
    assert set(found) == dated
    assert set(found.values()) == {("data",)}


@pytest.mark.slow
def test_undated_tables_wait_for_the_next_night_where_more_is_known_than_published(company):
    company.run()
    company.run(publishes=False, as_of=date(2026, 6, 12))
    company.settings += "publish: {facts: all}\n"
    # opportunity and activity hold the newest knowledge, which nobody has published yet
    assert stale(company) == {
        "marts.snapshot": ("settings.publish",),
        "marts.data_quality": ("settings.publish",),
    }


def test_a_warehouse_of_an_earlier_version_is_stale_as_a_whole(company):
    company.run()
    with Warehouse.open(company.folder / "state" / "warehouse.duckdb", load_settings(company).engine) as warehouse:
        warehouse.connection.execute(f"drop table {CATALOG}.{BUILT}")
    assert set(stale(company)) == set(tables())


@pytest.mark.slow
def test_nothing_is_stale_where_nothing_is_published(company):
    company.run(publishes=False)
    company.settings += "criteria: {cap: 2}\n"
    assert stale(company) == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "edit", ["criteria: {cap: 2}", "scope: {exclude_accounts: {ids: [a30]}}", "kpis: {contact_days: 30}"]
)
def test_rerunning_what_is_stale_gives_what_a_whole_run_gives(company, tmp_path, edit):
    whole = type(company)(tmp_path / "whole")
    for each in (company, whole):
        each.run()
        each.settings += edit + "\n"
    whole.run()
    rerun(company)
    for name, table in tables().items():
        if table.contract.layer != "marts" or name == "marts.data_quality":
            continue  # the whole run has a second delivery to hold against the first
        columns = [item.name for item in table.contract.columns]
        kept = ", ".join(f'"{item}"' for item in columns if item not in ("run_id", "created_at", "data_cut_at"))
        query = f"select {kept} from marts.{table.contract.name} order by all"
        assert company.inside(query) == whole.inside(query), name


def rerun(company):
    """Make again what is stale, without Dagster."""
    company.write()
    configuration = load_configuration(company.folder / "kam.yaml")
    with Warehouse.open(configuration.warehouse_path, configuration.settings.engine) as warehouse:
        names = rerun_names(stale_tables(warehouse, configuration))
        newest = newest_published(warehouse)
        for name in names:
            if name.startswith(("staging.", "core.")):
                tables()[name].build(Build(warehouse, configuration))
        evaluation = decide_evaluation(
            warehouse, configuration, newest.as_of_date, "then", "again", company.clock.replace(tzinfo=None)
        )
        assert not evaluation.is_known_then
        for name in names:
            if name.startswith("marts."):
                tables()[name].build(Build(warehouse, configuration, evaluation))


def load_settings(company):
    return load_configuration(company.folder / "kam.yaml").settings
