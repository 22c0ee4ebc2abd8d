"""Which fields of an object are there, since when and of which type, and what to change where one is not.

What belongs here: one object's fields, as describe shows them now and the last extraction saw them. What does not:
asking (describing.py), reading values (records.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import CUSTOM, FieldPresence
from connectors.salesforce.plan import SelectedColumn
from kam_pipeline.crm_schema import CrmField, CrmObject, FieldType
from kam_pipeline.settings.section import closest
from kam_pipeline.settings.source import CUSTOM_ENDS, ObjectMapping

READER = "the user that the pipeline reads as"

_COMPOUND = frozenset({"address", "location"})
_UNREADABLE = _COMPOUND | {"base64"}
_NUMBERS = frozenset({"currency", "double", "percent", "int", "long"})
_HOLDS: dict[FieldType, frozenset[str]] = {
    "id": frozenset({"id", "reference", "string"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"datetime", "date"}),
    "amount": _NUMBERS,
    "number": _NUMBERS,
    "integer": _NUMBERS,
    "month": frozenset({"date"}),
}
"""Types of describe that a declared type can be read from without loss; text can be read from all."""

_BECAUSE: dict[str, str] = {"CurrencyIsoCode": "it is there where multi-currency is on"}
"""Fields that a feature brings along."""

_VANISHED = "vanished"


@dataclass(frozen=True)
class FieldFinding:
    """What was found of one field.

    Attributes
    ----------
    name : str
        Declared name; API name of one of the organisation's own.
    presence : FieldPresence
        Whether and how it is there.
    columns : tuple[SelectedColumn, ...]
        What is read for it.
    advice : str
        What to change; empty where it is simply there.
    problem : str
        What is wrong in the settings; empty where nothing is.
    lost : tuple[str, ...]
        API names that the last extraction knew and that are gone.
    """

    name: str
    presence: FieldPresence
    columns: tuple[SelectedColumn, ...] = ()
    advice: str = ""
    problem: str = ""
    lost: tuple[str, ...] = ()


class ObjectFields:
    """The fields of one object of the organisation.

    Parameters
    ----------
    crm_object : CrmObject
        The declared object.
    described : Mapping[str, Any]
        Describe of the object that serves as it.
    mapping : ObjectMapping
        What section `mapping` says of it.
    checkpoint : Mapping[str, Any] or None
        What the last extraction left: `described` as below, and `columns` as `column_keys` makes them.
    """

    def __init__(
        self,
        crm_object: CrmObject,
        described: Mapping[str, Any],
        mapping: ObjectMapping,
        checkpoint: Mapping[str, Any] | None,
    ) -> None:
        self._object = crm_object
        self._sobject = str(described["name"])
        self._mapping = mapping
        rows = [row for row in described["fields"] if not row.get("deprecatedAndHidden")]
        self._rows: dict[str, Mapping[str, Any]] = {row["name"].lower(): row for row in rows}
        self._is_first = checkpoint is None
        before: Mapping[str, Sequence[str]] = (checkpoint or {}).get("described", {})
        self._before = {name.lower(): tuple(seen) for name, seen in before.items()}
        self._spelling = {name.lower(): name for name in before}
        read = (checkpoint or {}).get("columns")
        self._read_before = None if read is None else frozenset(read)

    def row(self, name: str) -> Mapping[str, Any] | None:
        """Return what describe says of a field, None where it is not there."""
        return self._rows.get(name.lower())

    def findings(self) -> list[FieldFinding]:
        """Return what was found of each declared field, then of the organisation's own that are asked for."""
        declared = [self._find(field) for field in self._object.fields]
        filling = {column.api_name for finding in declared for column in finding.columns}
        return [*declared, *self._own(filling)]

    def is_new(self, column: SelectedColumn) -> bool:
        """Whether the values that the last extraction left lack this column, or have it with another type."""
        if self._is_first:
            return False
        if self._read_before is not None and column_key(column) not in self._read_before:
            return True
        return not self._was_there(column.api_name) or self._is_retyped(column)

    def described(self, findings: Sequence[FieldFinding]) -> dict[str, list[str]]:
        """Return type and label of what is read and of the organisation's own fields; of lost ones what they were.

        A lost one is remembered with a third word until nobody asks for it, so that it stays `vanished`.
        """
        read = {column.api_name for finding in findings for column in finding.columns}
        rows = [row for row in self._rows.values() if row["name"] in read or _is_own(row)]
        lost = {
            self._spelling[name.lower()]: [*self._before[name.lower()][:2], _VANISHED]
            for finding in findings
            for name in finding.lost
        }
        return lost | {row["name"]: [row["type"], row.get("label", "")] for row in rows}

    # --- one field ---------------------------------------------------------------------------------------------------

    def _find(self, declared: CrmField) -> FieldFinding:
        mapped = next((to for name, to in self._mapping.fields.items() if name.lower() == declared.name.lower()), None)
        setting = f"mapping.{self._object.name}.fields.{declared.name}"
        if mapped is None and declared.is_logical:
            advice = f"say in {setting} which field of {self._sobject} holds it"
            return FieldFinding(declared.name, "not_mapped", advice=advice)
        names = [declared.name] if mapped is None else [mapped] if isinstance(mapped, str) else mapped
        missing = [name for name in names if name.lower() not in self._rows]
        if missing:
            return self._missing(declared.name, missing, setting, is_mapped=mapped is not None)
        return self._present(declared.name, names, declared, setting)

    def _own(self, filling: set[str]) -> Iterator[FieldFinding]:
        """Find the organisation's own fields; with `all_custom` those that fill a declared field are not doubled."""
        setting = f"mapping.{self._object.name}.custom"
        names = {name.lower(): name for name in self._mapping.custom}
        if self._mapping.all_custom:
            own = [row["name"] for row in self._rows.values() if _is_own(row) and row["name"] not in filling]
            names = {name.lower(): name for name in own} | names
            yield from self._forgotten(set(names))
        for name in names.values():
            if name.lower() in self._rows:
                spelt = str(self._rows[name.lower()]["name"])
                yield self._present(spelt, [spelt], None, setting)
            else:
                yield self._missing(name, [name], setting, is_mapped=True)

    def _forgotten(self, asked: set[str]) -> Iterator[FieldFinding]:
        """Find what `all_custom` has read and finds no more; it is said once, and then nobody asks for it."""
        mapped = self._mapping.fields.values()
        elsewhere = {name.lower() for to in mapped for name in ([to] if isinstance(to, str) else to)}
        for name, seen in self._before.items():
            gone = "__" in name and name not in self._rows and name not in asked | elsewhere
            was_read = self._read_before is None or f"{CUSTOM}={self._spelling[name]}" in self._read_before
            if gone and was_read and _VANISHED not in seen[2:]:
                spelt = self._spelling[name]
                yield FieldFinding(spelt, "vanished", advice=self._gone(spelt, f"mapping.{self._object.name}.custom"))

    def _present(self, name: str, names: Sequence[str], declared: CrmField | None, setting: str) -> FieldFinding:
        rows = [self._rows[one.lower()] for one in names]
        compound = next((row for row in rows if row["type"] in _UNREADABLE), None)
        if compound is not None:
            return FieldFinding(name, "absent", problem=self._unreadable(compound, setting))
        columns = tuple(SelectedColumn(row["name"], row["type"], declared, bool(row.get("calculated"))) for row in rows)
        for column in columns:
            odd = self._oddity(column, setting)
            if odd:
                return FieldFinding(name, "retyped", columns, odd)
        if any(self.is_new(column) for column in columns):
            return FieldFinding(
                name, "new", columns, "new since the last extraction; the next reads it for all records"
            )
        return FieldFinding(name, "present", columns)

    def _oddity(self, column: SelectedColumn, setting: str) -> str:
        """Return what to say of a column whose type is another than before, or than we read; empty where it is not."""
        kind = column.field.type if column.field else "text"
        holds = _HOLDS.get(kind)
        if holds is not None and column.kind not in holds:
            return (
                f"{self._sobject}.{column.api_name} is of type {column.kind} and is read as {kind}; values that are "
                f"none are kept aside as texts; name another field in {setting}"
            )
        if not self._is_first and self._was_there(column.api_name) and self._is_retyped(column):
            was = self._before[column.api_name.lower()][0]
            return (
                f"{self._sobject}.{column.api_name} is of type {column.kind} and was of type {was} at the last "
                "extraction; see whether it still means the same"
            )
        return ""

    def _missing(self, name: str, missing: Sequence[str], setting: str, *, is_mapped: bool) -> FieldFinding:
        known = tuple(one for one in missing if one.lower() in self._before)
        if known:
            return FieldFinding(name, "vanished", advice=self._gone(known[0], setting), lost=known)
        if is_mapped:
            near = closest(missing[0], sorted(row["name"] for row in self._rows.values()))
            return FieldFinding(
                name,
                "absent",
                problem=f"{setting}: {self._sobject}.{missing[0]} does not exist, or is hidden from {READER}{near}",
            )
        because = _BECAUSE.get(name)
        advice = (
            f"{self._sobject} has no {missing[0]}, or hides it: grant Read on it in field-level security to {READER}, "
            f"or say in {setting} which field holds it"
        )
        return FieldFinding(name, "absent", advice=f"{because}; {advice}" if because else advice)

    # --- words and comparisons ---------------------------------------------------------------------------------------

    def _gone(self, name: str, setting: str) -> str:
        kind, label = self._before[name.lower()][:2]
        same = sorted(
            row["name"]
            for lower, row in self._rows.items()
            if lower not in self._before and (row["type"], row.get("label", "")) == (kind, label)
        )
        renamed = f"; looks renamed to {same[0]}: set {setting}: {same[0]}" if same else ""
        return (
            f"{self._sobject}.{name} was there at the last extraction; it has been deleted, or hidden (then grant Read "
            f"on it in field-level security to {READER}); its last known values stay{renamed}"
        )

    def _unreadable(self, row: Mapping[str, Any], setting: str) -> str:
        parts = [part["name"] for part in self._rows.values() if part.get("compoundFieldName") == row["name"]]
        instead = f"name one of its parts: {', '.join(parts)}" if parts else "name another field"
        return f"{setting}: {self._sobject}.{row['name']} is of type {row['type']} and cannot be read; {instead}"

    def _was_there(self, name: str) -> bool:
        return name.lower() in self._before and _VANISHED not in self._before[name.lower()][2:]

    def _is_retyped(self, column: SelectedColumn) -> bool:
        return self._before[column.api_name.lower()][0] != column.kind


def column_key(column: SelectedColumn) -> str:
    """Return what a checkpoint keeps of a column that was read: what it fills, and from where."""
    return f"{column.field.name if column.field else CUSTOM}={column.api_name}"


def _is_own(row: Mapping[str, Any]) -> bool:
    is_own = row.get("custom", row["name"].lower().endswith(CUSTOM_ENDS))
    return bool(is_own) and row["type"] not in _UNREADABLE
