"""SOQL read word by word, as strictly as the real one.

What belongs here: the grammar. What does not: whether objects and fields exist, and what may be compared with what
(soql_sql.py).
"""

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.soql_tokens import Token, refuse, tokens_of
from connectors.salesforce_emulator.soql_tree import (
    Aggregate,
    Both,
    Comparison,
    Condition,
    FieldsOf,
    Membership,
    Negation,
    Ordering,
    Path,
    Query,
    Value,
)

AGGREGATES = ("COUNT", "COUNT_DISTINCT", "SUM", "MIN", "MAX", "AVG")
_COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "LIKE": "LIKE"}
_PERIODS = frozenset({"TODAY", "YESTERDAY", "TOMORROW", "LAST_N_DAYS", "NEXT_N_DAYS", "THIS_MONTH", "LAST_MONTH"})
_PERIODS |= {"THIS_YEAR", "LAST_YEAR"}
_KEYWORDS = ("FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "OFFSET", "SELECT", "AND", "OR", "NOT", "ALL", "HAVING")
MOST_OFFSET = 2000
MOST_LIMIT = 2_147_483_647


def parse(soql: str) -> Query:
    """Return a query taken apart.

    Raises
    ------
    RefusalError
        MALFORMED_QUERY, with a pointer at the word that is not understood.
    """
    return _Parser(soql).whole()


class _Parser:
    def __init__(self, soql: str) -> None:
        self._soql = soql
        self._tokens = tokens_of(soql)
        self._next = 0

    # --- words -------------------------------------------------------------------------------------------------------

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += token.kind != "end"
        return token

    def _taken(self, *words: str) -> bool:
        if self._token.says(*words):
            self._next += 1
            return True
        return False

    def _unexpected(self, token: Token | None = None) -> RefusalError:
        found = token or self._token
        shown = f"'{found.text}'" if found.kind != "end" else "<EOF>"
        return refuse(self._soql, found.position, f"unexpected token: {shown}")

    def _expect(self, *words: str) -> Token:
        token = self._token
        if not token.says(*words):
            raise self._unexpected()
        return self._take()

    def _object_name(self) -> Token:
        """Take the name of an object, which `Order` and `Group` are too behind FROM."""
        return self._take() if self._token.says("ORDER", "GROUP") else self._name()

    def _name(self) -> Token:
        if self._token.kind != "name" or self._token.says(*_KEYWORDS) or ":" in self._token.text:
            raise self._unexpected()
        return self._take()

    def _whole_number(self, most: int) -> int:
        token = self._take()
        if token.kind != "number" or not token.text.isdecimal() or int(token.text) > most:
            raise self._unexpected(token)
        return int(token.text)

    # --- queries -----------------------------------------------------------------------------------------------------

    def whole(self) -> Query:
        query = self._query()
        if self._token.kind != "end":
            raise self._unexpected()
        return query

    def _query(self) -> Query:
        position = self._expect("SELECT").position
        selected = [self._selected()]
        while self._taken(","):
            selected.append(self._selected())
        self._expect("FROM")
        source = self._object_name()
        where = self._condition() if self._taken("WHERE") else None
        group_by = self._grouping()
        order_by = self._ordering()
        limit = self._whole_number(MOST_LIMIT) if self._taken("LIMIT") else None
        offset_position = self._token.position
        offset = self._offset() if self._taken("OFFSET") else None
        return Query(
            selected=tuple(selected),
            source=source.text,
            source_position=source.position,
            position=position,
            where=where,
            group_by=group_by,
            order_by=order_by,
            limit=limit,
            offset=offset,
            offset_position=offset_position,
            is_all_rows=self._all_rows(),
            text=self._soql,
        )

    def _all_rows(self) -> bool:
        if not self._taken("ALL"):
            return False
        self._expect("ROWS")
        return True

    def _offset(self) -> int:
        token = self._token
        number = self._whole_number(MOST_LIMIT)
        if number > MOST_OFFSET:
            message = f"Maximum SOQL offset allowed is {MOST_OFFSET}"
            raise refuse(self._soql, token.position, message, "NUMBER_OUTSIDE_VALID_RANGE")
        return number

    def _grouping(self) -> tuple[Path, ...]:
        if not self._taken("GROUP"):
            return ()
        self._expect("BY")
        keys = [self._path()]
        while self._taken(","):
            keys.append(self._path())
        return tuple(keys)

    def _ordering(self) -> tuple[Ordering, ...]:
        if not self._taken("ORDER"):
            return ()
        self._expect("BY")
        keys = [self._order_key()]
        while self._taken(","):
            keys.append(self._order_key())
        return tuple(keys)

    def _order_key(self) -> Ordering:
        key = self._field_or_aggregate()
        is_descending = self._taken("DESC")
        if not is_descending:
            self._taken("ASC")
        nulls_last = False
        if self._taken("NULLS"):
            nulls_last = self._expect("FIRST", "LAST").says("LAST")
        return Ordering(key, is_descending, nulls_last)

    def _selected(self) -> Path | Aggregate | FieldsOf | Query:
        if self._taken("("):
            child = self._query()
            self._expect(")")
            return child
        if self._token.says("FIELDS") and self._tokens[self._next + 1].says("("):
            position = self._take().position
            self._take()
            which = self._expect("ALL", "STANDARD", "CUSTOM").text.upper()
            self._expect(")")
            return FieldsOf(which, position)
        return self._field_or_aggregate(may_have_alias=True)

    def _field_or_aggregate(self, *, may_have_alias: bool = False) -> Path | Aggregate:
        function = self._token
        if not (function.says(*AGGREGATES) and self._tokens[self._next + 1].says("(")):
            return self._path()
        self._next += 2
        is_bare = function.says("COUNT") and self._token.says(")")
        path = None if is_bare else self._path()
        self._expect(")")
        is_alias = may_have_alias and not is_bare and self._token.kind == "name" and not self._token.says(*_KEYWORDS)
        return Aggregate(function.text.upper(), path, self._take().text if is_alias else "", function.position)

    def _path(self) -> Path:
        token = self._name()
        return Path(tuple(token.text.split(".")), token.position)

    # --- conditions --------------------------------------------------------------------------------------------------

    def _condition(self) -> Condition:
        first = self._negatable()
        word = self._token.text.upper()
        if word not in ("AND", "OR"):
            return first
        conditions = [first]
        while self._taken(word):
            conditions.append(self._negatable())
        # The other of the two words may not follow without brackets: nothing expects it there.
        return Both(word, tuple(conditions))

    def _negatable(self) -> Condition:
        if self._taken("NOT"):
            return Negation(self._simple())
        return self._simple()

    def _simple(self) -> Condition:
        if self._taken("("):
            inner = self._condition()
            self._expect(")")
            return inner
        path = self._path()
        is_negated = self._taken("NOT")
        if is_negated or self._token.says("IN", "INCLUDES", "EXCLUDES"):
            operator = self._expect("IN") if is_negated else self._take()
            return Membership(path, operator.text.upper(), is_negated, self._values())
        operator = self._expect(*_COMPARISONS)
        return Comparison(path, _COMPARISONS[operator.text.upper()], self._value())

    def _values(self) -> tuple[Value, ...] | Query:
        self._expect("(")
        if self._token.says("SELECT"):
            inner = self._query()
            self._expect(")")
            return inner
        values = [self._value()]
        while self._taken(","):
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _value(self) -> Value:
        token = self._take()
        if token.kind in ("string", "number", "date", "datetime"):
            return Value(token.kind, token.text, token.position)
        if token.says("TRUE", "FALSE"):
            return Value("boolean", token.text.lower(), token.position)
        if token.says("NULL"):
            return Value("null", "", token.position)
        if token.kind == "name" and token.text.upper().partition(":")[0] in _PERIODS:
            return Value("period", token.text.upper(), token.position)
        raise self._unexpected(token)
