"""What a criterion may look at and how its figure becomes a score, beside the default ones; and gates."""

import numpy as np
import pytest

from tests.factories import build, by_key, fill, make_configuration, rebuild

TABLES = (
    "marts.criterion",
    "marts.criterion_band",
    "marts.criterion_value",
    "marts.candidate_gate",
    "marts.candidate_criterion",
)


def scored(warehouse, groups, *items, fields=(), gates=()):
    """Score groups given as figures; fields as (group, field, value, accounts, is_top)."""
    if not warehouse.has_table("marts.candidate_pool"):
        build(warehouse, "marts.candidate_pool", "marts.group_field")
    fill(warehouse, "marts.group_metric", [{"group_id": name, **figures} for name, figures in groups.items()])
    fill(warehouse, "marts.candidate_pool", [{"group_id": name} for name in groups])
    names = ("group_id", "field", "field_value", "accounts_cnt", "is_top")
    fill(warehouse, "marts.group_field", [dict(zip(names, row, strict=True)) for row in fields])
    # what staging.account_field makes of texts is for tests/models/test_group_field.py
    flags = (
        "case field_value when 'true' then 1 when 'yes' then 1 when 'Ja' then 1 when 'no' then 0 when 'false' then 0"
    )
    warehouse.connection.execute(
        f"update marts.group_field set field_number = {flags} else try_cast(field_value as double) end"
    )
    criteria = {"items": [{"name": "c", "weight": 1, **item} for item in items], "gates": list(gates)}
    rebuild(warehouse, *TABLES, configuration=make_configuration(criteria=criteria))


def scores(warehouse, groups, item, **more):
    scored(warehouse, groups, item, **more)
    return by_key(warehouse, "select group_id, score from marts.candidate_criterion")


def figures(warehouse, groups, item, **more):
    scored(warehouse, groups, item, **more)
    return by_key(warehouse, "select group_id, raw_value from marts.candidate_criterion")


def barred(warehouse, groups, *gates, fields=()):
    item = {"metric": "accounts_cnt", "transform": "log"}
    counted = {name: {"accounts_cnt": 1, **values} for name, values in groups.items()}
    scored(warehouse, counted, item, gates=gates, fields=fields)
    return by_key(warehouse, "select group_id, gate from marts.candidate_gate")


ESTIMATE = {"name": "estimate", "metric": "similar_revenue_amt", "transform": "log", "weight": 0.5}
SIZE = {"name": "size", "metric": "revenue_amt", "transform": "log", "weight": 0.1}
POTENTIAL = {"name": "potential", "metric": "potential_amt", "transform": "log", "weight": 0.4}


def weights(warehouse, figures, *items):
    scored(warehouse, {name: dict.fromkeys(figures, place) for place, name in enumerate("abc", start=1)}, *items)
    found = (
        "select distinct criterion, weight, contribution / score from marts.candidate_criterion where group_id = 'c'"
    )
    rows = warehouse.rows(found)
    assert all(weight == 0 or part == pytest.approx(weight) for _, weight, part in rows)
    return {name: weight for name, weight, _ in rows}


def test_what_others_lack_makes_no_estimate_weigh_more_than_half(reused_warehouse):
    items = ESTIMATE, SIZE, POTENTIAL
    everything = ("similar_revenue_amt", "revenue_amt", "potential_amt")
    known = weights(reused_warehouse, everything, *items)
    assert known == {"estimate": 0.5, "size": pytest.approx(0.1), "potential": pytest.approx(0.4)}
    # without a potential the estimate would have 5 parts of 6
    lacking = weights(reused_warehouse, everything[:2], *items)
    assert lacking == {"estimate": 0.5, "size": 0.5, "potential": 0}
    # two estimates share their half, 2 to 3
    two = {**ESTIMATE, "weight": 0.2}, {**ESTIMATE, "name": "again", "weight": 0.3}
    shared = weights(reused_warehouse, everything[:2], *two, SIZE, POTENTIAL)
    assert shared == {"estimate": pytest.approx(0.2), "again": pytest.approx(0.3), "size": 0.5, "potential": 0}


