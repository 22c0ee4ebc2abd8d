"""Promise 4: a night that is killed at any moment and started again gives what an undisturbed one gives.

Ten moments in `make test-slow`, spread over the night and aimed at the files it changes; a hundred, with more accounts,
in `make test-kill`. tests/pipeline/test_begun_again.py has always those that are easily got wrong, in one process.
"""

import random
import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.robustness.nights import FIRST, SECOND, night
from tests.robustness.readers import watching
from tests.robustness.undisturbed import Undisturbed, assert_equal_to_undisturbed, undisturbed_nights

MANY = 200
SEED = 20260701


@pytest.fixture(scope="module")
def undisturbed_of_many(tmp_path_factory) -> Undisturbed:
    return undisturbed_nights(tmp_path_factory.mktemp("undisturbed_of_many"), MANY)


def kill(folder: Path, day: date, **when: float | str) -> None:
    """Run a night that is killed; where it had ended before, another one halfway to that moment."""
    ended = night(folder, day, **when)
    if not ended.was_killed:
        assert ended.exit_code == 0, ended.said
        assert night(folder, day, kill_after=when["kill_after"] / 2).was_killed


def spread(draw: random.Random, count: int, seconds: float) -> list[float]:
    """Moments over a whole night, one drawn from each of its equal parts, in no order."""
    moments = [(part + draw.random()) / count * seconds for part in range(count)]
    draw.shuffle(moments)
    return moments


@pytest.mark.slow
def test_a_first_night_killed_five_times_publishes_what_an_undisturbed_one_publishes(undisturbed, tmp_path):
    folder = shutil.copytree(undisturbed.before[FIRST], tmp_path / "company")
    problems: list[str] = []
    with watching(folder, undisturbed.complete(FIRST), problems):
        for moment in spread(random.Random(SEED), 5, undisturbed.seconds):
            kill(folder, FIRST, kill_after=moment)
        ended = night(folder, FIRST)
    assert ended.exit_code == 0, ended.said
    assert problems == []
    assert_equal_to_undisturbed(folder, undisturbed, FIRST)


@pytest.mark.slow
def test_a_second_night_killed_five_times_leaves_readers_the_first_until_the_second_is_whole(undisturbed, tmp_path):
    folder = shutil.copytree(undisturbed.before[SECOND], tmp_path / "company")
    problems: list[str] = []
    with watching(folder, undisturbed.complete(FIRST, SECOND), problems):
        for swap in ("os.rename state/landing", "os.rename published", "os.rename report"):
            kill(folder, SECOND, kill_at=swap)
        for moment in spread(random.Random(SEED + 1), 2, undisturbed.seconds):
            kill(folder, SECOND, kill_after=moment)
        ended = night(folder, SECOND)
    assert ended.exit_code == 0, ended.said
    assert problems == []
    assert_equal_to_undisturbed(folder, undisturbed, SECOND)


@pytest.mark.slow
@pytest.mark.parametrize("day", [FIRST, SECOND], ids=["first_night", "second_night"])
@pytest.mark.parametrize("ten", range(5))
def test_each_of_a_hundred_kills_is_mended_by_the_next_night(undisturbed_of_many, tmp_path, ten, day):
    """Fifty moments of a first and of a second night: most anywhere, some just before a file is changed."""
    draw = random.Random(SEED + 100 * ten + day.day)
    anywhere = [{"kill_after": moment} for moment in spread(draw, 8, undisturbed_of_many.seconds)]
    at_a_file = [{"kill_at": number} for number in draw.sample(range(1, len(undisturbed_of_many.changes) + 1), 2)]
    complete = undisturbed_of_many.complete(*(FIRST, SECOND)[: day.day])
    for number, when in enumerate(anywhere + at_a_file):
        folder = shutil.copytree(undisturbed_of_many.before[day], tmp_path / f"company-{number}")
        problems: list[str] = []
        with watching(folder, complete, problems):
            first = night(folder, day, **when)
            assert first.was_killed or first.exit_code == 0, (when, first.said)
            ended = night(folder, day)
        assert ended.exit_code == 0, (when, ended.said)
        assert problems == [], when
        assert_equal_to_undisturbed(folder, undisturbed_of_many, day)
        shutil.rmtree(folder)
