"""Section `criteria`: what is taken, what is refused, and that everything wrong with it is said at once."""

import json

import pytest

from kam_pipeline.errors import ConfigurationError
from kam_pipeline.expressions import expression_columns, expression_problems
from kam_pipeline.settings import load_configuration, schema_text
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


def test_what_cannot_be_read_hides_nothing_else(tmp_path):
    found = problems(
        tmp_path,
        """criteria:
  cap: 0
  items:
    - {name: a, metric: revenu_amt, transform: log, weight: -1}
    - {name: a, field: Tier__c, transform: bands, bands: [{score: 2}], weight: 1}
    - {name: b, metric: won_cnt, field: 3, transform: lgo, rollup: sum, weight: 1}
    - 7
  gates:
    - {name: b, metric: won_cnt, at_least: 10, reason: [x]}
    - {name: c, metric: won_cnt, at_most: 5, at_leest: 3}
    - {name: d, metric: won_cnt, at_most: many}
""",
    )
    told = [line.removeprefix("kam.yaml: criteria").removeprefix(".").split("; ")[0] for line in found]
    assert sorted(told) == [
        ": b is the name of a criterion and of a gate",
        "cap: Input should be greater than or equal to 1",
        "gates.0.reason: Input should be a valid string",
        "gates.1.at_leest: unknown name",
        "gates.2.at_most: Input should be a valid number, unable to parse string as a number",
        "gates: b and c contradict each other: no customer can pass both",
        "items.0.weight: Input should be greater than or equal to 0",
        "items.0: metric revenu_amt: no such figure",
        "items.1.bands.0.score: Input should be less than or equal to 1",
        "items.1.field: Tier__c is not taken along from the CRM",
        "items.2.field: 3 is a number and no text",
        "items.2.transform: Input should be 'log', 'percentile', 'bands', 'boolean' or 'map'",
        "items.3: Input should be a valid dictionary or instance of Criterion",
        "items: a is there twice",
    ]


def test_a_preset_beside_items_is_told_together_with_what_is_wrong_in_them(tmp_path):
    text = "criteria: {preset: rfm, items: [{name: a, metric: won_cnt, transform: log, weight: -1}], cap: 0}\n"
    starts = [line.removeprefix("kam.yaml: ").split(": ")[0] for line in problems(tmp_path, text)]
    assert sorted(starts) == ["criteria", "criteria.cap", "criteria.items.0.weight"]


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
        (
            {"gates": [
                {"name": "g", "field": "Industry", "one_of": ["Bank"]},
                {"name": "h", "field": "industry", "none_of": ["BANK "]},
            ]},
            "g and h contradict each other",
        ),
        (
            {"gates": [
                {"name": "g", "expression": "won_cnt + 1", "at_least": 5},
                {"name": "h", "expression": "WON_CNT + 1", "at_most": 2},
            ]},
            "g and h contradict each other",
        ),
        (
            {"gates": [{"name": "g", "field": "Industry", "one_of": ["Bank", "Retail"], "none_of": ["BANK"]}]},
            "Bank is in one_of and in none_of",
        ),
        (
            {"items": [item(metric=None, field="Type", transform="map", map={"Guld": 1, "guld ": 0.2})]},
            "map: 'Guld' and 'guld ' are the same value",
        ),
        (
            {"items": [item(metric=None, field="Type", transform="map", map={"Gold": 1}, rollup="sum")]},
            "rollup: sum adds scores up to more than 1",
        ),
        (
            {"gates": [{"name": "g", "metric": "similar_revenue_amt", "at_least": 1000}]},
            "an estimate from other customers must not bar anybody",
        ),
        (
            {"gates": [{"name": "g", "expression": "revenue_amt + Similar_Revenue_Amt", "at_least": 1000}]},
            "an estimate from other customers must not bar anybody",
        ),
        (
            {"items": [item(metric="similar_revenue_amt", when_missing="ineligible"), item(name="d", weight=2)]},
            "an estimate from other customers must not bar anybody",
        ),
        ({"capacity": {"min_programme": 40}}, "must not fall"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(given, problem):
    with pytest.raises(ValueError, match="Criteria") as caught:
        Criteria.model_validate(given)
    assert problem in str(caught.value)


@pytest.mark.parametrize("figure", ["nan", "inf", "-inf"])
def test_a_limit_that_is_no_number_is_refused(tmp_path, figure):
    found = problems(
        tmp_path,
        f"""criteria:
  items:
    - {{name: a, metric: won_cnt, transform: bands, bands: [{{at_least: .{figure}, score: 1}}], weight: 1}}
  gates:
    - {{name: g, metric: won_cnt, at_least: .{figure}}}
    - {{name: h, metric: won_cnt, at_most: .{figure}}}
""".replace(".-inf", "-.inf"),
    )
    assert found == [
        f"kam.yaml: criteria.{where}: Input should be a finite number; found {figure}"
        for where in ("items.0.bands.0.at_least", "gates.0.at_least", "gates.1.at_most")
    ]


@pytest.mark.parametrize(
    ("text", "where", "most"),
    [
        ("cap: 99999999999999999999", "cap", 1_000_000),
        ("overrides: {max_days: 3000000}", "overrides.max_days", 36_600),
        ("capacity: {too_many: 99999999999}", "capacity.too_many", 1_000_000),
        ("potential: {min_groups: 99999999999}", "potential.min_groups", 1_000_000),
        ("items: [{name: a, metric: won_cnt, transform: log, weight: 1.0e+308}]", "items.0.weight", 1_000_000),
        (
            "items: [{name: a, metric: won_cnt, transform: log, weight: 1, min_known_cnt: 99999999999}]",
            "items.0.min_known_cnt",
            1_000_000,
        ),
    ],
)
def test_a_number_that_is_too_large_to_make_sense_is_refused(tmp_path, text, where, most):
    [found] = problems(tmp_path, f"criteria:\n  {text}\n")
    assert found.startswith(f"kam.yaml: criteria.{where}: Input should be less than or equal to {most}; found ")


def test_a_text_that_is_none_without_quotes_says_to_write_it_in_quotes(tmp_path):
    found = problems(
        tmp_path,
        """criteria:
  items:
    - {name: a, field: Type, transform: map, map: {yes: 1, 2.5: 0.5}, weight: 1}
  gates:
    - {name: g, field: Type, one_of: [1, 2024-12-31, no]}
""",
    )
    assert found == [
        f"kam.yaml: criteria.{text}"
        for text in (
            'items.0.map: yes, on, true without quotes mean true; write the text in quotes, such as "yes"',
            'items.0.map: 2.5 is a number and no text; write it in quotes: "2.5"',
            'gates.0.one_of.0: 1 is a number and no text; write it in quotes: "1"',
            'gates.0.one_of.1: 2024-12-31 is a date and no text; write it in quotes: "2024-12-31"',
            'gates.0.one_of.2: no, off, false without quotes mean false; write the text in quotes, such as "no"',
        )
    ]


def test_an_editor_takes_criteria_without_items():
    assert "required" not in json.loads(schema_text())["$defs"]["Criteria"]


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
