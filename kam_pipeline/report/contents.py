"""What a report holds: small frozen values, as they were found in the published file.

What belongs here: shapes of the verdict, the ranking, quality and changes, and the whole. What does not: KPIs and
maturity (figures.py), finding anything (reading.py and the other reading modules), wording, layout.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from kam_pipeline.report.figures import Both, Figure, Kpis, Maturity

LITTLE_COVER = 0.80


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
    """One group of the ranking. `growth` is None where the KPI tables do not speak of it."""

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
    covered_share, best_share : float or None
        Share of revenue of the list, and of the best possible list of that size; None without revenue.
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
    covered_share: float | None
    best_share: float | None
    rows: tuple[Candidate, ...]
    more_cnt: int

    @property
    def covers_little(self) -> bool:
        """Whether the list covers less than four fifths of what a list of its size could."""
        if self.covered_share is None or not self.best_share:
            return False
        return round(self.covered_share / self.best_share, 9) < LITTLE_COVER

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
class Decided:
    """A group whose decision is another than before."""

    group: Named
    before: str
    now: str


@dataclass(frozen=True)
class ListChanges:
    """Who entered and left the proposed list, and whose decision is another than before."""

    entered: tuple[Named, ...]
    left: tuple[Named, ...]
    decided: tuple[Decided, ...]


@dataclass(frozen=True)
class Move:
    """A KPI of the key portfolio that moved notably."""

    kpi: str
    before: Figure
    now: Figure


@dataclass(frozen=True)
class Changes:
    """What changed since the previous published snapshot."""

    previous_as_of_date: date
    is_same_criteria: bool
    is_same_settings: bool
    is_same_currency: bool
    verdict_before: str | None
    groups: ListChanges
    moves: tuple[Move, ...]
    compared_cnt: int


@dataclass(frozen=True)
class Report:
    """Everything the page shows."""

    snapshot: Snapshot
    verdict: Verdict
    concentration: Mapping[str, Concentration]
    ranking: Ranking
    kpis: Kpis
    maturity: Maturity
    dependence: tuple[Dependence, ...]
    quality: Quality
    changes: Changes | None
