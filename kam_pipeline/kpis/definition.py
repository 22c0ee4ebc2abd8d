"""What is declared of a KPI: its names, its formula in words, and how its value is to be read.

What belongs here: the form of an entry. What does not: the entries (the modules of the families), the SQL.
"""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["money", "share", "ratio", "count", "days", "score"]
"""money: reporting currency; share: 0..1; ratio: may be negative or above 1; score: -100..100."""

Direction = Literal["up", "down", "none"]
"""Which way is better: up, down, or neither by itself."""

Basis = Literal["bookings", "invoiced", "revenue", "deals", "pipeline", "activities", "survey", "products"]
"""What the figure is made from; revenue: invoiced where actuals are delivered, otherwise bookings."""

Periods = Literal["flow", "year", "ttm", "as_of"]
"""flow: every period; year: fiscal years and the last twelve months; ttm: the latter; as_of: the date itself."""

Interval = Literal["none", "wilson", "resampling"]
"""How the 95 % interval is made; resampling: customers drawn again, where there are 30 of them or more."""


@dataclass(frozen=True)
class ResampledRatio:
    """What is added up over customers drawn again: `numerator / denominator - less`, columns of a table by group.

    Attributes
    ----------
    table : str
        Table of marts with one row per as_of_date, group and period.
    numerator, denominator : str
        Its columns; nothing known counts as nothing.
    less : float
        What the ratio is held against, 1 for growth.
    """

    table: str
    numerator: str
    denominator: str
    less: float = 0.0


@dataclass(frozen=True)
class Kpi:
    """One KPI. Its value is computed by `sql/marts/kpis/<kpi>.sql`.

    Attributes
    ----------
    kpi : str
        Key, and name of the SQL file.
    name_en, name_da : str
        What readers see.
    formula, formula_da : str
        The formula in words, English and Danish; `{name}` stands for the setting `kpis.name`.
    unit, direction, basis, periods : str
        See the types of these names.
    caveat, caveat_da : str
        What to bear in mind; empty when there is nothing.
    is_proportion : bool
        The value is a count over a count of independent cases and gets a Wilson interval.
    resampled : ResampledRatio or None
        How its interval is made by resampling customers; None for none.
    needs : tuple[str, ...]
        What the source must have for it: `Object`, `Object.Field` or `feeds.name`; alternatives with `|`. Otherwise the
        KPI is `not_configured`.
    is_headline : bool
        Shown first in the report.
    """

    kpi: str
    name_en: str
    name_da: str
    formula: str
    formula_da: str
    unit: Unit
    direction: Direction
    basis: Basis
    periods: Periods
    caveat: str = ""
    caveat_da: str = ""
    is_proportion: bool = False
    resampled: ResampledRatio | None = None
    needs: tuple[str, ...] = ()
    is_headline: bool = False

    @property
    def interval(self) -> Interval:
        """How its interval is made."""
        if self.is_proportion:
            return "wilson"
        return "resampling" if self.resampled else "none"
