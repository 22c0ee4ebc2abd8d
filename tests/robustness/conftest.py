"""Undisturbed nights of the smallest company, shared by all tests that disturb one."""

import pytest

from tests.robustness.undisturbed import Undisturbed, undisturbed_nights

FEW = 40


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory) -> Undisturbed:
    return undisturbed_nights(tmp_path_factory.mktemp("undisturbed"), FEW)
