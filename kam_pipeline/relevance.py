"""Is key account management right for this company: the tests, and the verdict that follows from them.

What belongs here: the decision rule on measured figures, per basis. What does not: measuring
(sql/marts/revenue_concentration.sql, concentration.py), the wording (relevance_words.py), dependence on single
customers, which is a risk and no reason (sql/marts/dependence_risk.sql). The Herfindahl index plays no part here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

import pandas as pd

from kam_pipeline import relevance_words as words
from kam_pipeline.contracts import parse_contract
from kam_pipeline.relevance_words import Wording
from kam_pipeline.settings.business import Relevance
from kam_pipeline.warehouse import Warehouse

Verdict = Literal["relevant", "borderline", "not_relevant", "insufficient_data"]

RELEVANCE_TEST = parse_contract(
    "marts",
    """
relevance_test
    Every test behind the relevance verdict, with its figure and threshold.

grain  : one row per as_of_date, basis and test
key    : as_of_date, basis, test
inputs : marts.relevance_figure, settings.relevance
readers: published
rules  :
  basis in group, account
  test in enough_customers, enough_months, revenue_attributed, top_10_pct_low, top_10_pct_high, marked_customer,
    dependence, clear_of_thresholds
  source, source_da, statement, statement_da not null
columns:
  as_of_date    DATE     snapshot date
  basis         VARCHAR  group or account
  test          VARCHAR  enough_customers, enough_months, revenue_attributed, top_10_pct_low, top_10_pct_high,
                         marked_customer, dependence or clear_of_thresholds
  passed        BOOLEAN  whether the statement of the test holds; null where it cannot be known
  value         DOUBLE   the figure tested: a count, a number of months or a share 0..1; null where unknown
  threshold     DOUBLE   what it was held against
  source        VARCHAR  where the threshold comes from, or judgement
  source_da     VARCHAR  the same in Danish
  statement     VARCHAR  what passing means, in words
  statement_da  VARCHAR  the same in Danish
""",
    __name__,
)

KAM_RELEVANCE = parse_contract(
    "marts",
    """
kam_relevance
    Is key account management right for this company? The group row is the verdict, the account row the leaf view.

grain  : one row per as_of_date and basis
key    : as_of_date, basis
inputs : marts.relevance_figure, settings.relevance
readers: published
rules  :
  basis in group, account
  verdict in relevant, borderline, not_relevant, insufficient_data
  verdict, reason, reason_da not null
columns:
  as_of_date  DATE     snapshot date
  basis       VARCHAR  group or account
  verdict     VARCHAR  relevant, borderline, not_relevant or insufficient_data
  reason      VARCHAR  why, and which tests failed
  reason_da   VARCHAR  the same in Danish
