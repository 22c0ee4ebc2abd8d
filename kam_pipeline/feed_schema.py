"""The declared feeds: what other systems and people know of the customers, in the vocabulary of CRM objects.

What belongs here: our names of their fields, types, what each enables, and the list of everything that is read. What
does not: where the files are (settings `feeds`), whom a row belongs to and what it is worth (sql/).
"""

from kam_pipeline.crm_schema import CRM_OBJECTS, CrmField, CrmObject

_SECTION = "feeds."
# A row without an id of its own gets one made from its content (raw_merge.py).
_ID = CrmField("Id", "text")
# Text, not an id: it may be one of another system, which the rules of Salesforce ids would spoil.
_ACCOUNT = CrmField("account_id", "text", is_required=True)
_MONTH = CrmField("month", "month", is_required=True)
_CURRENCY = CrmField("currency_code", "text", "amounts in other currencies than the reporting one")

SATISFACTION = CrmObject(
    name=f"{_SECTION}satisfaction",
    table="feed_satisfaction",
    enables="satisfaction",
    fields=(
        _ID,
        _ACCOUNT,
        CrmField("surveyed_on", "date", is_required=True),
        CrmField("contact_id", "text"),
        CrmField("score", "number", is_required=True),
    ),
)
COSTS = CrmObject(
    name=f"{_SECTION}costs",
    table="feed_costs",
    enables="margin and profit",
    fields=(_ID, _ACCOUNT, _MONTH, CrmField("cost_amt", "amount", is_required=True), _CURRENCY),
)
ACTUALS = CrmObject(
    name=f"{_SECTION}actuals",
    table="feed_actuals",
    enables="invoiced revenue",
    fields=(_ID, _ACCOUNT, _MONTH, CrmField("revenue_amt", "amount", is_required=True), _CURRENCY),
)
TARGETS = CrmObject(
    name=f"{_SECTION}targets",
    table="feed_targets",
    enables="targets and what is missing to reach them",
    fields=(
        _ID,
        _ACCOUNT,
        CrmField("year", "integer", is_required=True),
        CrmField("target_amt", "amount", is_required=True),
        _CURRENCY,
    ),
)
DECISIONS = CrmObject(
    name=f"{_SECTION}decisions",
    table="feed_decisions",
    enables="key accounts that were decided outside the CRM, and overrides of the proposed list",
    fields=(
        _ID,
        _ACCOUNT,
        CrmField("status", "text", is_required=True),
        CrmField("since", "date", is_required=True),
        CrmField("until", "date", "decisions that end on a day"),
        CrmField("reason", "text", "overrides, which need a reason"),
        CrmField("approved_by", "text", "overrides, which somebody must have approved"),
    ),
)

FEEDS: tuple[CrmObject, ...] = (SATISFACTION, COSTS, ACTUALS, TARGETS, DECISIONS)
"""Every feed; each is optional."""

SOURCE_OBJECTS: tuple[CrmObject, ...] = (*CRM_OBJECTS, *FEEDS)
"""Everything that is read: the objects of the CRM, then the feeds."""


def source_object(name: str) -> CrmObject | None:
    """Return the declared object or feed of that name, in any letter case, or None."""
    return next((declared for declared in SOURCE_OBJECTS if declared.name.lower() == name.lower()), None)


def is_feed(object_name: str) -> bool:
    """Return whether a name is that of a feed, such as `feeds.costs`."""
    return object_name.startswith(_SECTION)


def settings_section(declared: CrmObject) -> str:
    """Return where kam.yaml speaks of an object or feed: `mapping.Account`, `feeds.costs`."""
    return declared.name if is_feed(declared.name) else f"mapping.{declared.name}"
