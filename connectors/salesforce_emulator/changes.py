"""What users do to records: make, change, delete, restore, merge, archive them.

What belongs here: what each of these does to rows and stamps. What does not: acts that others see later (org.py), what
is deleted when (deletions.py), what follows from values (derived.py).
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.derived import derived, histories
from connectors.salesforce_emulator.ids import make_id
from connectors.salesforce_emulator.rendering import stamp
from connectors.salesforce_emulator.schema import Schema, SObject
from connectors.salesforce_emulator.soql_scope import quoted
from connectors.salesforce_emulator.store import Store, Values


class Changes:
    """Saving of single records.

    Parameters
    ----------
    schema : Schema
        Objects and fields.
    store : Store
        Where rows are.
    user_id : str
        Who does it.
    has_history : bool
        Whether rows of history are written.
    """

    def __init__(self, schema: Schema, store: Store, user_id: str, *, has_history: bool) -> None:
        self._schema = schema
        self._store = store
        self._user_id = user_id
        self._has_history = has_history
        self._numbers: Counter[str] = Counter()
        self.currency: str | None = None

    def new_id(self, owner: SObject) -> str:
        """Return the id of the next record of an object."""
        self._numbers[owner.prefix] += 1
        return make_id(owner.prefix, self._numbers[owner.prefix])

    def insert(self, owner: SObject, record_id: str, values: Values, now: datetime) -> None:
        """Save a new record."""
        given = self._columns(owner, values)
        new: dict[str, str | None] = {known.column: known.default for known in owner.stored}
        new |= {name: value for name, value in self._stamps(now).items() if owner.find(name)}
        new |= {"Id": record_id}
        if owner.find("OwnerId"):
            new["OwnerId"] = self._user_id
        if owner.shown("CurrencyIsoCode"):
            new["CurrencyIsoCode"] = self.currency
        new |= given
        new |= derived(owner, new, given, self.value_of, now)
        self._store.append(owner, {name: value for name, value in new.items() if owner_has(owner, name)})
        self._write_history(owner, None, new, now)

    def _stamps(self, now: datetime) -> dict[str, str | None]:
        text = stamp(now)
        return {
            "CreatedDate": text,
            "CreatedById": self._user_id,
            "LastModifiedDate": text,
            "LastModifiedById": self._user_id,
            "SystemModstamp": text,
        }

    def update(self, owner: SObject, record_id: str, values: Values, now: datetime) -> None:
        """Save changes of a record."""
        old = self.living_record(owner, record_id)
        given = self._columns(owner, values)
        follows = derived(owner, {**old, **given}, given, self.value_of, now)
        changes = {name: value for name, value in {**given, **follows}.items() if owner_has(owner, name)}
        self._store.change(owner, '"Id" = ?', [record_id], changes | self.restamped(owner, now))
        self._write_history(owner, old, {**old, **changes}, now)

    def restamped(self, owner: SObject, now: datetime) -> dict[str, str | None]:
        """Return the columns that say that a record was changed now."""
        stamps = self._stamps(now)
        names = ("LastModifiedDate", "LastModifiedById", "SystemModstamp")
        return {name: stamps[name] for name in names if owner.find(name)}

    def set_silently(self, owner: SObject, record_id: str, values: Mapping[str, Any]) -> None:
        """Set columns of a record whose stamps stay."""
        self.record(owner, record_id)
        self._store.change(owner, '"Id" = ?', [record_id], values)

    def column_of(self, owner: SObject, name: str) -> str:
        """Return the column of a field.

        Raises
        ------
        RefusalError
            INVALID_FIELD when it has none.
        """
        found = owner.find(name)
        if found is None or not found.column:
            raise RefusalError("INVALID_FIELD", f"No such column '{name}' on sobject of type {owner.name}")
        return found.column

    def _columns(self, owner: SObject, values: Values) -> dict[str, str | None]:
        return {self.column_of(owner, name): value or None for name, value in values.items()}

    def record(self, owner: SObject, record_id: str) -> dict[str, str | None]:
        """Return all columns of a record.

        Raises
        ------
        RefusalError
            NOT_FOUND when there is none with this id.
        """
        names = [known.column for known in owner.stored]
        selected = ", ".join(map(quoted, names))
        rows = self._store.fetch(f'select {selected} from {quoted(owner.name)} where "Id" = ? limit 1', [record_id])
        if not rows:
            raise RefusalError("NOT_FOUND", f"{owner.name} has no record {record_id}", 404)
        return dict(zip(names, rows[0], strict=True))

    def living_record(self, owner: SObject, record_id: str) -> dict[str, str | None]:
        """Return all columns of a record that is not deleted.

        Raises
        ------
        RefusalError
            NOT_FOUND when there is none with this id, ENTITY_IS_DELETED when it is deleted.
        """
        found = self.record(owner, record_id)
        if owner.has_is_deleted and found.get("IsDeleted") == "true":
            raise RefusalError("ENTITY_IS_DELETED", f"{owner.name} {record_id} is deleted", 404)
        return found

    def value_of(self, name: str, record_id: str, field: str) -> str | None:
        """Return the value of one field of a record, None where there is no such record."""
        owner = self._schema.find(name)
        column = quoted(self.column_of(owner, field))
        rows = self._store.fetch(f'select {column} from {quoted(owner.name)} where "Id" = ? limit 1', [record_id])
        return rows[0][0] if rows else None

    def _write_history(self, owner: SObject, old: Values | None, new: Values, now: datetime) -> None:
        if not self._has_history:
            return
        for name, values in histories(owner, old, new):
            history = self._schema.find(name)
            self.insert(history, self.new_id(history), values, now)


def owner_has(owner: SObject, column: str) -> bool:
    """Return whether an object has a column of that name."""
    return any(known.column == column for known in owner.stored)
