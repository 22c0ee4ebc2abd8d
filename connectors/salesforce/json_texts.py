"""Records of the REST API as texts, spelt as the CSV of the Bulk API spells them.

What belongs here: taking JSON apart. What does not: typing the texts (records.py), asking for pages (rest.py).
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from connectors.salesforce.plan import SelectedColumn

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+0000$")


class DamagedPageError(Exception):
    """Raised when a page is not whole: it breaks off, or holds another number of records than was announced."""


def texts_of(records: Sequence[Mapping[str, Any]], columns: Sequence[SelectedColumn]) -> pa.Table:
    """Return records as a table of texts, c0, c1, ... in the order of the columns.

    Parameters
    ----------
    records : Sequence[Mapping[str, Any]]
        As JSON has them, numbers as text; names of fields in any letter case.
    columns : Sequence[SelectedColumn]
        The SELECT list.

    Raises
    ------
    DamagedPageError
        When a field is missing that was asked for: one without a value is there, as null.
    """
    spelt = {name.lower(): name for name in (records[0] if records else ())}
    texts: dict[str, pa.Array] = {}
    for place, column in enumerate(columns):
        first, *inner = column.api_name.split(".")
        if records and first.lower() not in spelt:
            raise DamagedPageError(f"the records lack {first}")
        path = (spelt.get(first.lower(), first), *inner)
        texts[f"c{place}"] = _strings([_text(record, path, column.kind) for record in records])
    return pa.table(texts)


def _strings(texts: list[str | None]) -> pa.Array:
    """Return texts as a column; half an emoji, cut off where a field ends, is no text and becomes a replacement."""
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        whole = [text and text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
        return pa.array(whole, pa.string())


def _text(record: Mapping[str, Any], path: Sequence[str], kind: str) -> str | None:
    """Return a value of JSON in the spelling of the CSV of the Bulk API."""
    value: Any = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is None or isinstance(value, str):
        # a stamp ends in +0000 here and in Z there; what history says of old and new values may be one
        if value and value.endswith("+0000") and (kind == "datetime" or (kind == "anyType" and _STAMP.match(value))):
            return f"{value[:-5]}Z"
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping | list) else str(value)
