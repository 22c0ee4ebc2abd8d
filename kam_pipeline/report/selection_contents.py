"""What a report holds of the selection beside the ranking: how good the list is, what it rests on, what moved it.

What belongs here: shapes. What does not: finding them (selection_reading.py), the ranking (contents.py), wording.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kam_pipeline.report.contents import Named
from kam_pipeline.report.figures import Both

IN_LIST = frozenset({"keep", "add"})
"""Decisions of groups that are on the list."""
CAUSES = ("data", "criteria", "not_split")
"""In the order in which they are told."""


@dataclass(frozen=True)
class ListQuality:
    """The list as a whole: what it covers, how firm it is, and what is doubtful about it."""

    covered_share: float | None
    best_share: float | None
    mean_stability: float | None
    warning: Both


@dataclass(frozen=True)
class Weighed:
    """A criterion with its share of the score as set and as used, 0 where it was left out."""

    label: Both
    transform: str
    direction: str
    set_share: float
    used_share: float
    known_cnt: int
    groups_cnt: int


@dataclass(frozen=True)
class Barred:
    """A key account of today that gates keep from being chosen, with each that it does not pass."""

    group: Named
    reasons: tuple[Both, ...]


@dataclass(frozen=True)
class Override:
    """A decision of people that puts a group on the list or keeps it off, whatever its score."""

    group: Named
    override: str
    status: str
    since_on: date | None
    until_on: date | None
    reason: str | None
    approved_by: str | None


@dataclass(frozen=True)
class Step:
    """One change of a group: which attribute, from what to what, and why. A value is None where it was not ranked."""

    group: Named
    attribute: str
    before: str | None
    now: str | None
    reason: Both


@dataclass(frozen=True)
class ListChanges:
    """What changed in the list, by cause.

    Attributes
    ----------
    previous_as_of_date : date or None
        What it is compared with; None where nothing changed.
    entered, left : tuple[Named, ...]
        Who is on the list now and was not, and the reverse, both causes together.
    decided_cnt : int
        Groups whose decision is another than before, both causes together.
    by_cause : Mapping[str, tuple[Step, ...]]
        What each cause changed; a decision stands for the band too where both changed.
    """

    previous_as_of_date: date | None = None
    entered: tuple[Named, ...] = ()
    left: tuple[Named, ...] = ()
    decided_cnt: int = 0
    by_cause: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Selection:
    """What the list rests on. `potential` says how good the estimate is that criteria may use, empty without one."""

    quality: ListQuality | None
    capacity: Mapping[str, Both]
    criteria: tuple[Weighed, ...]
    barred: tuple[Barred, ...]
    overrides: tuple[Override, ...]
    potential: Both
    changes: ListChanges

    @property
    def left_out(self) -> tuple[Weighed, ...]:
        """Criteria that have a weight and were not used, because too few groups have a figure."""
        return tuple(item for item in self.criteria if item.set_share and not item.used_share)
