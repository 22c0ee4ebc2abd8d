"""What revenue means: won deals, activated orders or what was invoiced, each in the windows that it can fill."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as search
from hypothesis import strategies as st

from kam_pipeline.crm_schema import OPPORTUNITY, ORDER
from tests.factories import (
    AS_OF,
    account,
    build,
    by_key,
    clear,
    corporate_currency,
    currency,
    dated_rate,
    feed_row,
    feeds_loaded,
    insert,
    loaded,
    make_configuration,
    merged_account,
    opportunity,
    order,
    rebuild,
    won,
)

ORDERS = make_configuration(revenue_basis="orders")
INVOICED = make_configuration(revenue_basis="invoiced", feeds={"actuals": {"file": "actuals.csv"}})
COLUMNS = "revenue_amt, prior_amt, before_amt, won_cnt, unknown_cnt, unknown_12m_cnt"


@pytest.fixture
def company(warehouse):
    """Corporate currency EUR, one customer A, and the feed of what was invoiced."""
    corporate_currency(warehouse, "EUR")
    account(warehouse, "A")
    feeds_loaded(warehouse, "actuals")
    return warehouse


def revenue(warehouse, configuration=None, basis="account", as_of=AS_OF):
    build(warehouse, "marts.entity_revenue", configuration=configuration, as_of=as_of)
    return by_key(
        warehouse,
        f"select entity_id, {COLUMNS} from marts.entity_revenue where basis = '{basis}' and as_of_date = '{as_of}'",
    )


def figure(warehouse, column, configuration, as_of=AS_OF):
    build(warehouse, "marts.relevance_figure", configuration=configuration, as_of=as_of)
    return warehouse.value(
        f"select {column} from marts.relevance_figure where basis = 'group' and as_of_date = '{as_of}'"
    )


# --- which facts count -----------------------------------------------------------------------------------------------


def test_each_basis_counts_its_own_facts_and_none_of_the_others(company):
    opportunity(company, "deal", "A", Amount=1)
    order(company, "order", "A", TotalAmount=20)
    feed_row(company, "actuals", "invoice", "A", revenue_amt=300)
    assert revenue(company) == {"A": (1, 0, 0, 1, 0, 0)}
    assert revenue(company, ORDERS) == {"A": (20, 0, 0, 1, 0, 0)}
    assert revenue(company, INVOICED) == {"A": (300, 0, 0, 1, 0, 0)}
    assert company.rows("select distinct revenue_basis from core.revenue") == [("invoiced",)]


def test_the_snapshot_says_on_which_basis_its_revenue_is(company):
    for configuration, expected in ((None, "bookings"), (ORDERS, "orders"), (INVOICED, "invoiced")):
        build(company, "marts.snapshot", configuration=configuration)
        assert company.value("select revenue_basis from marts.snapshot") == expected


# --- orders ----------------------------------------------------------------------------------------------------------


def test_an_order_counts_once_it_is_activated_on_its_start_date(company):
    cases = {
        "plain": {},
        "draft": {"StatusCode": "Draft"},
        "the code wins over the word": {"StatusCode": "Canceled", "Status": "Activated"},
        "the word alone": {"StatusCode": None, "Status": " activated"},
        "another word": {"StatusCode": None, "Status": "Sent"},
        "no word": {"StatusCode": None},
        "the date itself is the exclusive end": {"EffectiveDate": "2026-07-01"},
        "the last day": {"EffectiveDate": "2026-06-30"},
        "the first day": {"EffectiveDate": "2025-07-01"},
        "the day before the windows": {"EffectiveDate": "2023-06-30"},
    }
    for name, fields in cases.items():
        account(company, name)
        order(company, name, name, **fields)
    counted = ("plain", "the word alone", "the last day", "the first day")
    assert revenue(company, ORDERS) == dict.fromkeys(counted, (100, 0, 0, 1, 0, 0))


def test_without_a_status_code_the_mapped_statuses_say_which_orders_count(company):
    configuration = make_configuration(revenue_basis="orders", mapping={"Order": {"activated": ["Sent", "Paid"]}})
    for name, status in (("sent", "sent"), ("paid", "Paid "), ("other", "Activated")):
        order(company, name, "A", StatusCode=None, Status=status)
    assert revenue(company, configuration) == {"A": (200, 0, 0, 2, 0, 0)}


def test_a_reduction_order_lessens_the_sum_and_may_make_it_negative(company):
    order(company, "o", "A", TotalAmount=100)
    order(company, "taken back", "A", TotalAmount=-130)
    assert revenue(company, ORDERS)["A"][0] == -30


def test_an_order_is_converted_at_the_rate_of_its_start_date(company):
    currency(company, "DKK", 7.0)
    dated_rate(company, "DKK", 8.0, "2026-05-01", "2026-06-01")
    dated_rate(company, "DKK", 10.0, "2026-06-01", "2026-07-01")
    for name, day in (("may", "2026-05-31"), ("june", "2026-06-01"), ("before all", "2026-04-30")):
        order(company, name, "A", CurrencyIsoCode="DKK", TotalAmount=560, EffectiveDate=day)
    build(company, "core.order", configuration=ORDERS)
    assert by_key(company, 'select order_id, amount_amt, rate_kind from core."order"') == {
        "may": (Decimal(70), "dated"),
        "june": (Decimal(56), "dated"),
        "before all": (Decimal(80), "static"),
    }
    assert revenue(company, ORDERS)["A"][0] == 206


def test_an_order_without_amount_or_rate_is_unknown_and_not_zero(company):
    order(company, "known", "A", EffectiveDate="2025-01-01")
    order(company, "no amount", "A", TotalAmount=None)
    order(company, "no rate", "A", CurrencyIsoCode="GBP", EffectiveDate="2024-01-01")
    order(company, "too large", "A", TotalAmount=99_999_999_999_999)
    order(company, "draft", "A", StatusCode="Draft", TotalAmount=None)
    assert revenue(company, ORDERS) == {"A": (0, 100, 0, 0, 3, 2)}
    build(company, "marts.rejected_row", configuration=ORDERS)
    reasons = by_key(company, "select record_id, part, reason from marts.rejected_row where object = 'Order'")
    assert reasons == {
        "no amount": ("amount", "It is activated and has no amount."),
        "no rate": ("amount", "There is no exchange rate for GBP."),
        "too large": ("amount", "The converted amount is too large to be money."),
    }


def test_the_year_that_an_unknown_amount_belongs_to_is_told(company):
    for day in ("2026-06-30", "2025-06-30", "2025-06-29", "2024-06-30"):
        opportunity(company, day, "A", Amount=None, CloseDate=day)
    assert revenue(company)["A"][4:] == (4, 1)
    assert company.rows("select distinct unknown_prior_cnt from marts.entity_revenue") == [(2,)]


def test_a_customer_with_nothing_but_unknown_amounts_is_there_and_says_so(company):
    opportunity(company, "o", "A", Amount=None)
    assert revenue(company) == {"A": (0, 0, 0, 0, 1, 1)}
    assert revenue(company, basis="group") == {"A": (0, 0, 0, 0, 1, 1)}


def test_orders_of_a_merged_account_go_to_the_one_it_became_and_to_its_group(company):
    account(company, "LEAF", ParentId="A")
    merged_account(company, "LOSER", "LEAF")
    order(company, "o", "LOSER")
    order(company, "p", "A", TotalAmount=1)
    assert revenue(company, ORDERS) == {"LEAF": (100, 0, 0, 1, 0, 0), "A": (1, 0, 0, 1, 0, 0)}
    assert revenue(company, ORDERS, "group") == {"A": (101, 0, 0, 2, 0, 0)}


def test_each_reason_to_set_an_order_aside(company):
    account(company, "BIN", IsDeleted=True)
    account(company, "TEST", IsInternal=True)
    order(company, "fine", "A")
    order(company, "draft without a date", "A", StatusCode="Draft", EffectiveDate=None)
    order(company, "deleted", "A", IsDeleted=True)
    order(company, "gone", "A", _is_gone=True)
    order(company, "no-id:1", "A")
    order(company, "no account", None)
    order(company, "unknown account", "GHOST")
    order(company, "deleted account", "BIN")
    order(company, "of a test", "TEST")
    order(company, "unreadable date", "A", EffectiveDate=None, _unparsed='{"EffectiveDate": "31/31/2026"}')
    order(company, "unreadable amount", "A", TotalAmount=None, _unparsed='{"TotalAmount": "a lot"}')
    order(company, "no date", "A", EffectiveDate=None)
    build(company, "staging.order")
    assert by_key(company, "select record_id, disposition, reason, lacks from staging.order_set_aside") == {
        "deleted": ("deleted", "In the recycle bin.", None),
        "gone": ("deleted", "No longer in the source.", None),
        "no-id:1": ("rejected", "The row has no id.", None),
        "no account": ("rejected", "It has no account.", "account"),
        "unknown account": ("rejected", "Its account GHOST is not in the source.", "account"),
        "deleted account": ("rejected", "Its account BIN has been deleted.", "account"),
        "of a test": ("out_of_scope", "Its account TEST is out of scope.", None),
        "unreadable date": ("rejected", "EffectiveDate cannot be read as a date: 31/31/2026", None),
        "unreadable amount": ("rejected", "TotalAmount cannot be read as a number: a lot", "amount"),
        "no date": ("rejected", "It is activated and has no EffectiveDate.", None),
    }
    staged = by_key(company, 'select order_id, is_activated from staging."order"')
    assert staged == {"fine": True, "draft without a date": False}


# --- invoiced --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2026, 7, 1), (1, 20, 300)),
        # mid-month: the months of the windows are those of the first of July, the fourteen days of July count nowhere
        (date(2026, 7, 15), (1, 20, 300)),
        (date(2026, 8, 1), (4001, 20, 300)),
    ],
)
def test_invoiced_windows_end_with_the_last_whole_month(company, as_of, expected):
    for month, amount in (
        ("2023-06-01", 50_000), ("2023-08-01", 300), ("2024-08-01", 20), ("2026-06-01", 1), ("2026-07-01", 4000),
    ):  # fmt: skip
        feed_row(company, "actuals", month, "A", month=month, revenue_amt=amount)
    assert revenue(company, INVOICED, as_of=as_of)["A"][:3] == expected
    assert company.value("select until_on from marts.revenue_window") == as_of.replace(day=1)


def test_credits_and_several_rows_of_one_month_add_up_and_a_row_without_rate_is_unknown(company):
    merged_account(company, "LOSER", "A")
    feed_row(company, "actuals", "1", "A", revenue_amt=100)
    feed_row(company, "actuals", "2", "LOSER", revenue_amt=-30)
    feed_row(company, "actuals", "3", "A", revenue_amt=5, currency_code="GBP")
    assert revenue(company, INVOICED) == {"A": (70, 0, 0, 2, 1, 1)}


# --- what the verdict rests on ---------------------------------------------------------------------------------------


def test_months_are_counted_from_the_first_revenue_of_the_basis(company):
    opportunity(company, "deal", "A", CloseDate="2020-01-01")
    order(company, "order", "A", EffectiveDate="2026-01-02")
    feed_row(company, "actuals", "invoice", "A", month="2025-07-01")
    assert figure(company, "months_cnt", ORDERS) == 5
    assert figure(company, "months_cnt", INVOICED) == 12
    assert figure(company, "months_cnt", INVOICED, date(2026, 7, 15)) == 12
    assert figure(company, "months_cnt", None) == 78


def test_orders_that_lack_account_amount_or_rate_are_unattributed(company):
    order(company, "known", "A")
    order(company, "no account", None)
    order(company, "draft of nobody", None, StatusCode="Draft")
    order(company, "too old", None, EffectiveDate="2025-06-30")
    opportunity(company, "deal of nobody", None, Amount=9999)
    assert figure(company, "unattributed_share", ORDERS) == pytest.approx(0.5)
    order(company, "no rate", "A", CurrencyIsoCode="GBP", TotalAmount=7)  # worth the mean of the known: 100
    order(company, "no amount", "A", TotalAmount=None)
    assert figure(company, "unattributed_share", ORDERS) == pytest.approx(0.75)


def test_invoiced_rows_that_lack_account_amount_or_rate_are_unattributed(company):
    feed_row(company, "actuals", "known", "A", revenue_amt=100)
    feed_row(company, "actuals", "of nobody", "GHOST", revenue_amt=100)
    feed_row(company, "actuals", "part month", "GHOST", month="2026-07-01")
    assert figure(company, "unattributed_share", INVOICED, date(2026, 7, 15)) == pytest.approx(0.5)
    feed_row(company, "actuals", "no rate", "A", currency_code="GBP")
    feed_row(company, "actuals", "unreadable", "A", revenue_amt=None, _unparsed='{"revenue_amt": "?"}')
    assert figure(company, "unattributed_share", INVOICED, date(2026, 7, 15)) == pytest.approx(0.75)


def test_credits_take_nothing_from_what_is_attributed(company):
    order(company, "known", "A", TotalAmount=100)
    order(company, "credit on the same day", "A", TotalAmount=-40)
    order(company, "of nobody", None, TotalAmount=300)
    assert figure(company, "unattributed_share", ORDERS) == pytest.approx(0.75)


def test_a_basis_of_which_there_is_nothing_gives_figures_that_say_so(company):
    opportunity(company, "deal", "A")
    columns = "(entities_cnt, months_cnt, unattributed_share)"
    assert figure(company, columns, ORDERS) == (0, 0, None)


# --- the law ---------------------------------------------------------------------------------------------------------

FACTS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "LOSER", "GHOST", None]),
        st.sampled_from([None, 5, 70, -30]),
        st.sampled_from(["2026-06-30", "2026-05-31", "2025-03-01", "2023-12-24", "2026-07-01"]),
        st.sampled_from(["EUR", "DKK", "GBP", None]),
        st.booleans(),
    ),
    max_size=12,
)


OF_FACTS = (
    "staging.opportunity_set_aside", "staging.opportunity", "staging.order_set_aside", "staging.order",
    "core.opportunity", "core.order",
)  # fmt: skip
OF_REVENUE = ("core.revenue", "core.unattributed_revenue", "marts.revenue_window", "marts.entity_revenue")


@search(max_examples=8)
@given(FACTS)
def test_orders_that_are_equal_to_the_won_deals_bring_the_same_revenue(reused_warehouse, facts):
    warehouse = reused_warehouse
    if not warehouse.has_table("marts.relevance_figure"):
        corporate_currency(warehouse, "EUR")
        currency(warehouse, "DKK", 7.0)
        dated_rate(warehouse, "DKK", 8.0, "2026-05-01", "2026-06-01")
        insert(warehouse, "Account", [{"Id": "A"}, {"Id": "B", "ParentId": "A"}])
        merged_account(warehouse, "LOSER", "B")
        build(warehouse, "marts.relevance_figure")
    clear(warehouse, (OPPORTUNITY, ORDER))
    loaded(warehouse)
    deals = [
        {**won(f"f{place}", of, amount, day), "CurrencyIsoCode": code, "IsWon": counts}
        for place, (of, amount, day, code, counts) in enumerate(facts)
    ]
    orders = [
        {
            "Id": f"f{place}", "AccountId": of, "TotalAmount": amount, "EffectiveDate": day, "CurrencyIsoCode": code,
            "StatusCode": "Activated" if counts else "Draft",
        }
        for place, (of, amount, day, code, counts) in enumerate(facts)
    ]  # fmt: skip
    insert(warehouse, "Opportunity", deals)
    insert(warehouse, "Order", orders)
    rebuild(warehouse, *OF_FACTS)
    found = []
    for configuration in (None, ORDERS):
        rebuild(warehouse, *OF_REVENUE, "marts.relevance_figure", configuration=configuration)
        shown = "select * from marts.entity_revenue order by all", "select * from marts.relevance_figure order by all"
        found.append([warehouse.rows(query) for query in shown])
    assert found[0] == found[1]
