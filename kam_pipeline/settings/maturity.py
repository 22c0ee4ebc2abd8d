"""Section `maturity`: targets, weights, anchors and title patterns of the programme's maturity.

What belongs here: what an analyst may change of the catalogue, and that a change makes sense. What does not: the
defaults (kam_pipeline.maturity_catalogue), formulas (kam_pipeline.maturity).
"""

import itertools
import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, field_validator

from kam_pipeline.maturity_catalogue import INDICATORS, PRACTICES
from kam_pipeline.maturity_catalogue.declaration import Bands, Indicator, Ladder, Scale
from kam_pipeline.maturity_catalogue.seniority import OTHER_TITLES, SENIOR_TITLES, SUPPORT_TITLES
from kam_pipeline.settings.section import Section, closest

Level = Annotated[float, Field(ge=1, le=5)]
Share = Annotated[float, Field(ge=0, le=1)]
LADDER_ANCHORS = 4
BANDS = 4
# RE2, which reads the titles, has neither; Python's own check would let them pass.
_UNKNOWN_TO_RE2 = re.compile(r"\(\?[=!<]|\\[1-9]|\(\?P=")


class IndicatorChange(Section):
    """What kam.yaml says otherwise of one indicator; what is left out stays as declared."""

    weight: float | None = Field(default=None, ge=0, description="Weight in its practice; 0 leaves it out.")
    anchors: list[float] | None = Field(
        default=None, description="Upper ends of levels 1 to 4: rising where more is better, falling where less is."
    )
    bands: list[tuple[int, int]] | None = Field(
        default=None, description="For an indicator with a target band: from and to of levels 5, 4, 3 and 2."
    )
    small_shares: list[Share] | None = Field(
        default=None, description="The same for small companies: largest share for levels 5, 4, 3 and 2."
    )


class Seniority(Section):
    """Which titles of contacts are senior: regular expressions, letter case ignored; the first list that matches."""

    support: list[str] = Field(
        default_factory=lambda: list(SUPPORT_TITLES), description="Never senior, such as assistants."
    )
    senior: list[str] = Field(default_factory=lambda: list(SENIOR_TITLES), description="Top management.")
    other: list[str] = Field(
        default_factory=lambda: list(OTHER_TITLES), description="Known not to be; what matches no list is unknown."
    )

    @field_validator("support", "senior", "other")
    @classmethod
    def _patterns_can_be_read(cls, patterns: list[str]) -> list[str]:
        problems = [problem for pattern in patterns if (problem := _pattern_problem(pattern))]
        if problems:
            raise ValueError("; ".join(problems))
        return patterns


class Maturity(Section):
    """Section `maturity`: how mature the programme is and ought to be. All defaults of anchors are judgement."""

    target: Level = Field(default=4, description="Level aimed at, 1 to 5.")
    targets: dict[str, Level] = Field(default_factory=dict, description="Level aimed at per practice.")
    min_coverage: Share = Field(
        default=0.5, description="An indicator seen for a smaller share of the key accounts gets no level."
    )
    bootstrap_draws: int = Field(default=1000, ge=100, le=20000, description="Resamples of key accounts per interval.")
    indicators: dict[str, IndicatorChange] = Field(
        default_factory=dict, description="Indicator: other weight, anchors or bands than declared."
    )
    seniority: Seniority = Field(default=Seniority(), description="Which titles of contacts are senior.")

    @field_validator("targets")
    @classmethod
    def _practices_exist(cls, targets: dict[str, float]) -> dict[str, float]:
        known = [practice.key for practice in PRACTICES]
        problems = [f"{name}: no such practice{closest(name, known)}" for name in targets if name not in known]
        if problems:
            raise ValueError("; ".join(problems))
        return targets

    @field_validator("indicators")
    @classmethod
    def _changes_make_sense(cls, changes: dict[str, IndicatorChange]) -> dict[str, IndicatorChange]:
        problems = [problem for name, change in changes.items() for problem in _change_problems(name, change)]
        if problems:
            raise ValueError("; ".join(problems))
        return changes

    def target_of(self, practice: str) -> float:
        """Return the level aimed at for a practice, or for `programme`."""
        return self.targets.get(practice, self.target)

    def weight_of(self, indicator: Indicator) -> float:
        """Return the weight of an indicator in its practice."""
        change = self.indicators.get(indicator.key)
        return indicator.weight if change is None or change.weight is None else change.weight

    def scale_of(self, indicator: Indicator) -> Scale:
        """Return the anchors or bands of an indicator."""
        change = self.indicators.get(indicator.key, IndicatorChange())
        if isinstance(indicator.scale, Ladder):
            first, second, third, fourth = change.anchors or indicator.scale.anchors
            return Ladder((first, second, third, fourth), indicator.scale.end)
        return Bands(
            tuple(change.bands or indicator.scale.bands),
            tuple(change.small_shares or indicator.scale.small_shares),
        )

    @property
    def rules(self) -> dict[str, object]:
        """Everything that turns what was observed into levels, defaults included: what `anchor_version` stands for."""
        scales = {}
        for indicator in INDICATORS.values():
            scale = self.scale_of(indicator)
            values = [scale.anchors, scale.end] if isinstance(scale, Ladder) else [scale.bands, scale.small_shares]
            scales[indicator.key] = [self.weight_of(indicator), *values]
        return {
            "indicators": scales,
            "min_coverage": self.min_coverage,
            "bootstrap_draws": self.bootstrap_draws,
            "seniority": self.seniority.model_dump(),
        }


