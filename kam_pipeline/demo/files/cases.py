"""Case.csv: service cases of accounts.

What belongs here: the text of cases. What does not: activities (activities.py).
"""

from collections.abc import Iterator

import numpy as np

from kam_pipeline.demo.columns import DAY_SECONDS, Columns, blank, chunks, constant, flags, joined, pick, stamps
from kam_pipeline.demo.ids import ZERO_ID, lookup_ids, make_ids
from kam_pipeline.demo.model.company import by_chance, choose, days_between, office_seconds
from kam_pipeline.demo.model.world import World

_PRIORITIES, _PRIORITY_SHARES = ("Low", "Medium", "High"), (0.3, 0.5, 0.2)
_ORIGINS = ("Email", "Phone", "Web", "Portal")
_STATUSES = ("New", "Working", "Escalated", "Closed")
_CLOSED = 3
_OPEN_SHARES = (0.4, 0.5, 0.1)
_MEAN_DAYS = 6.0
_NEVER_CLOSED_SHARE = 0.02


def case_pieces(world: World) -> Iterator[Columns]:
    """Yield the columns of Case.csv: half as many cases as deals, more of them for large accounts."""
    company, customers = world.company, world.customers
    share = np.sqrt(customers.weight) * customers.is_living
    for piece, rows in enumerate(chunks(company.opportunities // 2)):
        rng = company.rng("case rows", piece)
        count = len(rows)
        account = choose(rng, share, count)
        contact = world.contacts.draw(account, rng.random(count))
        created = office_seconds(rng, days_between(rng, company.first_day, company.last_day, count))
        ended = created + (rng.exponential(_MEAN_DAYS * DAY_SECONDS, count)).astype(np.int64)
        is_closed = (ended <= company.last_second) & ~by_chance(rng, _NEVER_CLOSED_SHARE, count)
        modified = np.where(is_closed, ended, np.minimum(created + 3600, company.last_second))
        status = np.where(is_closed, _CLOSED, choose(rng, _OPEN_SHARES, count))
        yield {
            "Id": make_ids("Case", rows),
            "IsDeleted": constant("0", count),
            "MasterRecordId": constant("", count),
            "AccountId": make_ids("Account", account),
            "ContactId": lookup_ids("Contact", np.where(rng.random(count) < 0.9, contact, -1), ZERO_ID),
            "Subject": joined(constant("Case about ", count), pick(_ORIGINS, rng.integers(0, 4, count))),
            "Status": pick(_STATUSES, status),
            "Priority": pick(_PRIORITIES, choose(rng, _PRIORITY_SHARES, count)),
            "Origin": pick(_ORIGINS, rng.integers(0, 4, count)),
            "IsClosed": flags(is_closed),
            "ClosedDate": blank(stamps(modified), ~is_closed),
            "CreatedDate": stamps(created),
            "LastModifiedDate": stamps(modified),
            "SystemModstamp": stamps(modified),
        }
