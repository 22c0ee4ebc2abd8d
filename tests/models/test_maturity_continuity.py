"""Maturity, measurement continuity: in which of the last twelve months this pipeline published, and what counts."""

from dataclasses import replace
from datetime import date

import pytest

from kam_pipeline.maturity.observing import measured_month_frame
from tests.factories import AS_OF, build, make_evaluation, one_of
from tests.twelve_accounts import indicator, observed, twelve_accounts

MONTHS = [date(2025, month, 1) for month in range(7, 13)] + [date(2026, month, 1) for month in range(1, 7)]


def published(warehouse, *days, is_restated=False):
    """Say that these dates have been published."""
    warehouse.connection.execute("create table if not exists published.snapshot (as_of_date DATE, is_restated BOOLEAN)")
    for day in days:
        warehouse.connection.execute("insert into published.snapshot values (?, ?)", [day, is_restated])


def months(warehouse, **changes):
    frame = measured_month_frame(warehouse, replace(make_evaluation(AS_OF), **changes))
    assert list(frame["month_on"]) == MONTHS
    return list(frame["snapshots_cnt"]), list(frame["is_known"])


def test_the_first_of_july_belongs_to_june(warehouse):
    assert months(warehouse) == ([0] * 11 + [1], [False] * 11 + [True])


def test_published_dates_are_counted_in_the_month_of_the_day_before(warehouse):
    published(warehouse, date(2026, 5, 1), date(2026, 4, 30), date(2026, 3, 2))
    # both 1 May and 30 April belong to April
    assert months(warehouse) == ([0] * 8 + [1, 2, 0, 1], [False] * 8 + [True] * 4)


def test_dates_computed_afterwards_do_not_count(warehouse):
    published(warehouse, date(2026, 2, 1), is_restated=True)
    assert months(warehouse) == ([0] * 11 + [1], [False] * 11 + [True])
    assert months(warehouse, is_restated=True) == ([0] * 12, [False] * 12)


def test_later_dates_and_the_date_itself_are_not_counted_from_what_is_published(warehouse):
    published(warehouse, AS_OF, date(2026, 8, 1))
    assert months(warehouse)[0] == [0] * 11 + [1]


def test_dates_before_the_twelve_months_say_since_when_it_is_known(warehouse):
    published(warehouse, date(2025, 2, 1))
    assert months(warehouse) == ([0] * 11 + [1], [True] * 12)


def test_in_the_first_months_nobody_knows_what_was_measured_before(warehouse):
    twelve_accounts(warehouse, key_accounts=())
    build(warehouse, "marts.maturity_indicator")
    row = indicator(warehouse, "measurement_continuity")
    assert (row.status, row.level, row.coverage) == ("insufficient_data", None, pytest.approx(1 / 12))
    assert row.reason.startswith("Only 1 of 12 months can be judged; at least 50 % must be.")
    assert row.remedy is not None


@pytest.mark.parametrize(
    ("days", "value", "level"),
    one_of(
        # known for seven months, measured in April, May and June and in December: 4 lies a third of the way from 3 to 6
        ([date(2026, 1, 1), date(2026, 5, 1), date(2026, 6, 1)], 4, 1 + 1 / 3),
        # a whole year: 12 months, level 5
        ([date(2025, month, 15) for month in range(7, 13)] + [date(2026, month, 15) for month in range(1, 6)], 12, 5),
        # eleven months
        ([date(2025, month, 15) for month in range(7, 13)] + [date(2026, month, 15) for month in range(1, 5)], 11, 4),
    ),
)
def test_measured_months_of_twelve_make_the_level(warehouse, days, value, level):
    twelve_accounts(warehouse)
    published(warehouse, *days)
    build(warehouse, "marts.maturity_indicator", "marts.maturity_evidence")
    row = indicator(warehouse, "measurement_continuity")
    assert (row.value, row.denominator, row.level) == (value, 12, pytest.approx(level))
    assert (row.level_low, row.level_high, row.ci_low) == (row.level, row.level, None)
    assert row.reason.startswith(f"{value} of the last 12 months have a measurement.")
    # months are no customers: the evidence is the table snapshot
    assert (
        warehouse.value("select count(*) from marts.maturity_evidence where indicator = $n", {"n": row.indicator}) == 0
    )


def test_a_month_without_a_measurement_counts_only_after_the_first(warehouse):
    twelve_accounts(warehouse)
    published(warehouse, date(2026, 4, 1))
    build(warehouse, "marts.maturity_observation")
    found = observed(warehouse, "measurement_continuity")
    assert (found["2026-02"], found["2026-03"], found["2026-04"], found["2026-06"]) == (None, 1, 0, 1)
