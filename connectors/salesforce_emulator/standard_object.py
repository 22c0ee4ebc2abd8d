"""How standard objects and their fields are written down, briefly.

What belongs here: the form and what many objects share. What does not: the objects (standard_customers.py and the
others), what follows from a text (schema.py).

A field is `Name:kind`, `Name:kind(length)`, `Part:kind@Compound`, or a reference `FieldId>Parent|Parent/Children` where
`/Children` names the way back from the parent. `!` behind it: required. `=text` behind it: value of a new record.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class StandardObject:
    """One standard object as it is written down.

    Attributes
    ----------
    name, prefix, plural : str
        API name, start of its ids, label of many.
    fields : str
        Its fields without those that nearly all have.
    lacks : str
        Those that nearly all have and this one does not.
    since : float
        First version of the API that shows it.
    feature : str
        Feature of the organisation without which it is not there.
    """

    name: str
    prefix: str
    plural: str
    fields: str
    lacks: str = ""
    since: float = 20.0
    feature: str = ""


USUAL_FIELDS = (
    "IsDeleted:boolean!=false CreatedDate:datetime! CreatedById>User! LastModifiedDate:datetime! "
    "LastModifiedById>User! SystemModstamp:datetime!"
)
"""Behind the fields of each object, but for what it lacks."""

VIEWED = "LastViewedDate:datetime LastReferencedDate:datetime"
UNDELETABLE = "IsDeleted"


def address(name: str) -> str:
    """Return the parts of an address and the address itself."""
    parts = ("Street:textarea", "City:string(40)", "State:string(80)", "PostalCode:string(20)", "Country:string(80)")
    geo = ("Latitude:double", "Longitude:double", "GeocodeAccuracy:picklist")
    return " ".join([*(f"{name}{part}@{name}Address" for part in (*parts, *geo)), f"{name}Address:address"])
