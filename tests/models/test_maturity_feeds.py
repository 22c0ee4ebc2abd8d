"""Maturity, what feeds make measurable: on the company of twelve accounts, every level worked out by hand."""

from datetime import date

import pytest

from kam_pipeline.raw import make_raw_tables
from kam_pipeline.settings.operation import Engine
from kam_pipeline.warehouse import Warehouse
from tests.factories import ALL_FEEDS, KNOWN_AT, RUN, build, feed_row, insert, make_configuration, one_of, won
from tests.twelve_accounts import busy_company, evidence, indicator, score, twelve_accounts

TABLES = ("marts.maturity_score", "marts.maturity_evidence")
WITH_FEEDS = make_configuration(feeds=ALL_FEEDS)
OWN = {
    "revenue_target": "The source does not have the feed targets.",
    "surveyed": "The source does not have the feed satisfaction.",
    "three_figures_known": "The source does not have the feed costs and the feed satisfaction.",
}


OWN_DA = {
    "revenue_target": "Kilden har ikke filen med mål.",
    "surveyed": "Kilden har ikke filen med tilfredshed.",
    "three_figures_known": "Kilden har ikke filen med omkostninger og filen med tilfredshed.",
}


def delivered_feeds(warehouse, *feeds):
    """Say that these feeds have been delivered."""
    for feed in feeds:
        warehouse.connection.execute(
            "insert into raw.load (run_id, known_at, source, object, is_present) values (?, ?, 'files', ?, true)",
            [RUN, KNOWN_AT, f"feeds.{feed}"],
        )


def fed_company(warehouse):
    """The busy company, with targets, invoices, costs and answers of some of its customers, and deals of years before.

    All that was invoiced to A01 and A02 has its costs; of what was invoiced to A05 and A06, nothing has.
    """
    busy_company(warehouse)
    delivered_feeds(warehouse, *ALL_FEEDS)
    # A05's target is nothing, A06's was for last year
    for account, fields in {"A01": {}, "A02": {}, "A03": {}, "A05": {"target_amt": 0}, "A06": {"year": 2025}}.items():
        feed_row(warehouse, "targets", f"target {account}", account, **fields)
    # A02 was asked and did not answer, A05 answered 13 months ago, A06 on the date itself
    asked = {"A05": "2025-05-31", "A06": "2026-07-01"}
    answers = {"A01": {}, "A02": {"score": None}} | {name: {"surveyed_on": day} for name, day in asked.items()}
    for account, fields in answers.items():
        feed_row(warehouse, "satisfaction", f"answer {account}", account, **fields)
    for account, month in {"A01": "2026-06-01", "A02": "2025-07-01", "A05": "2025-06-01", "A06": "2026-07-01"}.items():
        feed_row(warehouse, "costs", f"cost {account}", account, month=month)
    for account, month in {"A01": "2026-06-01", "A02": "2025-07-01", "A05": "2026-06-01", "A06": "2026-06-01"}.items():
        feed_row(warehouse, "actuals", f"invoice {account}", account, month=month)
    # the history of the company reaches back over the twelve months and those before them
    before = [won(f"before {account}", account, 10, "2025-03-01") for account in ("A01", "A02", "A05")]
    insert(warehouse, "Opportunity", [*before, won("history", "A09", 10, "2024-07-01")])


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    with Warehouse.open(tmp_path_factory.mktemp("company") / "warehouse.duckdb", Engine()) as warehouse:
        make_raw_tables(warehouse)
        fed_company(warehouse)
        build(warehouse, *TABLES, configuration=WITH_FEEDS)
        yield warehouse


def test_two_of_four_key_accounts_have_a_target_for_this_year(company):
    # 50 %: 40 % is level 2, 70 % is 3
    row = indicator(company, "revenue_target")
    assert (row.numerator, row.denominator, row.level) == (2, 4, pytest.approx(2 + 1 / 3))
    assert evidence(company, "revenue_target")["A01"] == (True, 1, "Target for fiscal year 2026.")
    assert evidence(company, "revenue_target")["A05"] == (False, 0, "No target for the running fiscal year.")
    assert evidence(company, "revenue_target")["A06"][:2] == (False, 0)


def test_one_of_four_key_accounts_answered_within_a_year(company):
    # 25 %: 10 % is level 1, 30 % is 2
    row = indicator(company, "surveyed")
    assert (row.numerator, row.denominator, row.level) == (1, 4, pytest.approx(1.75))
    assert evidence(company, "surveyed")["A02"] == (False, 0, "Asked: 1; answered: 0.")
    assert evidence(company, "surveyed")["A06"] == (False, 0, "Asked: 0; answered: 0.")


def test_one_of_four_key_accounts_has_all_three_figures(company):
    # A01 has all; A02 no answer; A05 neither cost nor answer in time; A06 nothing in time, and no year before
    row = indicator(company, "three_figures_known")
    assert (row.numerator, row.denominator, row.value, row.level) == (1, 4, 0.25, 2)
    found = evidence(company, "three_figures_known")
    assert [found[account][2] for account in ("A01", "A02", "A05", "A06")] == [
        "All three are known.",
        "Not known: satisfaction.",
        "Not known: margin, satisfaction.",
        "Not known: growth, margin, satisfaction.",
    ]


def known_kpis(warehouse, kpi):
    """The key accounts whose KPI of the last twelve months is measured."""
    rows = warehouse.rows(
        "select entity_id from marts.kpi_snapshot where entity_type = 'group' and period_type = 'ttm' and kpi = $kpi "
        "and status = 'measured' and entity_id in ('A01', 'A02', 'A05', 'A06')",
        {"kpi": kpi},
    )
    return {entity for (entity,) in rows}


