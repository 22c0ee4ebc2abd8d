"""The figures of a group, each with numbers that a reader can check in the head."""

from datetime import date
from decimal import Decimal

import pytest

from kam_pipeline.metric_catalogue import GROUP_METRICS, group_metric
from kam_pipeline.raw import make_raw_tables
from kam_pipeline.settings.operation import Engine
from kam_pipeline.tables import tables
from kam_pipeline.warehouse import Warehouse
from tests.factories import (
    account,
    build,
    by_key,
    clear,
    event,
    feed_row,
    feeds_loaded,
    insert,
    make_configuration,
    opportunity,
    task,
    won,
)

FEEDS = {"costs": {"file": "costs.csv"}, "satisfaction": {"file": "satisfaction.csv"}}
# Names, flags and counts of what is not known: they qualify figures and are none to be scored.
NO_METRICS = {"unknown_won_cnt", "unknown_12m_cnt"}


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A few groups: A with a bit of everything, the others each odd in one way."""
    with Warehouse.open(tmp_path_factory.mktemp("metrics") / "warehouse.duckdb", Engine()) as warehouse:
        make_raw_tables(warehouse)
        _put_customers(warehouse)
        _put_deals(warehouse)
        _put_contact(warehouse)
        _put_feeds(warehouse)
        build(warehouse, "marts.candidate_pool", "marts.kpi_measure", configuration=make_configuration(feeds=FEEDS))
        yield warehouse


def _put_customers(warehouse):
    large = {"PotentialAmount": 700, "StrategicFit": "2", "MarketInfluence": "high", "BillingCountry": "DK"}
    account(warehouse, "A", IsKeyAccount="yes", **large)
    account(warehouse, "B", ParentId="A", PotentialAmount=500, StrategicFit=" 4.5 ", BillingCountry="SE")
    account(warehouse, "quiet", StrategicFit="nan", MarketInfluence="inf")
    account(warehouse, "unknown", PotentialAmount=100)
    account(warehouse, "never known")
    account(warehouse, "thin", PotentialAmount=500)
    account(warehouse, "loss", PotentialAmount=0)
    account(warehouse, "edges")


def _put_deals(warehouse):
    deals = [
        won("now", "A", 300),
        won("prior", "B", 200, "2025-06-15"),
        won("before", "A", 100, "2024-06-15"),
        won("no amount", "unknown", None, "2026-06-01"),
        won("with amount", "unknown", 100, "2025-06-01"),
        *[won(f"never {year}", "never known", None, f"{year}-06-01") for year in (2024, 2025, 2026)],
        won("costed", "thin", 100),
        won("uncosted", "thin", 900, "2026-05-15"),
        won("at a loss", "loss", 100),
        # each on the first day of its year, and the last day before all of them
        won("edge 1", "edges", 1, "2025-07-01"),
        won("edge 2", "edges", 2, "2024-07-01"),
        won("edge 3", "edges", 4, "2023-07-01"),
        won("too early", "edges", 8, "2023-06-30"),
        won("on the date", "edges", 16, "2026-07-01"),
    ]
    insert(warehouse, "Opportunity", deals)
    for name, customer, amount in (("open", "A", 40), ("open, no amount", "A", None), ("no amount", "unknown", None)):
        opportunity(warehouse, f"{name}: open", customer, Amount=amount, IsWon=False, IsClosed=False)
    opportunity(warehouse, "made later", "A", IsWon=False, IsClosed=False, CreatedDate="2026-07-01 00:00:00")
    families = {"p1": "Pumps", "p2": "Valves", "p3": "  "}
    insert(warehouse, "Product2", [{"Id": name, "Family": family} for name, family in families.items()])
    lines = [("now", "p1"), ("now", "p2"), ("prior", "p2"), ("before", "p1"), ("no amount", "p3")]
    insert(
        warehouse,
        "OpportunityLineItem",
        [{"Id": f"{deal} {product}", "OpportunityId": deal, "Product2Id": product} for deal, product in lines],
    )


def _put_contact(warehouse):
    # six meetings in the year, the newest 18 days before the date; only that one is within 180 days
    event(warehouse, "m1", AccountId="A", WhoId="c1", ActivityDate="2026-06-13")
    for month in (8, 9, 10, 11, 12):
        event(warehouse, f"m{month}", AccountId="B", WhoId="long ago", ActivityDate=f"2025-{month}-01")
    event(warehouse, "too old", AccountId="A", ActivityDate="2025-06-30")
    event(warehouse, "planned", AccountId="A", WhoId="c8", ActivityDate="2026-07-01")
    for place in (1, 2, 3):
        task(warehouse, f"call {place}", AccountId="A", WhoId=f"c{place}", TaskSubtype="Call")
    task(warehouse, "nobody named", AccountId="unknown", TaskSubtype="Call")
    event(warehouse, "once", AccountId="thin", WhoId="c9", ActivityDate="2025-07-01")


def _put_feeds(warehouse):
    feed_row(warehouse, "costs", "A", "A", cost_amt=60)
    feed_row(warehouse, "costs", "thin", "thin", cost_amt=10)
    feed_row(warehouse, "costs", "loss", "loss", cost_amt=150)
    for name, customer, score, day in (
        ("1", "A", 10, "2026-06-15"),
        ("2", "A", 8, "2025-07-01"),
        ("3", "B", 5, "2026-06-15"),
        ("not answered", "B", None, "2026-06-15"),
        ("too old", "B", 0, "2025-06-30"),
        ("asked only", "loss", None, "2026-06-15"),
    ):
        feed_row(warehouse, "satisfaction", name, customer, score=score, surveyed_on=day)
    feeds_loaded(warehouse)


def figures(warehouse, *names):
    """Figures per group."""
    return by_key(warehouse, f"select group_id, {', '.join(names)} from marts.group_metric")


def test_every_group_has_a_row_whether_it_can_be_proposed_or_not(company):
    assert figures(company, "group_name", "is_key_account") == {
        "A": ("Account A", True), "quiet": ("Account quiet", False), "unknown": ("Account unknown", False),
        "never known": ("Account never known", False), "thin": ("Account thin", False),
        "loss": ("Account loss", False), "edges": ("Account edges", False),
    }  # fmt: skip


def test_revenue_of_each_year_and_its_means(company):
    found = figures(company, "revenue_amt", "prior_amt", "before_amt", "revenue_mean_2y_amt", "revenue_mean_3y_amt")
    assert found["A"] == (300, 200, 100, 250, 200)
    assert found["quiet"] == (0, 0, 0, 0, 0)
    # on the first day of a window it counts, on the date itself not yet
    assert found["edges"] == (1, 2, 4, Decimal("1.5"), Decimal("2.33"))


def test_revenue_is_unknown_where_only_deals_without_a_known_amount_were_won(company):
    found = figures(company, "revenue_amt", "prior_amt", "before_amt", "revenue_mean_2y_amt", "revenue_mean_3y_amt")
    assert found["unknown"] == (None, 100, 0, 50, Decimal("33.33"))
    assert found["never known"] == (None, None, None, None, None)
    counted = figures(company, "won_cnt", "unknown_won_cnt", "unknown_12m_cnt")
    assert counted["unknown"] == (2, 1, 1)
    assert counted["never known"] == (3, 3, 1)
    assert counted["A"] == (3, 0, 0)


def test_growth_compares_two_known_years(company):
    found = figures(company, "revenue_growth")
    assert found["A"] == 0.5
    assert found["edges"] == -0.5
    # nothing to grow from, and a year that nobody knows
    assert [found[group] for group in ("quiet", "loss", "unknown", "never known")] == [None] * 4


def test_potential_too_large_to_be_money_is_unknown(reused_warehouse):
    clear(reused_warehouse)
    account(reused_warehouse, "A", PotentialAmount=99_999_999_999_999)
    for place in range(100):
        account(reused_warehouse, f"A{place}", ParentId="A", PotentialAmount=99_999_999_999_999)
    build(reused_warehouse, "core.account_group")
    assert reused_warehouse.rows("select accounts_cnt, potential_amt from core.account_group") == [(101, None)]


def test_growth_on_a_loss_is_unknown(warehouse):
    account(warehouse, "B")
    deals = [won("b", "B"), won("credit", "B", -10, "2025-06-01"), won("first of all", "B", 5, "2024-06-01")]
    insert(warehouse, "Opportunity", deals)
    build(warehouse, "marts.group_metric")
    assert figures(warehouse, "prior_amt", "revenue_growth") == {"B": (-10, None)}


def test_growth_over_a_part_of_a_year_is_unknown(reused_warehouse):
    clear(reused_warehouse)
    for name in "AB":
        account(reused_warehouse, name)
    # fifteen flat months: three of the earlier year, twelve of the later one
    months = [date(2025 + (month > 8), (month + 3) % 12 + 1, 1) for month in range(15)]
    flat = [won(f"{name} {place}", name, 10, month) for name in "AB" for place, month in enumerate(months)]
    insert(reused_warehouse, "Opportunity", flat)
    build(reused_warehouse, "marts.group_metric")
    assert figures(reused_warehouse, "prior_amt", "revenue_amt", "revenue_growth")["A"] == (30, 120, None)


@pytest.mark.parametrize(
    ("first_on", "slip_on", "growth"),
    # the earlier year begins on 1 July 2024; a tenth of its 365 days are 36; a single deal far back is no history
    [
        ("2024-07-01", None, 0.5),
        ("2024-08-06", None, 0.5),
        ("2024-08-07", None, None),
        ("2024-08-07", "2020-01-01", None),
        ("2024-08-07", "2023-01-01", 0.5),
    ],
)
def test_growth_lacks_at_most_a_tenth_of_the_earlier_year(reused_warehouse, first_on, slip_on, growth):
    clear(reused_warehouse)
    account(reused_warehouse, "A")
    deals = [won("prior", "A", 10, first_on), won("now", "A", 15)]
    insert(reused_warehouse, "Opportunity", [*deals, *([won("slip", "A", 1, slip_on)] if slip_on else [])])
    build(reused_warehouse, "marts.group_metric")
    assert figures(reused_warehouse, "revenue_growth") == {"A": growth}


def test_how_often_and_how_lately_a_deal_was_won(company):
    found = figures(company, "won_cnt", "days_since_won")
    assert found["A"] == (3, 16)
    assert found["edges"] == (3, 365)
    assert found["quiet"] == (0, None)


def test_profit_and_margin_are_known_where_costs_cover_enough_of_the_revenue(company):
    found = figures(company, "profit_amt", "gross_margin_share")
    assert found["A"] == (240, 0.8)
    assert found["loss"] == (-50, -0.5)
    # costs of 100 of 1,000
    assert found["thin"] == (None, None)
    assert found["quiet"] == (None, None)


def test_potential_its_share_and_what_is_left_of_it(company):
    found = figures(company, "potential_amt", "share_of_wallet", "untapped_amt")
    assert found["A"] == (1200, 0.25, 900)
    assert found["thin"] == (500, 2, 0)
    assert found["loss"] == (0, None, 0)
    assert found["unknown"] == (100, None, None)
    assert found["quiet"] == (None, None, None)


def test_the_open_pipeline_is_nothing_without_open_deals_and_unknown_without_amounts(company):
    found = figures(company, "open_pipeline_amt")
    assert found["A"] == 40
    assert found["quiet"] == 0
    assert found["unknown"] is None


def test_of_mapped_judgements_the_highest_number_counts_and_a_word_is_none(company):
    found = figures(company, "strategic_fit", "market_influence")
    assert found["A"] == (4.5, None)
    assert found["quiet"] == (None, None)


def test_contact_with_a_group(company):
    found = figures(company, "engaged_contacts_cnt", "meetings_cnt", "days_since_meeting", "relationship_strength")
    # 3 of 5 contacts, 6 of 12 meetings, 18 of 180 days: 0.6, 0.5 and 0.9
    assert found["A"][:3] == (3, 6, 18)
    assert found["A"][3] == pytest.approx(2 / 3)
    assert found["quiet"] == (0, 0, None, 0)
    # a call that names nobody: somebody was spoken to, who is not known
    assert found["unknown"] == (None, 0, None, None)
    # one meeting of twelve, longer ago than 180 days
    assert found["thin"][:3] == (0, 1, 365)
    assert found["thin"][3] == pytest.approx(1 / 36)


def test_the_strength_of_a_relationship_is_capped_at_one(warehouse):
    account(warehouse, "A")
    for place in range(13):
        event(warehouse, f"e{place}", AccountId="A", WhoId=f"c{place}", ActivityDate="2026-06-30")
    build(warehouse, "marts.group_metric")
    [(strength,)] = warehouse.rows("select relationship_strength from marts.group_metric")
    # the newest meeting was yesterday: one day of 180
    assert strength == pytest.approx((1 + 1 + 179 / 180) / 3)


def test_breadth_of_what_is_bought_and_of_the_group_itself(company):
    found = figures(company, "product_families_cnt", "countries_cnt", "accounts_cnt")
    assert found["A"] == (2, 2, 2)
    assert found["quiet"] == (0, None, 1)
    # bought, but nobody knows what; and bought what belongs to no family
    assert found["loss"][0] is None
    assert found["unknown"][0] is None


def test_satisfaction_is_the_mean_of_the_means_of_the_accounts(company):
    # A says 10 and 8, B says 5: 9 and 5
    assert figures(company, "satisfaction_mean")["A"] == 7
    assert figures(company, "satisfaction_mean")["loss"] is None
    assert figures(company, "satisfaction_mean")["quiet"] is None


def test_what_the_source_does_not_hold_is_unknown_for_everybody(warehouse):
    account(warehouse, "A")
    account(warehouse, "B")
    opportunity(warehouse, "o", "A")
    build(warehouse, "marts.group_metric")
    names = [
        "profit_amt", "gross_margin_share", "potential_amt", "share_of_wallet", "untapped_amt", "open_pipeline_amt",
        "strategic_fit", "market_influence", "engaged_contacts_cnt", "meetings_cnt", "days_since_meeting",
        "relationship_strength", "product_families_cnt", "countries_cnt", "satisfaction_mean",
    ]  # fmt: skip
    assert figures(warehouse, *names) == dict.fromkeys("AB", (None,) * len(names))


@pytest.mark.parametrize(
    ("kpi", "metric"),
    [
        ("bookings_amt", "revenue_amt"),
        ("profit_amt", "profit_amt"),
        ("gross_margin_share", "gross_margin_share"),
        ("open_pipeline_amt", "open_pipeline_amt"),
        ("engaged_contacts_cnt", "engaged_contacts_cnt"),
        ("meetings_cnt", "meetings_cnt"),
        ("days_since_meeting", "days_since_meeting"),
    ],
)
def test_a_figure_is_what_the_kpi_of_that_name_says(company, kpi, metric):
    compared = company.rows(
        f"select metric.group_id, metric.{metric}::double, measure.value from marts.group_metric as metric "
        "inner join marts.kpi_measure as measure on metric.group_id = measure.entity_id "
        "where measure.entity_type = 'group' and measure.kpi = $kpi and measure.period_type in ('ttm', 'as_of')",
        {"kpi": kpi},
    )
    assert "A" in [group for group, _, _ in compared]
    assert [(group, own) for group, own, _ in compared] == [(group, value) for group, _, value in compared]


def test_only_those_with_revenue_a_designation_or_potential_can_be_proposed(company):
    assert by_key(company, "select group_id, admitted_by from marts.candidate_pool") == {
        "A": "revenue", "unknown": "revenue", "never known": "revenue", "thin": "revenue", "loss": "revenue",
        "edges": "revenue",
    }  # fmt: skip


def test_every_numeric_figure_is_declared_once_and_in_the_order_of_the_table():
    columns = tables()["marts.group_metric"].contract.columns
    numeric = [column.name for column in columns if column.type in ("DECIMAL(18,2)", "DOUBLE", "BIGINT")]
    assert [metric.name for metric in GROUP_METRICS] == [name for name in numeric if name not in NO_METRICS]
    types = {column.name: column.type for column in columns}
    for metric in GROUP_METRICS:
        expected = {"money": ("DECIMAL(18,2)",), "count": ("BIGINT",), "days": ("BIGINT",)}
        assert types[metric.name] in expected.get(metric.type, ("DOUBLE",)), metric.name


@pytest.mark.parametrize("metric", GROUP_METRICS, ids=lambda metric: metric.name)
def test_a_figure_has_its_words_in_both_languages(metric):
    assert group_metric(metric.name) is metric
    assert metric.name_en[0].isupper()
    assert metric.name_da[0].isupper()
    assert metric.description.endswith(".")
    assert metric.unit


def test_a_name_that_is_no_figure_is_none():
    assert group_metric("group_name") is None
    assert group_metric("unknown_won_cnt") is None
