"""Which column of a file holds which field of an object, and what is wrong with them.

What belongs here: matching names, required fields, duplicate names, the organisation's own columns. What does not:
finding files (discovery), reading a header (dialect), reading values (typing_sql).
"""

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.base import FieldPresence
from connectors.files.dialect import TextScan, name_key
from connectors.files.discovery import Entry
from kam_pipeline.crm_schema import CrmField, CrmObject
from kam_pipeline.feed_schema import settings_section
from kam_pipeline.settings.source import CUSTOM_ENDS, ObjectMapping

_SHOWN_COLUMNS = 10


@dataclass(frozen=True)
class Part:
    """One file of an object, with its columns in order.

    Attributes
    ----------
    entry : Entry
        The file.
    names : tuple[str, ...]
        Column names as they stand in the file.
    delimiter : str
        Delimiter of a CSV file, empty for Parquet.
    scan : TextScan or None
        Encoding of a CSV file, None for Parquet.
    native : frozenset[int]
        Positions of the columns that are typed in the file (Parquet), not text.
    record_cnt : int or None
        Number of records, when the file says it.
    """

    entry: Entry
    names: tuple[str, ...]
    delimiter: str = ""
    scan: TextScan | None = None
    native: frozenset[int] = frozenset()
    record_cnt: int | None = None

    def position(self, column: str) -> int | None:
        """Return the position of the column of that name, in any letter case, or None."""
        wanted = name_key(column)
        return next((position for position, name in enumerate(self.names) if name_key(name) == wanted), None)


def mapped_columns(field: CrmField, mapping: ObjectMapping) -> tuple[str, ...]:
    """Return the columns that `mapping` names for a field; none when it is not mapped."""
    columns = next((theirs for ours, theirs in mapping.fields.items() if ours.lower() == field.name.lower()), ())
    return (columns,) if isinstance(columns, str) else tuple(columns)


def known_names(crm_object: CrmObject, mapping: ObjectMapping) -> frozenset[str]:
    """Return the keys of all column names that a file of the object may have."""
    mapped = [column for field in crm_object.fields for column in mapped_columns(field, mapping)]
    declared = [field.name for field in crm_object.fields]
    return frozenset(name_key(name) for name in [*mapped, *declared, *mapping.custom])


def custom_columns(crm_object: CrmObject, parts: Sequence[Part], mapping: ObjectMapping) -> tuple[str, ...]:
    """Return the organisation's own columns that `mapping` asks for and any part has, in alphabetical order.

    They are called as `mapping` spells them, or as the first file does that has them.
    """
    if not crm_object.has_custom:
        return ()
    asked = list(mapping.custom)
    if mapping.all_custom:
        asked += [name for part in parts for name in part.names if name_key(name).endswith(CUSTOM_ENDS)]
    spelled = {name_key(name): name for name in reversed(asked)}
    return tuple(sorted(name for name in spelled.values() if any(part.position(name) is not None for part in parts)))


def positions(field: CrmField, part: Part, mapping: ObjectMapping) -> tuple[int, ...]:
    """Return where a part holds a field: one position, several for a joined key, none when it does not."""
    wanted = mapped_columns(field, mapping) or (field.name,)
    found = (part.position(column) for column in wanted)
    return tuple(position for position in found if position is not None)


def presence(crm_object: CrmObject, parts: Sequence[Part], mapping: ObjectMapping) -> dict[str, FieldPresence]:
    """Return per field whether any part has it."""
    states: dict[str, FieldPresence] = {}
    for field in crm_object.fields:
        if any(positions(field, part, mapping) for part in parts):
            states[field.name] = "present"
        else:
            states[field.name] = "not_mapped" if field.is_logical and parts else "absent"
    for column in custom_columns(crm_object, parts, mapping):
        states.setdefault(column, "present")
    return states


