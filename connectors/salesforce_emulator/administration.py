"""What administrators and tests do: load records as they are, change fields, hide, archive, remove for good.

What belongs here: acts that no user of the CRM could do. What does not: those of users (users.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from connectors.salesforce_emulator import loading
from connectors.salesforce_emulator.fields import Field
from connectors.salesforce_emulator.soql_scope import quoted
from connectors.salesforce_emulator.state import OrgState
from connectors.salesforce_emulator.store import Values


class Administration(OrgState):
    """The acts of administrators."""

    # --- records -----------------------------------------------------------------------------------------------------

    def load(
        self,
        sobject: str,
        rows: Iterable[Values] | pa.Table | Path,
        *,
        kinds: Mapping[str, str] | None = None,
        from_export: bool = False,
    ) -> int:
        """Append records as they are, texts as typed, and return how many.

        Parameters
        ----------
        sobject : str
            API name; one ending in `__c` that is not there yet is made.
        rows : Iterable[Mapping[str, str | None]] or pyarrow.Table or Path
            Values by API name, or a CSV file; columns that the object has no field for become fields.
        kinds : Mapping[str, str] or None
            Types of such new fields; else reference where all values are ids, and string.
        from_export : bool
            The values are written as in a Data Export: booleans 1 and 0, datetimes with a blank, zeros for no id.

        Returns
        -------
        int
            Records loaded.
        """
        with self._settled() as now:
            table = self._store.texts_of(rows)
            owner = loading.object_for(self._schema, self._store, sobject, table)
            loading.add_unknown_columns(self._schema, self._store, owner, table, kinds or {})
            if owner.name == "Organization":
                self._store.remove(owner, "true", [])
            count = loading.load(self._store, owner, table, now, from_export=from_export)
            self._deletions.note_in_bin(now)
            if owner.name == "Organization":
                self._take_over_organization()
            return count

    def _take_over_organization(self) -> None:
        rows = self._store.fetch('select "Id", "DefaultCurrencyIsoCode" from "Organization" limit 1')
        if rows:
            self.org_id = rows[0][0] or self.org_id
            self._changes.currency = rows[0][1]

    def purge(self, sobject: str, record_id: str, *, trace: bool = True) -> None:
        """Remove a record for good, with what goes along; without a trace `/deleted` does not tell of it either."""
        with self._settled() as now:
            self._deletions.purge(self._schema.find(sobject), record_id, now, trace=trace)

    def empty_bin(self) -> None:
        """Remove for good what lies in the recycle bin; `/deleted` goes on telling of it."""
        with self._settled():
            self._deletions.empty_bin()

    def forget_deletions(self, before: datetime) -> None:
        """Cut the log of deletions short, as happens under load: earliestDateAvailable moves on."""
        with self._settled():
            self._log.cut(before)

    def archive(self, sobject: str, record_id: str) -> None:
        """Archive a task or an event; its stamps stay."""
        with self._settled():
            self._changes.set_silently(self._schema.find(sobject), record_id, {"IsArchived": "true"})

    def set_formula(self, sobject: str, record_id: str, field: str, value: str | None) -> None:
        """Let a formula come to another value; the stamps of the record stay."""
        with self._settled():
            owner = self._schema.find(sobject)
            self._changes.set_silently(owner, record_id, {self._changes.column_of(owner, field): value})

    def hide_record(self, sobject: str, record_id: str, *, hidden: bool = True) -> None:
        """Take a record from the user's sight by sharing, or give it back; nothing says so."""
        with self._settled():
            self._changes.set_silently(self._schema.find(sobject), record_id, {"_hidden": hidden})

    def living(self, sobject: str) -> list[dict[str, str | None]]:
        """Return the texts of all records that are not deleted and that the user sees, in the order of arrival."""
        with self._settled():
            owner = self._schema.find(sobject)
            known = [one for one in owner.visible if one.column]
            selected = ", ".join(quoted(one.column) for one in known)
            alive = " and coalesce(\"IsDeleted\", 'false') <> 'true'" if owner.has_is_deleted else ""
            sql = f"select {selected} from {quoted(owner.name)} where not _hidden{alive} order by _row"
            names = [one.name for one in known]
            return [dict(zip(names, row, strict=True)) for row in self._store.fetch(sql)]

    # --- fields and objects ------------------------------------------------------------------------------------------

    def add_object(self, name: str, prefix: str, *, plural: str = "") -> None:
        """Add an object of the organisation's own, with the fields that all have."""
        with self._settled():
            made = self._schema.add_object(name, prefix, plural or name.removesuffix("__c").replace("_", " ") + "s")
            self._store.make_table(made)

    def add_field(
        self,
        sobject: str,
        name: str,
        kind: str,
        *,
        label: str = "",
        formula: bool = False,
        nillable: bool = True,
        reference_to: tuple[str, ...] = (),
        length: int = 0,
        default: str | None = None,
    ) -> None:
        """Add a field; records that are there have its default and keep their stamps."""
        with self._settled():
            owner = self._schema.find(sobject)
            made = self._schema.add_field(owner, name, kind, is_formula=formula, reference_to=reference_to)
            made = replace(made, label=label or made.label, is_nillable=nillable, default=default)
            owner.put(replace(made, length=length or made.length))
            self._store.add_column(owner, made.column, default)

    def _change_field(self, sobject: str, name: str, /, **changes: object) -> Field:
        with self._settled():
            return self._schema.change_field(self._schema.find(sobject), name, **changes)

    def hide_field(self, sobject: str, name: str) -> None:
        """Take a field from the user: to the API it does not exist."""
        self._change_field(sobject, name, is_hidden=True)

    def show_field(self, sobject: str, name: str) -> None:
        """Give a hidden field back."""
        self._change_field(sobject, name, is_hidden=False)

    def rename_field(self, sobject: str, old: str, new: str) -> None:
        """Give a field another API name; its values and label stay."""
        self._change_field(sobject, old, name=new)

    def retype_field(self, sobject: str, name: str, kind: str) -> None:
        """Give a field another type; its texts stay."""
        self._change_field(sobject, name, kind=kind)

    def hide_object(self, sobject: str) -> None:
        """Take an object from the user: to the API it does not exist."""
        with self._settled():
            self._schema.find(sobject).is_hidden = True

    def show_object(self, sobject: str) -> None:
        """Give a hidden object back."""
        with self._settled():
            self._schema.find(sobject).is_hidden = False
