"""Intervals of concentration: the same for the same revenue, and equal to resampling done the slow way."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_pipeline.concentration import _resampled_measures, bootstrap_intervals, interval_frame, top_count

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
    ordered = np.sort(lognormal(n))[::-1]
    ordered = ordered / ordered.sum()
    found = _resampled_measures(ordered, np.random.default_rng(7), 20)
    picked = np.random.default_rng(7).integers(0, n, size=(20, n))
    assert set(found) == METRICS
    for draw in range(20):
        for metric, value in measures_of(ordered[picked[draw]]).items():
            assert found[metric][draw] == pytest.approx(value, abs=1e-12), metric


def test_a_population_too_large_for_one_go_is_drawn_in_parts():
    n = 30_000  # 133 draws at once
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


def test_a_higher_level_gives_a_wider_interval():
    narrow, wide = (bootstrap_intervals(lognormal(), 400, level)["gini"] for level in (0.5, 0.99))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_one_customer_has_no_interval():
    assert bootstrap_intervals(np.array([5.0]), 100) == {}
    assert bootstrap_intervals(np.array([]), 100) == {}


def test_customers_all_alike_leave_no_doubt_about_gini_and_theil():
    intervals = bootstrap_intervals(np.full(40, 3.0), 100)
    for metric in ("gini", "theil"):
        assert intervals[metric] == pytest.approx((0, 0), abs=1e-12)
    assert intervals["top_10_pct_share"] == pytest.approx((0.1, 0.1))


@given(st.lists(st.floats(0.01, 1e9), min_size=2, max_size=30))
def test_limits_are_in_order_and_shares_stay_between_zero_and_one(revenue):
    for metric, (low, high) in bootstrap_intervals(np.array(revenue), 100).items():
        assert low <= high
        assert low >= -1e-12
        assert metric == "theil" or high <= 1 + 1e-12


def test_rows_come_per_basis_and_none_for_a_basis_of_one():
    frame = pd.DataFrame({"basis": ["group"] + ["account"] * 3, "revenue_amt": [5.0, 1.0, 2.0, 3.0]})
    found = interval_frame(frame, 100)
    assert list(found.columns) == ["basis", "metric", "ci_low", "ci_high"]
    assert set(found["basis"]) == {"account"}
    assert set(found["metric"]) == METRICS
    assert interval_frame(frame.iloc[:0], 100).empty
