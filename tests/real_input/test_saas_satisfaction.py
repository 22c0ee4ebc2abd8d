"""A subscription seller with support tickets as satisfaction feed, end to end through `kam run`."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from assets.runs import run_pipeline
from kam_pipeline.definitions import build_defs
from kam_pipeline.settings import load_configuration


@pytest.fixture(scope="module")
def seller(tmp_path_factory, shared_data) -> Iterator[SimpleNamespace]:
    """The date that was published, and the warehouse and the publication opened for reading."""
    text = Path(__file__).with_name("saas_satisfaction.yaml").read_text(encoding="utf-8")
    config = tmp_path_factory.mktemp("saas") / "kam.yaml"
    config.write_text(text.replace("../../../shared/data", shared_data.as_posix()), encoding="utf-8")
    configuration = load_configuration(config)
    day = run_pipeline(build_defs(configuration=lambda: configuration), configuration, None, "newest")
    with (
        duckdb.connect(str(configuration.warehouse_path), read_only=True) as warehouse,
        duckdb.connect(str(configuration.published_path), read_only=True) as published,
    ):
        yield SimpleNamespace(day=day, warehouse=warehouse, published=published)


def inside(seller, query):
    return seller.warehouse.sql(query).fetchall()


def test_the_date_is_the_day_after_the_last_subscription(seller):
    assert seller.day.isoformat() == "2025-01-01"


def test_accounts_and_subscriptions_are_counted_as_published(seller):
    assert inside(seller, "select count(*) from core.account") == [(500,)]
    assert inside(
        seller, "select count(*), count(*) filter (where is_won), count(*) filter (where amount_amt = 0) "
        "from core.opportunity",
    ) == [(5000, 5000, 778)]  # fmt: skip
    assert inside(seller, "select sum(bookings_amt) from core.account_month") == [(11_338_747,)]


def test_two_thousand_were_asked_and_eleven_hundred_seventy_five_answered(seller):
    assert inside(
        seller,
        "select count(*), count(score), count(*) - count(score), count(distinct account_id), min(score), max(score) "
        "from core.satisfaction",
    ) == [(2000, 1175, 825, 492, 3.0, 5.0)]
    by_score = "select score::integer, count(*) from core.satisfaction where score > 0 group by all order by all"
    assert inside(seller, by_score) == [(3, 396), (4, 405), (5, 374)]


def test_months_add_up_to_everybody_who_was_asked_and_answered(seller):
    totals = seller.published.sql(
        "select sum(asked_cnt), sum(answers_cnt), sum(score_sum), count(promoters_cnt) from kam.kpi_group_month"
    ).fetchall()
    # the scale ends at 5: nobody is a promoter or a detractor
    assert totals == [(2000, 1175, 3 * 396 + 4 * 405 + 5 * 374, 0)]


def test_satisfaction_of_the_year_is_that_of_the_file_with_its_response_counts(seller, shared_data):
    tickets = shared_data / "saas_satisfaction" / "ravenstack_supports_ticket.csv"
    with duckdb.connect() as plain:
        [(asked, answered, satisfied, customers)] = plain.execute(
            "with ticket as (select account_id, satisfaction_score as score from read_csv(?, all_varchar = true) "
            "where submitted_at like '%-2024'), customer as (select account_id, "
            "count(*) filter (where score >= '4') / count(score) as share from ticket where score > '' group by all) "
            "select (select count(*) from ticket), (select count(score) from ticket), sum(share), count(*) "
            "from customer",
            [str(tickets)],
        ).fetchall()
    rows = seller.published.sql(
        "select kpi, value, numerator, denominator, n, status from kam.kpi_snapshot where entity_id = 'all' "
        "and period_type = 'ttm' and kpi in ('csat', 'nps', 'satisfaction_response_share')"
    ).fetchall()
    kpis = {kpi: figures for kpi, *figures in rows}
    assert kpis["satisfaction_response_share"] == [answered / asked, answered, asked, asked, "measured"]
    assert kpis["csat"] == [
        pytest.approx(satisfied / customers),
        pytest.approx(satisfied),
        customers,
        answered,
        "measured",
    ]
    assert kpis["nps"] == [None, None, customers, answered, "insufficient_data"]


def test_days_are_read_day_first(seller):
    assert inside(seller, "select min(surveyed_on)::varchar, max(surveyed_on)::varchar from core.satisfaction") == [
        ("2023-01-02", "2024-12-31")
    ]
    ticket = "select surveyed_on::varchar, score from core.satisfaction where response_id = 'T-d5e12f'"
    assert inside(seller, ticket) == [("2024-10-17", 4.0)]


def test_every_row_of_the_feed_is_used(seller):
    assert inside(seller, "select row_cnt, used_cnt from core.feed where feed = 'satisfaction'") == [(2000, 2000)]
    assert seller.published.sql("select count(*) from kam.rejected_row").fetchall() == [(0,)]


def test_the_other_feeds_are_not_configured_and_nothing_of_them_is_zero(seller):
    assert inside(seller, "select feed from core.feed where not is_configured order by feed") == [
        ("actuals",), ("costs",), ("decisions",), ("targets",),
    ]  # fmt: skip
    assert inside(seller, "select count(cost_amt), count(invoiced_amt) from core.account_month") == [(0, 0)]
    assert seller.published.sql("select count(*) from kam.target").fetchall() == [(0,)]
