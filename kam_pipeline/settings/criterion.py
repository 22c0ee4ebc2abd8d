"""One criterion and one gate of section `criteria`: what is looked at, and how it counts.

What belongs here: the shape of one, and what contradicts itself in it. What does not: the section as a whole
(criteria.py), what a figure is (metric_catalogue.py), scoring (sql/marts, selection/).
"""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from kam_pipeline.expressions import expression_columns, expression_problems
from kam_pipeline.metric_catalogue import GROUP_METRICS, group_metric
from kam_pipeline.settings.section import Clash, Member, Section, closest

Share = Annotated[float, Field(ge=0, le=1)]
Rollup = Literal["max", "min", "sum", "mean", "top"]
Transform = Literal["log", "percentile", "bands", "boolean", "map"]

MOST = 1_000_000
"""No number of groups or people and no weight makes sense above it; what it bounds can be added up and stored."""
MODELLED_METRIC = "similar_revenue_amt"
"""The figure that is estimated from what similar customers buy."""
REVENUE_METRICS = ("revenue_amt", "revenue_mean_2y_amt", "revenue_mean_3y_amt")
_BARS = (
    "an estimate from other customers must not bar anybody; give what similar customers buy a weight as a criterion, "
    "with when_missing: median or zero"
)
EXPRESSION_COLUMNS = {metric.name: "DOUBLE" for metric in GROUP_METRICS}
STANDARD_FIELDS = (
    "Industry", "Type", "BillingCountry", "AnnualRevenue", "NumberOfEmployees", "StrategicFit", "MarketInfluence",
)  # fmt: skip
"""Fields of Account that group_field holds in every installation; fields of one's own come on top."""


class Measured(Member):
    """What is looked at: a figure of the group, a field of its accounts in the CRM, or an SQL expression."""

    # the names stand in the schema, for completion in editors; a wrong one is answered with the nearest
    metric: Annotated[str, Field(json_schema_extra={"enum": [metric.name for metric in GROUP_METRICS]})] | None = Field(
        default=None, description="A figure of group_metric, e.g. revenue_mean_3y_amt."
    )
    field: str | None = Field(
        default=None,
        min_length=1,
        description="A mapped field of Account, e.g. Industry, or one of your own, e.g. Tier__c.",
    )
    expression: str | None = Field(
        default=None,
        description="SQL over the figures of group_metric, e.g. 0.6 * revenue_amt + 0.4 * prior_amt.",
    )
    rollup: Rollup = Field(
        default="max",
        description="With field: which value counts where the accounts of a group differ; top: that of the account at "
        "the top of the group.",
    )

    @property
    def columns(self) -> tuple[str, ...]:
        """The figures of group_metric that this rests on; none for a field of the CRM."""
        if self.metric is not None:
            return (self.metric,)
        return expression_columns(self.expression) if self.expression is not None else ()

    @property
    def figure_names(self) -> tuple[str, str] | None:
        """What its metric is called inside a sentence, in English and in Danish; None for fields and expressions."""
        known = group_metric(self.metric) if self.metric is not None else None
        if known is None:
            return None
        return known.name_en[0].lower() + known.name_en[1:], known.name_da[0].lower() + known.name_da[1:]

    @property
    def is_modelled(self) -> bool:
        """Whether it rests on an estimate from other customers."""
        is_readable = self.expression is None or not expression_problems(self.expression, EXPRESSION_COLUMNS)
        return is_readable and MODELLED_METRIC in self.columns

    def clashes(self) -> list[Clash]:
        """Return what is wrong with what is looked at."""
        sources = ("metric", "field", "expression")
        given = [name for name in sources if getattr(self, name) is not None]
        found = []
        if len(given) != 1:
            written = f"{' and '.join(given)} are given" if given else "none is given"
            found.append(Clash(sources, f"write one of metric, field and expression ({written})"))
        if self.field is None and self.rollup != "max":
            found.append(Clash(("field", "rollup"), "rollup goes with field alone; remove it"))
        if self.metric is not None and group_metric(self.metric) is None:
            known = [metric.name for metric in GROUP_METRICS]
            found.append(Clash(("metric",), f"metric {self.metric}: no such figure{closest(self.metric, known)}"))
        if self.expression is not None:
            problems = expression_problems(self.expression, EXPRESSION_COLUMNS)
            found += [Clash(("expression",), f"expression: {problem}") for problem in problems]
        return found


