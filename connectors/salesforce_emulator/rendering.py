"""Texts of the store as the API writes them: JSON of REST records, stamps.

What belongs here: the form of values. What does not: which values (reading.py), CSV of the Bulk API, whose texts are
those of the store (reading.py).
"""

import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.salesforce_emulator.soql_sql import Cell, Translated

Row = tuple[str | None, ...]
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WHOLE = re.compile(r"-?\d+")


def stamp(moment: datetime) -> str:
    """Return a moment as the store and the Bulk API write it, in whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def json_stamp(moment: datetime) -> str:
    """Return a moment as the REST API writes it, in whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def moment(text: str | None) -> datetime | None:
    """Return the moment that a text of the store says, None when it says none."""
    return datetime.fromisoformat(text) if text and _STAMP.fullmatch(text) else None


def json_value(kind: str, text: str | None) -> bool | int | float | str | None:
    """Return a value as the REST API writes it; a text that is none of its kind stays the text."""
    if text is None:
        return None
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind == "datetime":
        return text.removesuffix("Z") + "+0000" if _STAMP.fullmatch(text) else text
    if kind in ("int", "long") and _WHOLE.fullmatch(text):
        return int(text)
    if kind in ("currency", "double", "percent") and _NUMBER.fullmatch(text):
        return _exact(text)
    return text


def _exact(text: str) -> float | str:
    # No number of JSON may differ from what was typed: one that a double cannot hold stays a text.
    number = float(text)
    return number if math.isfinite(number) and Decimal(repr(number)) == Decimal(text) else text


def json_record(translated: Translated, row: Row, version: float) -> dict[str, Any]:
    """Return a row as the record that the REST API sends, with its parents inside it."""
    if translated.is_aggregate:
        attributes: dict[str, Any] = {"type": "AggregateResult"}
    else:
        attributes = _attributes(translated.entity.name, row[translated.id_column], version)
    record: dict[str, Any] = {"attributes": attributes}
    for cell in translated.cells:
        holder = _holder(translated, row, version, record, cell.via)
        if holder is not None:
            holder[cell.name] = _value(cell, row)
    return record


def _attributes(entity: str | None, record_id: str | None, version: float) -> dict[str, Any]:
    return {"type": entity, "url": f"/services/data/v{version:.1f}/sobjects/{entity}/{record_id or ''}"}


def _holder(
    translated: Translated, row: Row, version: float, record: dict[str, Any], via: tuple[str, ...]
) -> dict[str, Any] | None:
    """Return the record or parent that a value belongs into, None where there is no such parent."""
    holder = record
    for depth, name in enumerate(via, start=1):
        id_column, type_column = translated.parents[via[:depth]]
        if name not in holder:
            exists = row[id_column] is not None
            holder[name] = {"attributes": _attributes(row[type_column], row[id_column], version)} if exists else None
        if holder[name] is None:
            return None
        holder = holder[name]
    return holder


def _value(cell: Cell, row: Row) -> object:
    if not cell.parts:
        return json_value(cell.kind, row[cell.columns[0]])
    kinds = ("double" if part in ("latitude", "longitude") else "string" for part in cell.parts)
    values = {
        part: json_value(kind, row[column])
        for part, kind, column in sorted(zip(cell.parts, kinds, cell.columns, strict=True))
    }
    return values if any(value is not None for value in values.values()) else None
