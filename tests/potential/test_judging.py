"""Whether what similar customers buy can be estimated: worlds with a known answer."""

import numpy as np
import pytest

from kam_pipeline.potential import words
from kam_pipeline.potential.inputs import CATEGORIES, NUMBERS
from kam_pipeline.potential.judging import judged
from kam_pipeline.settings.potential import Potential
from tests.potential.made_up_customers import customers, two_branches, without_attributes

SETTINGS = Potential()


def verdict_on(rows, settings=SETTINGS):
    """The verdict when all of these that buy are learnt from."""
    learnt = rows[rows["revenue_mean_3y_amt"] > 0]
    return judged(learnt, len(learnt), settings)


@pytest.fixture(scope="module")
def measured():
    return verdict_on(customers(400, turnover=1.5, industry=0.8, employees=0.5))


def test_where_turnover_industry_and_size_explain_revenue_they_are_named_the_strongest_first(measured):
    assert measured.status == "measured"
    assert [name for name, _ in measured.strongest] == ["annual_revenue_amt", "industry", "employees_cnt"]
    shares = [share for _, share in measured.strongest]
    assert shares == sorted(shares, reverse=True)
    assert 0.9 < sum(shares) <= 1


def test_the_error_is_well_below_that_of_the_median_and_not_below_what_chance_leaves(measured):
    # half of a normal lies within 0.674 standard deviations: exp(0.674 * 0.4) = 1.31 is the best there is
    assert 1.31 <= measured.cv_error < 0.6 * measured.baseline_error


def test_the_reason_says_error_baseline_and_inputs_in_both_languages(measured):
    error, baseline = f"{measured.cv_error:.1f}", f"{measured.baseline_error:.1f}"
    english, danish = measured.reason
    assert f"within a factor of {error}" in english
    assert f"median of all: {baseline}" in english
    assert "the customer's own turnover, industry, number of employees" in english
    assert f"en faktor {error.replace('.', ',')}" in danish
    assert f"medianen for alle: {baseline.replace('.', ',')}" in danish
    assert "kundens egen omsætning, branche, antal medarbejdere" in danish
    assert "never the only reason" in english
    assert "aldrig den eneste grund" in danish


def test_where_nothing_explains_revenue_nothing_is_estimated():
    verdict = verdict_on(customers(300, turnover=0, industry=0))
    assert (verdict.status, verdict.strongest) == ("insufficient_data", ())
    assert "does not clearly foretell" in verdict.reason.english
    assert "siger ikke klart noget" in verdict.reason.danish
    assert verdict.cv_error > 1  # it was tried, and the error is shown


@pytest.mark.slow
def test_of_a_hundred_worlds_where_nothing_explains_revenue_hardly_one_is_taken_for_something():
    statuses = [verdict_on(customers(260, seed, turnover=0, industry=0)).status for seed in range(100)]
    assert statuses.count("measured") <= 2


def test_fewer_customers_that_buy_than_asked_for_give_no_estimate():
    rows = customers(500, buying=1.0)
    rows.loc[199:, "revenue_mean_3y_amt"] = np.nan
    verdict = verdict_on(rows)
    assert (verdict.status, verdict.groups_cnt, verdict.cv_error) == ("insufficient_data", 199, None)
    assert "(199); 200 are needed" in verdict.reason.english
    assert "(199); der skal 200 til" in verdict.reason.danish


def test_a_crm_where_nobody_fills_anything_in_gives_no_estimate():
    verdict = verdict_on(without_attributes(customers(300, buying=1.0)))
    assert (verdict.status, verdict.reason) == ("insufficient_data", words.NOTHING_VARIES)


def test_customers_that_all_buy_for_the_same_give_no_estimate():
    verdict = verdict_on(customers(300, buying=1.0).assign(revenue_mean_3y_amt=50.0))
    assert (verdict.status, verdict.reason) == ("insufficient_data", words.ALL_EQUAL)


def test_what_is_turned_off_says_so():
    verdict = verdict_on(customers(300), Potential(is_on=False))
    assert (verdict.status, verdict.reason) == ("not_configured", words.TURNED_OFF)


def test_nobody_at_all_gives_no_estimate():
    assert verdict_on(customers(10).iloc[:0]).status == "insufficient_data"


def test_a_single_input_that_tells_all_is_named_alone():
    verdict = verdict_on(two_branches(), Potential(min_groups=50))
    assert verdict.strongest == (("industry", 1.0),)
    assert verdict.cv_error == pytest.approx(1.0, abs=0.05)
    assert verdict.baseline_error > 5


def test_the_number_that_buy_is_said_beside_the_number_learnt_from():
    verdict = judged(customers(250, buying=1.0), 70_000, SETTINGS)
    assert (verdict.groups_cnt, verdict.learnt_cnt) == (70_000, 250)


def test_the_same_customers_in_any_order_give_the_same_verdict(measured):
    rows = customers(400, turnover=1.5, industry=0.8, employees=0.5)
    assert verdict_on(rows.sample(frac=1, random_state=7)) == measured


def test_every_input_has_a_name_in_both_languages():
    assert set(words.INPUT_NAMES) == {*CATEGORIES, *NUMBERS}
    assert all(name.english != name.danish for name in words.INPUT_NAMES.values())


def test_a_giant_among_the_customers_moves_the_verdict_little(measured):
    rows = customers(400, turnover=1.5, industry=0.8, employees=0.5)
    rows.loc[rows["revenue_mean_3y_amt"].idxmax(), "revenue_mean_3y_amt"] = 1e15
    verdict = verdict_on(rows)
    assert verdict.status == "measured"
    assert verdict.cv_error == pytest.approx(measured.cv_error, rel=0.05)
