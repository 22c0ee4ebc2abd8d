"""Customers: the accounts with their size, years, country, currency, owner and key-account flag.

What belongs here: what an account is, as arrays. What does not: its group (groups.py), its deals (deals.py), its row in
the file (files/accounts.py).
"""

from dataclasses import dataclass

import numpy as np

from kam_pipeline.demo.columns import Flags, Floats, Ints
from kam_pipeline.demo.dirt import AccountPlaces, account_places
from kam_pipeline.demo.model.company import HISTORY_DAYS, Company, by_chance, choose
from kam_pipeline.demo.model.groups import Groups, draw_groups
from kam_pipeline.demo.model.staff import KEY_ACCOUNTS, MANAGEMENT, SALES, Staff
from kam_pipeline.demo.words import COUNTRIES, COUNTRY_SHARES, INDUSTRIES

TYPES = ("Customer", "Prospect", "Partner")
CUSTOMER, PROSPECT, PARTNER = range(len(TYPES))
PIPELINE_DAYS = 80
_LOST_SHARE, _NEW_SHARE, _PROSPECT_SHARE, _PARTNER_SHARE = 0.08, 0.09, 0.07, 0.07
_SAFE_SHARE = 0.05
_ABROAD_SHARE = 0.45
_KEY_HIT_SHARE = 0.8
_TINY = 0.05
_SMALL_ACCOUNTS = 12


@dataclass(frozen=True)
class Customers:
    """Accounts as arrays; the last ones are those of `places`.

    Attributes
    ----------
    group, parent, country, currency, industry, kind, owner, sponsor : Ints
        Positions in their lists; -1 for no parent and no sponsor.
    weight, growth, attention, win_share : Floats
        Buying power, yearly growth of its log, liveliness of contact, share of deals won.
    opens, shuts : Floats
        Days from the first day of history between which its deals are closed.
    is_key, is_living : Flags
        Flagged as a key account; neither deleted nor merged.
    small : Ints
        Small, plain, living customers on which dirty deals are put.
    places : AccountPlaces
        Where the dirty accounts are.
    """

    group: Ints
    parent: Ints
    country: Ints
    currency: Ints
    industry: Ints
    kind: Ints
    owner: Ints
    sponsor: Ints
    weight: Floats
    growth: Floats
    attention: Floats
    win_share: Floats
    opens: Floats
    shuts: Floats
    is_key: Flags
    is_living: Flags
    small: Ints
    places: AccountPlaces

    @property
    def count(self) -> int:
        """Number of accounts, the dirty ones included."""
        return len(self.group)


@dataclass(frozen=True)
class _GroupTraits:
    """What all accounts of a group share."""

    country: Ints
    industry: Ints
    kind: Ints
    growth: Floats
    opens: Floats
    shuts: Floats


def draw_customers(company: Company, staff: Staff) -> Customers:
    """Return all accounts of the company.

    Parameters
    ----------
    company : Company
        The frame.
    staff : Staff
        Users who own accounts.

    Returns
    -------
    Customers
        Accounts in the order of their ids.
    """
    places = account_places(company.accounts)
    groups = _with_dirty(draw_groups(company, places.first), places)
    traits = _draw_traits(company, groups)
    rng = company.rng("customers")
    count, group = company.accounts, groups.group
    weight = groups.size[group] * groups.share
    weight[[places.deleted, places.merged, *places.tests]] = 0.0
    is_abroad = by_chance(rng, _ABROAD_SHARE, count) & (groups.parent >= 0)
    country = np.where(is_abroad, choose(rng, COUNTRY_SHARES, count), traits.country[group])
    is_key = _flag_key_accounts(company, groups, traits)
    owner = np.where(is_key, staff.draw(KEY_ACCOUNTS, rng.random(count)), staff.draw(SALES, rng.random(count)))
    sponsor = np.where(is_key & by_chance(rng, 0.55, count), staff.draw(MANAGEMENT, rng.random(count)), -1)
    return Customers(
        group=group,
        parent=groups.parent,
        country=country,
        currency=_currencies(country),
        industry=traits.industry[group],
        kind=traits.kind[group],
        owner=owner,
        sponsor=sponsor,
        weight=weight,
        growth=traits.growth[group],
        attention=rng.lognormal(0.0, 0.5, count) * np.where(is_key, 2.0, 1.0),
        win_share=np.clip(rng.normal(0.41, 0.05, count), 0.2, 0.6) * (traits.kind[group] != PROSPECT),
        opens=traits.opens[group],
        shuts=traits.shuts[group],
        is_key=is_key,
        is_living=~np.isin(np.arange(count), [places.deleted, places.merged]),
        small=_small_accounts(groups, traits, weight, places.first),
        places=places,
    )


