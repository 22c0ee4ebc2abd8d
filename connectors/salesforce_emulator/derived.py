"""Values that the organisation works out by itself when a record is saved, and the history that it writes.

What belongs here: what follows from a record's own values. What does not: saving (changes.py).
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from connectors.salesforce_emulator.fields import Field
from connectors.salesforce_emulator.rendering import stamp
from connectors.salesforce_emulator.schema import SObject

Values = Mapping[str, str | None]
Lookup = Callable[[str, str, str], str | None]
"""Value of a field of the record of an object that has this id."""

_STAGES = {
    "Prospecting": ("10", "Pipeline"),
    "Qualification": ("10", "Pipeline"),
    "Needs Analysis": ("20", "Pipeline"),
    "Value Proposition": ("50", "Pipeline"),
    "Id. Decision Makers": ("60", "Pipeline"),
    "Perception Analysis": ("70", "Pipeline"),
    "Proposal/Price Quote": ("75", "BestCase"),
    "Negotiation/Review": ("90", "Forecast"),
    "Closed Won": ("100", "Closed"),
    "Closed Lost": ("0", "Omitted"),
}
_SNAPSHOT = ("Amount", "Probability", "StageName", "CloseDate")
"""Fields of an opportunity whose changes make a row of OpportunityHistory."""

_TRACKED = {
    "Opportunity": ("OpportunityFieldHistory", ("StageName", "Amount", "CloseDate", "Probability", "OwnerId")),
    "Account": ("AccountHistory", ("Name", "Type", "Industry", "ParentId", "OwnerId")),
}
_DATA_TYPES = {"currency": "Currency", "percent": "Percent", "date": "DateOnly", "reference": "EntityId"}
_DATA_TYPES |= {"picklist": "DynamicEnum", "boolean": "Boolean", "datetime": "DateTime"}


def derived(owner: SObject, new: Values, given: Values, lookup: Lookup, now: datetime) -> dict[str, str | None]:
    """Return what follows from the values of a record (`new`, all of them) of which some were just given."""
    found: dict[str, str | None] = {}
    if {"FirstName", "LastName"} & set(given):
        found["Name"] = " ".join(text for text in (new.get("FirstName"), new.get("LastName")) if text) or None
    if owner.name == "Opportunity":
        found |= _of_deal(new, given)
    if owner.name in ("Task", "Event") and {"WhatId", "WhoId"} & set(given):
        found["AccountId"] = _account_of_activity(new, lookup)
    if owner.name in ("Task", "Case") and "Status" in given:
        found |= _of_status(owner, new, now)
    return {name: value for name, value in found.items() if name not in given}


def _of_deal(new: Values, given: Values) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    stage = new.get("StageName") or ""
    if "StageName" in given and stage in _STAGES:
        probability, category = _STAGES[stage]
        found |= {"Probability": probability, "ForecastCategory": category, "ForecastCategoryName": category}
        found |= {"IsClosed": _text(stage.startswith("Closed ")), "IsWon": _text(stage == "Closed Won")}
    if {"Amount", "Probability", "StageName"} & set(given):
        found["ExpectedRevenue"] = _expected({**new, **found, **given})
    return found


def _expected(values: Values) -> str | None:
    try:
        return str(round(float(values.get("Amount") or "") * float(values.get("Probability") or "") / 100, 2))
    except ValueError:
        return None


def _account_of_activity(new: Values, lookup: Lookup) -> str | None:
    what, who = new.get("WhatId") or "", new.get("WhoId") or ""
    if what.startswith("001"):
        return what
    for prefix, name in (("006", "Opportunity"), ("500", "Case"), ("801", "Order")):
        if what.startswith(prefix):
            return lookup(name, what, "AccountId")
    return lookup("Contact", who, "AccountId") if who else None


def _of_status(owner: SObject, new: Values, now: datetime) -> dict[str, str | None]:
    is_closed = new.get("Status") in ("Completed", "Closed")
    moment = "ClosedDate" if owner.name == "Case" else "CompletedDateTime"
    return {"IsClosed": _text(is_closed), moment: stamp(now) if is_closed else None}


def _text(flag: bool) -> str:
    return "true" if flag else "false"


def histories(owner: SObject, old: Values | None, new: Values) -> list[tuple[str, dict[str, str | None]]]:
    """Return the rows of history that saving makes, with the object of each; `old` is None for a new record."""
    rows: list[tuple[str, dict[str, str | None]]] = []
    if owner.name == "Opportunity" and (old is None or any(old.get(name) != new.get(name) for name in _SNAPSHOT)):
        copied = ("StageName", "Amount", "ExpectedRevenue", "CloseDate", "Probability", "ForecastCategory")
        before = old or {}
        rows.append(
            (
                "OpportunityHistory",
                {name: new.get(name) for name in (*copied, "CurrencyIsoCode")}
                | {"OpportunityId": new.get("Id"), "FromForecastCategory": before.get("ForecastCategory")}
                | {"PrevAmount": before.get("Amount"), "PrevCloseDate": before.get("CloseDate")},
            )
        )
    if owner.name in _TRACKED:
        history, tracked = _TRACKED[owner.name]
        parent = {f"{owner.name}Id": new.get("Id")}
        if old is None:
            rows.append((history, {**parent, "Field": "created", "DataType": "Text"}))
        else:
            changed = [known for known in map(owner.find, tracked) if known and _differs(known, old, new)]
            rows += [(history, {**parent, **_change(known, old, new)}) for known in changed]
    return rows


def _differs(known: Field, old: Values, new: Values) -> bool:
    return old.get(known.column) != new.get(known.column)


def _change(known: Field, old: Values, new: Values) -> dict[str, str | None]:
    return {
        "Field": known.relationship or known.name,
        "DataType": _DATA_TYPES.get(known.kind, "Text"),
        "OldValue": old.get(known.column),
        "NewValue": new.get(known.column),
    }
