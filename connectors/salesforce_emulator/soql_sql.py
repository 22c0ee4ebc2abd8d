"""Whole SOQL queries as SQL on the store.

What belongs here: SELECT, GROUP BY, ORDER BY, which records are seen, queries of children. What does not: conditions
(soql_conditions.py), running the SQL (reading.py).
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from connectors.salesforce_emulator.fields import Field
from connectors.salesforce_emulator.schema import Schema, SObject
from connectors.salesforce_emulator.soql_conditions import Conditions
from connectors.salesforce_emulator.soql_groups import aggregate, group_keys
from connectors.salesforce_emulator.soql_scope import Resolved, Scope, column, quoted
from connectors.salesforce_emulator.soql_tokens import refuse
from connectors.salesforce_emulator.soql_tree import Aggregate, FieldsOf, Path, Query

MOST_CHILD_QUERIES = 20
MOST_FIELDS_ROWS = 200


@dataclass(frozen=True)
class Cell:
    """One value of a record: its name, the parents on the way, its kind, and which columns of the SQL hold it.

    An address has several columns, with the names of its parts.
    """

    name: str
    via: tuple[str, ...]
    kind: str
    columns: tuple[int, ...]
    parts: tuple[str, ...] = ()


@dataclass
class Translated:
    """A query as SQL.

    Attributes
    ----------
    entity : SObject
        What is selected from.
    sql, values
        The statement and what is bound to it; all its columns are texts.
    cells : list[Cell]
        What was selected.
    parents : dict
        Per way to a parent the columns of its id and its type.
    children : list
        Per query of children the name of the way, its translation, and the column of its SQL with the parent's id.
    id_column : int
        Column of the SQL with the record's own id.
    """

    entity: SObject
    sql: str = ""
    values: list[Any] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    parents: dict[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)
    children: list[tuple[str, "Translated", int]] = field(default_factory=list)
    is_aggregate: bool = False
    is_count: bool = False
    id_column: int = 0
    limit_per_parent: int | None = None


@dataclass(frozen=True)
class Translator:
    """Makes SQL of queries.

    Attributes
    ----------
    schema : Schema
        What the organisation has.
    version : float
        Of the API.
    soql : str
        The whole query, to point at places of it.
    today : date
        By the organisation's clock.
    include_deleted : bool
        Whether deleted and archived records are seen.
    """

    schema: Schema
    version: float
    soql: str
    today: date
    include_deleted: bool

    def translate(self, query: Query, order: str = "t0._row") -> Translated:
        """Return the SQL of a whole query; `order` decides where the query does not, nothing leaves it to the store.

        Raises
        ------
        RefusalError
            INVALID_TYPE, INVALID_FIELD or MALFORMED_QUERY, as the real one does.
        """
        entity = self.schema.shown(query.source, self.version)
        if entity is None:
            message = (
                f"sObject type '{query.source}' is not supported. If you are attempting to use a custom object, be "
                "sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for "
                "the appropriate names."
            )
            raise refuse(self.soql, query.source_position, message, "INVALID_TYPE")
        return _Statement(self, query, entity).translated(order)


class _Statement:
    """One query on its way to SQL."""

    def __init__(self, translator: Translator, query: Query, entity: SObject) -> None:
        self.translator = translator
        self.query = query
        self.entity = entity
        self.scope = Scope(translator.schema, translator.version, query.text, entity)
        self.conditions = Conditions(self.scope, translator.today, self._semi_join)
        self.result = Translated(entity, is_aggregate=query.is_aggregate, is_count=query.is_count)
        self.selected: list[str] = []

    def translated(self, order: str) -> Translated:
        if self.query.is_aggregate:
            self._select_groups()
        else:
            self._select_fields()
        where = self._where(self.result.values)
        ordering = self._ordering(order)
        limit = self.query.limit
        self.result.sql = " ".join(
            part
            for part in (
                f"select {', '.join(self.selected)} {self._from()} where {where}",
                self._grouping(),
                f"order by {ordering}" if ordering else "",
                f"limit {limit}" if limit is not None and not self.query.is_count else "",
                f"offset {self.query.offset}" if self.query.offset else "",
            )
            if part
        )
        return self.result

    def _from(self) -> str:
        joins = " ".join(parent.join for parent in self.scope.parents.values())
        return f"from {quoted(self.entity.name)} as t0 {joins}"

    def _where(self, values: list[Any]) -> str:
        seen = ["not t0._hidden"]
        if not (self.translator.include_deleted or self.query.is_all_rows):
            flags = ["IsDeleted"] + ["IsArchived"] * (self.entity.name in ("Task", "Event"))
            seen += [
                f"coalesce(lower({column('t0', found.column)}), 'false') <> 'true'"
                for found in map(self.entity.find, flags)
                if found is not None
            ]
        if self.query.where is not None:
            seen.append(self.conditions.sql(self.query.where, values))
        return " and ".join(seen)

    def _semi_join(self, inner: Query, values: list[Any]) -> str:
        if len(inner.selected) != 1 or not isinstance(inner.selected[0], Path):
            raise refuse(self.scope.soql, inner.position, "inner query must select one field")
        entity = self.translator.schema.shown(inner.source, self.translator.version)
        if entity is None:
            self.translator.translate(inner)  # which refuses
            raise AssertionError
        statement = _Statement(self.translator, inner, entity)
        found = statement.scope.resolve(inner.selected[0])
        where = statement._where(values)
        return f"select {found.text} {statement._from()} where {where}"

    # --- records -----------------------------------------------------------------------------------------------------

    def _column(self, sql: str) -> int:
        self.selected.append(f"{sql} as c{len(self.selected)}")
        return len(self.selected) - 1

    def _select_fields(self) -> None:
        self.result.id_column = self._column(column("t0", "Id"))
        names: set[str] = set()
        for one in self._expanded():
            if isinstance(one, Query):
                self._select_children(one)
                continue
            found = self.scope.resolve(one)
            if found.name.lower() in names:
                raise refuse(self.scope.soql, one.position, f"duplicate field selected: {found.name}")
            names.add(found.name.lower())
            self.result.cells.append(self._cell(found))
        for via, parent in self.scope.parents.items():
            kind = column(parent.alias, "Type") if parent.entity.name == "Name" else f"'{parent.entity.name}'"
            self.result.parents[via] = (self._column(column(parent.alias, "Id")), self._column(kind))

    def _cell(self, found: Resolved) -> Cell:
        if not found.field.is_compound:
            return Cell(found.field.name, found.via, found.field.kind, (self._column(found.text),))
        entity = self.scope.parents[found.via].entity if found.via else self.entity
        parts = [part for part in entity.visible if part.compound == found.field.name]
        prefix = found.field.name.removesuffix("Address")
        names = tuple(part.name.removeprefix(prefix) for part in parts)
        columns = tuple(self._column(column(found.alias, part.column)) for part in parts)
        return Cell(found.field.name, found.via, found.field.kind, columns, tuple(n[0].lower() + n[1:] for n in names))

    def _expanded(self) -> list[Path | Query]:
        expanded: list[Path | Query] = []
        for one in self.query.selected:
            if isinstance(one, FieldsOf):
                expanded += self._fields_of(one)
            elif isinstance(one, Path | Query):
                expanded.append(one)
        return expanded

    def _fields_of(self, function: FieldsOf) -> list[Path]:
        limit = self.query.limit
        if function.which != "STANDARD" and (limit is None or limit > MOST_FIELDS_ROWS):
            message = "The SOQL FIELDS function is not supported with an unbounded set of fields in this API."
            raise refuse(self.scope.soql, function.position, message)
        wanted = {"ALL": (True, False), "STANDARD": (False,), "CUSTOM": (True,)}[function.which]
        return [Path((known.name,), function.position) for known in self.entity.visible if known.is_custom in wanted]

    def _select_children(self, child: Query) -> None:
        if len(self.result.children) == MOST_CHILD_QUERIES:
            message = f"maximum number of {MOST_CHILD_QUERIES} parent to child relationships exceeded"
            raise refuse(self.scope.soql, child.position, message)
        owner, reference = self._child_of(child)
        limited = child.limit
        statement = _Statement(self.translator, replace(child, limit=None, source=owner.name), owner)
        parent_column = statement._column(column("t0", reference.column))
        inner = statement.translated("t0._row")
        inner.limit_per_parent = limited
        self.result.children.append((reference.child_relationship, inner, parent_column))

    def _child_of(self, child: Query) -> tuple[SObject, Field]:
        for owner in self.translator.schema.visible(self.translator.version):
            for reference in owner.visible:
                if reference.child_relationship.lower() == child.source.lower() and (
                    self.entity.name in reference.reference_to
                ):
                    return owner, reference
        message = (
            f"Didn't understand relationship '{child.source}' in FROM part of query call. If you are attempting to use "
            "a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference "
            "your WSDL or the describe call for the appropriate names."
        )
        raise refuse(self.scope.soql, child.source_position, message, "INVALID_TYPE")

    # --- groups ------------------------------------------------------------------------------------------------------

    def _select_groups(self) -> None:
        keys = {found.name for found in group_keys(self.scope, self.query)}
        numbered = 0
        for one in self.query.selected:
            if isinstance(one, Aggregate):
                name = one.alias or f"expr{numbered}"
                numbered += not one.alias
                sql, kind = aggregate(self.scope, one)
                if self.query.is_count and self.query.limit is not None:
                    sql = f"least({sql}, {self.query.limit})"
                self.result.cells.append(Cell(name, (), kind, (self._column(f"cast({sql} as varchar)"),)))
            elif isinstance(one, Path):
                found = self.scope.resolve(one)
                if found.name not in keys:
                    raise refuse(self.scope.soql, one.position, f"Field must be grouped or aggregated: {one.text}")
                self.result.cells.append(Cell(found.field.name, (), found.field.kind, (self._column(found.text),)))
            else:
                raise refuse(self.scope.soql, one.position, "Grouped query cannot select this")
        if self.query.is_count and len(self.query.selected) > 1:
            raise refuse(self.scope.soql, self.query.position, "COUNT() must be the only element in the SELECT list")

    def _grouping(self) -> str:
        keys = ", ".join(found.text for found in group_keys(self.scope, self.query))
        return f"group by {keys}" if keys else ""

    # --- order -------------------------------------------------------------------------------------------------------

    def _ordering(self, order: str) -> str:
        keys = []
        for key in self.query.order_by:
            sql = self._order_key(key.key)
            direction = "desc" if key.is_descending else "asc"
            keys.append(f"{sql} {direction} nulls {'last' if key.nulls_last else 'first'}")
        if order and not self.query.is_aggregate:
            keys.append(order)
        return ", ".join(keys)

    def _order_key(self, key: Path | Aggregate) -> str:
        if isinstance(key, Aggregate):
            if not self.query.is_aggregate:
                raise refuse(self.scope.soql, key.position, "Ordered field must be grouped or aggregated")
            return aggregate(self.scope, key)[0]
        found = self.scope.resolve(key)
        if not found.field.is_filterable:
            message = f"field '{key.text}' can not be sorted in a query call"
            raise refuse(self.scope.soql, key.position, message, "INVALID_FIELD")
        if self.query.is_aggregate and found.name not in {one.name for one in group_keys(self.scope, self.query)}:
            raise refuse(self.scope.soql, key.position, f"Ordered field must be grouped or aggregated: {key.text}")
        return found.text if self.query.is_aggregate else found.typed
