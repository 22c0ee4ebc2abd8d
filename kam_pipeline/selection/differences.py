"""What differs between the published list and the lists of other criteria: the shapes of the answer.

What belongs here: the shapes, and what follows from a single one. What does not: finding it out (whatif.py), how it is
shown (presentation_whatif.py, report/).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path


@dataclass(frozen=True)
class ListFigures:
    """A list as a whole; see candidate_list for what each figure is."""

    status: str
    customers_cnt: int
    list_cnt: int
    cap: int
    keep_cnt: int
    add_cnt: int
    review_cnt: int
    exit_cnt: int
    included_cnt: int
    excluded_cnt: int
    barred_cnt: int
    covered_share: float | None
    best_share: float | None
    coverage: float | None
    mean_stability: float | None
    left_out: str | None
    warning: str | None
    warning_da: str | None


@dataclass(frozen=True)
class Compared:
    """One group under the published criteria and under the others.

    Attributes
    ----------
    group_id, group_name : str
        The group.
    rank_before, rank_now : int or None
        Its rank; None where it has no score.
    was_listed, is_listed : bool
        Whether it has a place on the list.
    decision_before, decision_now : str or None
        keep, add, review, exit or none; None where it cannot be proposed at all.
    revenue_amt : Decimal or None
        Revenue of the last 12 months.
    reason, reason_da : str or None
        The sentence of the other criteria; None where they do not rank it.
    """

    group_id: str
    group_name: str
    rank_before: int | None
    rank_now: int | None
    was_listed: bool
    is_listed: bool
    decision_before: str | None
    decision_now: str | None
    revenue_amt: Decimal | None
    reason: str | None
    reason_da: str | None

    @property
    def step(self) -> int:
        """Places up (above 0) or down; 0 where a rank is not known."""
        return self.rank_before - self.rank_now if self.rank_before and self.rank_now else 0


@dataclass(frozen=True)
class Alternative:
    """What other criteria give.

    Attributes
    ----------
    name : str
        File and changes.
    criteria_version : str
        Content version of these criteria.
    figures : ListFigures
        Their list as a whole.
    entering, leaving : tuple[Compared, ...]
        Groups that are on one of the two lists only, by their rank there.
    moved : tuple[Compared, ...]
        Groups on both lists whose rank differs, the farthest first.
    decisions : tuple[Compared, ...]
        Groups whose decision differs, wherever they stand.
    kept_cnt : int
        Groups on both lists.
    kept_share : float or None
        Of the groups on the published list the share that stays; None where that is empty.
    jaccard : float or None
        Groups on both lists over groups on either; None where both are empty.
    needs_a_run : tuple[str, ...]
        Parts of the criteria that differ from the published ones and take effect in a run only: `overrides` bounds
        decisions, `potential` makes an estimate.
    """

    name: str
    criteria_version: str
    figures: ListFigures
    entering: tuple[Compared, ...]
    leaving: tuple[Compared, ...]
    moved: tuple[Compared, ...]
    decisions: tuple[Compared, ...]
    kept_cnt: int
    kept_share: float | None
    jaccard: float | None
    needs_a_run: tuple[str, ...]

    @property
    def changes_nothing(self) -> bool:
        """Whether list, ranks on it and decisions are those that are published."""
        return not (self.entering or self.leaving or self.moved or self.decisions)


@dataclass(frozen=True)
class Side:
    """One group on some of the lists: its rank on each, None where it is not on it; the published list first."""

    group_id: str
    group_name: str
    ranks: tuple[int | None, ...]


@dataclass(frozen=True)
class Pair:
    """How much two alternatives have in common, by their place from 0."""

    one: int
    other: int
    shared_cnt: int
    jaccard: float | None


@dataclass(frozen=True)
class WhatIf:
    """The published list and what other criteria would make of it.

    Attributes
    ----------
    path : Path
        The published file.
    as_of_date : date
        Its newest date.
    criteria_version : str
        Content version of the criteria that were published.
    reporting_currency : str
        ISO code; XXX where it is not known.
    overrides_cnt : int
        Groups on or off the list by a decision; decisions stay as published.
    before : ListFigures
        The published list as a whole.
    alternatives : tuple[Alternative, ...]
        In the order asked for.
    sides : tuple[Side, ...]
        Every group on any of the lists, by its place on the first that has it.
    pairs : tuple[Pair, ...]
        Each two alternatives.
    """

    path: Path
    as_of_date: date
    criteria_version: str
    reporting_currency: str
    overrides_cnt: int
    before: ListFigures
    alternatives: tuple[Alternative, ...]
    sides: tuple[Side, ...]
    pairs: tuple[Pair, ...]
