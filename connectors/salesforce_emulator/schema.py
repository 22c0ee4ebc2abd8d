"""The objects and fields that the organisation has just now, and which of them the API shows.

What belongs here: looking objects and fields up, adding, renaming, retyping and hiding them. What does not: records
(store.py), the JSON of describe (describing.py).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.fields import LENGTHS, Field, custom_relationship, label_of
from connectors.salesforce_emulator.standard_customers import CUSTOMERS, ORGANISATION
from connectors.salesforce_emulator.standard_deals import ACTIVITIES, DEALS
from connectors.salesforce_emulator.standard_object import USUAL_FIELDS, StandardObject

_FIELD = re.compile(
    r"(?P<name>\w+)(?::(?P<kind>\w+)(?:\((?P<length>\d+)\))?(?:@(?P<compound>\w+))?|>(?P<parents>[\w|]+)"
    r"(?:/(?P<children>\w+))?)(?P<required>!)?(?:=(?P<default>\w+))?"
)
_FEATURE_OF_FIELD = {"CurrencyIsoCode": "multi_currency", "IsPersonAccount": "person_accounts"}
_FEATURE_OF_FIELD |= {"PersonContactId": "person_accounts"}
NOT_IN_BULK = frozenset({"TaskWhoRelation", "EventWhoRelation", "CaseStatus", "ContractStatus", "OrderStatus"})
NOT_IN_BULK |= {"PartnerRole", "TaskPriority", "TaskStatus", "RecentlyViewed", "CaseTeamMember", "AccountFeed"}
WITHOUT_BIN = frozenset({"AccountTeamMember", "OpportunityTeamMember"})


@dataclass
class SObject:
    """One object with its fields, in the order of describe.

    Attributes
    ----------
    name, prefix, plural : str
        API name, start of its ids, label of many.
    fields : list[Field]
        All of them, hidden ones too.
    since : float
        First version of the API that shows it.
    is_hidden : bool
        Without a feature or a permission: to the API it does not exist.
    """

    name: str
    prefix: str
    plural: str
    fields: list[Field] = field(default_factory=list)
    since: float = 20.0
    is_hidden: bool = False

    def find(self, name: str) -> Field | None:
        """Return the field of that name in any letter case, hidden or not."""
        return next((known for known in self.fields if known.name.lower() == name.lower()), None)

    @property
    def visible(self) -> list[Field]:
        """The fields that the API shows."""
        return [known for known in self.fields if not known.is_hidden]

    @property
    def stored(self) -> list[Field]:
        """The fields that have values of their own."""
        return [known for known in self.fields if known.column]

    def shown(self, name: str) -> Field | None:
        """Return the field of that name in any letter case if the API shows it."""
        found = self.find(name)
        return None if found is None or found.is_hidden else found

    def put(self, known: Field) -> None:
        """Add a field, or put it in the place of the one with the same column."""
        for position, other in enumerate(self.fields):
            if known.column and other.column == known.column:
                self.fields[position] = known
                return
        self.fields.append(known)

    @property
    def has_is_deleted(self) -> bool:
        """Whether its deleted records show themselves."""
        return self.find("IsDeleted") is not None


def _field(text: str, features: Mapping[str, bool]) -> Field:
    match = _FIELD.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not written as a field of a standard object")
    name, parents = match["name"], (match["parents"] or "").split("|") if match["parents"] else []
    kind = "reference" if parents else match["kind"]
    is_reference = kind == "reference"
    return Field(
        name=name,
        kind=kind,
        label=label_of(name),
        column="" if kind in ("address", "location") else name,
        reference_to=tuple(parents),
        relationship=name.removesuffix("Id") if parents and name != name.removesuffix("Id") else "",
        child_relationship=match["children"] or "",
        compound=match["compound"] or "",
        length=18 if is_reference else int(match["length"] or LENGTHS.get(kind, 0)),
        is_nillable=match["required"] is None,
        is_hidden=not features.get(_FEATURE_OF_FIELD.get(name, ""), True),
        default=match["default"],
    )


def _standard(written: StandardObject, features: Mapping[str, bool]) -> SObject:
    lacks = written.lacks.split()
    usual = [text for text in USUAL_FIELDS.split() if re.split(r"[:>]", text)[0] not in lacks]
    identity = Field("Id", "id", f"{label_of(written.name)} ID", "Id", length=18, is_nillable=False)
    fields = [identity, *(_field(text, features) for text in (*written.fields.split(), *usual))]
    is_hidden = not features.get(written.feature, True)
    return SObject(written.name, written.prefix, written.plural, fields, written.since, is_hidden)


class Schema:
    """All objects of the organisation.

    Parameters
    ----------
    features : Mapping[str, bool]
        Which features it has; one that is not named is there.
    """

    def __init__(self, features: Mapping[str, bool]) -> None:
        self._features = features
        written = (*CUSTOMERS, *DEALS, *ACTIVITIES, *ORGANISATION)
        self._objects = {one.name.lower(): _standard(one, features) for one in written}

    def __iter__(self) -> Iterator[SObject]:
        return iter(self._objects.values())

    def find(self, name: str) -> SObject:
        """Return the object of that name in any letter case, hidden or not."""
        try:
            return self._objects[name.lower()]
        except KeyError:
            raise RefusalError("NOT_FOUND", "The requested resource does not exist", 404) from None

    def knows(self, name: str) -> bool:
        """Return whether there is an object of that name, hidden or not."""
        return name.lower() in self._objects

    def visible(self, version: float) -> list[SObject]:
        """Return the objects that the API shows in a version, by name."""
        shown = [known for known in self if not known.is_hidden and version >= known.since]
        return sorted(shown, key=lambda known: known.name)

    def shown(self, name: str, version: float) -> SObject | None:
        """Return the object of that name in any letter case if the API shows it in a version."""
        found = self._objects.get(name.lower())
        return None if found is None or found.is_hidden or version < found.since else found

    def by_prefix(self, prefix: str) -> SObject | None:
        """Return the first object whose ids begin so."""
        return next((known for known in self if known.prefix == prefix), None)

    def add_object(self, name: str, prefix: str, plural: str) -> SObject:
        """Add an object of the organisation's own with the fields that all have."""
        usual = "Name:string(80)! OwnerId>User! CurrencyIsoCode:picklist"
        self._objects[name.lower()] = _standard(StandardObject(name, prefix, plural, usual), self._features)
        return self.find(name)

    def add_field(self, owner: SObject, name: str, kind: str, **about: object) -> Field:
        """Add a field that has values of its own; `about` are attributes of `Field`."""
        if owner.find(name) is not None:
            raise ValueError(f"{owner.name} has a field {name} already; rename one of the two")
        taken = {known.column for known in owner.fields}
        column = next(free for free in (name, *(f"{name}~{n}" for n in range(2, 100))) if free not in taken)
        made = Field(name, kind, label_of(name), column, length=LENGTHS.get(kind, 18 if kind == "reference" else 0))
        if kind == "reference" and made.is_custom:
            children = f"{owner.plural.replace(' ', '_')}__r"
            made = replace(made, relationship=custom_relationship(name), child_relationship=children)
        made = replace(made, **about)  # type: ignore[arg-type]  # by name, as tests say
        owner.fields.append(made)
        return made

    def change_field(self, owner: SObject, name: str, /, **changes: object) -> Field:
        """Change attributes of a field, whose column stays."""
        found = owner.find(name)
        if found is None:
            raise ValueError(f"{owner.name} has no field {name}; describe lists those it has")
        new = str(changes.get("name", found.name))
        if owner.find(new) not in (None, found):
            raise ValueError(f"{owner.name} has a field {new} already; rename one of the two")
        if found.is_custom and found.relationship:
            changes = {"relationship": custom_relationship(new), **changes}
        changed = replace(found, **changes)  # type: ignore[arg-type]  # likewise
        owner.fields[owner.fields.index(found)] = changed
        return changed
