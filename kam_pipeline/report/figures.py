"""Figures as the report holds them: KPIs and maturity, each known or with the reason why not.

What belongs here: shapes, and what follows from a single value. What does not: finding them (kpi_reading.py,
maturity_reading.py), wording, the rest of the report (contents.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

Number = float | int | Decimal
SIGNED = frozenset({"growth_yoy", "cagr_3y"})
"""KPIs that say how much something changed: written with a sign."""
MEASURED = "measured"


@dataclass(frozen=True)
class Both:
    """A text in English and Danish, as a table holds it; either may be lacking."""

    en: str | None = None
    da: str | None = None


@dataclass(frozen=True)
class Figure:
    """One KPI of one entity and period. `value` is None unless `status` is measured."""

    kpi: str
    unit: str
    value: Number | None
    numerator: Number | None
    denominator: Number | None
    n: int | None
    ci_low: float | None
    ci_high: float | None
    status: str
    reason: Both
    period_type: str | None

    @property
    def is_measured(self) -> bool:
        """Whether there is a figure to show."""
        return self.status == MEASURED and self.value is not None

    @property
    def says_sample(self) -> bool:
        """Whether the number of cases says something that the value does not say already."""
        return self.n is not None and self.n != self.value

    @property
    def is_share(self) -> bool:
        """Whether people read it in per cent: shares, and ratios of one amount to another of the same kind."""
        return self.unit == "share" or is_read_in_per_cent(self.kpi)

    @property
    def has_interval(self) -> bool:
        """Whether both ends of an interval are known."""
        return self.ci_low is not None and self.ci_high is not None


def is_read_in_per_cent(kpi: str) -> bool:
    """Return whether a KPI is written in per cent whatever its unit says: growth, retention, and what is a share."""
    return kpi in SIGNED or kpi in ("nrr", "grr") or kpi.endswith("_share")


@dataclass(frozen=True)
class Definition:
    """What a KPI is."""

    kpi: str
    name: Both
    formula: Both
    unit: str
    caveat: Both


@dataclass(frozen=True)
class Score:
    """One group of the scorecard: a figure per KPI, and what changed about its revenue."""

    group_id: str
    name: str
    url: str | None
    decision: str
    change_class: str
    target_status: str | None
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class Unmeasured:
    """Why a KPI is not known for some groups of the scorecard: its reasons, those of most groups first."""

    kpi: str
    status: str
    reasons: tuple[Both, ...]
    groups_cnt: int


@dataclass(frozen=True)
class Scorecard:
    """How the key accounts are, side by side; columns without a single figure are named in `unmeasured` only."""

    is_designation_known: bool
    columns: tuple[str, ...]
    rows: tuple[Score, ...]
    more_cnt: int
    unmeasured: tuple[Unmeasured, ...]


@dataclass(frozen=True)
class Loss:
    """A reason for lost deals with its weight; `loss_reason` is the customer's own word."""

    loss_reason: str | None
    lost_cnt: int | None
    lost_amt: Decimal | None
    lost_share: float | None
    status: str
    reason: Both


@dataclass(frozen=True)
class Kpis:
    """How they are: definitions, portfolio figures by KPI and portfolio, the scorecard, and why deals are lost."""

    definitions: Mapping[str, Definition]
    portfolios: Mapping[str, Mapping[str, Figure]]
    scorecard: Scorecard
    losses: Mapping[str, tuple[Loss, ...]]

    def name_of(self, kpi: str) -> Both:
        """Return the name of a KPI; its key where nothing defines it."""
        return self.definitions[kpi].name if kpi in self.definitions else Both(kpi, kpi)


@dataclass(frozen=True)
class Practice:
    """One of the nine practices, or the programme as a whole; levels 1..5, None where not measured."""

    practice: str
    name: Both
    level: float | None
    low: float | None
    high: float | None
    target: float | None
    measured_cnt: int | None
    declared_cnt: int | None
    status: str
    reason: Both

    @property
    def is_measured(self) -> bool:
        """Whether there is a level to show."""
        return self.status == MEASURED and self.level is not None

    @property
    def has_span(self) -> bool:
        """Whether the level could be another within its interval."""
        return self.low is not None and self.high is not None and self.low < self.high


@dataclass(frozen=True)
class Indicator:
    """One indicator of a practice, with what would make it measurable where it is not."""

    practice: str
    indicator: str
    name: Both
    figure: Figure
    coverage: float | None
    level: float | None
    level_low: float | None
    level_high: float | None
    anchors: Both
    anchor_source: Both
    remedy: Both
    caveat: Both

    @property
    def has_span(self) -> bool:
        """Whether the level could be another within its interval."""
        return self.level_low is not None and self.level_high is not None and self.level_low < self.level_high


@dataclass(frozen=True)
class Maturity:
    """How mature: the programme, the practices in their order, and the indicators below them."""

    programme: Practice | None
    practices: tuple[Practice, ...]
    indicators: tuple[Indicator, ...]

    @property
    def by_practice(self) -> tuple[tuple[Practice, tuple[Indicator, ...]], ...]:
        """The indicators of each practice that has any, in the order of the practices."""
        grouped: dict[str, list[Indicator]] = {}
        for indicator in self.indicators:
            grouped.setdefault(indicator.practice, []).append(indicator)
        known = {practice.practice: practice for practice in self.practices}
        return tuple((known.get(name) or _nameless(name), tuple(found)) for name, found in grouped.items())


def _nameless(practice: str) -> Practice:
    """Return a practice that has indicators and no score."""
    return Practice(practice, Both(practice, practice), None, None, None, None, None, None, "not_measurable", Both())
