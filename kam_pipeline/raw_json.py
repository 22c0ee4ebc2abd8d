"""The JSON objects of raw records, `_unparsed` and `_custom`, put together in SQL.

What belongs here: SQL expressions over the entries of such an object. What does not: which entries are wanted
(raw_incoming.py, raw_patch.py).
"""

from collections.abc import Iterable

from kam_pipeline.warehouse import literal


def entries(column: str) -> str:
    """Return the SQL expression for the entries of an object as a list, empty where there is no object."""
    return f"coalesce(map_entries({column}::json::map(varchar, json)), [])"


def named(listed: str, names: Iterable[str]) -> str:
    """Return the SQL expression for those entries of a list that have one of these names."""
    return f"list_filter({listed}, lambda e: list_contains({_texts(names)}, e.key))"


def unnamed(listed: str, names: Iterable[str]) -> str:
    """Return the SQL expression for those entries of a list that have none of these names."""
    return f"list_filter({listed}, lambda e: not list_contains({_texts(names)}, e.key))"


def not_in(listed: str, others: str) -> str:
    """Return the SQL expression for those entries of a list whose names another list does not have."""
    return f"list_filter({listed}, lambda e: not list_contains(list_transform({others}, lambda o: o.key), e.key))"


def object_of(*lists: str) -> str:
    """Return the SQL expression for the object with all entries of these lists, names in order; null without any."""
    listed = f"list_sort(list_concat({', '.join(lists)}))" if len(lists) > 1 else f"list_sort({lists[0]})"
    items = f"list_transform({listed}, lambda e: to_json(e.key)::varchar || ':' || coalesce(e.value::varchar, 'null'))"
    return f"nullif('{{' || array_to_string({items}, ',') || '}}', '{{}}')"


def differs(one: str, other: str) -> str:
    """Return the SQL condition that two objects have other entries, however they are written."""
    return (
        f"case when {one} is not distinct from {other} then false "
        f"else list_sort({entries(one)}) is distinct from list_sort({entries(other)}) end"
    )


def _texts(names: Iterable[str]) -> str:
    return f"[{', '.join(literal(name) for name in names)}]::varchar[]"
