"""What activities hang on: a deal or its account, a contact, and the colleague who did it.

What belongs here: the links and days that tasks and events share. What does not: their other columns
(files/activities.py).
"""

from dataclasses import dataclass

import numpy as np

from kam_pipeline.demo.columns import DAY_SECONDS, Column, Flags, Floats, Ints, blank, either
from kam_pipeline.demo.ids import ZERO_ID, lookup_ids, make_ids
from kam_pipeline.demo.model.company import by_chance, choose_sorted, days_between, working_day
from kam_pipeline.demo.model.staff import ENGINEERING, SALES_MANAGEMENT, SERVICE
from kam_pipeline.demo.model.world import World

ARCHIVED_DAYS = 365
_SIZE_POWER = 0.25
_CONTACT_SHARE = 0.85
_WHAT_DEAL, _WHAT_ACCOUNT = 0.60, 0.94
_EMPTY_ACCOUNT_SHARE = 0.10
_FUTURE_WINDOW, _FUTURE_DAYS = 120, 60


@dataclass(frozen=True)
class Links:
    """What a piece of activities hangs on.

    Attributes
    ----------
    deal, account, contact, owner, day : Ints
        Numbers of the records; -1 for no contact; the day of the activity.
    what_chance : Floats
        Decides whether it is linked to the deal, to the account, or to the contact alone.
    is_planned : Flags
        Still to come: its day is after the end of history.
    """

    deal: Ints
    account: Ints
    contact: Ints
    owner: Ints
    day: Ints
    what_chance: Floats
    is_planned: Flags

    def taken(self, rows: Ints) -> "Links":
        """Return the links of other rows, except that the owner stays the one of the row itself."""
        return Links(
            self.deal[rows],
            self.account[rows],
            self.contact[rows],
            self.owner,
            self.day[rows],
            self.what_chance[rows],
            self.is_planned[rows],
        )


def deal_edges(world: World) -> Floats:
    """Return running totals of how much is done for each deal: more for large and for lively accounts."""
    customers, deals = world.customers, world.deals
    share = customers.attention * customers.weight**_SIZE_POWER
    edges: Floats = np.cumsum(share[deals.account[: deals.regular]])
    return edges


def draw_links(world: World, rng: np.random.Generator, edges: Floats, rows: Ints, total: int) -> Links:
    """Return what a piece of activities hangs on.

    Parameters
    ----------
    world : World
        The company.
    rng : np.random.Generator
        Source of chance of this piece.
    edges : Floats
        From `deal_edges`.
    rows : Ints
        Numbers of the activities of this piece.
    total : int
        Number of activities of all pieces.

    Returns
    -------
    Links
        In the order of the deals, which is the order of time.
    """
    company, deals = world.company, world.deals
    count = len(rows)
    deal = choose_sorted(rng, edges, count, rows[0] / total, (rows[-1] + 1) / total)
    account = deals.account[deal]
    contact = np.where(rng.random(count) < _CONTACT_SHARE, world.contacts.draw(account, rng.random(count)), -1)
    start = deals.created[deal] // DAY_SECONDS
    end = np.minimum(deals.close[deal] + 20, company.last_day)
    day = working_day(start + (rng.random(count) * (end - start + 1)).astype(np.int64))
    is_planned = (day > company.last_day - _FUTURE_WINDOW) & by_chance(rng, 0.25, count)
    future = days_between(rng, company.last_day + 1, company.last_day + _FUTURE_DAYS, count)
    what_chance = np.where(contact >= 0, rng.random(count), rng.random(count) * _WHAT_ACCOUNT)
    return Links(
        deal,
        account,
        contact,
        _draw_owner(world, rng, account),
        np.where(is_planned, future, day),
        what_chance,
        is_planned,
    )


def _draw_owner(world: World, rng: np.random.Generator, account: Ints) -> Ints:
    """Return mostly the owner of the account, now and then a colleague of another function or the sponsor."""
    staff, customers = world.staff, world.customers
    chance, other = rng.random(len(account)), rng.random(len(account))
    owner = customers.owner[account]
    for function, low, high in ((ENGINEERING, 0.0, 0.09), (SERVICE, 0.09, 0.14), (SALES_MANAGEMENT, 0.14, 0.17)):
        owner = np.where((chance >= low) & (chance < high), staff.draw(function, other), owner)
    sponsor = customers.sponsor[account]
    return np.where((chance >= 0.17) & (chance < 0.20) & (sponsor >= 0), sponsor, owner)


def link_columns(rng: np.random.Generator, links: Links) -> dict[str, Column]:
    """Return the link columns; some lack the account, which follows from the deal or the contact.

    Parameters
    ----------
    rng : np.random.Generator
        Source of chance of this piece.
    links : Links
        What the activities hang on.

    Returns
    -------
    dict[str, Column]
        WhoId, WhatId, AccountId and OwnerId.
    """
    count = len(links.deal)
    accounts = make_ids("Account", links.account)
    what = blank(accounts, links.what_chance >= _WHAT_ACCOUNT)
    deals = make_ids("Opportunity", links.deal)
    return {
        "WhoId": lookup_ids("Contact", links.contact, ZERO_ID),
        "WhatId": either(links.what_chance < _WHAT_DEAL, deals, what),
        "AccountId": blank(accounts, by_chance(rng, _EMPTY_ACCOUNT_SHARE, count)),
        "OwnerId": make_ids("User", links.owner),
    }
