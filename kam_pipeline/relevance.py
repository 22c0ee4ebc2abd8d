"""Is key account management right for this company: the tests, and the verdict that follows from them.

What belongs here: the decision rule on measured figures, per basis. What does not: measuring
(sql/marts/revenue_concentration.sql, concentration.py), the wording (relevance_words.py), dependence on single
customers, which is a risk and no reason (sql/marts/dependence_risk.sql). The Herfindahl index plays no part here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kam_pipeline import relevance_words as words
from kam_pipeline.contracts import parse_contract
from kam_pipeline.relevance_words import Wording
from kam_pipeline.settings.business import Relevance

Verdict = Literal["relevant", "borderline", "not_relevant", "insufficient_data"]
JUDGEMENT = "judgement"

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
  statement, statement_da not null
columns:
  as_of_date    DATE     snapshot date
  basis         VARCHAR  group or account
  test          VARCHAR  enough_customers, enough_months, revenue_attributed, top_10_pct_low, top_10_pct_high,
                         marked_customer, dependence or clear_of_thresholds
  passed        BOOLEAN  whether the statement of the test holds; null where it cannot be known
  value         DOUBLE   the figure tested: a count, a number of months or a share 0..1; null where unknown
  threshold     DOUBLE   what it was held against
  source        VARCHAR  where the threshold comes from, or judgement
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
  reason      VARCHAR  why, in one or two sentences
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
        Whole calendar months between the first won close and the date.
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
    lognormal = "judgement: lognormal revenue with sigma 1"
    disclosure = "ASC 280-10-50-42, IFRS 8.34"
    largest = measured.largest_share
    return [
        _at_least("enough_customers", measured.entities_cnt, rule.min_groups),
        _at_least("enough_months", measured.months_cnt, rule.min_months),
        _at_most("revenue_attributed", measured.unattributed_share, rule.max_unattributed_share),
        _at_least("top_10_pct_low", measured.top_low, rule.relevant_from, lognormal),
        _below("top_10_pct_high", measured.top_high, rule.not_relevant_below),
        _at_least("marked_customer", largest, rule.marked_share),
        _at_least("dependence", largest, rule.dependence_share, disclosure),
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
    if not by_name["clear_of_thresholds"].passed:
        return "borderline", opening.joined(words.TOO_NEAR)
    if low.passed:
        return "relevant", opening.joined(words.CONCENTRATED)
    is_marked = bool(by_name["marked_customer"].passed or by_name["dependence"].passed)
    if high.passed and not is_marked:
        return "not_relevant", opening.joined(words.SPREAD)
    largest = by_name["marked_customer"].value
    if is_marked and largest is not None:
        return "borderline", opening.joined(words.largest_alone(largest))
    return "borderline", opening.joined(words.BETWEEN)


def _distance_to_threshold(measured: MeasuredConcentration, rule: Relevance) -> float | None:
    if measured.top_share is None:
        return None
    return round(
        min(abs(measured.top_share - rule.relevant_from), abs(measured.top_share - rule.not_relevant_below)), 12
    )


def _at_least(test: str, value: float | None, threshold: float, source: str = JUDGEMENT) -> RelevanceTest:
    return _stated(test, None if value is None else value >= threshold, value, threshold, source)


def _at_most(test: str, value: float | None, threshold: float) -> RelevanceTest:
    return _stated(test, None if value is None else value <= threshold, value, threshold)


def _below(test: str, value: float | None, threshold: float) -> RelevanceTest:
    return _stated(test, None if value is None else value < threshold, value, threshold)


def _stated(
    test: str, passed: bool | None, value: float | None, threshold: float, source: str = JUDGEMENT, **figures: int
) -> RelevanceTest:
    english, danish = (text.format(**figures) for text in words.STATEMENTS[test])
    return RelevanceTest(test, passed, value, threshold, source, english, danish)
