"""Writing the demo company: which file holds which object, one after the other.

What belongs here: the list of files and the order of the work. What does not: what is in them.
"""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from kam_pipeline.demo.columns import Columns
from kam_pipeline.demo.csv_file import write_csv
from kam_pipeline.demo.dirt import dirty_accounts_list, dirty_deals_list, dirty_others_list
from kam_pipeline.demo.files.accounts import account_pieces
from kam_pipeline.demo.files.activities import EVENTS_PER_DEAL, event_pieces, task_pieces
from kam_pipeline.demo.files.cases import case_pieces
from kam_pipeline.demo.files.currencies import conversion_rate_pieces, currency_type_pieces, organization_pieces
from kam_pipeline.demo.files.feeds import cost_pieces, group_pieces, satisfaction_pieces, target_pieces
from kam_pipeline.demo.files.key_accounts import plan_pieces, team_member_pieces
from kam_pipeline.demo.files.opportunities import line_item_pieces, opportunity_pieces, product_pieces
from kam_pipeline.demo.files.people import contact_pieces, contact_role_pieces, user_pieces
from kam_pipeline.demo.model.company import Company
from kam_pipeline.demo.model.world import World, draw_world
from kam_pipeline.demo.summary import DemoSummary, DirtyRecord

Pieces = Callable[[World], Iterator[Columns]]

_OBJECTS: dict[str, Pieces] = {
    "Organization": organization_pieces,
    "CurrencyType": currency_type_pieces,
    "DatedConversionRate": conversion_rate_pieces,
    "User": user_pieces,
    "Product2": product_pieces,
    "Account": account_pieces,
    "AccountTeamMember": team_member_pieces,
    "Key_Account_Plan__c": plan_pieces,
    "Contact": contact_pieces,
    "Opportunity": opportunity_pieces,
    "OpportunityLineItem": line_item_pieces,
    "OpportunityContactRole": contact_role_pieces,
    "Task": task_pieces,
    "Event": event_pieces,
    "Case": case_pieces,
}
_FEEDS: dict[str, Pieces] = {
    "satisfaction": satisfaction_pieces,
    "costs": cost_pieces,
    "targets": target_pieces,
    "groups": group_pieces,
}
LAST_DAY = date(2026, 6, 30)
"""Last day of the demo company's history, unless somebody asks for another."""


def write_export(folder: Path, *, accounts: int = 600, seed: int = 7, ends_on: date = LAST_DAY) -> DemoSummary:
    """Write the made-up company as a Data Export with feeds beside it.

    The same arguments give the same bytes.

    Parameters
    ----------
    folder : Path
        Where `export/` and `feeds/` are made; files of the same names are replaced.
    accounts : int
        Number of accounts, at least 40; everything else grows with it.
    seed : int
        Seed of all chance.
    ends_on : date
        Last day of the four years of history.

    Returns
    -------
    DemoSummary
        Rows per file, and every record that is wrong on purpose.

    Raises
    ------
    ConfigurationError
        When there are too few accounts, the seed is negative, or the year is out of reach.
    """
    world = draw_world(Company(accounts, seed, ends_on))
    counts: dict[str, int] = {}
    for place, prefix, files in (("export", "", _OBJECTS), ("feeds", "feeds.", _FEEDS)):
        (folder / place).mkdir(parents=True, exist_ok=True)
        for name, pieces in files.items():
            counts[prefix + name] = write_csv(folder / place / f"{name}.csv", pieces(world))
    return DemoSummary(counts, _dirty(world))


def _dirty(world: World) -> tuple[DirtyRecord, ...]:
    customers = world.customers
    last_event = EVENTS_PER_DEAL * world.company.opportunities - 1
    return (
        *dirty_accounts_list(customers.places),
        *dirty_deals_list(world.deals.dirty),
        *dirty_others_list(int(customers.small[0]), last_event),
    )