def test_an_estimate_that_nothing_stands_beside_still_orders_groups_that_are_not_proposed(reused_warehouse):
    found = weights(reused_warehouse, ["similar_revenue_amt"], ESTIMATE, SIZE, POTENTIAL)
    assert found == {"estimate": 1, "size": 0, "potential": 0}


DAYS = {"fresh": {"days_since_won": 10}, "older": {"days_since_won": 90}, "old": {"days_since_won": 400}}


def test_bands_give_each_figure_the_score_of_its_step(reused_warehouse):
    bands = [{"at_least": 90, "score": 0.5}, {"score": 1.0}, {"at_least": 365, "score": 0.1}]
    found = scores(reused_warehouse, DAYS, {"metric": "days_since_won", "transform": "bands", "bands": bands})
    assert found == {"fresh": 1.0, "older": 0.5, "old": 0.1}


def test_below_the_lowest_band_nothing_is_scored(reused_warehouse):
    bands = [{"at_least": 90, "score": 0.5}]
    found = scores(reused_warehouse, DAYS, {"metric": "days_since_won", "transform": "bands", "bands": bands})
    assert found == {"fresh": 0.0, "older": 0.5, "old": 0.5}


def test_lower_may_be_better(reused_warehouse):
    item = {"metric": "days_since_won", "transform": "percentile"}
    higher, lower = (scores(reused_warehouse, DAYS, {**item, "direction": way}) for way in ("higher", "lower"))
    assert higher == {"fresh": pytest.approx(1 / 6), "older": 0.5, "old": pytest.approx(5 / 6)}
    assert lower == {name: pytest.approx(1 - score) for name, score in higher.items()}
    # of days, fewer are better unless the criterion says otherwise
    assert scores(reused_warehouse, DAYS, item) == lower


def test_an_expression_sees_the_figures_of_one_group(reused_warehouse):
    groups = {"a": {"revenue_amt": 100, "prior_amt": 50}, "b": {"revenue_amt": 10, "prior_amt": 0}}
    item = {"expression": "0.6 * revenue_amt + 0.4 * prior_amt", "transform": "log"}
    assert figures(reused_warehouse, groups, item) == {"a": 80.0, "b": 6.0}


@pytest.mark.parametrize("expression", ["1 / (prior_amt - 5)", "ln(prior_amt - 5)", "sqrt(prior_amt - 6)"])
def test_what_cannot_be_computed_is_unknown_and_does_not_end_the_night(reused_warehouse, expression):
    groups = {"a": {"prior_amt": 5}, "b": {"prior_amt": 6}}
    found = figures(reused_warehouse, groups, {"expression": expression, "transform": "log"})
    assert found["a"] is None
    assert found["b"] is not None


def test_a_boolean_is_all_or_nothing(reused_warehouse):
    groups = {"a": {"countries_cnt": 3}, "b": {"countries_cnt": 1}}
    found = scores(reused_warehouse, groups, {"expression": "countries_cnt > 1", "transform": "boolean"})
    assert found == {"a": 1, "b": 0}


TIERS = [("a", "Tier__c", "Gold", 1, True), ("a", "Tier__c", "Bronze", 3, False), ("b", "Tier__c", " silver", 1, True)]
MAPPED = {"field": "Tier__c", "transform": "map", "map": {"gold": 1.0, "Silver": 0.5, "Bronze": 0.1}}


@pytest.mark.parametrize(("rollup", "score"), [("max", 1.0), ("min", 0.1), ("top", 1.0), ("mean", (1.0 + 3 * 0.1) / 4)])
def test_a_picklist_is_mapped_value_by_value_and_rolled_up(reused_warehouse, rollup, score):
    fields = [(group, field, value.strip(), *rest) for group, field, value, *rest in TIERS]
    found = scores(reused_warehouse, {"a": {}, "b": {}}, {**MAPPED, "rollup": rollup}, fields=fields)
    assert found == {"a": pytest.approx(score), "b": 0.5}


