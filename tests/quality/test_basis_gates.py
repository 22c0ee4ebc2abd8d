"""Gates that depend on what revenue is made of: nothing there, and orders that nothing hangs on."""

import pytest

from kam_pipeline.quality.records import record_figures
from kam_pipeline.quality.results import result_figures
from tests.factories import account, build, make_configuration, make_evaluation, opportunity, order

BASES = {basis: make_configuration(revenue_basis=basis) for basis in ("bookings", "orders")}


@pytest.fixture
def company(warehouse):
    """A customer with a won deal, and four orders of which one has no account."""
    account(warehouse, "A")
    opportunity(warehouse, "o", "A")
    for place in range(4):
        order(warehouse, f"r{place}", "A" if place else None)
    return warehouse


def found(company, basis):
    configuration = BASES[basis]
    build(company, "marts.key_account_candidate", "marts.relevance_figure", configuration=configuration)
    return {figure.gate.name: figure for figure in result_figures(company, configuration.settings, make_evaluation())}


def had_revenue(company):
    company.connection.execute("create schema if not exists published")
    company.connection.execute("create table published.key_account_candidate as select 1 as revenue_amt")


def test_whoever_chooses_bookings_is_asked_for_won_deals_alone(company):
    figures = found(company, "bookings")
    assert (figures["won_deals_found"].value, figures["won_deals_found"].severity) == (1, None)
    assert "revenue_found" not in figures


def test_a_basis_of_which_there_is_nothing_keeps_readers_the_revenue_they_have(company):
    company.connection.execute('delete from raw."order"')
    first = found(company, "orders")["revenue_found"]
    assert (first.value, first.lowest, first.severity) == (0, 1, "warning")
    had_revenue(company)
    assert found(company, "orders")["revenue_found"].severity is None  # the gate's own: an error


def test_on_the_basis_of_orders_a_source_without_won_deals_is_only_worth_a_word(company):
    company.connection.execute("delete from raw.opportunity")
    had_revenue(company)
    figures = found(company, "orders")
    assert (figures["revenue_found"].value, figures["revenue_found"].severity) == (3, None)
    assert (figures["won_deals_found"].value, figures["won_deals_found"].severity) == (0, "warning")


@pytest.mark.parametrize(("basis", "severity"), [("bookings", "warning"), ("orders", None)])
def test_orders_that_cannot_be_used_block_only_where_revenue_is_made_of_them(company, basis, severity):
    configuration = BASES[basis]
    build(company, "staging.reconciliation", "marts.rejected_row", configuration=configuration)
    figures = record_figures(company, configuration.settings, make_evaluation())
    (rejected,) = [
        figure for figure in figures if (figure.gate.name, figure.gate.object) == ("rejected_share", "Order")
    ]
    assert (rejected.value, rejected.severity) == (0.25, severity)
