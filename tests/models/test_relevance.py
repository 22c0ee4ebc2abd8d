"""Is key account management right for us: every way to each verdict, and the figures behind it."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_pipeline.relevance import MeasuredConcentration, relevance_tests, verdict_of
from kam_pipeline.settings.business import Relevance
from tests.factories import (
    account,
    build,
    by_key,
    clear,
    corporate_currency,
    fill,
    insert,
    make_configuration,
    opportunity,
    rebuild,
    won,
)

CLEAR = MeasuredConcentration(
    entities_cnt=500,
    months_cnt=36,
    unattributed_share=0.0,
    top_share=0.50,
    top_low=0.45,
    top_high=0.55,
    largest_share=0.04,
)
SPREAD = replace(CLEAR, top_share=0.18, top_low=0.15, top_high=0.21)
BETWEEN = replace(CLEAR, top_share=0.32, top_low=0.28, top_high=0.36)


def verdict(measured, **rule):
    found, reason = verdict_of(relevance_tests(measured, Relevance(**rule)))
    return found, reason.english


def test_relevant_when_even_the_lower_bound_is_high():
    assert verdict(CLEAR)[0] == "relevant"
    assert verdict(replace(CLEAR, top_low=0.40))[0] == "relevant"
    assert verdict(replace(CLEAR, top_low=0.399))[0] == "borderline"


def test_not_relevant_when_even_the_upper_bound_is_low_and_nobody_is_marked():
    assert verdict(SPREAD)[0] == "not_relevant"
    assert verdict(replace(SPREAD, top_high=0.249))[0] == "not_relevant"
    assert verdict(replace(SPREAD, top_high=0.25))[0] == "borderline"
    assert verdict(replace(SPREAD, largest_share=0.0499))[0] == "not_relevant"
    assert verdict(replace(SPREAD, largest_share=0.05))[0] == "borderline"


def test_borderline_in_between():
    found, reason = verdict(BETWEEN)
    assert found == "borderline"
    assert "neither clearly concentrated nor clearly spread" in reason


@pytest.mark.parametrize(
    ("measured", "danish"),
    [
        (
            CLEAR,
            "De største 10 % af kunderne står for mellem 45 % og 55 % af omsætningen: få kunder bærer virksomheden.",
        ),
        (
            replace(SPREAD, largest_share=0.07),
            "De største 10 % af kunderne står for mellem 15 % og 21 % af omsætningen; den største alene står for 7 %. "
            "Ikke opfyldt: den lave ende, 15,0 %, er under 40 %.",
        ),
        (replace(CLEAR, entities_cnt=19), "For få kunder har omsætning i perioden (19); der skal 20 til."),
        (
            replace(CLEAR, entities_cnt=19, months_cnt=3),
            "For få kunder har omsætning i perioden (19); der skal 20 til. "
            "Der er for få hele måneder med omsætning (3); der skal 12 til.",
        ),
        (replace(CLEAR, top_low=None, top_high=None), "Med så få kunder kan der ikke angives et interval."),
    ],
)
def test_the_reason_is_there_in_danish_with_the_same_figures(measured, danish):
    assert verdict_of(relevance_tests(measured, Relevance()))[1].danish == danish


def test_every_test_states_in_danish_what_passing_means():
    tests = {test.test: test for test in relevance_tests(CLEAR, Relevance(small_population=80))}
    assert tests["clear_of_thresholds"].statement_da == "Med færre end 80 kunder ligger andelen ikke tæt på en grænse."
    assert all(test.statement_da and test.statement_da != test.statement for test in tests.values())


def test_a_marked_customer_is_named_in_the_reason():
    assert "; the largest alone brings 7 %." in verdict(replace(SPREAD, largest_share=0.07))[1]


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"entities_cnt": 19}, "Too few customers have revenue in the window (19); 20 are needed."),
        ({"months_cnt": 11}, "Too few whole months of revenue are there (11); 12 are needed."),
        (
            {"unattributed_share": 0.204},
            "20.4 % of revenue lacks account, amount or rate; at most 20 % may.",
        ),
        ({"unattributed_share": None}, "There is no revenue to judge."),
        ({"top_share": None, "top_low": None, "top_high": None}, "No interval can be given"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_insufficient_data_says_what_is_lacking(lacking, words):
    found, reason = verdict(replace(CLEAR, **lacking))
    assert found == "insufficient_data"
    assert words in reason


def test_a_share_just_above_its_limit_is_not_rounded_to_it():
    reason = verdict_of(relevance_tests(replace(CLEAR, unattributed_share=0.204), Relevance()))[1]
    assert "20,4 % af omsætningen mangler kunde, beløb eller kurs; højst 20 % må." in reason.danish


def test_a_single_customer_or_month_takes_no_plural():
    measured = replace(CLEAR, entities_cnt=1, months_cnt=1)
    reason = verdict_of(relevance_tests(measured, Relevance()))[1]
    assert "(1); 20 are needed. " in reason.english
    assert "(1); der skal 20 til. " in reason.danish
    assert not re.search(r"\b1 (?:customers|whole|kunder|hele)", reason.english + reason.danish)


def test_everything_lacking_is_said_at_once():
    nothing = MeasuredConcentration(0, 0, None, None, None, None, None)
    found, reason = verdict(nothing)
    assert found == "insufficient_data"
    assert reason.count(".") == 3


def test_exactly_enough_is_enough():
    enough = replace(CLEAR, entities_cnt=20, months_cnt=12, unattributed_share=0.20)
    assert verdict(enough)[0] == "relevant"


@pytest.mark.parametrize("share", [0.45, 0.40, 0.36, 0.30, 0.25, 0.21])
def test_below_a_hundred_customers_a_share_near_a_threshold_is_borderline(share):
    # bounds that would be clear for a larger population
    bounds = {"top_low": 0.41, "top_high": 0.50} if share >= 0.36 else {"top_low": 0.10, "top_high": 0.24}
    measured = replace(CLEAR, entities_cnt=99, top_share=share, **bounds)
    assert verdict(measured)[0] == "borderline"
    assert verdict(replace(measured, entities_cnt=100))[0] in ("relevant", "not_relevant")


@pytest.mark.parametrize(("share", "expected"), [(0.46, "relevant"), (0.19, "not_relevant")])
def test_below_a_hundred_customers_a_share_far_from_the_thresholds_is_clear(share, expected):
    bounds = {"top_low": 0.41, "top_high": 0.50} if share > 0.4 else {"top_low": 0.10, "top_high": 0.24}
    assert verdict(replace(CLEAR, entities_cnt=99, top_share=share, **bounds))[0] == expected


@pytest.mark.parametrize("share", [0.20, 0.30, 0.35, 0.45])
def test_near_includes_its_own_limit_whatever_floating_point_makes_of_it(share):
    tests = relevance_tests(replace(CLEAR, entities_cnt=50, top_share=share), Relevance())
    assert {test.test: test.passed for test in tests}["clear_of_thresholds"] is False


@given(
    largest=st.floats(0.10, 1),
    low=st.floats(0, 1),
    width=st.floats(0, 0.3),
    entities=st.integers(20, 500),
    marked=st.floats(0.01, 1),
)
def test_one_customer_of_ten_per_cent_makes_it_at_least_borderline(largest, low, width, entities, marked):
    high = min(low + width, 1)
    measured = replace(
        CLEAR, entities_cnt=entities, top_share=(low + high) / 2, top_low=low, top_high=high, largest_share=largest
    )
    assert verdict(measured, marked_share=marked)[0] in ("borderline", "relevant")


def test_every_figure_is_shown_with_its_threshold_even_where_it_did_not_decide():
    tests = {test.test: test for test in relevance_tests(CLEAR, Relevance())}
    assert list(tests) == [
        "enough_customers", "enough_months", "revenue_attributed", "top_10_pct_low", "top_10_pct_high",
        "marked_customer", "dependence", "clear_of_thresholds",
    ]  # fmt: skip
    assert (tests["dependence"].passed, tests["dependence"].value, tests["dependence"].threshold) == (False, 0.04, 0.10)
    assert all(test.source and test.statement for test in tests.values())


# --- the figures ---------------------------------------------------------------------------------------------------


def figure(warehouse, column, **given_with):
    build(warehouse, "marts.relevance_figure", **given_with)
    return warehouse.value(f"select {column} from marts.relevance_figure where basis = 'group'")


@pytest.mark.parametrize(
    ("first", "months"),
    [("2025-07-01", 12), ("2025-07-02", 11), ("2025-06-30", 12), ("2026-06-01", 1), ("2026-06-02", 0)],
)
def test_months_are_whole_ones_since_the_first_won_close(warehouse, first, months):
    account(warehouse, "A")
    opportunity(warehouse, "o", "A", CloseDate=first)
    opportunity(warehouse, "lost long ago", "A", CloseDate="2020-01-01", IsWon=False)
    assert figure(warehouse, "months_cnt") == months


def test_a_wrong_date_far_back_makes_no_months(reused_warehouse):
    clear(reused_warehouse)
    account(reused_warehouse, "A")
    insert(reused_warehouse, "Opportunity", [won("now", "A", 10, "2026-05-01"), won("slip", "A", 10, "1990-01-01")])
    assert figure(reused_warehouse, "months_cnt") == 2


def test_without_any_won_deal_there_are_figures_that_say_so(warehouse):
    account(warehouse, "A")
    build(warehouse, "marts.relevance_figure")
    columns = "basis, entities_cnt, months_cnt, unattributed_share, top_share"
    assert warehouse.rows(f"select {columns} from marts.relevance_figure order by basis") == [
        ("account", 0, 0, None, None),
        ("group", 0, 0, None, None),
    ]


def test_revenue_that_lacks_account_amount_or_rate_is_unattributed(warehouse):
    corporate_currency(warehouse, "EUR")
    account(warehouse, "A")
    opportunity(warehouse, "known", "A", Amount=100)
    opportunity(warehouse, "no account", None, Amount=100)
    assert figure(warehouse, "unattributed_share") == pytest.approx(0.5)
    opportunity(warehouse, "no rate", "A", CurrencyIsoCode="GBP", Amount=7)  # worth the mean of the known: 100
    opportunity(warehouse, "no amount", "A", Amount=None)
    assert figure(warehouse, "unattributed_share") == pytest.approx(0.75)


def test_only_won_deals_of_the_window_that_count_as_deals_can_be_unattributed(warehouse):
    account(warehouse, "A")
    bad = {"Amount": None, "_unparsed": '{"Amount": "?"}'}
    opportunity(warehouse, "known", "A", Amount=100)
    opportunity(warehouse, "lost", None, IsWon=False)
    opportunity(warehouse, "too old", None, CloseDate="2025-06-30")
    opportunity(warehouse, "too new", None, CloseDate="2026-07-01")
    assert figure(warehouse, "unattributed_share") == 0
    opportunity(warehouse, "deleted", "A", IsDeleted=True, **bad)
    opportunity(warehouse, "internal", "A", Type="Internal", **bad)
    configuration = make_configuration(scope={"exclude_opportunities": {"types": ["Internal"]}})
    assert figure(warehouse, "unattributed_share", configuration=configuration) == 0


def test_when_no_won_deal_has_a_known_amount_nothing_is_called_attributed(warehouse):
    account(warehouse, "A")
    opportunity(warehouse, "o", "A", Amount=None)
    assert figure(warehouse, "unattributed_share") in (None, 1)


def test_a_company_from_records_to_verdict(warehouse):
    names = [f"a{place:03}" for place in range(120)]
    insert(warehouse, "Account", [{"Id": name} for name in names])
    deals = [won(f"o{name}", name, 1000 if place < 12 else 10) for place, name in enumerate(names)]
    insert(warehouse, "Opportunity", [*deals, won("first", "a000", 1, "2024-01-01")])
    build(warehouse, "marts.kam_relevance", "marts.relevance_test")
    # twelve of 120 bring 12,000 of 13,080
    assert by_key(warehouse, "select basis, verdict from marts.kam_relevance") == {
        "group": "relevant",
        "account": "relevant",
    }
    assert warehouse.value("select count(*) from marts.relevance_test") == 16


# --- dependence -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "value", "band"),
    [
        ("largest_share", 0.0999, "low"), ("largest_share", 0.10, "elevated"), ("largest_share", 0.30, "high"),
        ("cr_3", 0.49, "low"), ("cr_3", 0.50, "elevated"), ("cr_3", 0.70, "high"),
        ("cr_5", 0.69, "low"), ("cr_5", 0.70, "elevated"), ("cr_5", 0.85, "high"),
        ("hhi", 0.09, "low"), ("hhi", 0.10, "elevated"), ("hhi", 0.25, "high"),
    ],
)  # fmt: skip
def test_dependence_bands_begin_at_their_thresholds(reused_warehouse, test, value, band):
    if not reused_warehouse.has_table("marts.revenue_concentration"):
        build(reused_warehouse, "marts.revenue_concentration")
    row = {"basis": "group", "window_months": 12, "metric": test, "value": value, "accounts_cnt": 9, "excluded_cnt": 0}
    fill(reused_warehouse, "marts.revenue_concentration", [row])
    rebuild(reused_warehouse, "marts.dependence_band", "marts.dependence_risk")
    (found,) = reused_warehouse.rows("select test, band, reason, reason_da from marts.dependence_risk")
    assert found[:2] == (test, band)
    assert found[2].endswith(").")
    assert found[3].endswith(").")


@pytest.mark.parametrize(
    ("test", "value", "english", "danish"),
    [
        (
            "cr_3",
            0.5,
            "The three largest customers bring 50.0 % of revenue; elevated from 50 %, high from 70 % "
            "(lending practice, judgement).",
            "De tre største kunder står for 50,0 % af omsætningen; forhøjet fra 50 %, høj fra 70 % "
            "(långiveres praksis, skøn).",
        ),
        (
            "hhi",
            0.25,
            "The Herfindahl index is 0.250; elevated from 0.1, high from 0.25 "
            "(judgement; market thresholds are no norm for customers).",
            "Herfindahl-indekset er 0,250; forhøjet fra 0,1, høj fra 0,25 "
            "(skøn; grænser for markeder er ingen norm for kunder).",
        ),
    ],
)
def test_dependence_is_said_in_both_languages_with_the_same_figures(reused_warehouse, test, value, english, danish):
    row = {"basis": "group", "window_months": 12, "metric": test, "value": value}
    build(reused_warehouse, "marts.revenue_concentration")
    fill(reused_warehouse, "marts.revenue_concentration", [row])
    rebuild(reused_warehouse, "marts.dependence_band", "marts.dependence_risk")
    assert reused_warehouse.rows("select reason, reason_da from marts.dependence_risk") == [(english, danish)]


def test_without_revenue_dependence_is_unknown_and_not_low(reused_warehouse):
    row = {"basis": "group", "window_months": 12, "metric": "largest_share", "value": None}
    build(reused_warehouse, "marts.revenue_concentration")
    fill(reused_warehouse, "marts.revenue_concentration", [row])
    rebuild(reused_warehouse, "marts.dependence_band", "marts.dependence_risk")
    rows = reused_warehouse.rows("select band, reason, reason_da from marts.dependence_risk")
    assert rows == [(None, "There is no revenue to judge.", "Der er ingen omsætning at vurdere.")]


def test_the_share_that_counts_as_dependence_can_be_set(reused_warehouse):
    rows = [{"basis": "group", "window_months": 12, "metric": "largest_share", "value": 0.15}]
    build(reused_warehouse, "marts.revenue_concentration")
    fill(reused_warehouse, "marts.revenue_concentration", rows)
    configuration = make_configuration(relevance={"dependence_share": 0.2})
    rebuild(reused_warehouse, "marts.dependence_band", "marts.dependence_risk", configuration=configuration)
    assert reused_warehouse.rows("select band, threshold from marts.dependence_risk") == [("low", 0.2)]
