"""What the words at the top of the report rest on: what a yes lacks, and how key accounts compare with the others.

What belongs here: which figures make a sentence and what may be concluded from two of them. What does not: the
sentences (texts.yaml), the figures (the reading modules).
"""

from dataclasses import dataclass
from typing import Literal

from kam_pipeline.report.contents import Condition, Verdict
from kam_pipeline.report.figures import Figure, Kpis
from kam_pipeline.report.whole import Report

COMPARED = (
    "growth_yoy", "win_rate_count", "meetings_cnt", "nps", "csat", "profit_amt", "gross_margin_share",
)  # fmt: skip
"""What a sales leader asks about first: growth, wins, meetings, satisfaction, profit."""
NEEDED = frozenset({"enough_customers", "enough_months", "revenue_attributed", "clear_of_thresholds", "top_10_pct_low"})
"""The tests that a yes needs; the others speak for a no, or warn of dependence."""

Pace = Literal["faster", "slower", "equal", "unproven", "unknown"]
"""How growth of the key accounts compares; unproven where an interval is missing, so that nothing may be concluded."""


@dataclass(frozen=True)
class Comparison:
    """One KPI of the key portfolio beside the others; `is_apart` is None without two intervals."""

    kpi: str
    key: Figure
    other: Figure | None
    is_apart: bool | None


@dataclass(frozen=True)
class HowTheyAre:
    """The comparison as a whole: the pace of growth and its line, what is known, and what is not."""

    pace: Pace
    growth: Comparison | None
    known: tuple[Comparison, ...]
    unknown: tuple[tuple[str, Figure | None], ...]


def lacking(verdict: Verdict) -> tuple[Condition, ...]:
    """Return the tests that a yes needs and that do not hold, or cannot be known."""
    return tuple(item for item in verdict.conditions if item.test in NEEDED and item.passed is not True)


def how_they_are(kpis: Kpis) -> HowTheyAre:
    """Compare the key portfolio with the others, KPI by KPI."""
    known, unknown = [], []
    for kpi in COMPARED:
        figures = kpis.portfolios.get(kpi, {})
        key, other = figures.get("key"), figures.get("other")
        if key is not None and key.is_measured:
            known.append(Comparison(kpi, key, other, _apart(key, other)))
        elif kpi in kpis.definitions or figures:
            unknown.append((kpi, key))
    growth = next((line for line in known if line.kpi == "growth_yoy"), None)
    return HowTheyAre(_pace(growth), growth, tuple(known), tuple(unknown))


def rests_on_nothing(report: Report) -> bool:
    """Return whether the decisions of the list rest on no revenue at all, so that none of them is an answer."""
    return report.verdict.verdict == "insufficient_data" and not report.ranking.has_revenue


def _apart(key: Figure, other: Figure | None) -> bool | None:
    if other is None or not other.is_measured:
        return None
    if key.ci_low is None or key.ci_high is None or other.ci_low is None or other.ci_high is None:
        return None
    return key.ci_low > other.ci_high or key.ci_high < other.ci_low


def _pace(growth: Comparison | None) -> Pace:
    """Say who grows faster, which takes two intervals that lie apart."""
    if growth is None or growth.other is None or growth.key.value is None or growth.other.value is None:
        return "unknown"
    if growth.is_apart is None:
        return "unproven"
    if not growth.is_apart:
        return "equal"
    return "faster" if growth.key.value > growth.other.value else "slower"