class Band(Section):
    """A step of the transform `bands`: the score from a figure on."""

    at_least: float | None = Field(
        default=None, description="From this figure on; left out: everything below the rest."
    )
    score: Share = Field(description="The score, 0 to 1.")


class Criterion(Measured):
    """One criterion of the score: a figure, how it becomes 0..1, its weight, and what is done where it is missing."""

    name: str = Field(min_length=1, pattern="^[a-z][a-z0-9_]*$", description="Name in candidate_criterion.")
    label: str | None = Field(default=None, description="What people call it; default: as the figure is called.")
    label_da: str | None = Field(default=None, description="The same in Danish; default: that of the figure.")
    direction: Literal["higher", "lower"] | None = Field(
        default=None, description="Which figures are better; default: as the figure has it."
    )
    transform: Transform = Field(
        description="log: between the 10th percentile and the largest, on the log scale; percentile: rank among "
        "groups; bands: steps; boolean: yes or no; map: a score for each value of a picklist."
    )
    bands: list[Band] = Field(default_factory=list, description="With transform bands: the steps.")
    map: dict[str, Share] = Field(
        default_factory=dict,
        description="With transform map: value of the picklist to score; other values are unknown.",
    )
    weight: float = Field(ge=0, le=MOST, description="Relative weight; weights are divided by their sum.")
    min_known_share: Share = Field(
        default=0.0, description="Left out, openly, where fewer of the groups have a figure than this share."
    )
    min_known_cnt: int = Field(
        default=1, ge=1, le=MOST, description="Left out, openly, where fewer groups have a figure."
    )
    when_missing: Literal["median", "zero", "ineligible"] = Field(
        default="median",
        description="A group without a figure takes the median score (and a wider range of ranks), no score, or cannot "
        "be proposed.",
    )
    counts_above_revenue_percentile: Share | None = Field(
        default=None, description="The criterion counts only for groups whose 3-year mean revenue reaches this."
    )

    def clashes(self) -> list[Clash]:
        """Return what is wrong between its parts."""
        found = super().clashes()
        if self.transform == "percentile" and self.metric in REVENUE_METRICS:
            problem = "a percentile flattens the very tail that matters; use transform: log for revenue"
            found.append(Clash(("transform", "metric"), problem))
        if self.transform == "map" and self.field is None:
            problem = "transform: map goes with field; name the picklist with field: ..."
            found.append(Clash(("transform", "field"), problem))
        if self.transform == "map" and self.rollup == "sum":
            problem = "rollup: sum adds scores up to more than 1 with transform: map; write max, min, mean or top"
            found.append(Clash(("transform", "rollup"), problem))
        if self.when_missing == "ineligible" and self.is_modelled:
            found.append(Clash(("when_missing", "metric", "expression"), _BARS))
        found += _goes_with("bands", bool(self.bands), self.transform)
        found += _goes_with("map", bool(self.map), self.transform)
        for same in _written_twice(self.map):
            problem = f"map: {same} are the same value, because letter case does not count; keep one"
            found.append(Clash(("map",), problem))
        starts = [band.at_least for band in self.bands]
        if len(set(starts)) < len(starts):
            found.append(Clash(("bands",), "bands: two steps begin at the same figure; keep one"))
        if self.transform in ("bands", "map") and self.direction is not None:
            problem = f"direction: transform {self.transform} gives each figure its score already; remove it"
            found.append(Clash(("transform", "direction"), problem))
        return found

    @property
    def better(self) -> Literal["higher", "lower"]:
        """Which figures are better: as the figure has it for log and percentile; the others give scores themselves."""
        known = group_metric(self.metric) if self.metric is not None else None
        return self.direction or (known.better if known and self.transform in ("log", "percentile") else "higher")

    @property
    def labels(self) -> tuple[str, str]:
        """What people call it, in English and in Danish, as written inside a sentence."""
        english, danish = self.figure_names or (self.name.replace("_", " "),) * 2
        return self.label or english, self.label_da or self.label or danish


