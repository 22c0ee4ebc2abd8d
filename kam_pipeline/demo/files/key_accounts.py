"""AccountTeamMember.csv and the custom object Key_Account_Plan__c.csv.

What belongs here: what the company itself wrote down about its key accounts. What does not: who ought to be one.
"""

from collections.abc import Iterator

import numpy as np

from kam_pipeline.demo.columns import (
    DAY_SECONDS,
    Columns,
    Ints,
    amounts,
    blank,
    constant,
    integers,
    joined,
    pick,
    sprinkle,
    stamps,
)
from kam_pipeline.demo.ids import make_ids
from kam_pipeline.demo.model.company import by_chance, days_between, office_seconds
from kam_pipeline.demo.model.rates import CURRENCIES
from kam_pipeline.demo.model.staff import ENGINEERING, MANAGEMENT, SERVICE
from kam_pipeline.demo.model.world import World
from kam_pipeline.demo.words import STRANGE_TEXTS

_ROLES = ("Key Account Manager", "Executive Sponsor", "Technical Lead", "Service Lead")
_TECHNICAL_SHARE, _SERVICE_SHARE = 0.7, 0.5
_PLAN_SHARE, _OBJECTIVE_SHARE, _TARGET_SHARE = 0.7, 0.8, 0.75
_PLAN_STATUSES = ("Draft", "Active", "Active", "Closed")
_OBJECTIVES = (
    "Become first supplier of bearings at two more plants",
    "Årsaftale for hele gruppen",
    "Win the service contract of the new line",
    "Grow sensors from pilot to frame order",
)


def team_member_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of AccountTeamMember.csv: the teams of flagged accounts, not all of them complete."""
    customers, staff, company = world.customers, world.staff, world.company
    rng = company.rng("teams")
    keys = np.flatnonzero(customers.is_key).astype(np.int64)
    count = len(keys)
    sponsor = customers.sponsor[keys]
    replacement = np.where(by_chance(rng, 0.15, count), staff.draw(MANAGEMENT, rng.random(count)), -1)
    engineer, helper = (staff.draw(function, rng.random(count)) for function in (ENGINEERING, SERVICE))
    users: tuple[Ints, ...] = (
        customers.owner[keys],
        np.where(sponsor >= 0, sponsor, replacement),
        np.where(by_chance(rng, _TECHNICAL_SHARE, count), engineer, -1),
        np.where(by_chance(rng, _SERVICE_SHARE, count), helper, -1),
    )
    user = np.stack(users, axis=1).reshape(-1)
    is_filled = user >= 0
    rows = np.arange(int(is_filled.sum()), dtype=np.int64)
    role = np.tile(np.arange(len(_ROLES)), count)[is_filled]
    stamp = stamps(office_seconds(rng, days_between(rng, company.first_day, company.last_day, len(rows))))
    yield {
        "Id": make_ids("AccountTeamMember", rows),
        "IsDeleted": constant("0", len(rows)),
        "AccountId": make_ids("Account", np.repeat(keys, len(_ROLES))[is_filled]),
        "UserId": make_ids("User", user[is_filled]),
        "TeamMemberRole": pick(_ROLES, role),
        "CreatedDate": stamp,
        "LastModifiedDate": stamp,
        "SystemModstamp": stamp,
    }


def plan_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of Key_Account_Plan__c.csv: plans of most flagged accounts, some of them long untouched."""
    customers, company = world.customers, world.company
    rng = company.rng("plans")
    keys = np.flatnonzero(customers.is_key).astype(np.int64)
    keys = keys[rng.permutation(len(keys))[: max(1, round(_PLAN_SHARE * len(keys)))]]
    count = len(keys)
    rows = np.arange(count, dtype=np.int64)
    bought = world.deals.won_kroner(customers.count, company.last_day - 364)[keys]
    wanted = np.maximum(bought, 50_000.0) * rng.uniform(1.02, 1.3, count)
    rate = world.rates.of(customers.currency[keys], np.full(count, company.last_day, dtype=np.int64))
    created = office_seconds(rng, days_between(rng, company.first_day, company.last_day - 60, count))
    age = (rng.exponential(150.0, count) * DAY_SECONDS).astype(np.int64)
    modified = np.maximum(company.last_second - age, created)
    objectives = sprinkle(pick(_OBJECTIVES, rng.integers(0, len(_OBJECTIVES), count)), rng, STRANGE_TEXTS, 0.05)
    yield {
        "Id": make_ids("Key_Account_Plan__c", rows),
        "IsDeleted": constant("0", count),
        "Name": joined(constant("KAP-", count), integers(1 + rows)),
        "OwnerId": make_ids("User", customers.owner[keys]),
        "Account__c": make_ids("Account", keys),
        "Status__c": pick(_PLAN_STATUSES, rng.integers(0, len(_PLAN_STATUSES), count)),
        "Objective__c": blank(objectives, ~by_chance(rng, _OBJECTIVE_SHARE, count)),
        "Target_Amount__c": blank(
            amounts(np.rint(wanted * rate).astype(np.int64) * 100), ~by_chance(rng, _TARGET_SHARE, count)
        ),
        "CurrencyIsoCode": pick(CURRENCIES, customers.currency[keys]),
        "CreatedDate": stamps(created),
        "LastModifiedDate": stamps(modified),
        "SystemModstamp": stamps(modified),
    }
