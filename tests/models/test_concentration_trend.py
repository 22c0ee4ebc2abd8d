"""How concentration moved: which earlier snapshot it is compared with, and what is said when there is none."""

from datetime import date

import pytest

from kam_pipeline.concentration_trend import METRICS, compared_dates, concentration_trend_frame
from tests.factories import build, fill, make_evaluation


@pytest.mark.parametrize(
    ("kept", "previous", "year_before"),
    [
        ([], None, None),
        ([date(2026, 7, 1), date(2026, 8, 1)], None, None),  # the date itself and a later one
        ([date(2026, 6, 1)], date(2026, 6, 1), None),
        ([date(2025, 10, 2)], date(2025, 10, 2), None),  # under nine months
        ([date(2025, 10, 1)], date(2025, 10, 1), date(2025, 10, 1)),
        ([date(2025, 4, 1)], date(2025, 4, 1), date(2025, 4, 1)),
        ([date(2025, 3, 31)], date(2025, 3, 31), None),  # over fifteen
        ([date(2025, 6, 1), date(2025, 7, 2), date(2026, 6, 30)], date(2026, 6, 30), date(2025, 7, 2)),
        ([date(2025, 6, 30), date(2025, 7, 2)], date(2025, 7, 2), date(2025, 7, 2)),  # equally near: the later
    ],
)
def test_compared_is_the_snapshot_before_and_the_one_nearest_to_a_year_before(kept, previous, year_before):
    assert compared_dates(kept, date(2026, 7, 1)) == {"previous": previous, "year_before": year_before}


def figures(**given):
    row = {"basis": "group", "window_months": 12, "metric": "gini", "status": "measured"}
    return [{**row, **given}]


def trend(warehouse, metric="gini", basis="group"):
    frame = concentration_trend_frame(warehouse, make_evaluation())
    rows = frame[(frame["metric"] == metric) & (frame["basis"] == basis)]
    return {row["comparison"]: row for row in rows.astype(object).where(rows.notna(), None).to_dict("records")}


@pytest.fixture
def measured(warehouse):
    """A warehouse with a Gini of 0.50, between 0.45 and 0.55, today."""
    build(warehouse, "marts.revenue_concentration")
    fill(warehouse, "marts.revenue_concentration", figures(value=0.50, ci_low=0.45, ci_high=0.55))
    warehouse.connection.execute("create schema if not exists published")
    return warehouse


def published(warehouse, *rows):
    warehouse.connection.execute(
        "create table published.revenue_concentration as select * from marts.revenue_concentration limit 0"
    )
    for day, value, low, high, months in rows:
        warehouse.connection.execute(
            "insert into published.revenue_concentration "
            "(as_of_date, basis, window_months, metric, value, ci_low, ci_high)"
            " values (?, 'group', ?, 'gini', ?, ?, ?)",
            [day, months, value, low, high],
        )


def test_the_first_snapshot_has_a_row_for_everything_and_a_reason(measured):
    frame = concentration_trend_frame(measured, make_evaluation())
    assert len(frame) == 2 * 2 * len(METRICS)
    found = trend(measured)
    assert found["previous"]["reason"] == "No earlier snapshot is kept."
    assert found["year_before"]["reason_da"] == "Der er ikke gemt nogen opgørelse fra 9 til 15 måneder før."
    assert {row["status"] for row in found.values()} == {"insufficient_data"}
    assert {(row["value"], row["change"], row["is_apart"]) for row in found.values()} == {(0.5, None, None)}


def test_change_is_now_less_then_and_intervals_that_do_not_overlap_are_apart(measured):
    published(
        measured, (date(2026, 6, 1), 0.48, 0.43, 0.53, 12), (date(2026, 6, 1), 0.9, 0.9, 0.9, 24),
        (date(2025, 7, 1), 0.40, 0.35, 0.44, 12),
    )  # fmt: skip
    found = trend(measured)
    assert found["previous"]["compared_as_of_date"] == date(2026, 6, 1)
    assert found["previous"]["change"] == pytest.approx(0.02)
    assert found["previous"]["is_apart"] is False
    assert found["year_before"]["earlier_value"] == 0.40
    assert found["year_before"]["change"] == pytest.approx(0.10)
    assert found["year_before"]["is_apart"] is True
    assert {(row["status"], row["reason"]) for row in found.values()} == {("measured", None)}


def test_without_an_interval_nobody_knows_whether_they_are_apart(measured):
    published(measured, (date(2026, 6, 1), 0.20, None, None, 12))
    assert trend(measured)["previous"]["change"] == pytest.approx(0.30)
    assert trend(measured)["previous"]["is_apart"] is None


def test_a_figure_missing_on_either_side_is_said(measured):
    published(measured, (date(2026, 6, 1), None, None, None, 12))
    assert trend(measured)["previous"]["reason"] == "The earlier snapshot has no figure for it."
    assert trend(measured, "theil")["previous"]["reason_da"] == "Der er ingen omsætning i de 12 måneder."


def test_the_table_has_the_trend_of_a_company_without_a_past(warehouse):
    build(warehouse, "marts.concentration_trend")
    assert warehouse.rows("select count(*), count(change) from marts.concentration_trend") == [(28, 0)]
