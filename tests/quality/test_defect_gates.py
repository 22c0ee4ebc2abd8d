"""Gates of what no source can cause: a defect of the pipeline, or a hand in the warehouse. The tables are changed here.

The rules of the headers are in test_contract_gates.py.
"""

import shutil

import pytest

from kam_pipeline.quality.records import load_figures, record_figures
from kam_pipeline.quality.revenue import revenue_figures
from kam_pipeline.settings import Settings
from kam_pipeline.settings.operation import Engine
from kam_pipeline.settings.source import FilesSource
from kam_pipeline.warehouse import Warehouse
from tests.factories import build, insert, loaded, make_configuration, make_evaluation, order, rebuild, won

SETTINGS = Settings(source=FilesSource(kind="files", path="."))


@pytest.fixture(scope="module")
def whole(empty_warehouse, tmp_path_factory):
    """Three accounts with a won deal of 10, 20 and 30 each, as one complete delivery, and two orders of the first."""
    path = shutil.copyfile(empty_warehouse, tmp_path_factory.mktemp("whole") / "warehouse.duckdb")
    with Warehouse.open(path, Engine()) as warehouse:
        insert(warehouse, "Account", [{"Id": f"a{place}", "Name": f"Customer {place}"} for place in (1, 2, 3)])
        insert(warehouse, "Opportunity", [won(f"o{place}", f"a{place}", 10 * place) for place in (1, 2, 3)])
        order(warehouse, "r1", "a1", TotalAmount=4)
        order(warehouse, "r2", "a1", TotalAmount=1)
        counts = {"read_cnt": 3, "inserted_cnt": 3, "updated_cnt": 0, "unchanged_cnt": 0, "superseded_cnt": 0}
        loaded(warehouse, objects=("Account", "Opportunity"), is_complete=True, announced_cnt=3, **counts)
        build(warehouse)
    return path


@pytest.fixture
def company(whole, tmp_path):
    """A copy of it for each test, which takes something away."""
    with Warehouse.open(shutil.copyfile(whole, tmp_path / "warehouse.duckdb"), Engine()) as opened:
        yield opened


def figures(company, settings=SETTINGS):
    """Values that lie outside their bounds, by gate and object."""
    counted = (
        *record_figures(company, settings, make_evaluation()),
        *load_figures(company, settings, make_evaluation()),
        *revenue_figures(company, settings, make_evaluation()),
    )
    return {
        (figure.gate.name, figure.gate.object): figure.value
        for figure in counted
        if figure.is_judged
        and not ((figure.lowest or 0) <= figure.value <= (0 if figure.highest is None else figure.highest))
    }


def test_nothing_is_out_of_bounds_before(company):
    assert figures(company) == {}


def test_a_deal_lost_on_the_way_to_staging_is_counted_and_its_money_missed(company):
    company.connection.execute("delete from staging.opportunity where opportunity_id = 'o2'")
    rebuild(company, "staging.reconciliation")
    assert figures(company) == {
        ("records_accounted_for", "Opportunity"): 1,
        ("revenue_reconciled", "staging.opportunity"): 20,
        ("revenue_reconciled", "core.opportunity"): 20,
    }


def test_two_losses_in_different_currencies_do_not_make_up_for_each_other(company):
    company.connection.execute("update staging.opportunity set currency_code = 'DKK' where opportunity_id = 'o3'")
    assert figures(company)["revenue_reconciled", "staging.opportunity"] == 30


def test_an_amount_changed_between_core_and_marts_is_missed(company):
    company.connection.execute("update core.opportunity set amount_amt = 21 where opportunity_id = 'o2'")
    assert figures(company) == {("revenue_reconciled", "entity_revenue"): -1}


def test_an_order_lost_on_the_way_to_staging_is_counted_and_its_money_missed(company):
    company.connection.execute("delete from staging.\"order\" where order_id = 'r1'")
    rebuild(company, "staging.reconciliation")
    assert figures(company) == {
        ("records_accounted_for", "Order"): 1,
        ("revenue_reconciled", "staging.order"): 4,
        ("revenue_reconciled", "core.order"): 4,
    }


def test_the_sum_is_held_against_the_facts_of_the_basis(company):
    configuration = make_configuration(revenue_basis="orders")
    rebuild(company, "core.revenue", "marts.revenue_window", "marts.entity_revenue", configuration=configuration)
    company.connection.execute("update core.\"order\" set amount_amt = 7 where order_id = 'r1'")
    assert figures(company, configuration.settings)["revenue_reconciled", "entity_revenue"] == -3


def test_a_customer_missing_in_the_list_is_missed_with_its_revenue(company):
    company.connection.execute("delete from marts.key_account_candidate where group_id = 'a3'")
    assert figures(company) == {("revenue_reconciled", "key_account_candidate"): -30}


def test_records_that_the_source_announced_and_did_not_send_are_counted(company):
    company.connection.execute("update raw.load set announced_cnt = 5 where object = 'Opportunity'")
    assert figures(company) == {("records_loaded", "Opportunity"): 2}


def test_records_read_that_are_in_no_version_are_counted(company):
    company.connection.execute("update raw.load set inserted_cnt = 2 where object = 'Account'")
    assert figures(company) == {("records_loaded", "Account"): 1}


def test_a_record_deleted_from_raw_by_hand_is_missed(company):
    company.connection.execute("delete from raw.account where Id = 'a3'")
    assert figures(company)["records_living", "Account"] == 1


def test_a_record_in_raw_that_a_complete_delivery_did_not_hold_is_counted(company):
    company.connection.execute("insert into raw.account by name select * replace ('a9' as Id) from raw.account limit 1")
    assert figures(company)["records_living", "Account"] == 1


def test_records_of_the_recycle_bin_may_have_been_delivered_now_or_long_ago(company):
    company.connection.execute("update raw.account set IsDeleted = true where Id = 'a3'")
    assert ("records_living", "Account") not in figures(company)
    company.connection.execute(
        "update raw.load set read_cnt = 2, inserted_cnt = 2, announced_cnt = 2 where object = 'Account'"
    )
    assert ("records_living", "Account") not in figures(company)


def test_of_a_delivery_that_is_not_complete_more_may_be_in_raw(company):
    company.connection.execute(
        "update raw.load set is_complete = false, read_cnt = 1, inserted_cnt = 1, announced_cnt = 1"
    )
    assert figures(company) == {}