def advice(crm_object: CrmObject, states: Mapping[str, FieldPresence]) -> dict[str, str]:
    """Return what to do for each field that is not there and on which something hangs."""
    lacking = {field.name: states[field.name] for field in crm_object.fields if field.enables}
    section = settings_section(crm_object)
    ways_out = {
        "not_mapped": f"set {section}.fields.{{}} to the column that holds it",
        "absent": f"add {{}} to the export, or set {section}.fields.{{}} to the column that holds it",
    }
    return {name: ways_out[state].replace("{}", name) for name, state in lacking.items() if state in ways_out}


def column_problems(crm_object: CrmObject, parts: Sequence[Part], mapping: ObjectMapping) -> list[str]:
    """Return everything that is wrong with the columns of an object's files, each with its way out."""
    problems = [problem for part in parts for problem in _duplicates(part)]
    for field in crm_object.fields:
        not_there = [
            column for column in mapped_columns(field, mapping) if all(part.position(column) is None for part in parts)
        ]
        problems += [_no_mapped_column(crm_object, field, column, parts) for column in not_there]
        if field.is_required and not not_there:
            problems += [
                _no_required_column(crm_object, field, part, mapping)
                for part in parts
                if not positions(field, part, mapping)
            ]
    problems += [
        _no_custom_column(crm_object, column, parts)
        for column in mapping.custom
        if all(part.position(column) is None for part in parts)
    ]
    if crm_object.name == "Opportunity":
        problems += [_no_outcome(part) for part in parts if not _has_outcome(crm_object, part, mapping)]
    return problems


def _duplicates(part: Part) -> list[str]:
    spelled = {name_key(name): name for name in reversed(part.names) if name_key(name)}
    counts = Counter(name_key(name) for name in part.names)
    return [
        f"{part.entry.label}: column {name} is there {counts[key]} times; rename or remove all but one of them"
        for key, name in reversed(spelled.items())
        if counts[key] > 1
    ]


def _no_mapped_column(crm_object: CrmObject, field: CrmField, column: str, parts: Sequence[Part]) -> str:
    labels = ", ".join(part.entry.label for part in parts)
    return (
        f"{labels}: has no column {column!r}{_nearest(column, parts)};"
        f" correct {settings_section(crm_object)}.fields.{field.name}"
    )


def _no_custom_column(crm_object: CrmObject, column: str, parts: Sequence[Part]) -> str:
    labels = ", ".join(part.entry.label for part in parts)
    return (
        f"{labels}: has no column {column!r}{_nearest(column, parts)};"
        f" correct {settings_section(crm_object)}.custom, or take the name out"
    )


def _no_required_column(crm_object: CrmObject, field: CrmField, part: Part, mapping: ObjectMapping) -> str:
    column = ", ".join(mapped_columns(field, mapping)) or field.name
    return (
        f"{part.entry.label}: has no column {column} for {crm_object.name}.{field.name}, which is required"
        f"{_nearest(column, [part])}; add it to the export, or set"
        f" {settings_section(crm_object)}.fields.{field.name} to the column that holds it"
    )


def _has_outcome(opportunity: CrmObject, part: Part, mapping: ObjectMapping) -> bool:
    there = {field.name for field in opportunity.fields if positions(field, part, mapping)}
    return "StageName" in there or {"IsClosed", "IsWon"} <= there


def _no_outcome(part: Part) -> str:
    return (
        f"{part.entry.label}: has neither StageName nor both IsClosed and IsWon, so that won deals cannot be told;"
        " add one of them to the export, or set mapping.Opportunity.fields.StageName to the column that holds it"
    )


def _nearest(column: str, parts: Sequence[Part]) -> str:
    by_key = {name_key(name): name for part in parts for name in part.names if name}
    near = difflib.get_close_matches(name_key(column), list(by_key), n=3)
    shown = [by_key[key] for key in near] or list(by_key.values())[:_SHOWN_COLUMNS]
    return f" ({'nearest' if near else 'there'}: {', '.join(shown)})"
