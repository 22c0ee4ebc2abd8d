"""Records that clients written by others are to read back, value by value, and what they are in JSON.

What belongs here: texts that break careless readers. What does not: the clients (test_emulator_simple_salesforce.py,
test_emulator_jsforce.py).
"""

from datetime import UTC, datetime

from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.ids import make_id
from connectors.salesforce_emulator.org import Org

NOW = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
STAMP = "2026-05-04T03:02:01.000Z"
TEXTS = [
    "NA",
    "N/A",
    "NULL",
    "None",
    "NaN",
    "null",
    "0012",
    'say "hi", ok?',
    "two\nlines",
    "CR\r\nLF",
    "é ü 漢字 😀",
    None,
]
TEXTS += [",", '"', "''", "\\", "1E5", "true", "2026-02-31", "<b>&amp;</b>"]
FIELDS = ("Id", "Name", "AccountId", "Amount", "Probability", "CloseDate", "IsWon", "Description", "SystemModstamp")
ACCOUNT = make_id("001", 900_000)
RECORD_CNT = 2345


def opportunities() -> list[dict[str, str | None]]:
    """Texts as the API has them, more than a page of them."""
    return [
        {
            "Id": make_id("006", 900_000 + number),
            "Name": TEXTS[number % len(TEXTS)] or "-",
            "AccountId": ACCOUNT if number % 3 else None,
            "Amount": None if number % 7 == 0 else f"{number}.25",
            "Probability": str(number % 100) if number % 5 else None,
            "CloseDate": f"2026-07-{number % 28 + 1:02}",
            "IsWon": "true" if number % 2 else "false",
            "Description": TEXTS[-1 - number % len(TEXTS)],
            "SystemModstamp": STAMP,
        }
        for number in range(RECORD_CNT)
    ]


def as_json(row: dict[str, str | None]) -> dict[str, object]:
    """What the REST API makes of the texts: numbers, booleans, another zone."""
    value: dict[str, object] = dict(row)
    value["Amount"] = None if row["Amount"] is None else float(row["Amount"])
    value["Probability"] = None if row["Probability"] is None else float(row["Probability"])
    value["IsWon"] = row["IsWon"] == "true"
    value["SystemModstamp"] = STAMP.replace("Z", "+0000")
    return value


def loaded_org() -> Org:
    """An organisation whose clock stands still, with one account and its opportunities."""
    org = Org(clock=Clock(NOW, ticking=False))
    org.load("Account", [{"Id": ACCOUNT, "Name": "Acme & Söhne", "SystemModstamp": STAMP, "IsDeleted": "false"}])
    org.load("Opportunity", [row | {"IsDeleted": "false"} for row in opportunities()])
    return org
