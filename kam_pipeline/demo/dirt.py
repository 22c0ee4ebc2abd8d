"""The dirt: which rows are wrong on purpose, and the texts that make them so.

What belongs here: every kind of dirt, where it is put, and the list of it. What does not: strange but correct texts
(words.py), the many correct rows (model, files).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kam_pipeline.demo.columns import DAY_SECONDS, Edits, dates, stamps
from kam_pipeline.demo.ids import UNKNOWN, ZERO_ID, make_id
from kam_pipeline.demo.summary import DirtyRecord

MERGED_DEAL = "deal of the merged account"
NEWER_COPY = "newer copy"
UNKNOWN_FEED_ACCOUNT = UNKNOWN + 2
FUTURE_DAYS = 20
"""How far after the end a completed event is dated."""
_ACCOUNTS_PER_TEST = 150
_MOST_TESTS = 6
_DEALS_PER_INTERNAL = 4000
_MOST_INTERNAL = 8
_DEAL_KINDS = (
    "unparsable_date",
    "unparsable_amount",
    "opportunity_without_account",
    "opportunity_of_unknown_account",
    "unknown_currency",
    "deleted_record",
    MERGED_DEAL,
    "fifteen_character_id",
    "no_id",
    "close_before_creation",
    "won_without_amount",
    "negative_amount",
    "probability_1000",
    "duplicate_id",
    NEWER_COPY,
)


@dataclass(frozen=True)
class AccountPlaces:
    """Which accounts are dirty: the last ones of `count`, from `first` on."""

    first: int
    cycle: tuple[int, int]
    self_parent: int
    unknown_parent: int
    zero_lookup: int
    deleted: int
    merged: int
    tests: tuple[int, ...]
    count: int


@dataclass(frozen=True)
class DirtyDeal:
    """A dirty opportunity: its kind, its row, and the row it is written from (another one for a copy)."""

    kind: str
    row: int
    source: int


def account_places(accounts: int) -> AccountPlaces:
    """Return which accounts are dirty.

    Parameters
    ----------
    accounts : int
        Number of accounts.

    Returns
    -------
    AccountPlaces
        The last accounts by number.
    """
    tests = max(1, min(_MOST_TESTS, accounts // _ACCOUNTS_PER_TEST))
    first = accounts - 7 - tests
    return AccountPlaces(
        first=first,
        cycle=(first, first + 1),
        self_parent=first + 2,
        unknown_parent=first + 3,
        zero_lookup=first + 4,
        deleted=first + 5,
        merged=first + 6,
        tests=tuple(range(first + 7, accounts)),
        count=accounts,
    )


def dirty_deals(opportunities: int, places: AccountPlaces) -> tuple[DirtyDeal, ...]:
    """Return which opportunities are dirty.

    Parameters
    ----------
    opportunities : int
        Number of opportunity rows.
    places : AccountPlaces
        The dirty accounts; each test account has one opportunity.

    Returns
    -------
    tuple[DirtyDeal, ...]
        The last opportunities by number, in that order.
    """
    internal = max(1, min(_MOST_INTERNAL, opportunities // _DEALS_PER_INTERNAL))
    kinds = ("test_account",) * len(places.tests) + ("internal_opportunity",) * internal + _DEAL_KINDS
    first = opportunities - len(kinds)
    return tuple(
        DirtyDeal(kind, first + place, first + place - (kind == NEWER_COPY)) for place, kind in enumerate(kinds)
    )


def account_edits(places: AccountPlaces, master: int) -> Edits:
    """Return the texts that make accounts dirty.

    Parameters
    ----------
    places : AccountPlaces
        The dirty accounts.
    master : int
        Account that the merged one was merged into.

    Returns
    -------
    Edits
        By account number.
    """
    one, other = places.cycle
    parent = "ParentId"
    edits = {
        one: {parent: make_id("Account", other)},
        other: {parent: make_id("Account", one)},
        places.self_parent: {parent: make_id("Account", places.self_parent)},
        places.unknown_parent: {parent: make_id("Account", UNKNOWN)},
        places.zero_lookup: {parent: ZERO_ID},
        places.deleted: {"IsDeleted": "1"},
        places.merged: {"IsDeleted": "1", "MasterRecordId": make_id("Account", master)},
    }
    return edits | {test: {"Internal_Test__c": "1"} for test in places.tests}


def deal_edits(deals: Sequence[DirtyDeal], places: AccountPlaces, created_on: int, ends_on: int) -> Edits:
    """Return the texts that make opportunities dirty.

    Parameters
    ----------
    deals : Sequence[DirtyDeal]
        The dirty opportunities.
    places : AccountPlaces
        The dirty accounts.
    created_on : int
        A day after the close dates of all of them, in days since 1970.
    ends_on : int
        Last day of history, in days since 1970.

    Returns
    -------
    Edits
        By position among the dirty opportunities.
    """
    later = _stamp(created_on + 1)
    open_deal = {"StageName": "Proposal", "IsClosed": "0", "IsWon": "0", "ForecastCategory": "BestCase"}
    texts: dict[str, dict[str, str]] = {
        "internal_opportunity": {"Type": "Internal"},
        "unparsable_date": {"CloseDate": "2024-02-31"},
        "unparsable_amount": {"Amount": "12,5O0"},
        "opportunity_without_account": {"AccountId": ""},
        "opportunity_of_unknown_account": {"AccountId": make_id("Account", UNKNOWN + 1)},
        "unknown_currency": {"CurrencyIsoCode": "XTS"},
        "deleted_record": {"IsDeleted": "1"},
        MERGED_DEAL: {"AccountId": make_id("Account", places.merged)},
        "no_id": {"Id": ""},
        "close_before_creation": {
            "CreatedDate": _stamp(created_on),
            "LastModifiedDate": later,
            "SystemModstamp": later,
        },
        "won_without_amount": {"Amount": ""},
        "negative_amount": {"Amount": "-1850.00", "Name": "Credit note"},
        "probability_1000": open_deal | {"Probability": "1000", "CloseDate": _date(ends_on + 30)},
        NEWER_COPY: {"Amount": "6150.00", "LastModifiedDate": later, "SystemModstamp": later},
    }
    return {place: texts[deal.kind] for place, deal in enumerate(deals) if deal.kind in texts}


def dirty_accounts_list(places: AccountPlaces) -> list[DirtyRecord]:
    """Return the dirty accounts as records of the summary."""
    kinds = [
        ("hierarchy_cycle", places.cycle[0]),
        ("hierarchy_cycle", places.cycle[1]),
        ("self_parent", places.self_parent),
        ("unknown_parent", places.unknown_parent),
        ("zero_lookup", places.zero_lookup),
        ("deleted_record", places.deleted),
        ("merged_account", places.merged),
        *(("test_account", test) for test in places.tests),
    ]
    return [DirtyRecord(kind, "Account", make_id("Account", number)) for kind, number in kinds]


def dirty_deals_list(deals: Sequence[DirtyDeal]) -> list[DirtyRecord]:
    """Return the dirty opportunities as records of the summary; those dirty by their account stand under it."""
    named = [deal for deal in deals if deal.kind not in (MERGED_DEAL, NEWER_COPY, "test_account")]
    return [
        DirtyRecord(deal.kind, "Opportunity", "" if deal.kind == "no_id" else make_id("Opportunity", deal.row))
        for deal in named
    ]


def _date(day: int) -> str:
    return str(dates(np.array([day], dtype=np.int64))[0].as_py())


def _stamp(day: int) -> str:
    return str(stamps(np.array([day * DAY_SECONDS + 9 * 3600], dtype=np.int64))[0].as_py())


def dirty_others_list(small: int, event: int) -> list[DirtyRecord]:
    """Return the dirty event and the dirty rows of feeds as records of the summary.

    Parameters
    ----------
    small : int
        Account of the score that cannot be.
    event : int
        The event that is said to be over and is still to come.

    Returns
    -------
    list[DirtyRecord]
        One record each.
    """
    return [
        DirtyRecord("future_activity", "Event", make_id("Event", event)),
        DirtyRecord("satisfaction_out_of_range", "feeds.satisfaction", make_id("Account", small)),
        DirtyRecord("feed_row_of_unknown_account", "feeds.costs", make_id("Account", UNKNOWN_FEED_ACCOUNT)),
    ]
