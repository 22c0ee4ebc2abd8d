"""How an object of the CRM and its fields are declared: types, what each field is for, the fields that most have.

What belongs here: the form of a declaration. What does not: the objects themselves (the modules beside this one).
"""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["id", "text", "boolean", "date", "datetime", "amount", "number", "integer", "month"]

DUCKDB_TYPES: dict[FieldType, str] = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "amount": "DECIMAL(18,4)",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "month": "DATE",
}
"""Type of a raw column per declared type; datetimes are UTC without a zone, amounts keep four decimals."""


@dataclass(frozen=True)
class CrmField:
    """One field of a CRM object.

    Attributes
    ----------
    name : str
        API name; for a logical field the name we use for something that every organisation stores elsewhere.
    type : FieldType
        Declared type; values that cannot be read as it are kept aside with their text, never guessed.
    enables : str
        What is `not_configured` when the field is absent; empty when nothing hangs on it.
    is_required : bool
        The object cannot be used without this column.
    is_logical : bool
        Not a standard field: absent unless `mapping` says where it is.
    """

    name: str
    type: FieldType
    enables: str = ""
    is_required: bool = False
    is_logical: bool = False


@dataclass(frozen=True)
class CrmObject:
    """One CRM object or feed with the fields we read.

    Attributes
    ----------
    name : str
        API name; `feeds.costs` for a feed.
    table : str
        Its table in the schema raw.
    fields : tuple[CrmField, ...]
        What we read of it.
    enables : str
        What is `not_configured` without the object; empty when nothing hangs on it.
    is_required : bool
        Nothing can be said without it.
    key_prefix : str
        Start of its Salesforce ids; empty for a feed.
    is_staged : bool
        Models read it. The others are kept in raw, every version, for those who query the warehouse.
    is_dispensable : bool
        Models read it, and most organisations need nothing of it: it is left alone where it cannot be read.
    """

    name: str
    table: str
    fields: tuple[CrmField, ...]
    enables: str
    is_required: bool = False
    key_prefix: str = ""
    is_staged: bool = True
    is_dispensable: bool = False

    @property
    def can_be_left_alone(self) -> bool:
        """Whether a night goes on without it where it cannot be read: a file of its name may be something else."""
        return self.is_dispensable or not self.is_staged

    @property
    def has_custom(self) -> bool:
        """Whether an organisation can add fields of its own to it: to objects of the CRM, not to feeds."""
        return bool(self.key_prefix)

    def field(self, name: str) -> CrmField | None:
        """Return the field of that name, in any letter case, or None."""
        return next((field for field in self.fields if field.name.lower() == name.lower()), None)


def field(name: str, kind: FieldType, enables: str = "", *, required: bool = False, logical: bool = False) -> CrmField:
    """Return a declared field."""
    return CrmField(name, kind, enables, is_required=required, is_logical=logical)


STAMPS = (
    field("CreatedDate", "datetime", "sales cycle and the default as-of date"),
    field("LastModifiedDate", "datetime"),
    field("SystemModstamp", "datetime", "which of two versions of a record is newer"),
)
DELETED = field("IsDeleted", "boolean", "dropping records from the recycle bin")
CURRENCY = field("CurrencyIsoCode", "text", "conversion of amounts to one currency")
ID = field("Id", "id", required=True)
