"""The company of the maturity tests: twelve customers, four of them key accounts, small enough to check by hand.

What belongs here: its records, and reading what came of them. What does not: expectations.

    customer        A01  A02  A03  A04  A05  A06  A07 .. A12   all
    revenue         300  200  150  100   50   50   25 each     1000
    key account     yes  yes  -    -    yes  yes   -            4, with 600 of 1000
    owner           u1   u1   u9   u9   u1   u2   u9
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from kam_pipeline.crm_schema import STAGED_OBJECTS
from kam_pipeline.warehouse import Warehouse
from tests.factories import (
    AS_OF,
    KNOWN_AT,
    RUN,
    contact,
    corporate_currency,
    event,
    insert,
    loaded,
    opportunity,
    task,
    utc,
    won,
)

REVENUE = {"A01": 300, "A02": 200, "A03": 150, "A04": 100, "A05": 50, "A06": 50} | {
    f"A{place:02}": 25 for place in range(7, 13)
}
KEY_ACCOUNTS = ("A01", "A02", "A05", "A06")
OWNERS = {"A01": "u1", "A02": "u1", "A05": "u1", "A06": "u2"}
FIELDS = {
    "A01": {
        "Industry": "Energy", "BillingCountry": "DK", "PotentialAmount": 9, "ExternalId": "7",
        "ExecutiveSponsorId": "boss",
    },
    "A02": {"Industry": "Energy", "BillingCountry": "DK", "PotentialAmount": 9, "ExecutiveSponsorId": "chair"},
    "A05": {"Industry": "Energy", "ExecutiveSponsorId": "gone"},
    "A06": {"Industry": " ", "BillingCountry": ""},
}  # fmt: skip
ALL_OBJECTS = tuple(declared.name for declared in STAGED_OBJECTS)


def days_before(days: int) -> date:
    """The day that lies so many days before the as-of date; yesterday is 1."""
    return AS_OF - timedelta(days=days)


def twelve_accounts(
    warehouse: Warehouse,
    key_accounts: Iterable[str] = KEY_ACCOUNTS,
    fields: Mapping[str, Mapping[str, Any]] | None = None,
    objects: Iterable[str] = ALL_OBJECTS,
    absent: Iterable[str] = (),
) -> None:
    """Put the customers and one won deal each into raw, and say what the source has.

    `fields` are further fields per account, `objects` what was delivered, `absent` fields (Object.Field) that were not.
    """
    key_accounts, fields = set(key_accounts), fields or {}
    corporate_currency(warehouse)
    insert(
        warehouse,
        "Account",
        [
            {
                "Id": name,
                "Name": f"Customer {name}",
                "OwnerId": OWNERS.get(name, "u9"),
                "IsKeyAccount": "yes" if name in key_accounts else None,
                **fields.get(name, {}),
            }
            for name in REVENUE
        ],
    )
    insert(warehouse, "Opportunity", [won(f"won {name}", name, amount) for name, amount in REVENUE.items()])
    delivered(warehouse, objects, absent)


def delivered(warehouse: Warehouse, objects: Iterable[str] = ALL_OBJECTS, absent: Iterable[str] = ()) -> None:
    """Say that objects have been delivered with every declared field but those named as Object.Field."""
    missing = {tuple(name.split(".")) for name in absent}
    loaded(warehouse, absent=[field for name, field in missing if name == "Account"])
    for declared in STAGED_OBJECTS:
        if declared.name in objects and declared.name != "Account":
            warehouse.connection.execute(
                "insert into raw.load (run_id, known_at, source, object, is_present) values (?, ?, 'files', ?, true)",
                [RUN, KNOWN_AT, declared.name],
            )
            warehouse.connection.executemany(
                "insert into raw.field_presence (run_id, object, field, presence) values (?, ?, ?, ?)",
                [
                    [RUN, declared.name, field.name, "absent" if (declared.name, field.name) in missing else "present"]
                    for field in declared.fields
                ],
            )


def meeting(
    warehouse: Warehouse, name: str, account: str, days: int, contact_id: str | None = None, **fields: Any
) -> None:
    """A visit so many days before the as-of date, recorded on its day."""
    day = days_before(days)
    given = {"Type": "Visit", "CreatedDate": utc(day.year, day.month, day.day, 12), "WhoId": contact_id}
    event(warehouse, name, AccountId=account, ActivityDate=day, **{**given, **fields})


def call(
    warehouse: Warehouse, name: str, account: str, days: int, contact_id: str | None = None, **fields: Any
) -> None:
    """A completed call so many days before the as-of date, recorded on its day."""
    day = days_before(days)
    given = {"TaskSubtype": "Call", "CreatedDate": utc(day.year, day.month, day.day, 12), "WhoId": contact_id}
    task(warehouse, name, AccountId=account, ActivityDate=day, **{**given, **fields})


def usual_activities(warehouse: Warehouse) -> None:
    """Twelve meetings and calls with key accounts, six of them meetings, and four meetings with others.

    A01  visits 20 and 113 days ago with c1 (CEO) and c2, calls with c1, c3, c4
    A02  visits 40 and 82 days ago with c5 (Indkøbschef), calls with c5 and c6
    A05  visit 50 days ago with c7 (title unknown), call with c8
    A06  visit 200 days ago with c9 (Direktør)
    """
    titles = {"c1": "CEO", "c2": "Plant Manager", "c5": "Indkøbschef", "c7": "Tovholder", "c9": "Direktør"}
    for number in range(1, 10):
        contact(warehouse, f"c{number}", Title=titles.get(f"c{number}"))
    meeting(warehouse, "m1", "A01", 20, "c1")
    meeting(warehouse, "m2", "A01", 113, "c2")
    meeting(warehouse, "m3", "A02", 40, "c5")
    meeting(warehouse, "m4", "A02", 82, "c5")
    meeting(warehouse, "m5", "A05", 50, "c7")
    meeting(warehouse, "m6", "A06", 200, "c9")
    for place, (account, contact_id) in enumerate(
        [("A01", "c1"), ("A01", "c3"), ("A01", "c4"), ("A02", "c5"), ("A02", "c6"), ("A05", "c8")]
    ):
        call(warehouse, f"k{place}", account, 30, contact_id)
    for account in ("A03", "A04", "A07", "A08"):
        meeting(warehouse, f"m {account}", account, 60)


def open_deal(warehouse, name, account, days_ahead=30, amount=10):
    close = AS_OF + timedelta(days=days_ahead)
    opportunity(warehouse, name, account, IsWon=False, IsClosed=False, StageName="Open", CloseDate=close, Amount=amount)


def lost_deal(warehouse, name, account, reason=None, days=10):
    opportunity(
        warehouse, name, account, IsWon=False, IsClosed=True, StageName="Closed Lost", CloseDate=days_before(days),
        LossReason=reason,
    )  # fmt: skip


def user(warehouse, name, department=None, is_active=True):
    insert(warehouse, "User", [{"Id": name, "Name": name, "Department": department, "IsActive": is_active}])


def busy_company(warehouse):
    """Twelve accounts with sponsors, teams, deals and activities."""
    twelve_accounts(warehouse, fields=FIELDS)
    usual_activities(warehouse)
    for name, department in {"boss": "Board", "chair": "Board", "u1": "Sales", "u2": " sales ", "e": "Service"}.items():
        user(warehouse, name, department)
    user(warehouse, "gone", "Board", is_active=False)
    user(warehouse, "left", "Finance", is_active=False)
    user(warehouse, "temp")
    # the team of A01 has two functions that are still there, that of A02 one, A05 none, A06 one nobody knows
    team = [("A01", "u1"), ("A01", "e"), ("A01", "left"), ("A02", "u1"), ("A02", "u2"), ("A06", "temp")]
    insert(
        warehouse,
        "AccountTeamMember",
        [{"Id": f"t{place}", "AccountId": of, "UserId": who} for place, (of, who) in enumerate(team)],
    )
    # who did what: the boss visited A01, the chairman called somebody else, service was at A02
    owners = {"m1": "boss", "m2": "u1", "m3": "e", "m4": "u1", "m5": "u1", "m6": "u2"}
    for name, owner in owners.items():
        warehouse.connection.execute("update raw.event set OwnerId = ? where Id = ?", [owner, name])
    warehouse.connection.execute("update raw.task set OwnerId = 'u1' where AccountId <> 'A05'")
    warehouse.connection.execute("update raw.task set OwnerId = 'temp' where AccountId = 'A05'")
    call(warehouse, "chair calls", "A09", 100, OwnerId="chair")
    # recorded: one meeting three days late, one planned ahead, two calls a week late; the others on their day
    late = {"event": {"m4": 82 - 3, "m5": 50 + 9}, "task": {"k3": 23, "k4": 23}}
    for table, days in late.items():
        for name, day in days.items():
            stamp = days_before(day)
            warehouse.connection.execute(f"update raw.{table} set CreatedDate = ? where Id = ?", [stamp, name])
    # deals: four won, two open, two lost
    open_deal(warehouse, "open A01", "A01")
    open_deal(warehouse, "open A06", "A06", days_ahead=-1)
    lost_deal(warehouse, "lost A02", "A02", "Price")
    lost_deal(warehouse, "lost A05", "A05")
    insert(
        warehouse,
        "OpportunityContactRole",
        [
            {"Id": f"r{place}", "OpportunityId": deal, "ContactId": "c1"}
            for place, deal in enumerate(["won A01", "won A01", "open A01", "lost A02", "won A06", "won A03"])
        ],
    )


def indicator(warehouse: Warehouse, name: str) -> SimpleNamespace:
    """The row of an indicator."""
    return _row(warehouse, "marts.maturity_indicator", "indicator", name)


def score(warehouse: Warehouse, practice: str) -> SimpleNamespace:
    """The row of a practice, or of the programme."""
    return _row(warehouse, "marts.maturity_score", "practice", practice)


def observed(warehouse: Warehouse, name: str) -> dict[str, Any]:
    """Figure per unit of an indicator."""
    rows = warehouse.rows(
        "select observed_id, value from marts.maturity_observation where indicator = $name", {"name": name}
    )
    return dict(rows)


def evidence(warehouse: Warehouse, name: str) -> dict[str, tuple[Any, ...]]:
    """Per customer: for or against, figure, and what was seen."""
    rows = warehouse.rows(
        "select group_id, is_for, value, detail from marts.maturity_evidence where indicator = $name", {"name": name}
    )
    return {row[0]: row[1:] for row in rows}


def _row(warehouse: Warehouse, table: str, key: str, name: str) -> SimpleNamespace:
    result = warehouse.connection.execute(f"select * from {table} where {key} = $name", {"name": name})
    names = [column[0] for column in result.description]
    rows = result.fetchall()
    assert len(rows) == 1, (table, name, len(rows))
    return SimpleNamespace(**dict(zip(names, rows[0], strict=True)))
