"""Criteria from files of their own, and with single values changed."""

import pytest

from kam_pipeline.errors import ConfigurationError
from kam_pipeline.settings.criteria import Criteria
from kam_pipeline.settings.criteria_file import read_alternatives
from kam_pipeline.settings.source import Mapping

WHOLE = """
source: {kind: files, path: export}
criteria:
  cap: 20
  items:
    - {name: size, metric: revenue_amt, transform: log, weight: 1}
    - {name: tier, field: Industry, transform: map, map: {Gold: 1}, weight: 1}
  gates:
    - {name: known, metric: won_cnt, at_least: 2}
"""


def read(folder, text, *changes, is_own=False):
    path = folder / "other.yaml"
    path.write_text(text, encoding="utf-8")
    [found] = read_alternatives([] if is_own else [path], changes, path, Mapping())
    return found.criteria


def problems(folder, text, *changes, is_own=True):
    with pytest.raises(ConfigurationError) as raised:
        read(folder, text, *changes, is_own=is_own)
    return list(raised.value.problems)


def test_a_whole_kam_yaml_and_its_section_alone_say_the_same(tmp_path):
    alone = "\n".join(line[2:] for line in WHOLE.partition("criteria:\n")[2].splitlines())
    assert read(tmp_path, WHOLE) == read(tmp_path, alone)
    assert read(tmp_path, WHOLE).cap == 20


def test_a_kam_yaml_without_criteria_means_the_default_ones(tmp_path):
    assert read(tmp_path, "source: {kind: files, path: export}\n") == Criteria.model_validate({})


def test_values_are_changed_by_their_path(tmp_path):
    changes = (
        "cap=5", "weights.size=0.3", "items.tier.weight=2", "items.tier.map.Gold=0.5", "items.tier.map.No. 1=1",
        "gates.known.at_least=7", "stability.draws=0", "admit_without_revenue_from_potential_percentile=null",
    )  # fmt: skip
    found = read(tmp_path, WHOLE, *changes)
    assert (found.cap, found.stability.draws, found.admit_without_revenue_from_potential_percentile) == (5, 0, None)
    assert [item.weight for item in found.items] == [0.3, 2]
    assert found.items[1].map == {"Gold": 0.5, "No. 1": 1}
    assert found.gates[0].at_least == 7
    assert (found.min_coverage, found.stability.weight_change) == (0.8, 0.2)  # as they were


def test_a_weight_of_ready_criteria_can_be_changed_too(tmp_path):
    assert [item.weight for item in read(tmp_path, "cap: 9\n", "weights.growth=0.5").items] == [0.6, 0.5, 0.2]
    assert [item.weight for item in read(tmp_path, "preset: rfm\n", "weights.recency=1").items] == [1, 0.3, 0.5]
    assert len(Criteria.model_validate({}).items) == 3
    assert Criteria.model_validate({}).items[1].weight == 0.2  # the ready ones stay as they are


def test_ready_criteria_take_the_place_of_items(tmp_path):
    assert [item.name for item in read(tmp_path, WHOLE, "preset=rfm").items] == ["recency", "frequency", "monetary"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("weights.sise=1", "--set weights.sise=1: no criterion is called sise; did you mean size?"),
        ("gates.knwon.at_least=1", "--set gates.knwon.at_least=1: no gate is called knwon; did you mean known?"),
        ("items.size.wieght=1", "--set items.size.wieght=1: wieght: unknown name; did you mean weight?"),
        ("stability.drawz=1", "--set stability.drawz=1: drawz: unknown name; did you mean draws?"),
        ("weight.size=1", "--set weight.size=1: weight: unknown name; did you mean weights?"),
        ("cap.size=1", "--set cap.size=1: cap is a value of its own; write cap=..."),
        ("stability.draws.x=1", "--set stability.draws.x=1: stability.draws is a value of its own; write "
         "stability.draws=..."),
        ("items.size=1", "--set items.size=1: say what of size is to change, such as items.size.weight=..."),
        ("items.size.weight.x=1", "--set items.size.weight.x=1: weight is a value of its own; write "
         "items.size.weight=..."),
        ("weights=1", "--set weights=1: say which weight, such as weights.size=1"),
        ("cap=[", "--set cap=[: the value is no valid YAML; put quotes around the whole"),
        ("cap", "--set cap: write a path and a value, such as --set weights.growth=0.3"),
        ("cap=none", "other.yaml: criteria.cap: Input should be a valid integer, unable to parse string as an integer; "
         "found 'none'"),
    ],
)  # fmt: skip
def test_a_change_that_leads_nowhere_says_what_is_there(tmp_path, change, said):
    assert problems(tmp_path, WHOLE, change) == [said]


def test_every_change_that_leads_nowhere_is_told_with_its_file(tmp_path):
    assert problems(tmp_path, "gates: []\n", "gates.a.at_least=1", "capp=3", is_own=False) == [
        "other.yaml: --set gates.a.at_least=1: no gate is called a; there are none",
        "other.yaml: --set capp=3: capp: unknown name; did you mean cap?",
    ]


def test_a_field_that_is_not_taken_along_from_the_crm_is_named(tmp_path):
    text = "items: [{name: tier, field: Tier__c, transform: log, weight: 1}]\n"
    assert problems(tmp_path, text) == [
        "other.yaml: items.0.field: Tier__c is not taken along from the CRM; write mapping.Account.custom: [Tier__c]; "
        "known are Industry, Type, BillingCountry, AnnualRevenue, NumberOfEmployees, StrategicFit, MarketInfluence"
    ]


def test_a_field_that_is_not_taken_along_is_named_whatever_else_is_wrong(tmp_path):
    text = "items: [{name: tier, field: Tier__c, transform: log, weight: -1}]\n"
    assert [line.split(": ")[1] for line in problems(tmp_path, text)] == ["items.0.weight", "items.0.field"]


def test_shapes_that_make_no_sense_are_told_and_end_nothing_else(tmp_path):
    assert problems(tmp_path, "source: {kind: files, path: x}\ncriteria: 3\n") == [
        "other.yaml: criteria: must hold names and values; found 3"
    ]
    assert problems(tmp_path, "items: 3\n", "weights.a=1") == [
        "--set weights.a=1: no criterion is called a; there are none"
    ]
    assert problems(tmp_path, "items: 3\n") == ["other.yaml: items: Input should be a valid list; found 3"]
