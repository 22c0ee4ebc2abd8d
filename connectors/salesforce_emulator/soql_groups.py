"""Groups of records in a query as SQL: COUNT, SUM and the like, GROUP BY.

What belongs here: which fields may be grouped and counted, and how. What does not: whole queries (soql_sql.py).
"""

from connectors.salesforce_emulator.fields import NUMBERS
from connectors.salesforce_emulator.soql_scope import Resolved, Scope
from connectors.salesforce_emulator.soql_tokens import refuse
from connectors.salesforce_emulator.soql_tree import Aggregate, Query


def group_keys(scope: Scope, query: Query) -> list[Resolved]:
    """Return the fields of GROUP BY.

    Raises
    ------
    RefusalError
        MALFORMED_QUERY when one cannot be grouped by.
    """
    found = [scope.resolve(path) for path in query.group_by]
    for one in found:
        if not one.field.is_groupable:
            message = f"field '{one.name}' can not be grouped in a query call"
            raise refuse(scope.soql, one.path.position, message)
    return found


def aggregate(scope: Scope, one: Aggregate) -> tuple[str, str]:
    """Return the SQL of an aggregate and the kind of its value.

    Raises
    ------
    RefusalError
        MALFORMED_QUERY when the field cannot be aggregated so.
    """
    if one.path is None:
        return "count(*)", "int"
    found = scope.resolve(one.path)
    kind = found.field.kind
    needs_number = one.function in ("SUM", "AVG")
    if not found.field.is_filterable or kind == "boolean" or (needs_number and kind not in NUMBERS):
        message = f"field {found.name} does not support aggregate operator {one.function}"
        raise refuse(scope.soql, one.position, message)
    return {
        "COUNT": (f"count({found.text})", "int"),
        "COUNT_DISTINCT": (f"count(distinct {found.text})", "int"),
        "SUM": (f"sum({found.typed})", "double"),
        "AVG": (f"avg({found.typed})", "double"),
        "MIN": (f"arg_min({found.text}, {found.typed})", kind),
        "MAX": (f"arg_max({found.text}, {found.typed})", kind),
    }[one.function]