def test_a_value_that_the_map_does_not_name_is_unknown(reused_warehouse):
    fields = [("a", "Tier__c", "Gold", 1, True), ("b", "Tier__c", "Platinum'); drop table x --", 1, True)]
    assert figures(reused_warehouse, {"a": {}, "b": {}}, MAPPED, fields=fields) == {"a": 1.0, "b": None}


@pytest.mark.parametrize(("rollup", "figure"), [("max", 30), ("min", 10), ("sum", 50), ("mean", 50 / 3), ("top", 30)])
def test_numbers_of_a_field_are_rolled_up_over_accounts(reused_warehouse, rollup, figure):
    # two accounts with 10, and the one at the top with 30
    fields = [("a", "NumberOfEmployees", "10", 2, False), ("a", "NumberOfEmployees", "30", 1, True)]
    item = {"field": "NumberOfEmployees", "transform": "log", "rollup": rollup}
    assert figures(reused_warehouse, {"a": {}}, item, fields=fields) == {"a": pytest.approx(figure)}


def test_yes_and_no_of_a_field_are_one_and_nothing(reused_warehouse):
    fields = [("a", "Global__c", "Ja", 1, True), ("b", "Global__c", "false", 1, True), ("c", "Global__c", "?", 1, True)]
    item = {"field": "Global__c", "transform": "boolean"}
    assert figures(reused_warehouse, {name: {} for name in "abc"}, item, fields=fields) == {
        "a": 1.0,
        "b": 0.0,
        "c": None,
    }


def test_a_criterion_with_too_few_figures_is_left_out_openly(reused_warehouse):
    groups = {"a": {"satisfaction_mean": 9, "won_cnt": 5}, "b": {"won_cnt": 50}, "c": {"won_cnt": 500}}
    rare = {"name": "rare", "metric": "satisfaction_mean", "transform": "log", "min_known_share": 0.5}
    scored(reused_warehouse, groups, rare, {"name": "common", "metric": "won_cnt", "transform": "log"})
    rows = reused_warehouse.rows(
        "select distinct criterion, weight, status from marts.candidate_criterion order by criterion"
    )
    assert rows == [("common", 1.0, "measured"), ("rare", 0.0, "insufficient_data")]


@pytest.mark.parametrize(("when_missing", "score"), [("median", 0.5), ("zero", 0.0), ("ineligible", 0.0)])
def test_what_a_missing_figure_gets_is_said_in_the_criteria(reused_warehouse, when_missing, score):
    groups = {"a": {"won_cnt": 1}, "b": {"won_cnt": 10}, "c": {"won_cnt": 100}, "d": {}}
    item = {"metric": "won_cnt", "transform": "percentile", "when_missing": when_missing}
    assert scores(reused_warehouse, groups, item)["d"] == score
    gates = reused_warehouse.rows("select group_id, gate, reason, reason_da from marts.candidate_gate")
    expected = (
        [("d", "c", "c is not known", "antal vundne ordrer er ikke kendt")] if when_missing == "ineligible" else []
    )
    assert [row[:2] for row in gates] == [row[:2] for row in expected]


# --- gates -------------------------------------------------------------------------------------------------------

MARGINS = {"good": {"gross_margin_share": 0.4}, "edge": {"gross_margin_share": 0.2}, "bad": {"gross_margin_share": 0.1}}


def test_a_gate_bars_what_does_not_reach_it(reused_warehouse):
    gate = {"name": "margin", "metric": "gross_margin_share", "at_least": 0.2}
    assert barred(reused_warehouse, {**MARGINS, "unknown": {}}, gate) == {"bad": "margin"}


def test_an_unknown_figure_fails_a_gate_that_says_so(reused_warehouse):
    gate = {"name": "margin", "metric": "gross_margin_share", "at_least": 0.2, "when_missing": "fail"}
    assert barred(reused_warehouse, {**MARGINS, "unknown": {}}, gate) == {"bad": "margin", "unknown": "margin"}


