"""What each customer bought, was invoiced and cost, month by month."""

import datetime as dt
from decimal import Decimal

from tests.factories import (
    ALL_FEEDS,
    account,
    build,
    corporate_currency,
    feed_row,
    make_configuration,
    opportunity,
)

FEEDS = make_configuration(feeds=ALL_FEEDS)


def months(warehouse):
    build(warehouse, "core.account_month", configuration=FEEDS)
    return {
        (account_id, month.isoformat()[:7]): values
        for account_id, month, *values in warehouse.rows(
            "select account_id, month_on, bookings_amt, invoiced_amt, cost_amt from core.account_month"
        )
    }


def test_a_month_has_what_there_is_and_nothing_for_the_rest(warehouse):
    account(warehouse, "A")
    opportunity(warehouse, "first", "A", Amount=100, CloseDate="2026-06-01")
    opportunity(warehouse, "last", "A", Amount=50, CloseDate="2026-06-30")
    opportunity(warehouse, "july", "A", Amount=7, CloseDate="2026-07-01")
    feed_row(warehouse, "costs", "costs of June", "A", cost_amt="60.25")
    feed_row(warehouse, "actuals", "invoiced in May", "A", month="2026-05-01", revenue_amt=90)
    assert months(warehouse) == {
        ("A", "2026-05"): [None, 90, None],
        ("A", "2026-06"): [150, None, Decimal("60.25")],
        ("A", "2026-07"): [7, None, None],
    }


def test_only_won_deals_with_a_known_amount_are_bookings(warehouse):
    corporate_currency(warehouse, "EUR")
    account(warehouse, "A")
    opportunity(warehouse, "won", "A", Amount=100)
    opportunity(warehouse, "lost", "A", Amount=1000, IsWon=False)
    opportunity(warehouse, "open", "A", Amount=1000, IsWon=False, IsClosed=False)
    opportunity(warehouse, "no amount", "A", Amount=None, CloseDate="2026-04-15")
    opportunity(warehouse, "no rate", "A", Amount=1000, CurrencyIsoCode="GBP")
    assert months(warehouse) == {("A", "2026-06"): [100, None, None]}


def test_several_rows_of_one_month_are_added_and_rejected_ones_are_not(warehouse):
    account(warehouse, "A")
    for place in range(3):
        feed_row(warehouse, "costs", f"row {place}", "A", cost_amt="0.10")
    feed_row(warehouse, "costs", "ghost", "GHOST", cost_amt=1000)
    feed_row(warehouse, "costs", "gone", "A", cost_amt=1000, _is_gone=True)
    assert months(warehouse) == {("A", "2026-06"): [None, None, Decimal("0.30")]}


def test_accounts_stand_alone_and_name_their_group(warehouse):
    account(warehouse, "TOP")
    account(warehouse, "CHILD", ParentId="TOP")
    opportunity(warehouse, "o", "TOP", Amount=100)
    feed_row(warehouse, "costs", "row", "CHILD")
    assert months(warehouse) == {("TOP", "2026-06"): [100, None, None], ("CHILD", "2026-06"): [None, None, 60]}
    assert warehouse.rows("select distinct group_id from core.account_month") == [("TOP",)]


def test_months_that_are_still_ahead_are_kept_for_the_dates_to_come(warehouse):
    account(warehouse, "A")
    feed_row(warehouse, "costs", "row", "A", month="2031-01-01")
    feed_row(warehouse, "satisfaction", "row", "A", surveyed_on="2031-01-15")
    assert list(months(warehouse)) == [("A", "2031-01")]
    build(warehouse, "core.satisfaction", configuration=FEEDS)
    assert warehouse.rows("select surveyed_on from core.satisfaction") == [(dt.date(2031, 1, 15),)]
