"""SQL expressions that an analyst writes in kam.yaml: which are taken, and what they name.

What belongs here: reading one expression over one row of figures, and saying what is wrong with it before anything is
computed. What does not: which figures there are (metric_catalogue.py), evaluating (selection/). An expression sees one
row and nothing else: no other table, no file, no aggregate, no clock, nothing random; DuckDB's own parser reads it.
"""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

import duckdb

FUNCTIONS = frozenset({
    "+", "-", "*", "/", "//", "%", "^", "**", "abs", "ceil", "ceiling", "exp", "floor", "greatest", "if", "ifnull",
    "isfinite", "least", "ln", "log", "log10", "log2", "nullif", "pow", "power", "round", "sign", "sqrt", "trunc",
})  # fmt: skip
_CLASSES = frozenset({"COLUMN_REF", "CONSTANT", "FUNCTION", "COMPARISON", "CONJUNCTION", "OPERATOR", "CASE", "CAST",
                      "BETWEEN", "TYPE"})  # fmt: skip
_OPERATORS = frozenset({
    "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE", "OPERATOR_NULLIF", "COMPARE_IN",
    "COMPARE_NOT_IN",
})  # fmt: skip
_NUMBERS = ("DECIMAL", "DOUBLE", "FLOAT", "BOOLEAN")


def expression_problems(text: str, columns: Mapping[str, str]) -> list[str]:
    """Return what is wrong with an expression, nothing when it can be used.

    Parameters
    ----------
    text : str
        The expression, such as `0.5 * revenue_amt + 0.3 * prior_amt`.
    columns : Mapping[str, str]
        Columns that it may name, with their SQL types.

    Returns
    -------
    list[str]
        One sentence for each problem, with the way out; all of them, not just the first.
    """
    try:
        nodes = list(_nodes(_parsed(text)))
    except ValueError as error:
        return [str(error)]
    problems = [problem for node in nodes if (problem := _problem(node, columns)) is not None]
    return list(dict.fromkeys(problems)) or _type_problems(text, columns)


def expression_columns(text: str) -> tuple[str, ...]:
    """Return the columns that a usable expression names, each once, in order of appearance."""
    names = [node["column_names"][-1].lower() for node in _nodes(_parsed(text)) if node["class"] == "COLUMN_REF"]
    return tuple(dict.fromkeys(names))


@cache
def _parsed(text: str) -> dict[str, Any]:
    with duckdb.connect() as connection:
        found = connection.execute("select json_serialize_sql($sql)", {"sql": f"select (\n{text}\n)"}).fetchall()
    answer = json.loads(found[0][0])
    if answer["error"]:
        raise ValueError(f"is no SQL expression ({answer['error_message']}); write one value, e.g. revenue_amt * 0.5")
    node = answer["statements"][0]["node"]
    is_alone = len(answer["statements"]) == 1 and len(node.get("select_list", ())) == 1
    if not is_alone or node["from_table"]["type"] != "EMPTY" or node.get("where_clause"):
        raise ValueError("is more than one value; write a single expression over the columns of group_metric")
    expression: dict[str, Any] = node["select_list"][0]
    return expression


def _nodes(part: object) -> Iterator[dict[str, Any]]:
    """Return every node of the syntax tree that has a class."""
    if isinstance(part, dict):
        if "class" in part:
            yield part
        for value in part.values():
            yield from _nodes(value)
    elif isinstance(part, list):
        for value in part:
            yield from _nodes(value)


def _problem(node: dict[str, Any], columns: Mapping[str, str]) -> str | None:
    kind = node["class"]
    if kind == "COLUMN_REF":
        name = ".".join(node["column_names"])
        if name.lower() in columns:
            return None
        near = get_close_matches(name.lower(), list(columns), n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(columns))}"
        return f"{name}: no such column of group_metric; {hint}"
    if kind == "FUNCTION" and node["function_name"].lower() not in FUNCTIONS:
        allowed = ", ".join(sorted(name for name in FUNCTIONS if name.isalnum()))
        return f"{node['function_name']}(): is not allowed in an expression; allowed are {allowed}"
    if kind not in _CLASSES or (kind == "OPERATOR" and node["type"] not in _OPERATORS):
        what = node["type"].removeprefix("OPERATOR_").lower().replace("_", " ")
        return f"{what}: is not allowed in an expression; it may use numbers, columns, arithmetic, case and comparisons"
    return None


def _type_problems(text: str, columns: Mapping[str, str]) -> list[str]:
    row = ", ".join(f"null::{kind} as {name}" for name, kind in columns.items())
    try:
        with duckdb.connect() as connection:
            described = connection.execute(f"describe select (\n{text}\n) from (select {row})").fetchall()
    except duckdb.Error as error:
        return [f"cannot be computed ({str(error).splitlines()[0]}); compare numbers with numbers"]
    kind = described[0][1]
    if kind.startswith(_NUMBERS) or kind.endswith("INT") or kind in ("INTEGER", "HUGEINT"):
        return []
    return [f"gives {kind} and not a number; compare it with something, or use case ... then 1 else 0 end"]
