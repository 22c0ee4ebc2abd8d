"""Practices and the programme: the weighted mean of what is measured, or why there is none.

What belongs here: how levels are brought together. What does not: single indicators (measuring.py), wording (words.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kam_pipeline.maturity import words
from kam_pipeline.maturity.measuring import FEW_JUDGED
from kam_pipeline.maturity_catalogue import INDICATORS, PRACTICES
from kam_pipeline.maturity_catalogue.declaration import Lack, Practice, Text
from kam_pipeline.settings.maturity import Maturity

PROGRAMME = "programme"
PROGRAMME_NAME = Text("The programme", "Programmet")
MIN_INDICATORS = 2
MIN_WEIGHT_SHARE = 0.5
MIN_PRACTICES = 6
# Shares of weights are sums of decimals that floating point cannot hold: a billionth is no weight.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class MeasuredIndicator:
    """What scoring reads of an indicator, as stored in maturity_indicator; levels are None unless it is measured."""

    indicator: str
    status: str
    weight: float
    level: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Score:
    """The level of a practice or the programme; level and interval are None where there is none."""

    practice: str
    name: Text
    level: float | None
    low: float | None
    high: float | None
    target: float
    measured_cnt: int
    declared_cnt: int
    status: str
    reason: Text

    @property
    def gap(self) -> float | None:
        """What lacks to the target, negative above it."""
        return None if self.level is None else self.target - self.level


def score_all(indicators: Sequence[MeasuredIndicator], designated_cnt: int, rules: Maturity) -> list[Score]:
    """Return the nine practices and then the programme.

    Parameters
    ----------
    indicators : Sequence[MeasuredIndicator]
        Every declared indicator.
    designated_cnt : int
        How many key accounts there are; with few of them the reason says that only the interval should be read.
    rules : Maturity
        Targets.

    Returns
    -------
    list[Score]
        Ten scores.

    Notes
    -----
    The interval of a practice runs from the mean of its indicators' low ends to that of their high ends, as if all were
    off the same way: they are seen on the same customers, and an interval too wide misleads less than one too narrow.
    """
    by_key = {item.indicator: item for item in indicators}
    practices = [
        _practice(practice, [by_key[declared.key] for declared in practice.indicators], rules) for practice in PRACTICES
    ]
    scores = [*practices, _programme(practices, rules)]
    return [_with_warning(score) for score in scores] if designated_cnt < FEW_JUDGED else scores


def _with_warning(score: Score) -> Score:
    """Return a score whose reason says that few key accounts say little."""
    if score.low is None or score.high is None:
        return score
    warning = words.only_the_interval(FEW_JUDGED, "key_account", score.low, score.high)
    return replace(score, reason=words.joined(score.reason, warning))


def _practice(practice: Practice, indicators: Sequence[MeasuredIndicator], rules: Maturity) -> Score:
    declared = [item for item in indicators if not _is_stand_in(item.indicator)]
    counted = [item for item in indicators if item.status == "measured" and item.weight > 0]
    declared_weight = sum(item.weight for item in declared)
    counted_weight = sum(item.weight for item in counted)
    share = counted_weight / declared_weight if declared_weight else 0.0
    reason = words.indicators_measured(len(counted), len(declared), share)
    target = rules.target_of(practice.key)
    if len(counted) < MIN_INDICATORS or share < MIN_WEIGHT_SHARE - _TOLERANCE:
        status = "insufficient_data" if counted else _status_of_none([item.status for item in declared])
        reason = words.joined(reason, words.indicators_lacking())
        return Score(practice.key, practice.name, None, None, None, target, len(counted), len(declared), status, reason)
    weak = min(counted, key=lambda item: (item.level or 0.0, item.indicator))
    reason = words.joined(reason, words.weakest(INDICATORS[weak.indicator].name, weak.level or 0.0))
    means = _means([(item.weight, item.level, item.low, item.high) for item in counted])
    return Score(practice.key, practice.name, *means, target, len(counted), len(declared), "measured", reason)


def _programme(practices: Sequence[Score], rules: Maturity) -> Score:
    measured = [score for score in practices if score.status == "measured"]
    target = rules.target_of(PROGRAMME)
    reason = words.practices_measured(len(measured), len(practices))
    counts = (len(measured), len(practices))
    if len(measured) < MIN_PRACTICES:
        reason = words.joined(reason, words.practices_lacking(MIN_PRACTICES))
        return Score(PROGRAMME, PROGRAMME_NAME, None, None, None, target, *counts, "insufficient_data", reason)
    weak = min(measured, key=lambda score: (score.level or 0.0, score.practice))
    reason = words.joined(reason, words.weakest(weak.name, weak.level or 0.0))
    means = _means([(1.0, score.level, score.low, score.high) for score in measured])
    return Score(PROGRAMME, PROGRAMME_NAME, *means, target, *counts, "measured", reason)


def _status_of_none(statuses: Sequence[str]) -> str:
    """Return the status of a practice without an indicator that counts: the one nearest to being measured."""
    nearest = (status for status in ("insufficient_data", "not_configured", "not_measurable") if status in statuses)
    return next(nearest, "insufficient_data")


def _means(parts: Sequence[tuple[float, float | None, float | None, float | None]]) -> tuple[float, float, float]:
    """Return the weighted means of levels, low and high ends, from (weight, level, low, high)."""
    weights = [part[0] for part in parts]
    level, low, high = (_mean([part[place] or 0.0 for part in parts], weights) for place in (1, 2, 3))
    return level, low, high


def _mean(values: Sequence[float], weights: Sequence[float]) -> float:
    """Return the weighted mean, never outside the values for the last bits of floating point."""
    mean = sum(weight * value for weight, value in zip(weights, values, strict=True)) / sum(weights)
    return max(min(values), min(max(values), mean))


def _is_stand_in(key: str) -> bool:
    how = INDICATORS[key].how
    return not isinstance(how, Lack) and bool(how.stands_in_for)
