"""One field of an object: what kind it is, and what follows from that for describe and for queries.

What belongs here: the value and the rules per kind. What does not: which fields there are (standard_object.py), the
JSON of describe (describing.py).
"""

import re
from dataclasses import dataclass

NUMBERS = ("currency", "double", "percent", "int", "long")
TEXTS = ("string", "picklist", "multipicklist", "combobox", "textarea", "phone", "email", "url", "encryptedstring")
LENGTHS = {"string": 255, "picklist": 255, "combobox": 255, "multipicklist": 4099, "textarea": 255, "phone": 40}
LENGTHS |= {"email": 80, "url": 255, "encryptedstring": 175}
LONG_TEXT = 32_000
"""Length from which on a text area can be neither filtered nor sorted."""


@dataclass(frozen=True)
class Field:
    """One field of an object.

    Attributes
    ----------
    name : str
        API name as describe spells it.
    kind : str
        Type as describe calls it.
    label : str
        What users read.
    column : str
        Its column in the store, empty for a compound parent; a renamed field keeps it.
    reference_to : tuple[str, ...]
        Objects that a reference points to.
    relationship : str
        Name of the way to the parent in queries, such as Owner; empty for none.
    child_relationship : str
        Name of the way back from the parent, such as Contacts; empty for none.
    compound : str
        Compound field that it is a part of.
    length : int
        Most characters of a text.
    is_formula, is_nillable : bool
        `calculated` and `nillable`.
    is_hidden : bool
        Field-level security takes it from the user: to the API it does not exist.
    default : str or None
        Text of a new record that gives none.
    """

    name: str
    kind: str
    label: str
    column: str
    reference_to: tuple[str, ...] = ()
    relationship: str = ""
    child_relationship: str = ""
    compound: str = ""
    length: int = 0
    is_formula: bool = False
    is_nillable: bool = True
    is_hidden: bool = False
    default: str | None = None

    @property
    def is_custom(self) -> bool:
        """Whether an organisation added it."""
        return self.name.endswith(("__c", "__pc", "__s"))

    @property
    def is_compound(self) -> bool:
        """Whether it is an address or a place put together from its parts."""
        return self.kind in ("address", "location")

    @property
    def is_filterable(self) -> bool:
        """Whether a query may compare it."""
        is_long_text = self.kind == "textarea" and self.length >= LONG_TEXT
        return not (is_long_text or self.is_compound or self.kind in ("anyType", "base64"))

    @property
    def is_groupable(self) -> bool:
        """Whether a query may group by it."""
        return self.is_filterable and self.kind not in ("currency", "double", "percent", "datetime", "multipicklist")


def label_of(name: str) -> str:
    """Return the words of an API name: BillingCity is Billing City, Key_Account__c is Key Account."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name.removesuffix("__c").replace("_", " "))
    return re.sub(r"\bId$", "ID", words)


def custom_relationship(name: str) -> str:
    """Return the way to the parent of a custom reference: Sponsor__c leads to Sponsor__r."""
    return name.removesuffix("__c") + "__r"
