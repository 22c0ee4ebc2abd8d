"""What similar customers buy: on the median scale, in any order the same, nobody's own revenue in its own estimate."""

import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_pipeline.potential.fitting import estimated_revenue
from kam_pipeline.potential.inputs import MAX_CATEGORIES, MIN_SUPPORT, Vocabulary
from tests.potential.made_up_customers import customers, two_branches, without_attributes


def by_group(rows, learnt=None):
    """Estimates by group; all that buy are learnt from unless these are named."""
    found = estimated_revenue(rows[rows["revenue_mean_3y_amt"] > 0] if learnt is None else learnt, rows, 2)
    return dict(zip(found["group_id"], found["similar_revenue_amt"], strict=True))


def texts(values):
    return pd.array(list(values), dtype="str")


@pytest.fixture(scope="module")
def rows():
    return customers(200)


@pytest.fixture(scope="module")
def estimates(rows):
    return by_group(rows)


def test_where_all_steel_buys_for_10_000_and_all_retail_for_100_so_do_similar_customers():
    rows = two_branches()
    found = by_group(rows)
    for group, industry in zip(rows["group_id"], rows["industry"], strict=True):
        assert found[group] == pytest.approx({"steel": 10_000, "retail": 100}[industry], rel=0.05)


def test_the_estimate_is_a_median_so_a_third_that_buys_a_thousandfold_moves_nothing():
    rows = two_branches()
    is_steel = rows["industry"] == "steel"
    giants = rows.loc[is_steel].sort_values("draw").index[::3]
    rows.loc[giants, "revenue_mean_3y_amt"] = 10_000_000.0
    found = by_group(rows)
    assert np.median([found[group] for group in rows.loc[is_steel, "group_id"]]) == pytest.approx(10_000, rel=0.1)


def test_a_customer_that_buys_a_hundredfold_does_not_change_its_own_estimate(rows, estimates):
    place = rows["revenue_mean_3y_amt"].first_valid_index()
    changed = rows.copy()
    changed.loc[place, "revenue_mean_3y_amt"] *= 100
    found = by_group(changed)
    group = rows.loc[place, "group_id"]
    assert found[group] == estimates[group]
    assert found != estimates  # the others have learnt from it


def test_customers_that_do_not_buy_change_nobody_elses_estimate(rows, estimates):
    buying = rows[rows["revenue_mean_3y_amt"] > 0]
    assert by_group(buying) == {group: estimates[group] for group in buying["group_id"]}


def test_the_same_customers_in_any_order_give_the_same_estimates(rows, estimates):
    assert by_group(rows.sample(frac=1, random_state=3)) == estimates


def test_a_customer_of_which_nothing_is_known_has_no_estimate(rows, estimates):
    known = rows.drop(index=0)
    stranger = without_attributes(rows.iloc[:1])
    found = by_group(pd.concat([known, stranger]))
    assert set(estimates) - set(found) == {rows.loc[0, "group_id"]}


def test_an_industry_that_hardly_anybody_else_is_in_counts_as_unknown():
    rows = two_branches()
    rows.loc[0, "industry"] = "falconry"
    assert set(rows["group_id"]) - set(by_group(rows)) == {rows.loc[0, "group_id"]}


def test_who_buys_and_is_not_learnt_from_is_foretold_by_all_that_are(rows):
    buying = rows[rows["revenue_mean_3y_amt"] > 0]
    learnt, other = buying.iloc[:-1], buying.iloc[-1:]
    as_prospect = other.assign(revenue_mean_3y_amt=np.nan)
    assert by_group(rows, learnt) == by_group(pd.concat([rows.drop(index=other.index), as_prospect]), learnt)


def test_hostile_texts_of_categories_are_texts_like_any_other(rows, estimates):
    # in the same alphabetical order as before, so that all ties fall alike
    hostile = {
        "farming": "'; drop table marts.account; --",
        "retail": "<script>alert(1)</script>",
        "shipping": "=cmd|' /C calc'!A0\n\t\x00",
        "steel": "\U0001f4a5" * 10_000,
    }
    assert sorted(hostile.values()) == list(hostile.values())
    assert by_group(rows.assign(industry=texts(rows["industry"].map(hostile)))) == estimates


def test_a_text_for_every_customer_says_nothing_of_any(rows):
    own = rows.assign(industry=texts(f"branch {place}" for place in range(len(rows))))
    assert "industry" not in Vocabulary.of(own).names


def test_of_too_many_categories_the_most_frequent_are_kept_ties_by_their_text():
    many = customers(MIN_SUPPORT * (MAX_CATEGORIES + 2))
    named = [f"branch {place % (MAX_CATEGORIES + 2):03}" for place in range(len(many))]
    kept = Vocabulary.of(many.assign(industry=texts(named))).categories["industry"]
    assert list(kept) == [f"branch {place:03}" for place in range(MAX_CATEGORIES)]


@settings(max_examples=10)
@given(st.lists(st.text(max_size=5), min_size=1, max_size=4, unique=True))
def test_a_category_keeps_its_code_whatever_its_text(names):
    rows = customers(MIN_SUPPORT * len(names))
    given_names = [names[place % len(names)] for place in range(len(rows))]
    vocabulary = Vocabulary.of(rows.assign(industry=texts(given_names)))
    assert ("industry" in vocabulary.names) == (len(names) > 1)
    if len(names) > 1:
        column = vocabulary.columns_of(rows.assign(industry=texts(given_names)))[:, vocabulary.names.index("industry")]
        assert [vocabulary.categories["industry"][int(code)] for code in column] == given_names


def test_nothing_is_imported_of_scikit_learn_before_a_fit_needs_it():
    code = "import sys, kam_pipeline.tables; print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.slow
def test_a_million_customers_are_foretold_in_seconds():
    rows = customers(1_000_000)
    begin = time.process_time()
    found = estimated_revenue(rows[rows["revenue_mean_3y_amt"] > 0].head(20_000), rows, 5)
    assert len(found) == 1_000_000
    assert time.process_time() - begin < 30