class Gate(Measured):
    """What a group must have to be proposed, whatever its score."""

    name: str = Field(min_length=1, pattern="^[a-z][a-z0-9_]*$", description="Name in candidate_gate.")
    at_least: float | None = Field(default=None, description="The figure must reach this.")
    at_most: float | None = Field(default=None, description="The figure must not exceed this.")
    one_of: list[str] = Field(default_factory=list, description="With field: one of its values must be among these.")
    none_of: list[str] = Field(default_factory=list, description="With field: none of its values may be among these.")
    when_missing: Literal["pass", "fail"] = Field(default="pass", description="What an unknown figure means.")
    reason: str | None = Field(default=None, description="Why, for the sentence of a group that does not pass.")
    reason_da: str | None = Field(default=None, description="The same in Danish.")

    def clashes(self) -> list[Clash]:
        """Return what is wrong between its parts."""
        found = super().clashes()
        has_values, has_limits = bool(self.one_of or self.none_of), (self.at_least, self.at_most) != (None, None)
        if has_values == has_limits:
            problem = "write at_least and/or at_most, or with field one_of and/or none_of"
            found.append(Clash(("at_least", "at_most", "one_of", "none_of"), problem))
        if has_values and self.field is None:
            found.append(Clash(("field",), "one_of and none_of go with field; name it with field: ..."))
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            problem = f"at_least ({self.at_least:g}) is above at_most ({self.at_most:g}): nothing can pass"
            found.append(Clash(("at_least", "at_most"), problem))
        if self.is_modelled:
            found.append(Clash(("metric", "expression"), _BARS))
        refused = _folded(self.none_of)
        both = sorted(value for value in self.one_of if fold(value) in refused)
        if both:
            problem = f"{', '.join(both)} is in one_of and in none_of; keep it in one"
            found.append(Clash(("one_of", "none_of"), problem))
        return found

    def contradicts(self, other: Self) -> bool:
        """Return whether nothing can pass both, because they ask opposite things of the same figure."""
        if self._looks_at() != other._looks_at():
            return False
        lowest = max((gate.at_least for gate in (self, other) if gate.at_least is not None), default=None)
        highest = min((gate.at_most for gate in (self, other) if gate.at_most is not None), default=None)
        is_empty = lowest is not None and highest is not None and lowest > highest
        allowed, refused = _folded(self.one_of), _folded(other.none_of)
        turned, barred = _folded(other.one_of), _folded(self.none_of)
        return is_empty or bool(allowed and allowed <= refused) or bool(turned and turned <= barred)

    def _looks_at(self) -> tuple[str | None, ...]:
        return self.metric, self.field and fold(self.field), self.expression and fold(self.expression), self.rollup


def fold(text: str) -> str:
    """Return a text as it is compared with others: letter case and blanks around it do not count."""
    return text.strip().lower()


def _folded(texts: Iterable[str]) -> set[str]:
    return {fold(text) for text in texts}


def _written_twice(values: Iterable[str]) -> list[str]:
    """Return the values that are the same, each time as they are written."""
    by_meaning: dict[str, list[str]] = {}
    for value in values:
        by_meaning.setdefault(fold(value), []).append(repr(value))
    return [" and ".join(same) for same in by_meaning.values() if len(same) > 1]


def _goes_with(name: str, is_given: bool, transform: str) -> list[Clash]:
    parts = (name, "transform")
    if is_given and transform != name:
        return [Clash(parts, f"{name}: goes with transform: {name}, and this is {transform}; remove one")]
    return [Clash(parts, f"transform {name}: needs {name}: ...")] if transform == name and not is_given else []