def test_a_gate_says_which_limit_in_both_languages(reused_warehouse):
    gate = {"name": "size", "metric": "revenue_amt", "at_least": 1250.5, "at_most": 9000}
    barred(reused_warehouse, {"a": {"revenue_amt": 5}}, gate)
    rows = reused_warehouse.rows("select raw_value, reason, reason_da from marts.candidate_gate")
    assert rows == [
        (
            5.0,
            "revenue, 12 months must be at least 1,250.5 and at most 9,000",
            "omsætning, 12 måneder skal være mindst 1.250,5 og må højst være 9.000",
        )
    ]


FIELDS = [
    ("ours", "Industry", "Energy", 1, True),
    ("ours", "Industry", "Retail", 1, False),
    ("theirs", "Industry", "Arms", 2, True),
]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"one_of": ["energy"]}, {"theirs": "branch"}),
        ({"none_of": ["Retail", "Arms"]}, {"ours": "branch", "theirs": "branch"}),
        ({"none_of": ["Retail"], "rollup": "top"}, {}),
        ({"one_of": ["Energy", "Arms"], "when_missing": "fail"}, {"unknown": "branch"}),
    ],
)
def test_a_gate_may_ask_for_values_of_a_picklist(reused_warehouse, asked, expected):
    groups = {name: {} for name in ("ours", "theirs", "unknown")}
    assert barred(reused_warehouse, groups, {"name": "branch", "field": "Industry", **asked}, fields=FIELDS) == expected


# --- a base that does not reward luck -----------------------------------------------------------------------------


def shrinkage(warehouse, metric, worlds=12, customers=400):
    """Growth of the chosen tenth after the choice, over what they were chosen on, where choosing has no effect."""
    chosen_on, afterwards = 0.0, 0.0
    for world in range(worlds):
        generator = np.random.default_rng(world)
        lasting = generator.normal(0, 1.2, customers)
        # four years of the same customers: three to choose on, and the next
        years = 1000 * np.exp(lasting + generator.normal(0, 0.5, (4, customers)))
        groups = {
            f"g{place:03}": {"revenue_amt": years[2, place], "revenue_mean_3y_amt": years[:3, place].mean()}
            for place in range(customers)
        }
        scored(warehouse, groups, {"metric": metric, "transform": "log"})
        rows = warehouse.rows(
            "select group_id, raw_value from marts.candidate_criterion order by score desc, group_id limit 40"
        )
        chosen_on += sum(figure for _, figure in rows)
        afterwards += sum(years[3, int(name[1:])] for name, _ in rows)
    return afterwards / chosen_on - 1


def test_choosing_on_one_year_makes_the_chosen_shrink_and_a_mean_of_three_less_than_half_as_much(reused_warehouse):
    lucky = shrinkage(reused_warehouse, "revenue_amt")
    steady = shrinkage(reused_warehouse, "revenue_mean_3y_amt")
    # published for a yearly noise of 0.5: 14.5 %
    assert -0.22 < lucky < -0.08
    assert abs(steady) < abs(lucky) / 2


def test_weights_that_do_not_add_up_exactly_give_equal_customers_equal_scores(reused_warehouse):
    # 0.35, 0.15, 0.3 and 0.2 add up to 1 or to a little more, in another order
    half = {
        f"g{place:03}": {"potential_amt": place, "untapped_amt": place, "won_cnt": place} for place in range(1, 200)
    }
    groups = {**half, **{f"twin of {name}": figures for name, figures in half.items()}}
    items = [
        {"name": name, "metric": metric, "transform": "log", "weight": weight}
        for name, metric, weight in (
            ("potential", "potential_amt", 0.35),
            ("untapped", "untapped_amt", 0.15),
            ("won", "won_cnt", 0.3),
            ("again", "won_cnt", 0.2),
        )
    ]
    scored(reused_warehouse, groups, *items)
    distinct = reused_warehouse.rows("select count(distinct weight) from marts.candidate_criterion group by criterion")
    assert distinct == [(1,)] * 4
