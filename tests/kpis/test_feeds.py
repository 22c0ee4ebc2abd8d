"""KPIs from feeds: profit, revenue, satisfaction, coverage of targets. As of 1 July 2026."""

from datetime import date

import pytest

from tests.factories import ALL_FEEDS, account, feed_row, insert, loaded, make_configuration, won


@pytest.fixture
def with_feeds(warehouse, measured):
    """Build the KPIs with these feeds delivered and configured."""

    def make(*feeds, as_of=date(2026, 7, 1), scale=None):
        sections = {name: dict(ALL_FEEDS[name]) for name in feeds}
        if "satisfaction" in sections:
            sections["satisfaction"] |= scale or {}
        loaded(warehouse, objects=("Account", "Opportunity", *(f"feeds.{name}" for name in feeds)))
        return measured(as_of=as_of, configuration=make_configuration(feeds=sections))

    return make


def key(warehouse, *names):
    for name in names:
        account(warehouse, name, IsKeyAccount="yes")


# --- profit ----------------------------------------------------------------------------------------------------------


def test_profit_is_revenue_less_costs_of_the_months_and_accounts_whose_costs_are_known(warehouse, with_feeds):
    key(warehouse, "A", "B")
    insert(warehouse, "Opportunity", [won("1", "A", 900), won("2", "B", 100)])
    feed_row(warehouse, "costs", "c1", "A", cost_amt=600)
    of = with_feeds("costs")
    assert (of("profit_amt", "A").value, of("gross_margin_share", "A").value) == (300, pytest.approx(1 / 3))
    every = of("gross_margin_share", "key")
    assert (every.numerator, every.denominator) == (300, 900)
    assert every.reason == "Costs are known for 90 % of revenue; the figure is for that part."
    assert every.basis == "bookings"
    unknown = of("profit_amt", "B")
    assert (unknown.value, unknown.status) == (None, "insufficient_data")
    assert unknown.reason == "No costs are known for the whole months of the period."


def test_with_few_costs_known_there_is_no_profit(warehouse, with_feeds):
    key(warehouse, "A", "B")
    insert(warehouse, "Opportunity", [won("1", "A", 700), won("2", "B", 300)])
    feed_row(warehouse, "costs", "c1", "A", cost_amt=600)
    of = with_feeds("costs")
    assert of("profit_amt", "key").value is None
    assert of("profit_amt", "key").reason == "Costs are known for only 70 % of revenue, too little for a figure."


