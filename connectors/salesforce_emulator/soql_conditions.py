"""Conditions of a query as SQL with bound values, refused where the kinds do not fit.

What belongs here: WHERE. What does not: names (soql_scope.py), whole queries (soql_sql.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.fields import NUMBERS, TEXTS
from connectors.salesforce_emulator.ids import long_id
from connectors.salesforce_emulator.soql_scope import Resolved, Scope
from connectors.salesforce_emulator.soql_tokens import refuse
from connectors.salesforce_emulator.soql_tree import (
    Both,
    Comparison,
    Condition,
    Membership,
    Negation,
    Path,
    Query,
    Value,
)

LONGEST_STRING = 4000
_NEVER = "field '{0}' can not be filtered in a query call"
Inner = Callable[[Query, list[Any]], str]
"""Makes SQL of a query inside a condition and adds its values."""


@dataclass(frozen=True)
class Conditions:
    """Makes SQL of conditions.

    Attributes
    ----------
    scope : Scope
        Where names are found.
    today : date
        By the organisation's clock.
    inner : Inner
        For `IN (SELECT ...)`.
    """

    scope: Scope
    today: date
    inner: Inner

    def sql(self, condition: Condition, values: list[Any]) -> str:
        """Return SQL that is true or false, never null, and add its values."""
        match condition:
            case Both():
                parts = [self.sql(one, values) for one in condition.conditions]
                return f"({f' {condition.word.lower()} '.join(parts)})"
            case Negation():
                return f"(not {self.sql(condition.condition, values)})"
            case Comparison():
                return f"coalesce({self._comparison(condition, values)}, false)"
            case Membership():
                return f"coalesce({self._membership(condition, values)}, false)"

    def _filterable(self, path: Path) -> Resolved:
        found = self.scope.resolve(path)
        if not found.field.is_filterable:
            raise self._refusal(path.position, _NEVER.format(path.text))
        return found

    def _refusal(self, position: int, message: str, code: str = "INVALID_FIELD") -> RefusalError:
        return refuse(self.scope.soql, position, message, code)

    def _comparison(self, condition: Comparison, values: list[Any]) -> str:
        found, operator, value = self._filterable(condition.path), condition.operator, condition.value
        if value.kind == "null":
            return self._against_null(condition, found)
        if value.kind == "period":
            return self._against_period(condition, found, values)
        if operator == "LIKE":
            return self._like(condition, found, values)
        values.append(self._bound(found, value))
        compared = found.typed
        if found.field.kind == "boolean":
            if operator not in ("=", "!="):
                raise self._operator(condition)
            compared = f"coalesce({compared}, 'false')"
        parameter = "lower(?)" if found.field.kind in TEXTS else "?"
        # A field without a value differs from every value.
        return f"{compared} {'is distinct from' if operator == '!=' else operator} {parameter}"

    def _operator(self, condition: Comparison) -> RefusalError:
        message = f"invalid operator on {self.scope.resolve(condition.path).field.kind} field"
        return self._refusal(condition.path.position, message, "INVALID_QUERY_FILTER_OPERATOR")

    def _against_null(self, condition: Comparison, found: Resolved) -> str:
        if condition.operator not in ("=", "!="):
            raise self._operator(condition)
        return f"{found.text} is {'not ' if condition.operator == '!=' else ''}null"

    def _like(self, condition: Comparison, found: Resolved, values: list[Any]) -> str:
        if found.field.kind not in TEXTS or condition.value.kind != "string":
            raise self._operator(condition)
        values.append(condition.value.text)
        return f"lower({found.text}) like lower(?) escape '\\'"

    def _against_period(self, condition: Comparison, found: Resolved, values: list[Any]) -> str:
        if found.field.kind not in ("date", "datetime"):
            raise self._mismatch(found, condition.value)
        first, behind = _period(condition.value.text, self.today)
        operator = condition.operator
        if operator in ("=", "!="):
            values += [first, behind]
            inside = f"({found.typed} >= ? and {found.typed} < ?)"
            return inside if operator == "=" else f"not coalesce({inside}, false)"
        values.append(first if operator in ("<", ">=") else behind)
        return f"{found.typed} {'<' if operator in ('<', '<=') else '>='} ?"

    def _membership(self, condition: Membership, values: list[Any]) -> str:
        found = self._filterable(condition.path)
        if condition.operator != "IN":
            return self._includes(condition, found, values)
        if isinstance(condition.values, Query):
            inside = f"{found.text} in ({self.inner(condition.values, values)})"
        else:
            known = [value for value in condition.values if value.kind != "null"]
            bound = [self._bound(found, value) for value in known]
            values.append([text.lower() for text in bound] if found.field.kind in TEXTS else bound)
            inside = f"list_contains(?, {found.typed})" if bound else "(false and ? is null)"
            if len(known) < len(condition.values):
                inside = f"(coalesce({inside}, false) or {found.text} is null)"
        return f"not coalesce({inside}, false)" if condition.is_negated else inside

    def _includes(self, condition: Membership, found: Resolved, values: list[Any]) -> str:
        if found.field.kind != "multipicklist" or isinstance(condition.values, Query):
            message = f"{condition.operator} operator only valid on multipicklist field"
            raise self._refusal(condition.path.position, message, "INVALID_QUERY_FILTER_OPERATOR")
        values.append([str(self._bound(found, value)).lower().split(";") for value in condition.values])
        has = (
            f"list_bool_or([list_has_all(string_split(lower({found.text}), ';'), wanted) for wanted in ?::varchar[][]])"
        )
        return has if condition.operator == "INCLUDES" else f"not coalesce({has}, false)"

    # --- values ------------------------------------------------------------------------------------------------------

    def _mismatch(self, found: Resolved, value: Value) -> RefusalError:
        kind = {"datetime": "dateTime", "id": "string", "reference": "string"}.get(found.field.kind, found.field.kind)
        quotes = "should be" if found.field.kind in (*TEXTS, "id", "reference") else "should not be"
        message = (
            f"value of filter criterion for field '{found.name}' must be of type {kind} and {quotes} enclosed in quotes"
        )
        return self._refusal(value.position, message)

    def _bound(self, found: Resolved, value: Value) -> Any:  # noqa: ANN401 - what DuckDB binds
        kind = found.field.kind
        expected = "number" if kind in NUMBERS else kind if kind in ("boolean", "date", "datetime") else "string"
        if value.kind != expected:
            raise self._mismatch(found, value)
        if kind in ("id", "reference"):
            return self._id(value)
        if len(value.text) > LONGEST_STRING:
            message = f"a string of a WHERE clause cannot be longer than {LONGEST_STRING} characters"
            raise self._refusal(value.position, message, "MALFORMED_QUERY")
        return self._read(value)

    def _id(self, value: Value) -> str:
        if len(value.text) not in (15, 18) or not value.text.isalnum():
            raise self._refusal(value.position, f"invalid ID field: {value.text}", "INVALID_QUERY_FILTER_OPERATOR")
        return long_id(value.text)

    def _read(self, value: Value) -> Any:  # noqa: ANN401 - what DuckDB binds
        try:
            if value.kind == "number":
                return float(value.text)
            if value.kind == "date":
                return date.fromisoformat(value.text)
            if value.kind == "datetime":
                return datetime.fromisoformat(value.text).astimezone(UTC).replace(tzinfo=None)
        except ValueError:
            raise self._refusal(value.position, f"Invalid date: {value.text}", "MALFORMED_QUERY") from None
        return value.text


def _period(text: str, today: date) -> tuple[date, date]:
    """Return the first day of a period and the one behind its last."""
    name, _, number = text.partition(":")
    day = timedelta(days=1)
    month = today.replace(day=1)
    next_month = (month + 31 * day).replace(day=1)
    year = today.replace(month=1, day=1)
    days = int(number or 0) * day
    return {
        "TODAY": (today, today + day),
        "YESTERDAY": (today - day, today),
        "TOMORROW": (today + day, today + 2 * day),
        "LAST_N_DAYS": (today - days, today + day),
        "NEXT_N_DAYS": (today + day, today + days + day),
        "THIS_MONTH": (month, next_month),
        "LAST_MONTH": ((month - day).replace(day=1), month),
        "THIS_YEAR": (year, year.replace(year=year.year + 1)),
        "LAST_YEAR": (year.replace(year=year.year - 1), year),
    }[name]
