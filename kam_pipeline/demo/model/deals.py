"""Deals: when each opportunity was created and closed, how it ended, and what it is worth.

What belongs here: opportunities as arrays, in the order of their creation. What does not: their line items (items.py)
and their rows (files/opportunities.py).
"""

from dataclasses import dataclass

import numpy as np

from kam_pipeline.demo.columns import DAY_SECONDS, Flags, Floats, Ints
from kam_pipeline.demo.dirt import DirtyDeal, dirty_deals
from kam_pipeline.demo.model.company import (
    HISTORY_DAYS,
    Company,
    by_chance,
    choose,
    choose_sorted,
    days_between,
    office_seconds,
    working_day,
)
from kam_pipeline.demo.model.customers import PROSPECT, Customers
from kam_pipeline.demo.model.items import Items, draw_items
from kam_pipeline.demo.model.rates import Rates

STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
WON, LOST = 4, 5
_OPEN_SHARES = (0.25, 0.30, 0.28, 0.17)
_COUNT_POWER, _AMOUNT_POWER = 0.25, 0.75
_PROSPECT_RATE = 0.3
_CYCLE_DAYS, _CYCLE_SIGMA, _LONGEST_CYCLE = 60.0, 0.6, 365
_MEDIAN_KRONER, _DEAL_SIGMA, _LEAST_KRONER = 60_000.0, 0.6, 600.0
_PAST_DUE_SHARE = 0.08
_DIRTY_KRONER = 5000.0


@dataclass(frozen=True)
class Deals:
    """Opportunities as arrays; the last ones are those of `dirty`.

    Attributes
    ----------
    account, close, stage, currency : Ints
        Account number, close day, position in `STAGES`, position in the currencies.
    created, modified : Ints
        Stamps in seconds since 1970.
    cents, kroner : Ints and Floats
        Amount in hundredths of its own currency, and in kroner at the rate of the close day.
    items : Items
        Line items; the dirty opportunities have none.
    dirty : tuple[DirtyDeal, ...]
        Which opportunities are dirty.
    """

    account: Ints
    close: Ints
    stage: Ints
    currency: Ints
    created: Ints
    modified: Ints
    cents: Ints
    kroner: Floats
    items: Items
    dirty: tuple[DirtyDeal, ...]

    @property
    def count(self) -> int:
        """Number of opportunity rows, the dirty ones included."""
        return len(self.account)

    @property
    def regular(self) -> int:
        """Number of opportunities without dirt; they come first."""
        return self.count - len(self.dirty)

    @property
    def is_won(self) -> Flags:
        """Which opportunities are won."""
        is_won: Flags = self.stage == WON
        return is_won

    def won_kroner(self, accounts: int, since: int) -> Floats:
        """Return what each account bought from a day on, in kroner."""
        counted = (self.is_won & (self.close >= since)).astype(np.float64)
        won: Floats = np.bincount(self.account, weights=self.kroner * counted, minlength=accounts).astype(np.float64)
        return won


@dataclass(frozen=True)
class _Course:
    """How deals went: whose, from when to when, and how far."""

    account: Ints
    created: Ints
    close: Ints
    stage: Ints


def draw_deals(company: Company, customers: Customers, rates: Rates) -> Deals:
    """Return all opportunities of the company.

    Parameters
    ----------
    company : Company
        The frame.
    customers : Customers
        The accounts.
    rates : Rates
        Exchange rates.

    Returns
    -------
    Deals
        Opportunities in the order of their ids.
    """
    rng = company.rng("deals")
    dirty = dirty_deals(company.opportunities, customers.places)
    regular = company.opportunities - len(dirty)
    course = _in_order(_draw_course(company, customers, regular))
    course = _with_dirty(course, _dirty_course(company, customers, dirty))
    kroner = _draw_kroner(company, customers, course)
    kroner[regular:] = _DIRTY_KRONER
    own = customers.currency[course.account]
    currency = np.where(by_chance(rng, 0.04, len(own)), rng.integers(0, 3, len(own)), own)
    rate = rates.of(currency, np.minimum(course.close, company.last_day))
    cents, items = draw_items(company, course.account, np.rint(kroner * rate * 100).astype(np.int64), regular)
    created = office_seconds(rng, course.created)
    return Deals(
        account=course.account,
        close=course.close,
        stage=course.stage,
        currency=currency,
        created=created,
        modified=_draw_modified(company, rng, course, created),
        cents=cents,
        kroner=cents / 100 / rate,
        items=items,
        dirty=dirty,
    )


