"""User.csv, Contact.csv and OpportunityContactRole.csv.

What belongs here: the text of persons and of their part in deals. What does not: how many there are (model/).
"""

from collections.abc import Iterator

import numpy as np

from kam_pipeline.demo.columns import (
    DAY_SECONDS,
    Columns,
    Ints,
    chunks,
    constant,
    flags,
    pick,
    sprinkle,
    stamps,
)
from kam_pipeline.demo.ids import lookup_ids, make_ids
from kam_pipeline.demo.model.company import by_chance, choose, days_between, office_seconds
from kam_pipeline.demo.model.staff import FUNCTIONS
from kam_pipeline.demo.model.world import World
from kam_pipeline.demo.words import (
    CONTACT_DEPARTMENTS,
    CONTACT_TITLES,
    STRANGE_SHARE,
    STRANGE_TEXTS,
    full_names,
    person_names,
)

_TITLES = (
    "Chief Executive Officer",
    "Executive Vice President",
    "Sales Director",
    "Key Account Manager",
    "Sales Representative",
    "Application Engineer",
    "Service Coordinator",
)
_ACTIVE_SHARE = 0.92
_ROLES = ("Decision Maker", "Economic Buyer", "Evaluator", "Influencer", "Other", "")
_FIRST_ROLE_SHARE, _SECOND_ROLE_SHARE = 0.7, 0.25


def user_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of User.csv."""
    staff, company = world.staff, world.company
    rng = company.rng("users")
    first, last = person_names(rng, staff.count)
    rows = np.arange(staff.count, dtype=np.int64)
    created = office_seconds(rng, days_between(rng, company.first_day - 900, company.first_day - 30, staff.count))
    changed = np.maximum(created, company.last_second - rng.integers(0, 900 * DAY_SECONDS, staff.count))
    yield {
        "Id": make_ids("User", rows),
        "FirstName": first,
        "LastName": last,
        "Name": full_names(first, last),
        "Title": pick(_TITLES, np.where(rows == 0, 0, staff.function + 1)),
        "Department": pick(FUNCTIONS, staff.function),
        "IsActive": flags(by_chance(rng, _ACTIVE_SHARE, staff.count) | (rows == 0)),
        "ManagerId": lookup_ids("User", staff.manager),
        "UserRoleId": make_ids("UserRole", staff.function),
        "CreatedDate": stamps(created),
        "LastModifiedDate": stamps(changed),
        "SystemModstamp": stamps(changed),
    }


def contact_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of Contact.csv."""
    contacts, company = world.contacts, world.company
    for piece, rows in enumerate(chunks(len(contacts.account))):
        rng = company.rng("contact rows", piece)
        count = len(rows)
        first, last = person_names(rng, count)
        last = sprinkle(last, rng, STRANGE_TEXTS, STRANGE_SHARE)
        created = office_seconds(rng, days_between(rng, company.first_day - 900, company.last_day, count))
        changed = company.until_end(created + rng.integers(0, 900 * DAY_SECONDS, count))
        yield {
            "Id": make_ids("Contact", rows),
            "IsDeleted": constant("0", count),
            "MasterRecordId": constant("", count),
            "AccountId": make_ids("Account", contacts.account[rows]),
            "FirstName": first,
            "LastName": last,
            "Name": full_names(first, last),
            "Title": pick(CONTACT_TITLES, rng.integers(0, len(CONTACT_TITLES), count)),
            "Department": pick(CONTACT_DEPARTMENTS, rng.integers(0, len(CONTACT_DEPARTMENTS), count)),
            "CreatedDate": stamps(created),
            "LastModifiedDate": stamps(changed),
            "SystemModstamp": stamps(changed),
        }


def contact_role_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of OpportunityContactRole.csv: for most deals one contact, for some a second one."""
    written = 0
    for piece, deals in enumerate(chunks(world.deals.regular)):
        deal, contact, is_primary = _draw_roles(world, deals, piece)
        rng = world.company.rng("role rows", piece)
        count = len(deal)
        created = stamps(world.deals.created[deal])
        yield {
            "Id": make_ids("OpportunityContactRole", written + np.arange(count, dtype=np.int64)),
            "IsDeleted": constant("0", count),
            "OpportunityId": make_ids("Opportunity", deal),
            "ContactId": make_ids("Contact", contact),
            "Role": pick(_ROLES, choose(rng, (0.3, 0.15, 0.2, 0.15, 0.1, 0.1), count)),
            "IsPrimary": flags(is_primary),
            "CreatedDate": created,
            "LastModifiedDate": created,
            "SystemModstamp": created,
        }
        written += count


def _draw_roles(world: World, deals: Ints, piece: int) -> tuple[Ints, Ints, np.typing.NDArray[np.bool_]]:
    """Return deal, contact and whether it is the primary one, in the order of deals."""
    rng, contacts = world.company.rng("roles", piece), world.contacts
    account = world.deals.account[deals]
    size = contacts.size[account]
    chance = rng.random(len(deals))
    main = contacts.draw(account, rng.random(len(deals)))
    has_main = (chance < _FIRST_ROLE_SHARE) & (size > 0)
    has_second = (chance < _SECOND_ROLE_SHARE) & (size > 1)
    step = 1 + (rng.random(len(deals)) * np.maximum(size - 1, 1)).astype(np.int64)
    second = contacts.first[account] + (main - contacts.first[account] + step) % np.maximum(size, 1)
    deal = np.concatenate([deals[has_main], deals[has_second]])
    contact = np.concatenate([main[has_main], second[has_second]])
    is_primary = np.arange(len(deal)) < has_main.sum()
    order = np.argsort(deal, kind="stable")
    return deal[order], contact[order], is_primary[order]
