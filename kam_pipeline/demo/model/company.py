"""The frame of the demo company: size, seed, the four years of history, and chance.

What belongs here: what every other module starts from. What does not: any object of the CRM.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from kam_pipeline.demo.columns import DAY_SECONDS, Flags, Floats, Ints
from kam_pipeline.errors import ConfigurationError

HISTORY_DAYS = 1461
OPPORTUNITIES_PER_ACCOUNT = 25
SMALLEST = 40
_FIRST_YEAR, _LAST_YEAR = 2000, 2090


@dataclass(frozen=True)
class Company:
    """The frame of one demo company.

    Attributes
    ----------
    accounts : int
        Number of accounts, the dirty ones included.
    seed : int
        Seed of all chance.
    ends_on : date
        Last day of history.
    """

    accounts: int
    seed: int
    ends_on: date

    def __post_init__(self) -> None:
        problems = []
        if self.accounts < SMALLEST:
            problems.append(f"the demo company needs at least {SMALLEST} accounts, not {self.accounts}")
        if self.seed < 0:
            problems.append(f"the seed of the demo company must not be negative, and is {self.seed}")
        if not _FIRST_YEAR <= self.ends_on.year <= _LAST_YEAR:
            problems.append(f"the demo company must end between {_FIRST_YEAR} and {_LAST_YEAR}, not {self.ends_on}")
        if problems:
            raise ConfigurationError(problems)

    @property
    def opportunities(self) -> int:
        """Number of opportunity rows, the dirty ones included."""
        return OPPORTUNITIES_PER_ACCOUNT * self.accounts

    @property
    def last_day(self) -> int:
        """Last day of history, in days since 1970."""
        return (self.ends_on - date(1970, 1, 1)).days

    @property
    def first_day(self) -> int:
        """First day of the four years, in days since 1970."""
        return self.last_day - HISTORY_DAYS + 1

    @property
    def last_second(self) -> int:
        """Last second of history, in seconds since 1970."""
        # 21:00 UTC is still the same day in the company's own time zone, in summer too
        return self.last_day * DAY_SECONDS + 21 * 3600

    def rng(self, purpose: str, piece: int = 0) -> np.random.Generator:
        """Return the source of chance for one purpose; other purposes do not change what it gives."""
        return np.random.default_rng([self.seed, self.accounts, zlib.crc32(purpose.encode()), piece])

    def until_end(self, seconds: Ints) -> Ints:
        """Return stamps cut off at the last second of history."""
        return np.minimum(seconds, self.last_second)


def choose(rng: np.random.Generator, shares: Sequence[float] | Floats, count: int) -> Ints:
    """Return positions drawn with given shares, which need not add up to one."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    found: Ints = np.searchsorted(edges, rng.random(count) * edges[-1], side="right").astype(np.int64)
    return found


def choose_sorted(rng: np.random.Generator, edges: Floats, count: int, low: float = 0.0, high: float = 1.0) -> Ints:
    """Return positions drawn by running totals of shares, in rising order, from a part of the whole."""
    marks = np.sort(rng.random(count)) * (high - low) + low
    found: Ints = np.searchsorted(edges, marks * edges[-1], side="right").astype(np.int64)
    return np.minimum(found, len(edges) - 1)


def working_day(days: Ints) -> Ints:
    """Return the days with Saturdays and Sundays moved back to Friday."""
    weekday = (days + 3) % 7
    return days - np.maximum(weekday - 4, 0)


def office_seconds(rng: np.random.Generator, days: Ints) -> Ints:
    """Return a moment within working hours of each day."""
    return days * DAY_SECONDS + rng.integers(6 * 3600, 17 * 3600, len(days))


def days_between(rng: np.random.Generator, first: int, last: int, count: int) -> Ints:
    """Return random days from the first to the last, both included."""
    return rng.integers(first, last + 1, count).astype(np.int64)


def by_chance(rng: np.random.Generator, share: float, count: int) -> Flags:
    """Return which rows are taken when each is taken with the same probability."""
    return rng.random(count) < share
