"""One indicator: from the rows observed to a figure, its level and interval, or to the reason why there is none.

What belongs here: the order of the questions (is it measured at all, is anybody designated, does the source have what
is needed, can enough customers be judged), and summing up. What does not: arithmetic of levels (levels.py), wording.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kam_pipeline.maturity import words
from kam_pipeline.maturity.levels import (
    HIGHEST,
    LOWEST,
    FloatArray,
    Interval,
    level_of,
    median_interval,
    ratio_interval,
    wilson_interval,
)
from kam_pipeline.maturity_catalogue import PRACTICES
from kam_pipeline.maturity_catalogue.declaration import DESIGNATE, Indicator, Lack, Measure, Text
from kam_pipeline.settings.maturity import Maturity

FEW_JUDGED = 10
_NO_TEXT = Text("", "")


@dataclass(frozen=True)
class Surroundings:
    """What an indicator can count on.

    Attributes
    ----------
    designated_cnt : int
        Designated groups: the key accounts.
    available : Collection[str]
        What the source has: `Object`, `Object.Field`, `feeds.name`.
    is_designation_known : bool
        A field of the CRM or the feed decisions says who is a key account, be it nobody.
    """

    designated_cnt: int
    available: Collection[str]
    is_designation_known: bool = False


@dataclass(frozen=True)
class Result:
    """What became of an indicator; figures are None unless it is measured, see the table maturity_indicator."""

    indicator: Indicator
    weight: float
    status: str
    reason: Text
    remedy: Text = _NO_TEXT
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    coverage: float | None = None
    level: float | None = None
    level_range: Interval | None = None
    interval: Interval | None = None


@dataclass(frozen=True)
class _Figure:
    """A figure with its parts and its interval, before it has a level."""

    value: float
    numerator: float | None
    denominator: float | None
    interval: Interval | None
    text: Text


def measure_all(rows: pd.DataFrame, surroundings: Surroundings, rules: Maturity) -> list[Result]:
    """Return what became of every declared indicator.

    Parameters
    ----------
    rows : pd.DataFrame
        Columns indicator, observed_id, numerator, denominator, value; the order of rows plays no part.
    surroundings : Surroundings
        What the indicators can count on.
    rules : Maturity
        Weights, anchors, coverage.

    Returns
    -------
    list[Result]
        In the order of the catalogue. A stand-in has weight 0 unless the indicator it stands in for is not measured;
        then it has the weight of that one.
    """
    by_indicator = dict(tuple(rows.groupby("indicator")))
    nothing = rows.iloc[:0]
    results = {
        indicator.key: measure(indicator, by_indicator.get(indicator.key, nothing), surroundings, rules)
        for practice in PRACTICES
        for indicator in practice.indicators
    }
    return [_standing_in(result, results) for result in results.values()]


def measure(indicator: Indicator, rows: pd.DataFrame, surroundings: Surroundings, rules: Maturity) -> Result:
    """Return what became of one indicator.

    Parameters
    ----------
    indicator : Indicator
        The declaration.
    rows : pd.DataFrame
        Its rows: columns numerator, denominator, value; one with neither denominator nor value cannot be judged.
    surroundings : Surroundings
        What it can count on.
    rules : Maturity
        Weights, anchors, coverage.

    Returns
    -------
    Result
        Measured, or with the status and the reason why not.
    """
    how, weight = indicator.how, rules.weight_of(indicator)
    if isinstance(how, Lack):
        return Result(indicator, weight, how.status, how.reason, indicator.remedy)
    if how.observes != "month" and surroundings.designated_cnt == 0:
        reason = words.NOBODY_MARKED if surroundings.is_designation_known else words.NOT_MAPPED
        return Result(indicator, weight, "not_configured", reason, DESIGNATE)
    missing = [need for need in how.needs if not set(need.split("|")) & set(surroundings.available)]
    if missing:
        return Result(indicator, weight, "not_configured", words.source_lacks(missing), indicator.remedy)
    seen = rows[rows["denominator"].notna() | rows["value"].notna()]
    coverage = len(seen) / len(rows) if len(rows) else 0.0
    least = rules.min_coverage if how.min_coverage is None else how.min_coverage
    if seen.empty or coverage < least:
        few = words.too_few_judged(len(seen), len(rows), how.observes, least)
        reason = words.joined(few, how.unseen)
        return Result(indicator, weight, "insufficient_data", reason, indicator.remedy, coverage=coverage)
    figure = _sum_up(indicator, how, seen, rules.bootstrap_draws)
    if figure is None:
        reason = words.NOTHING_TO_DIVIDE
        return Result(indicator, weight, "insufficient_data", reason, indicator.remedy, coverage=coverage)
    return _measured(indicator, how, figure, (len(seen), len(rows)), rules)


def _measured(indicator: Indicator, how: Measure, figure: _Figure, counts: tuple[int, int], rules: Maturity) -> Result:
    seen_cnt, rows_cnt = counts
    scale = rules.scale_of(indicator)
    level = level_of(scale, figure.value, figure.denominator)
    if how.sums_up == "count":
        level_range = (level, level)
    elif figure.interval is None:
        level_range = (LOWEST, HIGHEST)
    else:
        ends = [level_of(scale, end, figure.denominator) for end in figure.interval]
        level_range = (min(ends), max(ends))
    is_few = how.sums_up != "count" and seen_cnt < FEW_JUDGED
    reason = words.joined(
        figure.text,
        words.judged_for(seen_cnt, rows_cnt, how.observes),
        words.level_reached(level),
        words.only_the_interval(FEW_JUDGED, how.observes, *level_range) if is_few else _NO_TEXT,
    )
    return Result(
        indicator,
        rules.weight_of(indicator),
        "measured",
        reason,
        value=figure.value,
        numerator=figure.numerator,
        denominator=figure.denominator,
        coverage=seen_cnt / rows_cnt,
        level=level,
        level_range=level_range,
        interval=figure.interval,
    )


def _sum_up(indicator: Indicator, how: Measure, seen: pd.DataFrame, draws: int) -> _Figure | None:
    """Return the figure of the rows that can be judged; None where there is nothing to divide by."""
    if how.sums_up == "median":
        values = _numbers(seen["value"])
        figure = float(np.median(values))
        text = words.measured_median(figure, indicator.unit, len(values))
        return _Figure(figure, None, None, median_interval(values, draws), text)
    # rows come in any order: sums of sorted numbers do not depend on it
    ordered = seen.sort_values(["denominator", "numerator"])
    numerators, denominators = _numbers(ordered["numerator"]), _numbers(ordered["denominator"])
    numerator, denominator = float(numerators.sum()), float(denominators.sum())
    if how.sums_up == "count":
        whole = float(denominators[0])
        return _Figure(numerator, numerator, whole, None, words.measured_count(numerator, whole, how.counted))
    if denominator == 0:
        return None
    value = numerator / denominator
    if how.sums_up == "share":
        interval: Interval | None = wilson_interval(numerator, denominator)
    else:
        interval = ratio_interval(numerators, denominators, draws)
    has_counts = bool(how.counted.en)
    text = words.measured_share(numerator, denominator, how.counted) if has_counts else _ratio_text(value, indicator)
    return _Figure(value, numerator, denominator, interval, text)


def _ratio_text(value: float, indicator: Indicator) -> Text:
    return words.measured_ratio(value, indicator.name)


def _numbers(column: "pd.Series[float]") -> FloatArray:
    return np.asarray(column, dtype=np.float64)


def _standing_in(result: Result, results: Mapping[str, Result]) -> Result:
    """Return a stand-in with the weight it has beside the indicator that it stands in for."""
    how = result.indicator.how
    if isinstance(how, Lack) or not how.stands_in_for:
        return result
    other = results[how.stands_in_for]
    if other.status == "measured":
        aside = words.stands_aside(other.indicator.name) if result.status == "measured" else _NO_TEXT
        return replace(result, weight=0.0, reason=words.joined(result.reason, aside))
    return replace(result, weight=other.weight if result.status == "measured" else 0.0)
