"""Laws that KPIs keep whatever the figures are, and the intervals of ratios."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as search
from hypothesis import strategies as st

from kam_pipeline.kpis.intervals import MIN_CUSTOMERS, ratio_intervals
from tests.factories import account, build, clear, examples, insert, loaded, won

DAYS = st.dates(date(2024, 7, 1), date(2026, 6, 30))
DEALS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(-50, 1000), DAYS, st.booleans()).map(list), min_size=1, max_size=25
)


def company(warehouse, deals, order=1):
    """Six accounts in two industries, two of them designated, with these deals; rows in the given order."""
    clear(warehouse)
    for place in range(6):
        account(
            warehouse,
            f"a{place}",
            IsKeyAccount="yes" if place < 2 else "no",
            Industry=("Energy", "Marine")[place % 2],
        )
    rows = [
        {**won(f"o{place}", f"a{who}", amount, str(day)), "IsWon": is_won, "StageName": "x"}
        for place, (who, amount, day, is_won) in enumerate(deals)
    ]
    insert(warehouse, "Opportunity", rows[::order])
    loaded(warehouse, objects=("Account", "Opportunity"))
    build(warehouse, "marts.kpi_snapshot", "marts.kpi_group_month", "marts.kpi_scorecard", "marts.loss_reason")


def values(warehouse, kpi, kind):
    return [
        value or 0
        for (value,) in warehouse.rows(
            "select numerator from marts.kpi_snapshot where kpi = $kpi and entity_type = $kind and period_type = 'ttm' "
            "and entity_id <> 'all'",
            {"kpi": kpi, "kind": kind},
        )
    ]


@search(max_examples=examples(2, of=6))
@given(DEALS)
def test_parts_add_up_to_the_whole_and_the_months_to_the_year(reused_warehouse, deals):
    company(reused_warehouse, deals)
    [(won_cnt, closed)] = reused_warehouse.rows(
        "select numerator, denominator from marts.kpi_snapshot where kpi = 'win_rate_count' and entity_id = 'all' "
        "and period_type = 'ttm'"
    )
    assert sum(values(reused_warehouse, "win_rate_count", "portfolio")) == won_cnt
    assert sum(values(reused_warehouse, "win_rate_count", "segment")) == won_cnt
    # as of 1 July the last twelve months are whole months
    [(months_won, months_lost)] = reused_warehouse.rows(
        "select coalesce(sum(won_cnt), 0), coalesce(sum(lost_cnt), 0) from marts.kpi_group_month "
        "where month >= '2025-07-01'"
    )
    assert (months_won, months_won + months_lost) == (won_cnt, closed)


@pytest.mark.slow
@search(max_examples=examples(2, of=5))
@given(DEALS)
def test_the_order_of_records_changes_nothing(reused_warehouse, deals):
    tables = ("kpi_snapshot", "kpi_group_month", "kpi_scorecard", "loss_reason")
    company(reused_warehouse, deals)
    first = [reused_warehouse.rows(f"select * from marts.{name} order by all") for name in tables]
    company(reused_warehouse, deals, order=-1)
    assert [reused_warehouse.rows(f"select * from marts.{name} order by all") for name in tables] == first


@search(max_examples=examples(2, of=5))
@given(DEALS)
def test_what_is_not_known_is_null_with_a_reason_and_what_is_known_is_not(reused_warehouse, deals):
    company(reused_warehouse, deals)
    wrong = reused_warehouse.rows(
        "select kpi, status, value, reason from marts.kpi_snapshot where (status = 'measured') <> (value is not null) "
        "or (status <> 'measured' and (reason is null or reason_da is null)) or isnan(value) or isinf(value) "
        "or ci_low > ci_high or (value < ci_low - 1e-12 and kpi like 'win%') "
        "or (unit = 'share' and value not between 0 and 1)"
    )
    assert wrong == []


def population(n, seed=1):
    generator = np.random.default_rng(seed)
    base = generator.lognormal(10, 1, size=(n, 1))
    return base * generator.lognormal(0.1, 0.3, size=(n, 1)), base


def test_a_ratio_lies_in_its_interval_and_the_interval_narrows_with_more_customers():
    widths = []
    for n in (40, 4000):
        top, bottom = population(n)
        [interval] = ratio_intervals(top, bottom, 1000)
        assert interval[0] < top.sum() / bottom.sum() < interval[1]
        widths.append(interval[1] - interval[0])
    assert widths[1] < widths[0] / 5


def test_the_same_figures_give_the_same_interval_whatever_the_currency():
    top, bottom = population(50)
    assert ratio_intervals(top, bottom, 200) == ratio_intervals(top, bottom, 200)
    [in_euro], [in_cents] = ratio_intervals(top, bottom, 200), ratio_intervals(top * 100, bottom * 100, 200)
    assert in_cents == pytest.approx(in_euro, rel=0.2)


def test_there_is_no_interval_for_fewer_than_thirty_customers():
    top, bottom = population(MIN_CUSTOMERS - 1)
    assert ratio_intervals(top, bottom, 100) == [None]
    idle = np.zeros((5, 1))
    assert ratio_intervals(np.vstack([top, idle]), np.vstack([bottom, idle]), 100) == [None]
    assert ratio_intervals(*population(MIN_CUSTOMERS), 100) != [None]


def test_intervals_of_ratios_cover_what_they_say():
    """Of 200 samples of 100 customers at least 180 intervals hold the true ratio, e to the power of 0.145."""
    truth = np.exp(0.1 + 0.3**2 / 2)
    held = 0
    for seed in range(200):
        [interval] = ratio_intervals(*population(100, seed), 300)
        held += interval[0] <= truth <= interval[1]
    assert held >= 180


def test_growth_of_thirty_customers_has_an_interval_around_it(warehouse):
    for place in range(40):
        account(warehouse, f"a{place}")
        insert(
            warehouse,
            "Opportunity",
            [won(f"n{place}", f"a{place}", 100 + place * 7), won(f"p{place}", f"a{place}", 100 + place, "2024-07-15")],
        )
    loaded(warehouse, objects=("Account", "Opportunity"))
    build(warehouse, "marts.kpi_snapshot")
    [(value, low, high, n)] = warehouse.rows(
        "select value, ci_low, ci_high, n from marts.kpi_snapshot where kpi = 'growth_yoy' and entity_id = 'all' "
        "and period_type = 'ttm'"
    )
    assert low < value < high
    assert n == 40