@pytest.mark.slow
def test_margin_is_known_from_the_cost_coverage_on_that_kpis_ask_for(warehouse):
    # costs are known for June alone: for A01 of 80 of 100 invoiced, for A02 of 79 of 100
    fed_company(warehouse)
    for account, invoiced in {"A01": 80, "A02": 79}.items():
        warehouse.connection.execute(
            "update raw.feed_actuals set month = '2026-06-01', revenue_amt = ? where account_id = ?",
            [invoiced, account],
        )
        warehouse.connection.execute("update raw.feed_costs set month = '2026-06-01' where account_id = ?", [account])
        feed_row(warehouse, "actuals", f"May {account}", account, month="2026-05-01", revenue_amt=100 - invoiced)
    build(warehouse, *TABLES, "marts.kpi_snapshot", configuration=WITH_FEEDS)
    found = evidence(warehouse, "three_figures_known")
    assert found["A01"] == (True, 1, "All three are known.")
    assert found["A02"] == (False, 0, "Not known: margin, satisfaction.")
    assert known_kpis(warehouse, "gross_margin_share") == {"A01"}


@pytest.mark.parametrize(
    ("first_deal", "detail", "known"),
    one_of(
        ("2024-08-06", "All three are known.", {"A01", "A02", "A05"}),
        ("2024-08-07", "Not known: growth.", set()),
    ),
)
def test_growth_is_known_as_kpis_know_it(warehouse, first_deal, detail, known):
    # the year before began on 1 July 2024, and a tenth of its 365 days is granted: 36 days
    fed_company(warehouse)
    warehouse.connection.execute("update raw.opportunity set CloseDate = ? where Id = 'history'", [first_deal])
    build(warehouse, *TABLES, "marts.kpi_snapshot", configuration=WITH_FEEDS)
    assert evidence(warehouse, "three_figures_known")["A01"][2] == detail
    assert known_kpis(warehouse, "growth_yoy") == known


def test_with_feeds_measurement_and_learning_has_a_level(company):
    # three figures 2, surveyed 1.75, loss reasons 2: 1.92, with 3 of 4.5 of the weight
    row = score(company, "measurement_and_learning")
    assert row.level == pytest.approx((2 + 1.75 + 2) / 3)
    assert row.reason.startswith(
        "3 of 5 indicators measured, 67 % of the weight. Weakest: Key accounts that answered a survey in a year (1.8)."
    )


def test_with_six_practices_the_programme_has_a_level(company):
    names = (
        "customer_focus", "management_backing", "cross_functional_teams", "data_driven_insight", "personal_relation",
        "measurement_and_learning",
    )  # fmt: skip
    levels = [score(company, name).level for name in names]
    row = score(company, "programme")
    assert (row.status, row.measured_cnt) == ("measured", 6)
    assert row.level == pytest.approx(sum(levels) / 6)
    assert row.ci_low <= row.level <= row.ci_high
    assert row.reason.startswith("6 of 9 practices measured. Weakest: Cross-functional teams (1.9). Fewer than 10 key")
    assert "Svagest: Tværfunktionelle teams (1,9). Færre end 10 nøglekunder" in row.reason_da
    assert row.gap == pytest.approx(4 - row.level)


@pytest.mark.slow
def test_the_running_fiscal_year_is_that_of_the_day_before(warehouse):
    # on 1 January 2027 the year that ended the day before is still the one that is judged
    twelve_accounts(warehouse, key_accounts=["A01", "A02"])
    delivered_feeds(warehouse, "targets")
    feed_row(warehouse, "targets", "a", "A01", year=2026)
    feed_row(warehouse, "targets", "b", "A02", year=2027)
    build(warehouse, *TABLES, configuration=WITH_FEEDS, as_of=date(2027, 1, 1))
    assert evidence(warehouse, "revenue_target")["A01"][:2] == (True, 1)
    assert evidence(warehouse, "revenue_target")["A02"][:2] == (False, 0)
    build(warehouse, *TABLES, configuration=WITH_FEEDS, as_of=date(2027, 1, 2))
    rows = warehouse.rows(
        "select group_id, value from marts.maturity_evidence "
        "where indicator = 'revenue_target' and as_of_date = date '2027-01-02' order by all"
    )
    assert rows == [("A01", 0), ("A02", 1)]


@pytest.mark.parametrize("feeds", [(), ("satisfaction",)])
def test_without_a_feed_what_hangs_on_it_is_not_configured(warehouse, feeds):
    busy_company(warehouse)
    delivered_feeds(warehouse, *feeds)
    build(warehouse, *TABLES, configuration=WITH_FEEDS)
    for name, reason in OWN.items():
        row = indicator(warehouse, name)
        if name == "surveyed" and feeds:
            # the feed is there, and nobody answered: that is known
            assert (row.status, row.value, row.level) == ("measured", 0, 1)
            continue
        assert (row.status, row.level) == ("not_configured", None)
        assert row.reason == (reason if not feeds else reason.replace(" and the feed satisfaction", ""))
        assert row.reason_da == OWN_DA[name] if not feeds else row.reason_da.startswith("Kilden har ikke filen med ")
        assert "feeds:" in row.remedy
        assert evidence(warehouse, name) == {}


def test_rows_of_feeds_that_cannot_be_used_do_not_count(warehouse):
    twelve_accounts(warehouse)
    delivered_feeds(warehouse, *ALL_FEEDS)
    feed_row(warehouse, "satisfaction", "eleven of ten", "A01", score=11)
    feed_row(warehouse, "satisfaction", "unknown account", "ghost")
    feed_row(warehouse, "targets", "gone", "A01", _is_gone=True)
    build(warehouse, *TABLES, configuration=WITH_FEEDS)
    assert indicator(warehouse, "surveyed").value == 0
    assert indicator(warehouse, "revenue_target").value == 0
