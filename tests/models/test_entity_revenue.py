"""Won revenue per account and group: which deals count in which window."""

from datetime import date
from decimal import Decimal

import pytest

from tests.factories import AS_OF, account, build, by_key, insert, opportunity, won


def amounts(warehouse, basis="account", as_of=AS_OF):
    build(warehouse, "marts.entity_revenue", as_of=as_of)
    return by_key(
        warehouse,
        "select entity_id, revenue_amt, prior_amt, before_amt, mean_3y_amt, won_cnt from marts.entity_revenue "
        f"where basis = '{basis}' and as_of_date = '{as_of}'",
    )


@pytest.mark.parametrize(
    ("closed_on", "expected"),
    [
        ("2026-07-01", None),  # the date itself is the exclusive end
        ("2026-06-30", (90, 0, 0, 30, 1)),
        ("2025-07-01", (90, 0, 0, 30, 1)),  # the first day of the window
        ("2025-06-30", (0, 90, 0, 30, 0)),
        ("2024-07-01", (0, 90, 0, 30, 0)),
        ("2024-06-30", (0, 0, 90, 30, 0)),
        ("2023-07-01", (0, 0, 90, 30, 0)),
        ("2023-06-30", None),
    ],
)
def test_windows_are_half_open(warehouse, closed_on, expected):
    account(warehouse, "A")
    opportunity(warehouse, "o", "A", Amount=90, CloseDate=closed_on)
    assert amounts(warehouse) == ({"A": expected} if expected else {})


def test_the_window_of_a_leap_day_begins_on_the_last_of_february(warehouse):
    account(warehouse, "A")
    insert(warehouse, "Opportunity", [won("in", "A", 30, "2023-02-28"), won("out", "A", 3, "2023-02-27")])
    assert amounts(warehouse, as_of=date(2024, 2, 29))["A"][:2] == (30, 3)


def test_lost_open_and_unknown_amounts_bring_nothing(warehouse):
    account(warehouse, "A")
    opportunity(warehouse, "won", "A", Amount=10)
    opportunity(warehouse, "lost", "A", IsWon=False)
    opportunity(warehouse, "open", "A", IsWon=False, IsClosed=False)
    opportunity(warehouse, "no amount", "A", Amount=None)
    opportunity(warehouse, "no rate", "A", CurrencyIsoCode="GBP")
    assert amounts(warehouse) == {"A": (10, 0, 0, Decimal("3.33"), 1)}


def test_a_group_has_the_sum_of_its_accounts(warehouse):
    account(warehouse, "TOP")
    account(warehouse, "LEAF", ParentId="TOP")
    account(warehouse, "IDLE")
    insert(
        warehouse,
        "Opportunity",
        [won("a", "TOP", 10), won("b", "LEAF", 20), won("c", "LEAF", 40, "2025-01-01"), won("d", "LEAF", -5)],
    )
    assert amounts(warehouse, "group") == {"TOP": (25, 40, 0, Decimal("21.67"), 3)}
    assert amounts(warehouse) == {"TOP": (10, 0, 0, Decimal("3.33"), 1), "LEAF": (15, 40, 0, Decimal("18.33"), 2)}


def test_a_rerun_of_a_date_replaces_that_date_and_leaves_the_others(warehouse):
    account(warehouse, "A")
    opportunity(warehouse, "o", "A", Amount=10)
    for day in (AS_OF, date(2026, 8, 1), AS_OF):
        build(warehouse, "marts.entity_revenue", as_of=day)
    rows = warehouse.rows("select as_of_date, basis from marts.entity_revenue order by all")
    assert rows == [(day, basis) for day in (AS_OF, date(2026, 8, 1)) for basis in ("account", "group")]