def title_pattern(patterns: Iterable[str]) -> str:
    """Return one regular expression that matches what any of them does, nothing where there is none."""
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return f"(?i)(?:{joined})" if joined else r"[^\s\S]"


def _pattern_problem(pattern: str) -> str:
    if not pattern:
        return "'' matches every title; take it out"
    if _UNKNOWN_TO_RE2.search(pattern):
        return f"{pattern!r} looks ahead, behind or back, which is not supported; write the words it should match"
    try:
        re.compile(pattern)
    except re.error as error:
        return f"{pattern!r} is no regular expression ({error}); write e.g. 'direktør|director'"
    return ""


def _change_problems(name: str, change: IndicatorChange) -> list[str]:
    """Return what is wrong with the change of one indicator, each problem with its way out."""
    indicator = INDICATORS.get(name)
    if indicator is None:
        return [f"{name}: no such indicator{closest(name, INDICATORS)}"]
    if isinstance(indicator.scale, Bands):
        wrong = ["anchors"] if change.anchors is not None else []
        problems = [*_band_problems(change), *_small_problems(change)]
    else:
        wrong = [part for part in ("bands", "small_shares") if getattr(change, part) is not None]
        problems = _anchor_problems(change.anchors, indicator.scale) if change.anchors is not None else []
    other = "bands" if isinstance(indicator.scale, Bands) else "anchors"
    return [f"{name}.{part}: it is measured by {other}; give those instead" for part in wrong] + [
        f"{name}.{problem}" for problem in problems
    ]


def _anchor_problems(anchors: list[float], declared: Ladder) -> list[str]:
    if len(anchors) != LADDER_ANCHORS:
        return [f"anchors: {len(anchors)} instead of four; give the upper ends of levels 1, 2, 3 and 4"]
    steps = [after - before for before, after in itertools.pairwise(anchors)]
    if declared.is_rising and min(steps) <= 0:
        return [f"anchors: {anchors} do not rise; more is better here, so write them from low to high"]
    if not declared.is_rising and max(steps) >= 0:
        return [f"anchors: {anchors} do not fall; less is better here, so write them from high to low"]
    if declared.end is None:
        return []
    is_beyond = anchors[3] >= declared.end if declared.is_rising else anchors[3] <= declared.end
    if is_beyond:
        return [f"anchors: the last, {anchors[3]:g}, leaves no room for level 5; the scale ends at {declared.end:g}"]
    return []


def _band_problems(change: IndicatorChange) -> list[str]:
    if change.bands is None:
        return []
    if len(change.bands) != BANDS:
        return [f"bands: {len(change.bands)} instead of four; give from and to of levels 5, 4, 3 and 2"]
    if any(low > high for low, high in change.bands):
        return ["bands: one ends before it begins; write [from, to]"]
    inside = itertools.pairwise(change.bands)
    if any(outer[0] > inner[0] or outer[1] < inner[1] for inner, outer in inside):
        return ["bands: each must lie within the next; begin with the narrowest, for level 5"]
    return []


def _small_problems(change: IndicatorChange) -> list[str]:
    if change.small_shares is None:
        return []
    if len(change.small_shares) != BANDS:
        return [f"small_shares: {len(change.small_shares)} instead of four; give those of levels 5, 4, 3 and 2"]
    if sorted(set(change.small_shares)) != change.small_shares:
        return [f"small_shares: {change.small_shares} do not rise; begin with the smallest, for level 5"]
    return []