def _with_dirty(groups: Groups, places: AccountPlaces) -> Groups:
    """Return the groups with one tiny group more for each dirty account."""
    more = places.count - places.first
    return Groups(
        size=np.concatenate([groups.size, np.full(more, _TINY)]),
        group=np.concatenate([groups.group, len(groups.size) + np.arange(more, dtype=np.int64)]),
        parent=np.concatenate([groups.parent, np.full(more, -1, dtype=np.int64)]),
        share=np.concatenate([groups.share, np.ones(more)]),
    )


def _draw_traits(company: Company, groups: Groups) -> _GroupTraits:
    rng = company.rng("group traits")
    count = len(groups.size)
    rank = np.argsort(np.argsort(-groups.size, kind="stable"))
    is_safe = rank < max(3, _SAFE_SHARE * count)
    is_plain = groups.size == _TINY
    chance = rng.random(count)
    is_lost = (chance < _LOST_SHARE) & ~is_safe & ~is_plain
    is_new = (chance > 1.0 - _NEW_SHARE) & ~is_safe & ~is_plain
    kind = choose(rng, (1.0 - _PROSPECT_SHARE - _PARTNER_SHARE, _PROSPECT_SHARE, _PARTNER_SHARE), count)
    kind[(rank < 0.1 * count) | is_plain] = CUSTOMER
    return _GroupTraits(
        country=choose(rng, COUNTRY_SHARES, count),
        industry=rng.integers(0, len(INDUSTRIES), count),
        kind=kind,
        growth=np.clip(rng.normal(0.03, 0.15, count), -0.35, 0.4),
        opens=np.where(is_new, rng.uniform(HISTORY_DAYS - 720, HISTORY_DAYS - 90, count), 0.0),
        shuts=np.where(is_lost, rng.uniform(360, HISTORY_DAYS - 300, count), float(HISTORY_DAYS + PIPELINE_DAYS)),
    )


def _currencies(country: Ints) -> Ints:
    by_country = np.full(len(COUNTRIES), 1, dtype=np.int64)
    by_country[COUNTRIES.index("Denmark")] = 0
    by_country[COUNTRIES.index("United States")] = 2
    return by_country[country]


def _flag_key_accounts(company: Company, groups: Groups, traits: _GroupTraits) -> Flags:
    """Flag most of the largest groups at their top, and by mistake a few small ones."""
    rng = company.rng("key accounts")
    wanted = round(company.accounts**0.5)
    hits = round(wanted * _KEY_HIT_SHARE)
    recent = groups.size * np.exp(traits.growth) * (traits.kind == CUSTOMER)
    tops = np.flatnonzero((groups.parent < 0) & (groups.size[groups.group] != _TINY))
    ranked = tops[np.argsort(-recent[groups.group[tops]], kind="stable")]
    customers = ranked[: int((traits.kind[groups.group[tops]] == CUSTOMER).sum())]
    flagged = np.zeros(len(groups.group), dtype=np.bool_)
    flagged[rng.choice(customers[:wanted], hits, replace=False)] = True
    flagged[rng.choice(customers[len(customers) // 2 :], wanted - hits, replace=False)] = True
    return flagged


def _small_accounts(groups: Groups, traits: _GroupTraits, weight: Floats, regular: int) -> Ints:
    """Return the smallest customers of the whole history that stand alone."""
    group = groups.group[:regular]
    is_alone = np.bincount(groups.group)[group] == 1
    is_plain = (traits.kind[group] == CUSTOMER) & (traits.opens[group] == 0.0) & (traits.shuts[group] > HISTORY_DAYS)
    found = np.flatnonzero(is_alone & is_plain)
    return found[np.argsort(weight[found], kind="stable")][:_SMALL_ACCOUNTS].astype(np.int64)