def _draw_course(company: Company, customers: Customers, count: int) -> _Course:
    rng = company.rng("course of deals")
    span = customers.shuts - customers.opens
    rate = customers.weight**_COUNT_POWER * span * np.where(customers.kind == PROSPECT, _PROSPECT_RATE, 1.0)
    account = choose_sorted(rng, np.cumsum(rate), count)
    offset = customers.opens[account] + rng.random(count) * span[account]
    close = np.maximum(working_day(company.first_day + offset.astype(np.int64)), company.first_day)
    is_open = offset >= HISTORY_DAYS
    close = np.where(is_open, np.maximum(close, company.last_day + 1), close)
    is_past_due = is_open & by_chance(rng, _PAST_DUE_SHARE, count)
    close = np.where(is_past_due, days_between(rng, company.last_day - 60, company.last_day - 1, count), close)
    cycle = np.clip(_CYCLE_DAYS * np.exp(_CYCLE_SIGMA * rng.standard_normal(count)), 3, _LONGEST_CYCLE)
    recent = days_between(rng, company.last_day - 45, company.last_day, count)
    created = close - cycle.astype(np.int64)
    created = np.where(created > company.last_day, recent, created)
    is_won = rng.random(count) < customers.win_share[account]
    stage = np.where(is_open, choose(rng, _OPEN_SHARES, count), np.where(is_won, WON, LOST))
    return _Course(account, created, close, stage)


def _in_order(course: _Course) -> _Course:
    order = np.argsort(course.created, kind="stable")
    return _Course(course.account[order], course.created[order], course.close[order], course.stage[order])


def _dirty_course(company: Company, customers: Customers, dirty: tuple[DirtyDeal, ...]) -> _Course:
    """Return won deals of small accounts, a few weeks apart; the first ones are those of the test accounts."""
    tests = np.array(customers.places.tests, dtype=np.int64)
    count = len(dirty)
    account = np.concatenate([tests, np.resize(customers.small, count - len(tests))])
    close = company.first_day + 200 + 35 * np.arange(count, dtype=np.int64)
    return _Course(account, close - 50, close, np.full(count, WON, dtype=np.int64))


def _with_dirty(regular: _Course, dirty: _Course) -> _Course:
    return _Course(
        np.concatenate([regular.account, dirty.account]),
        np.concatenate([regular.created, dirty.created]),
        np.concatenate([regular.close, dirty.close]),
        np.concatenate([regular.stage, dirty.stage]),
    )


def _draw_kroner(company: Company, customers: Customers, course: _Course) -> Floats:
    """Return amounts that grow with the size of the account and with its trend over the years."""
    rng = company.rng("amounts")
    years = (course.close - company.first_day) / 365.25 - 2.0
    level = customers.weight[course.account] ** _AMOUNT_POWER * np.exp(customers.growth[course.account] * years)
    noise = np.exp(_DEAL_SIGMA * rng.standard_normal(len(years)))
    return np.maximum(_MEDIAN_KRONER * level * noise, _LEAST_KRONER)


def _draw_modified(company: Company, rng: np.random.Generator, course: _Course, created: Ints) -> Ints:
    """Return when each deal was last changed: shortly after its end, or some time in its life while it is open."""
    count = len(created)
    after_end = course.close * DAY_SECONDS + rng.integers(7 * 3600, 90 * 3600, count)
    in_life = created + (rng.random(count) * (company.last_second - created)).astype(np.int64)
    changed = np.where(course.stage >= WON, after_end, in_life)
    return company.until_end(np.maximum(changed, created))
