"""Intervals of concentration: the same for the same revenue, and equal to resampling done the slow way."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_pipeline.concentration import interval_frame
from kam_pipeline.resampling import Population, bootstrap_intervals, draw_counts, estimates, top_count

METRICS = {
    "gini", "gini_corrected", "theil", "top_1_pct_share", "top_5_pct_share", "top_10_pct_share", "top_20_pct_share",
}  # fmt: skip


def lognormal(n=200, seed=1, sigma=1.0):
    return np.random.default_rng(seed).lognormal(10, sigma, n)


def measures_of(sample):
    """Each measure of one resample, from its definition."""
    x = np.sort(sample)[::-1]
    n = len(x)
    gini = np.abs(x[:, None] - x[None, :]).mean() / (2 * x.mean())
    return {
        **{f"top_{p}_pct_share": x[: top_count(p, n)].sum() / x.sum() for p in (1, 5, 10, 20)},
        "gini": gini,
        "gini_corrected": gini * n / (n - 1),
        "theil": (x / x.mean() * np.log(x / x.mean())).mean(),
    }


@pytest.mark.parametrize("n", [2, 3, 10, 70, 101])
def test_every_resample_has_the_measures_that_resampling_the_slow_way_gives(n):
    population = Population.of(lognormal(n))
    found = estimates(population, draw_counts(np.random.default_rng(7), 20, n))
    picked = np.random.default_rng(7).integers(0, n, size=(20, n))
    assert set(found) == METRICS - {"gini_corrected"}
    for draw in range(20):
        expected = measures_of(population.ordered[picked[draw]])
        for metric, (values, _) in found.items():
            assert values[draw] == pytest.approx(expected[metric], abs=1e-12), metric


def test_standard_errors_are_those_of_taking_each_customer_out_in_turn():
    # the jackknife comes near the influence function: 200 customers, a few per cent
    n = 200
    revenue = lognormal(n)
    found = estimates(Population.of(revenue), np.ones((1, n)))
    without = [measures_of(np.delete(revenue, place)) for place in range(n)]
    for metric in ("gini", "theil"):
        taken_out = np.array([measures[metric] for measures in without])
        jackknife = (n - 1) / np.sqrt(n) * taken_out.std()
        assert found[metric][1][0] == pytest.approx(jackknife, rel=0.15), metric


def test_a_resample_has_the_standard_errors_of_a_population_that_looks_like_it():
    population = Population.of(lognormal(60))
    counts = draw_counts(np.random.default_rng(7), 5, 60)
    found = estimates(population, counts)
    for draw in range(5):
        drawn = np.repeat(population.ordered, counts[draw].astype(int))
        for metric, (_, errors) in estimates(Population.of(drawn), np.ones((1, 60))).items():
            assert found[metric][1][draw] == pytest.approx(errors[0], rel=1e-9), metric


def test_a_population_too_large_for_one_go_is_drawn_in_parts():
    n = 40_000  # one draw at once
    intervals = bootstrap_intervals(lognormal(n), 150)
    assert set(intervals) == METRICS
    low, high = intervals["gini"]
    assert 0.5 < low < high < 0.54  # the Gini of a lognormal with sigma 1 is 0.5205


def test_the_same_revenue_gives_the_same_interval_in_any_order():
    revenue = lognormal(50)
    again = revenue[np.random.default_rng(3).permutation(50)]
    assert bootstrap_intervals(revenue, 200) == bootstrap_intervals(revenue, 200) == bootstrap_intervals(again, 200)


def test_a_unit_of_twice_the_size_gives_the_same_interval():
    assert bootstrap_intervals(lognormal(50), 200) == bootstrap_intervals(2 * lognormal(50), 200)


def test_asking_does_not_change_the_revenue_it_is_asked_about():
    revenue = lognormal(20)
    before = revenue.copy()
    bootstrap_intervals(revenue, 100)
    assert (revenue == before).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_interval_contains_the_value_measured(seed):
    revenue = lognormal(300, seed)
    for metric, value in measures_of(revenue).items():
        low, high = bootstrap_intervals(revenue, 400)[metric]
        assert low < value < high, metric


def test_what_is_published_aims_at_ninety_five_per_cent():
    revenue = np.exp(np.random.default_rng(5).normal(size=100))
    frame = interval_frame(pd.DataFrame({"basis": "group", "window_months": 12, "amount": revenue}), 400)
    published = {row.metric: (row.ci_low, row.ci_high) for row in frame.itertuples()}
    assert published == bootstrap_intervals(revenue, 400, level=0.95)
    assert published != bootstrap_intervals(revenue, 400, level=0.90)


def test_a_higher_level_gives_a_wider_interval():
    narrow, wide = (bootstrap_intervals(lognormal(), 400, level)["gini"] for level in (0.5, 0.99))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_one_customer_has_no_interval():
    assert bootstrap_intervals(np.array([5.0]), 100) == {}
    assert bootstrap_intervals(np.array([]), 100) == {}


def test_a_top_share_of_a_single_customer_is_a_fact_and_has_no_interval():
    assert set(bootstrap_intervals(lognormal(100), 100)) == METRICS - {"top_1_pct_share"}
    assert set(bootstrap_intervals(lognormal(101), 100)) == METRICS


def test_customers_all_alike_leave_no_doubt_about_gini_and_theil():
    intervals = bootstrap_intervals(np.full(40, 3.0), 100)
    for metric in ("gini", "theil"):
        assert intervals[metric] == pytest.approx((0, 0), abs=1e-12)
    assert intervals["top_10_pct_share"] == pytest.approx((0.1, 0.1))


def test_one_customer_holding_nearly_everything_gives_an_interval_that_says_how_little_is_known():
    # in a third of the resamples he is not drawn at all, and everybody is alike
    low, high = bootstrap_intervals(np.array([1e9] + [0.01] * 39), 500)["top_10_pct_share"]
    assert low == pytest.approx(0.1)
    assert high > 0.999


def test_a_few_larger_customers_among_equals_do_not_blow_up_the_interval():
    low, high = bootstrap_intervals(np.array([150.0] + [100.0] * 499), 500)["top_10_pct_share"]
    assert 0.099 < low <= high < 0.103


def test_the_interval_of_theil_stays_below_what_so_many_customers_can_have():
    assert bootstrap_intervals(lognormal(12, sigma=3), 400)["theil"][1] <= np.log(12)


@given(st.lists(st.floats(0.01, 1e9), min_size=2, max_size=30))
def test_limits_are_in_order_and_shares_stay_between_zero_and_one(revenue):
    for metric, (low, high) in bootstrap_intervals(np.array(revenue), 100).items():
        assert low <= high
        assert low >= -1e-12
        assert metric == "theil" or high <= 1 + 1e-12


def test_rows_come_per_basis_and_window_and_none_for_a_basis_of_one():
    frame = pd.DataFrame(
        {"basis": ["group"] + ["account"] * 24, "window_months": [12] * 13 + [24] * 12, "amount": range(1, 26)}
    )
    found = interval_frame(frame, 100)
    assert list(found.columns) == ["basis", "window_months", "metric", "ci_low", "ci_high"]
    assert set(zip(found["basis"], found["window_months"], strict=True)) == {("account", 12), ("account", 24)}
    assert set(found["metric"]) == METRICS - {"top_1_pct_share", "top_5_pct_share"}
    assert interval_frame(frame.iloc[:0], 100).empty


@pytest.mark.slow
@pytest.mark.parametrize(("n", "wanted"), [(100, 0.88), (400, 0.90)])
def test_the_interval_of_the_top_ten_per_cent_covers_what_it_promises(n, wanted):
    # 600 worlds of lognormal revenue with sigma 1; chance alone moves the share found by 0.025 (two standard errors)
    truth = NormalDist().cdf(1.0 - NormalDist().inv_cdf(0.9))
    generator = np.random.default_rng(11)
    worlds = 600
    intervals = [bootstrap_intervals(generator.lognormal(10, 1, n), 600)["top_10_pct_share"] for _ in range(worlds)]
    assert sum(low <= truth <= high for low, high in intervals) / worlds >= wanted - 0.025
