"""Great Expectations decides: what lies within its bounds passes, what cannot be evaluated has failed."""

import great_expectations as gx
import pytest

from kam_pipeline.quality import expectations
from kam_pipeline.quality.expectations import judge, was_raised
from kam_pipeline.quality.gate import Figure, gate
from tests.pipeline.conftest import within_bounds

ERROR = gate("a_gate", "Catches nothing but examples.", "thing", "core.thing", "error")


def outcome(*bounds, value):
    return judge([Figure(ERROR, value, *bounds)])[0].passed


@pytest.mark.parametrize(
    ("value", "lowest", "highest", "passed"),
    [
        (0, None, 0, True),
        (1, None, 0, False),
        (1, 1, None, True),
        (0, 1, None, False),
        (-0.01, 0, 0, False),
        (0.2, None, 0.2, True),
    ],
)
def test_bounds_are_themselves_allowed(value, lowest, highest, passed):
    assert outcome(lowest, highest, value=value) is passed


def test_what_is_not_known_or_has_no_bound_neither_passes_nor_fails():
    assert outcome(None, 0, value=None) is None
    assert outcome(None, None, value=5) is None


def test_the_companies_of_tests_are_judged_as_great_expectations_judges():
    values, bounds = (None, -1, 0, 0.2, 1, 2**60), (None, -0.5, 0, 0.2, 1)
    figures = [
        Figure(ERROR, value, lowest, highest) for value in values for lowest in bounds for highest in bounds
        if lowest is None or highest is None or lowest <= highest
    ]  # fmt: skip
    judged = judge(figures)
    assert within_bounds(figures) == judged
    assert {check.passed for check in judged} == {True, False, None}


def test_an_expectation_that_raises_has_failed(monkeypatch):
    def raising(name, figure):
        # a number is no date to be read
        return gx.expectations.ExpectColumnValuesToMatchStrftimeFormat(column=name, strftime_format="%Y")

    monkeypatch.setattr(expectations, "_expectation", raising)
    assert outcome(None, 5, value=1) is False


def test_an_expectation_without_a_result_has_failed(monkeypatch):
    def elsewhere(name, figure):
        return gx.expectations.ExpectColumnMaxToBeBetween(column=f"not {name}", max_value=5)

    monkeypatch.setattr(expectations, "_expectation", elsewhere)
    assert outcome(None, 5, value=1) is False


def test_an_exception_is_seen_also_where_it_is_told_of_a_single_metric():
    assert was_raised({"raised_exception": True})
    assert was_raised({"('column.max', 'x')": {"raised_exception": True, "exception_message": "no"}})
    assert not was_raised({"raised_exception": False})
    assert not was_raised({"('column.max', 'x')": {"raised_exception": False}})
    assert not was_raised(None)


def test_outcomes_come_in_the_order_of_the_figures_whatever_their_tables():
    other = gate("b_gate", "Catches nothing but examples.", "other", "core.other")
    figures = [Figure(ERROR, 1, highest=0), Figure(other, 0, highest=0), Figure(ERROR, 0, highest=0)]
    assert [(check.check, check.passed) for check in judge(figures)] == [
        ("a_gate", False),
        ("b_gate", True),
        ("a_gate", True),
    ]


def test_a_night_says_nothing_on_the_terminal_while_it_judges(capfd):
    judge([Figure(ERROR, 1, highest=0)])
    assert capfd.readouterr() == ("", "")
