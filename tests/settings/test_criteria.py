"""Section `criteria`: what is taken, what is refused, and that everything wrong with it is said at once."""

import json

import pytest

from kam_pipeline.errors import ConfigurationError
from kam_pipeline.expressions import expression_columns, expression_problems
from kam_pipeline.settings import load_configuration
from kam_pipeline.settings.criteria import Criteria
from kam_pipeline.settings.presets import PRESETS

COLUMNS = {"revenue_amt": "DOUBLE", "prior_amt": "DOUBLE", "won_cnt": "DOUBLE"}
SOURCE = "source: {kind: files, path: .}\n"


def problems(folder, text):
    path = folder / "kam.yaml"
    path.write_text(SOURCE + text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(path)
    return str(caught.value).splitlines()


def item(**fields):
    return {"name": "c", "metric": "won_cnt", "transform": "log", "weight": 1, **fields}


# --- expressions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "0.5 * revenue_amt + 0.3 * prior_amt",
        "case when revenue_amt > 10 and prior_amt is not null then 1 else 0 end",
        "coalesce(ln(revenue_amt), 0)",
        "won_cnt in (1, 2)",
        "Revenue_Amt between 1 and 2 -- as written",
        "nullif(revenue_amt, 0)::double",
    ],
)
def test_an_expression_over_one_row_is_taken(text):
    assert expression_problems(text, COLUMNS) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("(select 1)", "subquery: is not allowed"),
        ("sum(revenue_amt)", "sum(): is not allowed"),
        ("read_csv('x')", "read_csv(): is not allowed"),
        ("getenv('HOME')", "getenv(): is not allowed"),
        ("random()", "random(): is not allowed"),
        ("row_number() over ()", "window row number: is not allowed"),
        ("current_date", "current_date: no such column"),
        ("revenu_amt", "did you mean revenue_amt?"),
        ("other.revenue_amt", "other.revenue_amt: no such column"),
        ("$1", "value parameter: is not allowed"),
        ("*", "star: is not allowed"),
        ("1) as x, (2", "more than one value"),
        ("1) from range(3) where (true", "more than one value"),
        ("revenue_amt; drop table x", "is no SQL expression"),
        ("'text'", "gives VARCHAR and not a number"),
        ("revenue_amt * 'x'", "x"),
    ],
)
def test_an_expression_that_reaches_further_is_refused_with_the_way_out(text, problem):
    found = expression_problems(text, COLUMNS)
    assert len(found) == 1
    assert problem in found[0]


def test_every_problem_of_an_expression_is_told_at_once():
    found = expression_problems("sum(foo) + bar", COLUMNS)
    assert [text.split(":")[0] for text in found] == ["sum()", "foo", "bar"]


def test_the_columns_of_an_expression_are_known():
    assert expression_columns("prior_amt + REVENUE_AMT * prior_amt") == ("prior_amt", "revenue_amt")


# --- the section -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_is_a_whole_set_of_criteria(preset):
    criteria = Criteria.model_validate({"preset": preset})
    assert sum(given.weight for given in criteria.items) == pytest.approx(1)
    assert all(given.labels[1] for given in criteria.items)


def test_the_default_gives_revenue_at_least_half():
    weights = {given.name: given.weight for given in Criteria.model_validate({}).items}
    assert weights["revenue"] >= 0.5


def test_the_text_that_is_kept_reads_back_as_the_same_criteria(tmp_path):
    (tmp_path / "kam.yaml").write_text(SOURCE + "criteria: {preset: rfm, cap: 12}\n", encoding="utf-8")
    configuration = load_configuration(tmp_path / "kam.yaml")
    text = configuration.criteria_text
    assert Criteria.model_validate_json(text) == configuration.settings.criteria.model_copy(update={"preset": None})
    # which preset they came from is not part of what they are
    assert "preset" not in json.loads(text)


def test_everything_wrong_with_the_criteria_is_said_at_once(tmp_path):
    found = problems(
        tmp_path,
        """criteria:
  caps: 3
  items:
    - {name: a, metric: revenu_amt, transform: bands, weight: 0}
    - {name: a, expression: "sum(revenue_amt)", transform: log, weight: 0}
    - {name: b, metric: revenue_amt, transform: percentile, weight: 0}
    - {name: c, metric: won_cnt, transform: log, weight: 0}
    - {name: c, metric: won_cnt, transform: log, weight: -1}
  gates:
    - {name: g, metric: revenue_amt, at_least: 10}
    - {name: h, metric: revenue_amt, at_most: 5}
    - {name: i, metric: revenue_amt, at_least: 9, at_most: 5}
""",
    )
    starts = [line.removeprefix("kam.yaml: ").split(": ")[0] for line in found]
    assert sorted(starts) == [
        "criteria.caps", "criteria.gates", "criteria.gates.2", "criteria.items", "criteria.items.0", "criteria.items.1",
        "criteria.items.2", "criteria.items.4.weight",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"items": [item(weight=0)]}, "all weights are zero"),
        ({"items": [item(), item()]}, "c is there twice"),
        ({"items": [item(metric=None)]}, "write one of metric, field and expression (none is given)"),
        ({"items": [item(field="Industry")]}, "metric and field are given"),
        ({"items": [item(rollup="sum")]}, "rollup goes with field alone"),
        ({"items": [item(transform="map", map={"a": 1})]}, "transform: map goes with field"),
        ({"items": [item(transform="bands")]}, "transform bands: needs bands"),
        ({"items": [item(map={"a": 1})]}, "map: goes with transform: map"),
        (
            {"items": [item(transform="bands", bands=[{"at_least": 1, "score": 1}, {"at_least": 1, "score": 0}])]},
            "two steps begin at the same figure",
        ),
        ({"items": [item(metric="similar_revenue_amt")]}, "an estimate must not be what decides"),
        ({"items": [item(expression="similar_revenue_amt * 2", metric=None)]}, "an estimate must not be what decides"),
        ({"preset": "rfm", "items": [item()]}, "preset and items are both there"),
        ({"gates": [{"name": "c", "metric": "won_cnt"}], "items": [item()]}, "write at_least and/or at_most"),
        ({"gates": [{"name": "c", "metric": "won_cnt", "at_least": 1}], "items": [item()]}, "and of a gate"),
        ({"gates": [{"name": "g", "metric": "won_cnt", "one_of": ["a"]}]}, "one_of and none_of go with field"),
        (
            {"gates": [
                {"name": "g", "field": "Industry", "one_of": ["a"]},
                {"name": "h", "field": "Industry", "none_of": ["a", "b"]},
            ]},
            "g and h contradict each other",
        ),
        ({"capacity": {"min_programme": 40}}, "must not fall"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(given, problem):
    with pytest.raises(ValueError, match="Criteria") as caught:
        Criteria.model_validate(given)
    assert problem in str(caught.value)


def test_a_field_that_is_not_taken_along_is_refused_with_the_way_out(tmp_path):
    text = """mapping: {Account: {custom: [Tier__c]}}
criteria:
  items:
    - {name: a, field: Teir__c, transform: map, map: {A: 1}, weight: 1}
    - {name: b, field: Tier__c, transform: map, map: {A: 1}, weight: 1}
"""
    assert problems(tmp_path, text) == [
        "kam.yaml: criteria.items.0.field: Teir__c is not taken along from the CRM; write "
        "mapping.Account.custom: [Teir__c]; did you mean Tier__c?"
    ]