""",
    __name__,
)


@dataclass(frozen=True)
class MeasuredConcentration:
    """What the verdict rests on, for one basis.

    Attributes
    ----------
    entities_cnt : int
        Groups or accounts with revenue above zero in the window.
    months_cnt : int
        Whole calendar months between the first revenue and the date.
    unattributed_share : float or None
        Share of revenue without account, amount or rate, 0..1; None without any revenue.
    top_share, top_low, top_high : float or None
        Share of the top 10 % and its 95 % interval.
    largest_share : float or None
        Share of the largest customer.
    """

    entities_cnt: int
    months_cnt: int
    unattributed_share: float | None
    top_share: float | None
    top_low: float | None
    top_high: float | None
    largest_share: float | None


@dataclass(frozen=True)
class RelevanceTest:
    """One test: a statement, whether it holds, and on which figures."""

    test: str
    passed: bool | None
    value: float | None
    threshold: float
    source: str
    source_da: str
    statement: str
    statement_da: str


def relevance_tests(measured: MeasuredConcentration, rule: Relevance) -> list[RelevanceTest]:
    """Return every test with its outcome, in the order in which they decide.

    Parameters
    ----------
    measured : MeasuredConcentration
        The figures.
    rule : Relevance
        The thresholds.

    Returns
    -------
    list[RelevanceTest]
        All eight tests; one that lacks its figure has `passed` None.
    """
    near = _distance_to_threshold(measured, rule)
    is_small = measured.entities_cnt < rule.small_population
    is_clear = None if near is None else not (is_small and near <= rule.small_population_margin)
    defaults = Relevance()
    lognormal = words.LOGNORMAL if rule.relevant_from == defaults.relevant_from else words.OWN_SETTING
    disclosed_from = rule.dependence.largest_share.elevated_from
    is_disclosure = disclosed_from == defaults.dependence.largest_share.elevated_from
    disclosure = words.DISCLOSURE if is_disclosure else words.OWN_SETTING
    largest = measured.largest_share
    return [
        _at_least("enough_customers", measured.entities_cnt, rule.min_groups),
        _at_least("enough_months", measured.months_cnt, rule.min_months),
        _at_most("revenue_attributed", measured.unattributed_share, rule.max_unattributed_share),
        _at_least("top_10_pct_low", measured.top_low, rule.relevant_from, lognormal),
        _below("top_10_pct_high", measured.top_high, rule.not_relevant_below),
        _at_least("marked_customer", largest, rule.marked_share),
        _at_least("dependence", largest, disclosed_from, disclosure),
        _stated("clear_of_thresholds", is_clear, near, rule.small_population_margin, small=rule.small_population),
    ]


def verdict_of(tests: Sequence[RelevanceTest]) -> tuple[Verdict, Wording]:
    """Return the verdict that follows from the tests, and its reason.

    Parameters
    ----------
    tests : Sequence[RelevanceTest]
        The outcome of `relevance_tests`.

    Returns
    -------
    tuple[Verdict, Wording]
        The verdict, and one or two sentences in each language.
    """
    by_name = {test.test: test for test in tests}
    lacking = [by_name[name] for name in ("enough_customers", "enough_months", "revenue_attributed")]
    unmet = [words.shortfall(test.test, test.value, test.threshold) for test in lacking if not test.passed]
    low, high = by_name["top_10_pct_low"], by_name["top_10_pct_high"]
    if unmet or low.value is None or high.value is None:
        return "insufficient_data", Wording(*map(" ".join, zip(*unmet, strict=True))) if unmet else words.NO_INTERVAL
    opening = words.interval(low.value, high.value)
    largest = by_name["marked_customer"]
    is_marked = bool(largest.passed or by_name["dependence"].passed)
    if not by_name["clear_of_thresholds"].passed:
        return "borderline", opening.joined(words.TOO_NEAR).joined(_failed(by_name, "clear_of_thresholds"))
    if low.passed:
        return "relevant", opening.joined(words.CONCENTRATED)
    if high.passed and not is_marked:
        return "not_relevant", opening.joined(words.SPREAD).joined(_failed(by_name, "top_10_pct_low"))
    ending = words.largest_alone(largest.value) if is_marked and largest.value is not None else words.BETWEEN
    return "borderline", opening.joined(ending).joined(_failed(by_name, "top_10_pct_low", "top_10_pct_high"))


def _failed(tests: Mapping[str, RelevanceTest], *names: str) -> Wording:
    """Return the sentence on those of the named tests that failed."""
    said = {
        "clear_of_thresholds": words.too_near_failed,
        "top_10_pct_low": words.low_end_failed,
        "top_10_pct_high": words.high_end_failed,
    }
    unmet = [tests[name] for name in names if not tests[name].passed]
    return words.failed([said[test.test](test.value, test.threshold) for test in unmet if test.value is not None])


def relevance_test_frame(warehouse: Warehouse, rule: Relevance, as_of_date: date) -> pd.DataFrame:
    """Return every test of both bases as rows of `RELEVANCE_TEST`.

    Parameters
    ----------
    warehouse : Warehouse
        With `marts.relevance_figure` of the date.
    rule : Relevance
        The thresholds.
    as_of_date : date
        The date.

    Returns
    -------
    pd.DataFrame
        One row per basis and test.
    """
    rows = [
        {"as_of_date": as_of_date, "basis": basis, **asdict(test)}
        for basis, tests in _tests_by_basis(warehouse, rule, as_of_date).items()
        for test in tests
    ]
    return pd.DataFrame(rows).astype({"passed": "boolean", "value": "float64"})


def kam_relevance_frame(warehouse: Warehouse, rule: Relevance, as_of_date: date) -> pd.DataFrame:
    """Return the verdict of both bases as rows of `KAM_RELEVANCE`; parameters as in `relevance_test_frame`."""
    rows = []
    for basis, tests in _tests_by_basis(warehouse, rule, as_of_date).items():
        verdict, reason = verdict_of(tests)
        rows.append((as_of_date, basis, verdict, reason.english, reason.danish))
    return pd.DataFrame(rows, columns=[column.name for column in KAM_RELEVANCE.columns])


def _tests_by_basis(warehouse: Warehouse, rule: Relevance, as_of_date: date) -> dict[str, list[RelevanceTest]]:
    rows = warehouse.rows(
        "select basis, entities_cnt, months_cnt, unattributed_share, top_share, top_low, top_high, largest_share "
        "from marts.relevance_figure where as_of_date = $day order by basis",
        {"day": as_of_date},
    )
    return {row[0]: relevance_tests(MeasuredConcentration(*row[1:]), rule) for row in rows}


def _distance_to_threshold(measured: MeasuredConcentration, rule: Relevance) -> float | None:
    if measured.top_share is None:
        return None
    return round(
        min(abs(measured.top_share - rule.relevant_from), abs(measured.top_share - rule.not_relevant_below)), 12
    )


def _at_least(test: str, value: float | None, threshold: float, source: Wording = words.JUDGEMENT) -> RelevanceTest:
    return _stated(test, None if value is None else value >= threshold, value, threshold, source)


def _at_most(test: str, value: float | None, threshold: float) -> RelevanceTest:
    return _stated(test, None if value is None else value <= threshold, value, threshold)


def _below(test: str, value: float | None, threshold: float) -> RelevanceTest:
    return _stated(test, None if value is None else value < threshold, value, threshold)


def _stated(
    test: str,
    passed: bool | None,
    value: float | None,
    threshold: float,
    source: Wording = words.JUDGEMENT,
    **figures: int,
) -> RelevanceTest:
    english, danish = (text.format(**figures) for text in words.STATEMENTS[test])
    return RelevanceTest(test, passed, value, threshold, source.english, source.danish, english, danish)