@pytest.mark.slow
def test_a_month_that_has_not_ended_gives_no_profit(warehouse, with_feeds):
    key(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A", 900, "2026-06-10"), won("2", "A", 500, "2026-05-10")])
    feed_row(warehouse, "costs", "c1", "A", cost_amt=600, month=date(2026, 6, 1))
    feed_row(warehouse, "costs", "c2", "A", cost_amt=100, month=date(2026, 5, 1))
    of = with_feeds("costs", as_of=date(2026, 6, 15))
    assert of("profit_amt", "A").value == 400
    running = of("profit_amt", "A", "month", "2026-06-01")
    assert (running.value, running.reason) == (None, "No whole month has passed in the period.")


def test_invoiced_revenue_takes_the_place_of_bookings_in_profit(warehouse, with_feeds):
    key(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A", 5000)])
    feed_row(warehouse, "costs", "c1", "A", cost_amt=60)
    feed_row(warehouse, "actuals", "r1", "A", revenue_amt=90)
    of = with_feeds("costs", "actuals")
    assert (of("revenue_amt", "A").value, of("revenue_amt", "A").basis) == (90, "invoiced")
    assert (of("profit_amt", "A").value, of("profit_amt", "A").basis) == (30, "invoiced")
    assert of("bookings_amt", "A").value == 5000


def test_costs_without_revenue_are_a_loss_and_no_margin(warehouse, with_feeds):
    key(warehouse, "A")
    insert(warehouse, "Opportunity", [won("1", "A", 10, "2024-01-01")])
    feed_row(warehouse, "costs", "c1", "A", cost_amt=60)
    of = with_feeds("costs")
    assert (of("profit_amt", "A").value, of("profit_amt", "A").status) == (-60, "measured")
    assert (of("gross_margin_share", "A").value, of("gross_margin_share", "A").reason) == (
        None, "There is no revenue above zero.",
    )  # fmt: skip


def test_without_the_feed_profit_is_not_configured(warehouse, with_feeds):
    key(warehouse, "A")
    profit = with_feeds()("profit_amt", "A")
    assert (profit.value, profit.status, profit.reason) == (None, "not_configured", "The source has no feeds.costs.")


# --- satisfaction ----------------------------------------------------------------------------------------------------


def answers(warehouse, account_id, *scores, contact=None, day="2026-06-15"):
    for place, score in enumerate(scores):
        feed_row(
            warehouse, "satisfaction", f"{account_id} {contact} {day} {place}", account_id, score=score,
            contact_id=contact, surveyed_on=day,
        )  # fmt: skip


def test_customers_weigh_alike_however_many_of_their_people_answer(warehouse, with_feeds):
    key(warehouse, "A", "B")
    answers(warehouse, "A", 10, 10, 9, 8)  # three promoters of four: 75
    answers(warehouse, "B", 3)  # -100
    of = with_feeds("satisfaction")
    assert (of("nps", "A").value, of("nps", "B").value) == (75, -100)
    every = of("nps", "key")
    assert (every.value, every.numerator, every.denominator, every.n) == (-12.5, -25, 2, 5)


@pytest.mark.slow
def test_a_contact_counts_once_by_its_newest_answer(warehouse, with_feeds):
    key(warehouse, "A")
    answers(warehouse, "A", 2, contact="kai", day="2026-01-15")
    answers(warehouse, "A", 10, contact="kai", day="2026-06-15")
    nps = with_feeds("satisfaction")("nps", "A")
    assert (nps.value, nps.n) == (100, 2)


def test_satisfied_is_what_the_configuration_says(warehouse, with_feeds):
    key(warehouse, "A")
    answers(warehouse, "A", 5, 4, 3, 1)
    of = with_feeds("satisfaction", scale={"lowest": 1, "highest": 5, "satisfied_from": 4})
    assert of("csat", "A").value == 0.5
    assert of("nps", "A").value is None
    assert of("nps", "A").reason.startswith("The scale is not 0 to 10")


def test_who_was_asked_and_did_not_answer_lowers_the_response_rate_and_nothing_else(warehouse, with_feeds):
    key(warehouse, "A")
    answers(warehouse, "A", 10, None, None, 8)
    of = with_feeds("satisfaction")
    response = of("satisfaction_response_share", "A")
    assert (response.value, response.numerator, response.denominator) == (0.5, 2, 4)
    assert response.ci_low < 0.5 < response.ci_high
    assert (of("nps", "A").value, of("nps", "A").n) == (50, 2)


def test_a_survey_that_delivers_answers_only_has_no_response_rate_of_a_hundred_per_cent(warehouse, with_feeds):
    key(warehouse, "A")
    answers(warehouse, "A", 10, 8)
    response = with_feeds("satisfaction")("satisfaction_response_share", "A")
    assert (response.value, response.status) == (None, "insufficient_data")


@pytest.mark.slow
def test_what_nobody_answers_later_changes_no_earlier_response_rate(warehouse, with_feeds):
    key(warehouse, "A")
    answers(warehouse, "A", 10, day="2025-03-01")
    answers(warehouse, "A", None, day="2025-09-20")
    of = with_feeds("satisfaction", as_of=date(2025, 6, 1))
    assert of("satisfaction_response_share", "A").status == "insufficient_data"


@pytest.mark.slow
def test_answers_on_the_date_or_over_a_year_old_do_not_count(warehouse, with_feeds):
    key(warehouse, "A")
    answers(warehouse, "A", 10, day="2026-06-30")
    answers(warehouse, "A", 0, day="2026-07-01")
    answers(warehouse, "A", 0, day="2025-06-30")
    of = with_feeds("satisfaction")
    assert (of("nps", "A").value, of("nps", "A").n) == (100, 1)
    assert of("nps", "A", "fiscal_year", "2025-01-01").value == -100


def test_nobody_answering_is_not_a_score_of_zero(warehouse, with_feeds):
    key(warehouse, "A", "B")
    answers(warehouse, "A", None)
    of = with_feeds("satisfaction")
    assert (of("nps", "A").value, of("nps", "A").reason) == (None, "Nobody has answered (asked: 1).")
    assert (of("nps", "B").value, of("nps", "B").reason) == (None, "Nobody was asked in the period.")


# --- targets ---------------------------------------------------------------------------------------------------------


def test_coverage_holds_the_open_pipeline_against_what_is_missing_to_the_target(warehouse, with_feeds):
    key(warehouse, "A", "B")
    is_open = {"IsClosed": False, "IsWon": False, "StageName": "Proposal"}
    insert(
        warehouse,
        "Opportunity",
        [
            won("won", "A", 400),
            won("in time", "A", 900, "2026-11-30") | is_open,
            won("next year", "A", 5000, "2027-01-01") | is_open,
            won("no target", "B", 7000, "2026-11-30") | is_open,
        ],
    )
    feed_row(warehouse, "targets", "t", "A", year=2026, target_amt=1000)
    of = with_feeds("targets")
    coverage = of("pipeline_coverage", "A", "as_of")
    assert (coverage.value, coverage.numerator, coverage.denominator) == (1.5, 900, 600)
    assert of("pipeline_coverage", "key", "as_of").value == 1.5
    assert of("pipeline_coverage", "B", "as_of").reason == "There is no target for the running fiscal year."


def test_deals_that_should_have_closed_in_an_earlier_year_cover_no_target(warehouse, with_feeds):
    key(warehouse, "A")
    is_open = {"IsClosed": False, "IsWon": False, "StageName": "Proposal"}
    insert(warehouse, "Opportunity", [won("stale", "A", 500, "2021-03-01") | is_open,
                                      won("late", "A", 300, "2026-02-01") | is_open])  # fmt: skip
    feed_row(warehouse, "targets", "t", "A", year=2026, target_amt=1000)
    assert with_feeds("targets")("pipeline_coverage", "A", "as_of").numerator == 300


def test_a_target_of_zero_is_none(warehouse, with_feeds):
    key(warehouse, "A")
    feed_row(warehouse, "targets", "t", "A", year=2026, target_amt=0)
    coverage = with_feeds("targets")("pipeline_coverage", "A", "as_of")
    assert coverage.reason == "There is no target for the running fiscal year."


def test_nothing_is_missing_to_a_target_where_bookings_are_not_known(warehouse, with_feeds):
    key(warehouse, "A")
    insert(warehouse, "Opportunity", [won("won", "A", None)])
    feed_row(warehouse, "targets", "t", "A", year=2026, target_amt=1000)
    coverage = with_feeds("targets")("pipeline_coverage", "A", "as_of")
    assert (coverage.value, coverage.reason) == (None, "None of the won deals has a known amount (1).")


def test_a_target_that_has_been_reached_needs_no_coverage(warehouse, with_feeds):
    key(warehouse, "A")
    insert(warehouse, "Opportunity", [won("won", "A", 400)])
    feed_row(warehouse, "targets", "t", "A", year=2026, target_amt=400)
    coverage = with_feeds("targets")("pipeline_coverage", "A", "as_of")
    assert (coverage.value, coverage.reason) == (None, "The target has been reached already.")
