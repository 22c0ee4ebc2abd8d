"""What a report holds: small frozen values, as they were found in the published file.

What belongs here: shapes of the verdict, the ranking, quality and changes, and the whole. What does not: KPIs and
maturity (figures.py), finding anything (reading.py and the other reading modules), wording, layout.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from kam_pipeline.report.figures import Both, Figure


@dataclass(frozen=True)
class Snapshot:
    """Where every figure leads back to; see the published table `snapshot`."""

    as_of_date: date
    run_id: str
    created_at: datetime
    criteria_version: str
    config_version: str
    reporting_currency: str
    revenue_basis: str
    data_cut_at: datetime
    is_restated: bool
    source: str
    dates_cnt: int


@dataclass(frozen=True)
class Condition:
    """One test of the relevance verdict."""

    test: str
    passed: bool | None
    value: float | None
    threshold: float | None
    statement: Both


@dataclass(frozen=True)
class Verdict:
    """Is key account management right here: for groups, and as the leaf view for accounts."""

    verdict: str
    reason: Both
    account_verdict: str | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % interval, None where it has none, and how many customers it rests on."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Concentration:
    """How concentrated revenue is, for one basis: metrics by name, and the points of the Lorenz curve."""

    metrics: Mapping[str, Interval]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Candidate:
    """One group of the ranking.

    `growth` is None where the KPI tables do not speak of it; so are the range of its ranks and the stability of its
    band where they were not drawn.
    """

    group_id: str
    name: str
    url: str | None
    rank: int
    score: float
    revenue_amt: Decimal | None
    revenue_share: float | None
    decision: str
    band: str
    is_in_list: bool
    override: str | None
    rank_low: int | None
    rank_high: int | None
    band_stability: float | None
    growth: Figure | None
    reason: Both


@dataclass(frozen=True)
class Ranking:
    """Who: counts over the whole ranking, and the groups worth a row.

    Attributes
    ----------
    groups_cnt, list_cnt : int
        Groups ranked; groups on the proposed list.
    is_designation_known : bool
        Some field says who is a key account today.
    has_revenue : bool
        Some group has known revenue above zero.
    decisions : Mapping[str, int]
        Groups per decision.
    rows : tuple[Candidate, ...]
        The list, designated groups and near misses by rank.
    more_cnt : int
        Groups ranked that have no row here.
    """

    groups_cnt: int
    list_cnt: int
    is_designation_known: bool
    has_revenue: bool
    decisions: Mapping[str, int]
    rows: tuple[Candidate, ...]
    more_cnt: int

    @property
    def is_drawn(self) -> bool:
        """Whether it is known of any row how firm its rank is."""
        return any(row.band_stability is not None for row in self.rows)

    @property
    def largest_share(self) -> float:
        """The largest share of revenue among the rows, 1 where none is known: the full length of a bar."""
        return max((row.revenue_share for row in self.rows if row.revenue_share), default=1.0)


@dataclass(frozen=True)
class Dependence:
    """One measure of how much hangs on a few customers."""

    test: str
    value: float | None
    band: str | None
    reason: Both


@dataclass(frozen=True)
class DependenceVerdict:
    """Does too much hang on a few customers: low, elevated, high or insufficient_data, with the reason."""

    verdict: str
    reason: Both


@dataclass(frozen=True)
class Trend:
    """What the largest 10 % of customers brought at an earlier date; `is_apart` is None without two intervals."""

    compared_as_of_date: date
    earlier_value: float
    is_apart: bool | None


@dataclass(frozen=True)
class Check:
    """A check that did not hold, or that could not be made (`passed` None)."""

    check: str
    subject: str
    severity: str
    passed: bool | None
    value: float | None
    threshold: float | None
    detail: str


@dataclass(frozen=True)
class Rejected:
    """Records left out or repaired for one reason."""

    subject: str
    part: str
    reason: str
    rows_cnt: int


@dataclass(frozen=True)
class Quality:
    """What to know of the data: checks that did not hold, and what was left out."""

    checks_cnt: int
    checks: tuple[Check, ...]
    rejected_cnt: int
    rejected: tuple[Rejected, ...]


@dataclass(frozen=True)
class Named:
    """A group by name."""

    name: str
    url: str | None


@dataclass(frozen=True)
class Move:
    """A KPI of the key portfolio that moved notably."""

    kpi: str
    before: Figure
    now: Figure


@dataclass(frozen=True)
class Changes:
    """What changed since the previous published snapshot, but for the list (selection_contents.py)."""

    previous_as_of_date: date
    is_same_criteria: bool
    is_same_settings: bool
    is_same_currency: bool
    verdict_before: str | None
    moves: tuple[Move, ...]
    compared_cnt: int
