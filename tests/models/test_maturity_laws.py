"""Maturity, the arithmetic: levels, intervals and means as laws."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_pipeline.maturity.levels import level_of, median_interval, ratio_interval, wilson_interval
from kam_pipeline.maturity.measuring import Surroundings, measure, measure_all
from kam_pipeline.maturity.scoring import MeasuredIndicator, score_all
from kam_pipeline.maturity_catalogue import INDICATORS, PRACTICES
from kam_pipeline.maturity_catalogue.declaration import Bands, Lack, Ladder
from kam_pipeline.settings.maturity import Maturity

LADDERS = [indicator.scale for indicator in INDICATORS.values() if isinstance(indicator.scale, Ladder)]
BANDS = INDICATORS["focus_size"].scale
EVERYTHING = {
    "Account.IsKeyAccount",
    *(need for item in INDICATORS.values() for need in getattr(item.how, "needs", ())),
}
EVERYTHING |= {part for name in EVERYTHING for part in name.split("|")}
SURROUNDINGS = Surroundings(4, EVERYTHING)
RULES = Maturity()

values = st.floats(-1000, 1000, allow_nan=False)
pairs = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=2, max_size=30)


# --- levels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ladder", LADDERS, ids=str)
def test_at_the_anchors_the_levels_are_one_to_four_and_beyond_them_five(ladder):
    assert [level_of(ladder, anchor) for anchor in ladder.anchors] == [1, 2, 3, 4]
    assert level_of(ladder, ladder.top) == 5
    away = 1 if ladder.is_rising else -1
    assert level_of(ladder, ladder.anchors[0] - away) == 1
    assert level_of(ladder, ladder.top + away) == 5
    middle = (ladder.anchors[1] + ladder.anchors[2]) / 2
    assert level_of(ladder, middle) == pytest.approx(2.5)


@given(ladder=st.sampled_from(LADDERS), first=values, second=values)
def test_better_is_never_a_lower_level_and_levels_stay_within_one_to_five(ladder, first, second):
    worse, better = sorted((first, second), reverse=not ladder.is_rising)
    assert 1 <= level_of(ladder, worse) <= level_of(ladder, better) <= 5


@pytest.mark.parametrize(
    ("ladder", "top"),
    [
        (Ladder((0.2, 0.5, 0.8, 0.95), 1.0), 1.0),  # 0.95 + 0.15 lies beyond the end of the scale
        (Ladder((0.2, 0.4, 0.6, 0.8), 1.0), 1.0),
        (Ladder((180, 90, 60, 30), 0), 0),
        (Ladder((1, 3, 5, 8)), 11),
        (Ladder((25, 15, 10, 5), 1), 1),
        (Ladder((0.5, 0.8, 1.0, 1.2)), 1.4),
    ],
)
def test_five_is_as_far_beyond_four_as_four_is_beyond_three_or_the_end_of_the_scale(ladder, top):
    assert ladder.top == pytest.approx(top)
    assert level_of(ladder, ladder.top) == 5


@pytest.mark.parametrize(
    ("number", "level"),
    [
        (1, 3),
        (9, 3),
        (10, 4),
        (14, 4),
        (15, 5),
        (35, 5),
        (36, 4),
        (50, 4),
        (51, 3),
        (75, 3),
        (76, 2),
        (100, 2),
        (101, 1),
    ],
)
def test_target_bands_are_steps(number, level):
    assert level_of(BANDS, number, 1000) == level


@pytest.mark.parametrize(("whole", "number", "level"), [
    (140, 14, 5), (140, 15, 4), (140, 28, 4), (140, 29, 3), (140, 42, 3), (140, 70, 2), (140, 71, 1),
    (141, 14, 4), (141, 15, 5),  # a tenth of 141 is 15: no small company any more
    (30, 3, 5), (30, 9, 3), (1, 1, 5),
])  # fmt: skip
def test_small_companies_are_measured_by_share(whole, number, level):
    assert level_of(BANDS, number, whole) == level


# --- intervals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(3, 4, 0.30, 0.95), (7, 10, 0.40, 0.89), (12, 30, 0.25, 0.58), (40, 100, 0.31, 0.50)],
)
def test_wilson_intervals_are_the_published_ones(successes, n, low, high):
    assert wilson_interval(successes, n) == (pytest.approx(low, abs=0.006), pytest.approx(high, abs=0.006))


@given(n=st.integers(1, 500), part=st.floats(0, 1))
def test_a_wilson_interval_contains_its_share_and_stays_within_0_and_1(n, part):
    successes = round(part * n)
    low, high = wilson_interval(successes, n)
    assert 0 <= low <= successes / n <= high <= 1


@given(rows=pairs)
def test_a_resampled_interval_contains_its_figure_and_is_the_same_in_any_order(rows):
    numerators, denominators = (np.array(part, dtype=np.float64) for part in zip(*rows, strict=True))
    ratio = ratio_interval(numerators, denominators, 200)
    assert ratio[0] <= numerators.sum() / denominators.sum() <= ratio[1]
    assert ratio_interval(numerators[::-1], denominators[::-1], 200) == ratio
    median = median_interval(numerators, 200)
    assert median[0] <= np.median(numerators) <= median[1]
    assert numerators.min() <= median[0] <= median[1] <= numerators.max()
    assert median_interval(np.sort(numerators), 200) == median


def test_one_customer_has_no_interval():
    assert median_interval(np.array([3.0]), 200) is None
    assert ratio_interval(np.array([3.0]), np.array([4.0]), 200) is None


def test_a_draw_without_anything_to_divide_by_is_left_out():
    # one of two accounts has no revenue: a quarter of the draws has none at all
    low, high = ratio_interval(np.array([0.5, 0.1]), np.array([1.0, 0.0]), 1000)
    assert math.isfinite(low)
    assert math.isfinite(high)


# --- indicators ------------------------------------------------------------------------------------------------------


def table(rows, name="met_in_90_days"):
    """Rows of an indicator from (numerator, denominator, value)."""
    return pd.DataFrame(
        [
            {"indicator": name, "observed_id": str(place), "numerator": a, "denominator": b, "value": c}
            for place, (a, b, c) in enumerate(rows)
        ],
        columns=["indicator", "observed_id", "numerator", "denominator", "value"],
    ).astype({"numerator": "float64", "denominator": "float64", "value": "float64"})


@given(
    name=st.sampled_from([item.key for item in INDICATORS.values() if not isinstance(item.how, Lack)]),
    rows=st.lists(
        st.one_of(
            st.tuples(st.none(), st.none(), st.none()), st.tuples(st.integers(0, 1), st.just(1), st.integers(0, 1))
        ),
        max_size=12,
    ),
    seed=st.randoms(use_true_random=False),
)
def test_the_order_of_customers_changes_nothing(name, rows, seed):
    shuffled = list(rows)
    seed.shuffle(shuffled)
    result = measure(INDICATORS[name], table(rows, name), SURROUNDINGS, RULES)
    assert result == measure(INDICATORS[name], table(shuffled, name), SURROUNDINGS, RULES)
    if result.status == "measured":
        assert result.level_range[0] <= result.level <= result.level_range[1]
    else:
        assert (result.level, result.value, result.level_range) == (None, None, None)


@pytest.mark.parametrize(("seen", "status"), [(5, "measured"), (4, "insufficient_data")])
def test_below_half_of_the_key_accounts_there_is_no_level(seen, status):
    rows = [(1, 1, 1)] * seen + [(None, None, None)] * (10 - seen)
    result = measure(INDICATORS["met_in_90_days"], table(rows), SURROUNDINGS, RULES)
    assert (result.status, result.coverage) == (status, seen / 10)


def test_least_coverage_can_be_set():
    rows = table([(1, 1, 1)] * 4 + [(None, None, None)] * 6)
    assert measure(INDICATORS["met_in_90_days"], rows, SURROUNDINGS, Maturity(min_coverage=0.4)).status == "measured"


@pytest.mark.parametrize(("n", "is_warned"), [(9, True), (10, False)])
def test_with_fewer_than_ten_key_accounts_only_the_interval_is_to_be_read(n, is_warned):
    result = measure(INDICATORS["met_in_90_days"], table([(1, 1, 1)] * n), SURROUNDINGS, RULES)
    assert ("read the interval" in result.reason.en) is is_warned
    assert ("læs intervallet" in result.reason.da) is is_warned
    assert result.level_range[0] < result.level_range[1]


def test_all_of_few_is_not_certainly_all():
    # 9 of 9: the share is 1, Wilson's lower end 0.70
    result = measure(INDICATORS["met_in_90_days"], table([(1, 1, 1)] * 9), SURROUNDINGS, RULES)
    assert (result.level, result.level_range) == (5, (pytest.approx(3.0, abs=0.01), 5))


# --- practices -------------------------------------------------------------------------------------------------------


def indicators(levels, status="measured"):
    """Every declared indicator, measured at its level where one is given."""
    return [
        MeasuredIndicator(
            key,
            status if key in levels else "not_configured",
            declared.weight,
            levels.get(key),
            max(1.0, levels[key] - 0.5) if key in levels else None,
            min(5.0, levels[key] + 0.5) if key in levels else None,
        )
        for key, declared in INDICATORS.items()
    ]


def scored(levels, rules=RULES):
    return {score.practice: score for score in score_all(indicators(levels), 20, rules)}


@given(st.dictionaries(st.sampled_from(sorted(INDICATORS)), st.floats(1, 5), max_size=len(INDICATORS)))
def test_a_practice_lies_between_its_indicators_and_the_programme_between_its_practices(levels):
    scores = scored(levels)
    for practice in PRACTICES:
        score = scores[practice.key]
        own = [levels[item.key] for item in practice.indicators if item.key in levels]
        assert (score.level is None) == (score.status != "measured")
        if score.level is not None:
            assert min(own) <= score.level <= max(own)
            assert score.low <= score.level <= score.high
            assert score.gap == score.target - score.level
    measured = [score.level for name, score in scores.items() if name != "programme" and score.level is not None]
    programme = scores["programme"]
    assert (programme.level is None) == (len(measured) < 6)
    if programme.level is not None:
        assert min(measured) <= programme.level <= max(measured)


def test_a_practice_needs_two_indicators_and_half_of_the_weight():
    # five of 1 and one of 0.5: three are 55 %, two are 36 %
    names = ["explicit_designation", "list_agreement", "focus_size"]
    assert scored(dict.fromkeys(names, 3.0))["customer_focus"].level == 3
    two = scored(dict.fromkeys(names[:2], 3.0))["customer_focus"]
    assert (two.status, two.level) == ("insufficient_data", None)
    assert (
        two.reason.en
        == "2 of 6 indicators measured, 36 % of the weight. At least two and half of the weight are needed."
    )
    # one indicator that has all the weight is one indicator
    rules = Maturity(indicators={item: {"weight": 0} for item in ("sponsor_named", "executive_before_close")})
    weighted = [
        MeasuredIndicator(
            item.indicator, item.status, rules.weight_of(INDICATORS[item.indicator]), item.level, 1.0, 5.0
        )
        for item in indicators({"sponsor_active": 3.0, "sponsor_named": 3.0})
    ]
    alone = next(score for score in score_all(weighted, 20, rules) if score.practice == "management_backing")
    assert (alone.status, alone.measured_cnt, alone.level) == ("insufficient_data", 1, None)


def test_a_practice_whose_indicators_all_weigh_nothing_has_no_level():
    weightless = [
        MeasuredIndicator(item.indicator, "measured", 0.0, 3.0, 2.0, 4.0)
        for item in indicators(dict.fromkeys(INDICATORS, 3.0))
    ]
    for found in score_all(weightless, 20, RULES):
        assert (found.status, found.level) == ("insufficient_data", None)


def test_exactly_half_of_the_weight_is_enough():
    # sponsor_named and executive_before_close: 2 of 4
    assert scored({"sponsor_named": 2.0, "executive_before_close": 4.0})["management_backing"].level == 3


@pytest.mark.parametrize(("practices", "level"), [(5, None), (6, 3.0), (9, 3.0)])
def test_the_programme_needs_six_of_nine_practices(practices, level):
    levels = {item.key: 3.0 for practice in PRACTICES[:practices] for item in practice.indicators}
    programme = scored(levels)["programme"]
    assert (programme.level, programme.measured_cnt, programme.declared_cnt) == (level, practices, 9)
    assert programme.reason.en.startswith(f"{practices} of 9 practices measured.")


def test_a_practice_of_which_nothing_can_be_measured_says_what_comes_nearest():
    statuses = {
        "training_hours": "not_measurable",
        "certificates": "not_measurable",
        "joint_meetings": "not_measurable",
    }
    changed = [
        MeasuredIndicator(item.indicator, statuses.get(item.indicator, item.status), item.weight, None, None, None)
        for item in indicators({})
    ]
    found = {score.practice: score.status for score in score_all(changed, 20, RULES)}
    assert found["competence"] == "not_measurable"
    assert found["strategic_anchoring"] == "not_configured"


def test_without_any_rows_every_indicator_has_its_status_and_reason():
    for result in measure_all(table([]), Surroundings(0, ()), RULES):
        assert result.status in ("not_configured", "not_measurable", "insufficient_data")
        assert result.reason.en
        assert result.reason.da
        assert result.remedy.en
        assert result.remedy.da


def test_bands_have_no_ladder():
    assert isinstance(BANDS, Bands)
