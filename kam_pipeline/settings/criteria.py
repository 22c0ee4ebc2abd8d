"""Section `criteria`: who is proposed as a key account. The text of this section is kept with every snapshot.

What belongs here: the section as a whole, and what contradicts itself between its parts. What does not: one criterion
(criterion.py), the presets (presets.py), scoring (sql/marts, selection/).
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Self

from pydantic import Field, ModelWrapValidatorHandler, ValidatorFunctionWrapHandler, field_validator, model_validator

from kam_pipeline.settings.criterion import MOST, Criterion, Gate, Share
from kam_pipeline.settings.overrides import Overrides
from kam_pipeline.settings.potential import Potential
from kam_pipeline.settings.presets import PRESETS, Preset
from kam_pipeline.settings.section import Read, Section, checked_list, checked_whole

_ASKED = ("name", "metric", "field", "expression", "rollup", "at_least", "at_most", "one_of", "none_of")
"""The parts of a gate that say what it asks, and its name."""


class Stability(Section):
    """How firm a rank is: drawn again and again with other luck and other weights."""

    draws: int = Field(default=200, ge=0, le=5000, description="Draws; 0 switches it off.")
    weight_change: Share = Field(default=0.20, description="Each weight varies by up to this share, up and down.")


class Capacity(Section):
    """What the people can carry; judgement, after published practice."""

    max_accounts_per_manager: int = Field(
        default=10, ge=1, le=MOST, description="More key accounts per manager are too many."
    )
    min_programme: int = Field(default=15, ge=1, le=MOST, description="Research: 15 to 35 key accounts work.")
    max_programme: int = Field(default=35, ge=1, le=MOST, description="From here on a programme gets crowded.")
    too_many: int = Field(default=50, ge=1, le=MOST, description="Above it no programme works.")

    @model_validator(mode="after")
    def _sizes_are_in_order(self) -> Self:
        if not self.min_programme <= self.max_programme <= self.too_many:
            raise ValueError(
                f"min_programme ({self.min_programme}), max_programme ({self.max_programme}) and too_many "
                f"({self.too_many}) must not fall"
            )
        return self


class Criteria(Section):
    """Section `criteria`: any number of criteria, gates, how long the list is, and when it is doubtful."""

    preset: Preset | None = Field(
        default=None,
        exclude=True,
        description="Ready criteria instead of items: default; rfm (recency, frequency, money); potential_first.",
    )
    cap: int = Field(
        default=35,
        ge=1,
        le=MOST,
        description="At most so many key accounts; research: 15-35 work, above 50 is too many.",
    )
    admit_without_revenue_from_potential_percentile: Share | None = Field(
        default=0.9, description="Groups without revenue join from this percentile of potential; null: never."
    )
    min_coverage: Share = Field(
        default=0.8, description="Warn when the list covers less than this share of what the best list would."
    )
    items: list[Criterion] = Field(min_length=1, description="The criteria of the score.")
    gates: list[Gate] = Field(default_factory=list, description="What a group must have, whatever its score.")
    overrides: Overrides = Field(default=Overrides(), description="How many exceptions there may be, and for how long.")
    potential: Potential = Field(default=Potential(), description="What similar customers buy, as a figure of a group.")
    stability: Stability = Field(default=Stability(), description="How firm ranks are.")
    capacity: Capacity = Field(default=Capacity(), description="What the people can carry.")

    @model_validator(mode="wrap")
    @classmethod
    def _parts_fit_together(cls, values: object, check: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(values, dict):
            return check(values)
        preset, problems = values.get("preset"), []
        if preset is not None and "items" in values:
            problems.append("preset and items are both there; keep preset, or the items that you want instead")
        given = values if "items" in values else values | {"items": PRESETS.get(str(preset), PRESETS["default"])}
        shared = sorted(_names(given["items"]) & _names(given.get("gates")))
        if shared:
            problems.append(f"{', '.join(shared)} is the name of a criterion and of a gate; rename one")
        return checked_whole(cls, given, check, problems)

    @field_validator("items", mode="wrap")
    @classmethod
    def _items_fit_together(cls, given: object, check: ValidatorFunctionWrapHandler) -> list[Criterion]:
        return checked_list(given, check, Criterion, lambda read: _name_problems(read) + _weight_problems(read))

    @field_validator("gates", mode="wrap")
    @classmethod
    def _gates_fit_together(cls, given: object, check: ValidatorFunctionWrapHandler) -> list[Gate]:
        return checked_list(given, check, Gate, lambda read: _name_problems(read) + _contradictions(read))


def _names(given: object) -> set[str]:
    """Return the names in a list of criteria or gates, as far as they can be read."""
    members = given if isinstance(given, list) else []
    names = [one.get("name") if isinstance(one, dict) else getattr(one, "name", None) for one in members]
    return {name for name in names if isinstance(name, str)}


def _name_problems(read: Sequence[Read[Criterion] | Read[Gate]]) -> list[str]:
    names = [one.item.name for one in read if "name" not in one.unread]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [f"{', '.join(twice)} is there twice; give each a name of its own"] if twice else []


def _weight_problems(read: Sequence[Read[Criterion]]) -> list[str]:
    if any("weight" in one.unread for one in read):
        return []
    total = sum(one.item.weight for one in read)
    if not total:
        return ["all weights are zero, so that nobody has a score; give at least one criterion a weight above 0"]
    modelled = sum(one.item.weight for one in read if not one.problems and one.item.is_modelled)
    if modelled <= total / 2:
        return []
    return [
        f"criteria on what similar customers buy have {modelled / total:.0%} of the weight; an estimate must not be "
        "what decides: give the others at least half"
    ]


def _contradictions(read: Sequence[Read[Gate]]) -> list[str]:
    asking = [one.item for one in read if one.unread.isdisjoint(_ASKED) and not one.problems]
    return [
        f"{one.name} and {other.name} contradict each other: no customer can pass both; change one of them"
        for one, other in combinations(asking, 2)
        if one.contradicts(other)
    ]
