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


def names_of(column: str) -> str:
    """Return the SQL expression for the names of an object as a list, empty where there is no object."""
    return f"coalesce(json_keys({column}), [])"


def not_in(listed: str, names: str) -> str:
    """Return the SQL expression for those entries of a list whose names are not in the column `names`.

    A column, for what is put together within the lambda is put together for every entry: hundreds of fields of
    thousands of records fill the memory then.
    """
    return f"list_filter({listed}, lambda e: not list_contains({names}, e.key))"


def object_of(*lists: str) -> str:
    """Return the SQL expression for the object with all entries of these lists, names in order; null without any."""
    listed = f"list_sort(list_concat({', '.join(lists)}))" if len(lists) > 1 else f"list_sort({lists[0]})"
    items = f"list_transform({listed}, lambda e: to_json(e.key)::varchar || ':' || coalesce(e.value::varchar, 'null'))"
    return f"nullif('{{' || array_to_string({items}, ',') || '}}', '{{}}')"


def differs(one: str, other: str) -> str:
    """Return the SQL condition that two objects have other entries, however they are written.

    Entries are put in order only where nothing else tells, for it takes much memory.
    """
    return (
        f"case when {one} is not distinct from {other} then false "
        f"when {names_of(one)} = {names_of(other)} "
        f"then json_extract({one}, '$.*') is distinct from json_extract({other}, '$.*') "
        f"when list_sort({names_of(one)}) <> list_sort({names_of(other)}) then true "
        f"else list_sort({entries(one)}) is distinct from list_sort({entries(other)}) end"
    )


def _texts(names: Iterable[str]) -> str:
    return f"[{', '.join(literal(name) for name in names)}]::varchar[]"
