"""From figures of a group to its score: who is admitted, and how each criterion becomes 0..1."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import settings as search
from hypothesis import strategies as st

from tests.factories import (
    ALL_FEEDS,
    account,
    build,
    by_key,
    feed_row,
    feeds_loaded,
    fill,
    insert,
    make_configuration,
    opportunity,
    rebuild,
    won,
)

TABLES = (
    "marts.criterion",
    "marts.criterion_band",
    "marts.criterion_value",
    "marts.candidate_gate",
    "marts.candidate_criterion",
)
REVENUE = {"name": "revenue", "metric": "revenue_mean_3y_amt", "transform": "log", "weight": 0.6}
GROWTH = {"name": "growth", "metric": "revenue_growth", "transform": "percentile", "weight": 0.2}
GATED = {**GROWTH, "counts_above_revenue_percentile": 0.5}
POTENTIAL = {"name": "potential", "metric": "potential_amt", "transform": "log", "weight": 0.2}


def scored(warehouse, groups, *items):
    """(score, weight, contribution, status) per group and criterion for groups given as figures."""
    if not warehouse.has_table("marts.candidate_pool"):
        build(warehouse, "marts.candidate_pool")
    rows = [{"group_id": name, "revenue_mean_3y_amt": 0, **figures} for name, figures in groups.items()]
    fill(warehouse, "marts.group_metric", rows)
    fill(warehouse, "marts.candidate_pool", [{"group_id": name} for name in groups])
    rebuild(warehouse, *TABLES, configuration=make_configuration(criteria={"items": list(items)}))
    return {
        (group, criterion): tuple(values)
        for group, criterion, *values in warehouse.rows(
            "select group_id, criterion, score, weight, contribution, status from marts.candidate_criterion"
        )
    }


def revenue(*amounts):
    return {f"g{place}": {"revenue_mean_3y_amt": amount} for place, amount in enumerate(amounts)}


def scores(warehouse, groups, item):
    return [values[0] for _, values in sorted(scored(warehouse, groups, item).items())]


# --- admission ---------------------------------------------------------------------------------------------------


def test_who_can_be_proposed(warehouse):
    account(warehouse, "now")
    account(warehouse, "earlier")
    account(warehouse, "long ago")
    account(warehouse, "named", IsKeyAccount="yes")
    for place in range(1, 11):
        account(warehouse, f"p{place:02}", PotentialAmount=place)
    insert(
        warehouse,
        "Opportunity",
        [won("a", "now", 30), won("b", "earlier", 30, "2023-07-01"), won("c", "long ago", 30, "2023-06-30")],
    )
    build(warehouse, "marts.candidate_pool")
    # of potentials 1..10 the 90th percentile is 9.1
    assert by_key(warehouse, "select group_id, admitted_by from marts.candidate_pool") == {
        "now": "revenue",
        "earlier": "revenue",
        "named": "designation",
        "p10": "potential",
    }


def test_a_decision_to_include_admits_a_prospect(warehouse):
    account(warehouse, "bought")
    account(warehouse, "prospect")
    insert(warehouse, "Opportunity", [won("a", "bought")])
    because = {"reason": "A bid", "approved_by": "Ann"}
    feed_row(warehouse, "decisions", "1", "prospect", status="include", since=date(2026, 1, 1), **because)
    feeds_loaded(warehouse, "decisions")
    configuration = make_configuration(feeds={"decisions": ALL_FEEDS["decisions"]})
    build(warehouse, "marts.key_account_candidate", configuration=configuration)
    pool = by_key(warehouse, "select group_id, admitted_by from marts.candidate_pool")
    assert pool == {"bought": "revenue", "prospect": "decision"}
    # one customer with revenue: a list of one, and the decision takes its place
    listed = warehouse.rows("select group_id from marts.key_account_candidate where is_in_list")
    assert listed == [("prospect",)]


def test_potential_admits_nobody_where_it_is_switched_off(warehouse):
    account(warehouse, "A", PotentialAmount=5)
    criteria = {"admit_without_revenue_from_potential_percentile": None}
    build(warehouse, "marts.candidate_pool", configuration=make_configuration(criteria=criteria))
    assert warehouse.rows("select group_id from marts.candidate_pool") == []


# --- transforms ----------------------------------------------------------------------------------------------------


def test_the_log_transform_runs_from_the_tenth_percentile_to_the_largest(reused_warehouse):
    # eleven groups: the 10th percentile is the second smallest, 10
    found = scores(reused_warehouse, revenue(1, 10, *[100] * 8, 1000), REVENUE)
    by_amount = dict(zip(sorted(revenue(*range(11))), found, strict=True))
    assert by_amount["g0"] == 0  # below: cut off
    assert by_amount["g1"] == 0
    # from 10 to 1000, 100 is half of the way; the next smallest would put it at the beginning
    assert by_amount["g9"] == pytest.approx(0.5)
    assert by_amount["g10"] == 1


def test_all_equal_is_one(reused_warehouse):
    assert scores(reused_warehouse, revenue(5, 5, 5), REVENUE) == [1, 1, 1]
    assert scores(reused_warehouse, revenue(5), REVENUE) == [1]


def test_nothing_and_less_is_zero_and_does_not_shift_the_scale(reused_warehouse):
    assert scores(reused_warehouse, revenue(10, 100, 0, -5), REVENUE)[2:] == [0, 0]
    assert scores(reused_warehouse, revenue(100, 100, 0, -5), REVENUE) == [1, 1, 0, 0]


def test_a_small_one_among_many_equals_is_below_them(reused_warehouse):
    found = scores(reused_warehouse, revenue(1, *[100] * 19), REVENUE)
    assert found == [0, *[1] * 19]


def test_the_percentile_transform_is_the_middle_rank(reused_warehouse):
    groups = {f"g{place}": {"revenue_growth": value} for place, value in enumerate([-0.5, 0.1, 0.1, 0.9])}
    assert scores(reused_warehouse, groups, GROWTH) == [0.125, 0.5, 0.5, 0.875]
    assert scores(reused_warehouse, {"g": {"revenue_growth": 3}}, GROWTH) == [0.5]


def test_a_missing_figure_takes_the_median_of_the_known(reused_warehouse):
    groups = {"a": {"potential_amt": 1}, "b": {"potential_amt": 10}, "c": {"potential_amt": 100}, "d": {}}
    found = scored(reused_warehouse, groups, POTENTIAL)
    known = sorted(found[group, "potential"][0] for group in "abc")
    assert found["d", "potential"][0] == known[1]
    assert found["d", "potential"][3] == "insufficient_data"
    assert found["a", "potential"][3] == "measured"


def test_below_the_gate_a_criterion_brings_nothing_and_is_no_part_of_the_scale(reused_warehouse):
    groups = {
        "small": {"revenue_mean_3y_amt": 1, "revenue_growth": 50.0},
        "small, unknown": {"revenue_mean_3y_amt": 1},
        "middle": {"revenue_mean_3y_amt": 10, "revenue_growth": 0.0},
        "large": {"revenue_mean_3y_amt": 100, "revenue_growth": 0.5},
        "unknown": {"revenue_mean_3y_amt": 100},
    }
    found = scored(reused_warehouse, groups, GATED)
    # the median revenue is 10: who reaches it counts
    assert {group: values[0] for (group, _), values in found.items()} == {
        "small": 0, "small, unknown": 0, "middle": 0.25, "large": 0.75, "unknown": 0.5,
    }  # fmt: skip
    assert found["small", "growth"][3] == "insufficient_data"


def test_a_criterion_that_nobody_has_data_for_is_left_out_and_the_others_weigh_more(reused_warehouse):
    found = scored(reused_warehouse, revenue(10, 100), REVENUE, GROWTH, POTENTIAL)
    for group in ("g0", "g1"):
        assert found[group, "revenue"][1] == 1
        assert found[group, "growth"][1:] == (0, None, "not_configured") or found[group, "growth"][1:3] == (0, 0)
        assert found[group, "potential"][3] == "not_configured"


def test_where_nobody_has_data_for_any_criterion_nobody_gets_a_rank(warehouse):
    account(warehouse, "A")
    opportunity(warehouse, "o", "A")
    configuration = make_configuration(criteria={"items": [POTENTIAL]})
    build(warehouse, "marts.key_account_candidate", configuration=configuration)
    # without a score there is no rank to invent
    assert warehouse.rows("select * from marts.key_account_candidate") == []
    assert warehouse.rows("select weight, status from marts.candidate_criterion") == [(None, "not_configured")]


figures = st.fixed_dictionaries(
    {
        "revenue_mean_3y_amt": st.integers(0, 10**6),
        "revenue_growth": st.one_of(st.none(), st.floats(-1, 10)),
        "potential_amt": st.one_of(st.none(), st.integers(0, 10**6)),
    }
)


@search(max_examples=20)
@given(st.lists(figures, min_size=1, max_size=12))
def test_scores_lie_between_zero_and_one_and_weights_add_up_to_one(reused_warehouse, groups):
    named = {f"g{place:02}": values for place, values in enumerate(groups)}
    found = scored(reused_warehouse, named, REVENUE, GATED, POTENTIAL)
    assert len(found) == 3 * len(groups)
    for group in named:
        mine = [values for (name, _), values in found.items() if name == group]
        assert all(score is None or 0 <= score <= 1 for score, *_ in mine)
        assert math.isclose(sum(weight for _, weight, *_ in mine), 1)
        for score, weight, contribution, _ in mine:
            assert contribution is None or math.isclose(contribution, score * weight)


@search(max_examples=15)
@given(amounts=st.lists(st.integers(1, 10**6), min_size=2, max_size=15))
def test_more_revenue_never_scores_less(reused_warehouse, amounts):
    ordered = {f"g{place:02}": {"revenue_mean_3y_amt": amount} for place, amount in enumerate(sorted(amounts))}
    found = scores(reused_warehouse, ordered, REVENUE)
    assert found == sorted(found)
    assert found[-1] == 1
