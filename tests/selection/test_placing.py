"""Where figures stand among many others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_pipeline.selection.placing import Places

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def by_binary_search(known, figures):
    return np.searchsorted(known, figures, side="right")


def test_a_figure_stands_behind_those_that_are_at_most_as_large():
    places = Places(np.array([-1.0, 0.0, 2.5]))
    assert places.until(np.array([[-2, -1, -0.5], [0, 2.4, 99]])).tolist() == [[0, 1, 1], [2, 2, 3]]


@given(st.lists(FINITE, max_size=60), st.lists(FINITE, max_size=60))
def test_whatever_the_figures_a_binary_search_finds_the_same_places(known, figures):
    with np.errstate(over="ignore"):
        known = np.unique(np.array(known, dtype=float))
        asked = np.concatenate([known, np.array(figures, dtype=float), np.nextafter(known, -np.inf)])
        assert (Places(known).until(asked) == by_binary_search(known, asked)).all()


@pytest.mark.parametrize("shape", ["even", "long tail", "two heaps", "one heap and one far away"])
def test_thousands_are_found_where_a_binary_search_finds_them(shape):
    generator = np.random.default_rng(1)
    draw = {
        "even": lambda n: generator.uniform(-5, 5, n),
        "long tail": lambda n: np.exp(generator.normal(0, 3, n)),
        "two heaps": lambda n: generator.choice([0.0, 1e9], n) + generator.normal(0, 1e-3, n),
        "one heap and one far away": lambda n: np.append(generator.normal(0, 1e-9, n - 1), -1e12),
    }[shape]
    known, asked = np.unique(draw(5000)), draw(4000).reshape(8, 500)
    assert (Places(known).until(asked) == by_binary_search(known, asked)).all()


def test_what_is_not_known_has_some_place_and_ends_nothing():
    assert Places(np.array([1.0, 2.0])).until(np.array([np.nan, 1.5]))[1] == 1
    assert Places(np.array([])).until(np.array([1.0, np.nan])).tolist() == [0, 0]
