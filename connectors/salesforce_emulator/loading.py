"""Many records as they are, from rows, a table or a file.

What belongs here: columns that nobody declared, values as a Data Export writes them. What does not: single records that
users save (changes.py).
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import pyarrow as pa

from connectors.salesforce_emulator.ids import is_id
from connectors.salesforce_emulator.schema import Schema, SObject
from connectors.salesforce_emulator.soql_scope import quoted
from connectors.salesforce_emulator.store import Store

_FREE_PREFIXES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOOKED_AT = 1000


def object_for(schema: Schema, store: Store, name: str, table: pa.Table) -> SObject:
    """Return the object of that name, made when it is one of the organisation's own that is not there yet."""
    if schema.knows(name) or not name.endswith("__c"):
        return schema.find(name)
    prefix = _first_id(table, "Id")[:3]
    if not prefix:
        free = (f"a0{letter}" for letter in _FREE_PREFIXES)
        prefix = next(text for text in free if schema.by_prefix(text) is None)
    made = schema.add_object(name, prefix, name.removesuffix("__c").replace("_", " ") + "s")
    store.make_table(made)
    return made


def add_unknown_columns(
    schema: Schema, store: Store, owner: SObject, table: pa.Table, kinds: Mapping[str, str]
) -> None:
    """Add a field for each column that the object has none for."""
    for name in table.column_names:
        if owner.find(name) is not None:
            continue
        target = _target(schema, table, name)
        kind = kinds.get(name) or ("reference" if target else "string")
        about: dict[str, object] = {"reference_to": (target,)} if target and kind == "reference" else {}
        made = schema.add_field(owner, name, kind, **about)
        store.add_column(owner, made.column, None)


def _first_id(table: pa.Table, name: str) -> str:
    if name not in table.column_names:
        return ""
    texts = (text for text in table.column(name).slice(0, _LOOKED_AT).to_pylist() if text)
    return next((text for text in texts if is_id(text)), "")


def _target(schema: Schema, table: pa.Table, name: str) -> str:
    """Return the object that the ids of a column belong to, nothing when it holds something else."""
    if not name.endswith("__c"):
        return ""
    texts = [text for text in table.column(name).slice(0, _LOOKED_AT).to_pylist() if text and text.strip("0A")]
    if not texts or not all(is_id(text) for text in texts):
        return ""
    found = schema.by_prefix(texts[0][:3])
    return found.name if found else ""


def load(store: Store, owner: SObject, table: pa.Table, now: datetime, *, from_export: bool) -> int:
    """Append rows as they are; those that are deleted lie in the bin since now."""
    expressions: dict[str, str] = {}
    for name in table.column_names:
        known = owner.find(name)
        if known is None or not known.column:
            raise ValueError(f"{owner.name}.{name} has no values of its own; load the parts that it is made of")
        text = f"nullif({quoted(name)}, '')"
        expressions[known.column] = _from_export(known.kind, text) if from_export else text
    if "IsDeleted" in expressions:
        moment = now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        is_deleted = f"lower({expressions['IsDeleted']}) = 'true'"
        expressions["_deleted_at"] = f"case when {is_deleted} then timestamp '{moment}' end"
        expressions["_deletion"] = f"case when {is_deleted} then 0 end"
    return store.load(owner, table, expressions)


def _from_export(kind: str, text: str) -> str:
    """Return the SQL of a value as the API has it, given as a Data Export writes it; what is malformed stays."""
    if kind == "boolean":
        return f"case {text} when '1' then 'true' when '0' then 'false' else {text} end"
    if kind == "datetime":
        return rf"regexp_replace({text}, '^(\d{{4}}-\d\d-\d\d) (\d\d:\d\d:\d\d)$', '\1T\2.000Z')"
    if kind == "reference":
        return f"case when {text} in ('000000000000000', '000000000000000AAA') then null else {text} end"
    return text
