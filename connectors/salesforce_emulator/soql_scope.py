"""Names in a query found in the schema, and the joins to parents that they need.

What belongs here: from the path of a field to its column. What does not: conditions (soql_conditions.py), whole queries
(soql_sql.py).
"""

from dataclasses import dataclass

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.fields import NUMBERS, TEXTS, Field
from connectors.salesforce_emulator.schema import Schema, SObject
from connectors.salesforce_emulator.soql_tokens import refuse
from connectors.salesforce_emulator.soql_tree import Path

MOST_HOPS = 5
MOST_PARENTS = 55
_ADVICE = "Please reference your WSDL or the describe call for the appropriate names."
_NAME = SObject(
    "Name",
    "",
    "Names",
    [
        Field("Id", "id", "Name ID", "Id", length=18),
        Field("Name", "string", "Name", "Name", length=255),
        Field("Type", "string", "Type", "Type", length=40),
    ],
)
"""What a reference to several objects leads to: only what all of them have."""


@dataclass(frozen=True)
class Resolved:
    """A field of a query: its place, its column, and the parents on the way as describe spells them."""

    path: Path
    field: Field
    alias: str
    via: tuple[str, ...]

    @property
    def text(self) -> str:
        """SQL of the text as stored."""
        return column(self.alias, self.field.column)

    @property
    def name(self) -> str:
        """Name in results."""
        return ".".join((*self.via, self.field.name))

    @property
    def typed(self) -> str:
        """SQL of the value that comparisons are about; null where the text is none of its kind."""
        return typed(self.field.kind, self.text)


@dataclass(frozen=True)
class Parent:
    """A join to the parents that a reference leads to."""

    alias: str
    entity: SObject
    join: str


def quoted(name: str) -> str:
    """Return a name as SQL takes it whatever it is."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def column(alias: str, name: str) -> str:
    """Return the SQL of a column."""
    return f"{alias}.{quoted(name)}"


def typed(kind: str, text: str) -> str:
    """Return the SQL of a text read as its kind."""
    if kind in NUMBERS:
        return f"try_cast({text} as double)"
    if kind == "datetime":
        return f"try_cast({text} as timestamp)"
    if kind == "date":
        return f"try_cast({text} as date)"
    return f"lower({text})" if kind in (*TEXTS, "boolean") else text


class Scope:
    """The names that one query may use.

    Parameters
    ----------
    schema : Schema
        What the organisation has.
    version : float
        Of the API.
    soql : str
        The whole query, to point at places of it.
    entity : SObject
        What is selected from.
    """

    def __init__(self, schema: Schema, version: float, soql: str, entity: SObject) -> None:
        self.schema = schema
        self.version = version
        self.soql = soql
        self.entity = entity
        self.parents: dict[tuple[str, ...], Parent] = {}

    def resolve(self, path: Path) -> Resolved:
        """Return the field that a path leads to.

        Raises
        ------
        RefusalError
            INVALID_FIELD when it leads nowhere, or through a parent that is not shown.
        """
        parts = path.parts
        # The object's own name may stand in front: Account.Name FROM Account.
        if len(parts) > 1 and parts[0].lower() == self.entity.name.lower() and not self._leads(self.entity, parts[0]):
            parts = parts[1:]
        if len(parts) - 1 > MOST_HOPS:
            raise refuse(self.soql, path.position, f"maximum depth of {MOST_HOPS} relationships exceeded")
        alias, entity = "t0", self.entity
        via: tuple[str, ...] = ()
        for name in parts[:-1]:
            parent, via = self._parent(path, entity, alias, via, name)
            alias, entity = parent.alias, parent.entity
        found = entity.shown(parts[-1])
        if found is None:
            raise self._no_such_column(path, entity, parts[-1])
        return Resolved(path, found, alias, via)

    def _no_such_column(self, path: Path, entity: SObject, name: str) -> RefusalError:
        message = (
            f"No such column '{name}' on entity '{entity.name}'. If you are attempting to use a custom field, be sure "
            f"to append the '__c' after the custom field name. {_ADVICE}"
        )
        return refuse(self.soql, path.position, message, "INVALID_FIELD")

    def _leads(self, entity: SObject, name: str) -> Field | None:
        wanted = name.lower()
        found = next((known for known in entity.visible if known.relationship.lower() == wanted), None)
        return found if found and self.targets(found) else None

    def targets(self, reference: Field) -> list[SObject]:
        """Return the objects that a reference leads to and that are shown."""
        shown = (self.schema.shown(name, self.version) for name in reference.reference_to)
        return [entity for entity in shown if entity is not None]

    def _parent(
        self, path: Path, entity: SObject, alias: str, via: tuple[str, ...], name: str
    ) -> tuple[Parent, tuple[str, ...]]:
        reference = self._leads(entity, name)
        if reference is None:
            message = (
                f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom "
                f"relationship, be sure to append the '__r' after the custom relationship name. {_ADVICE}"
            )
            raise refuse(self.soql, path.position, message, "INVALID_FIELD")
        via = (*via, reference.relationship)
        if via not in self.parents:
            if len(self.parents) == MOST_PARENTS:
                message = f"maximum number of {MOST_PARENTS} child to parent relationships exceeded"
                raise refuse(self.soql, path.position, message)
            self.parents[via] = self._join(reference, alias)
        return self.parents[via], via

    def _join(self, reference: Field, alias: str) -> Parent:
        targets = self.targets(reference)
        new = f"t{len(self.parents) + 1}"
        entity = targets[0] if len(targets) == 1 else _NAME
        rows = quoted(entity.name) if len(targets) == 1 else f"({' union all '.join(map(_named, targets))})"
        # Ids are unique in a real organisation; loaded data may break that, and a join must not multiply records.
        once = (
            f'(select * from {rows} where not _hidden qualify row_number() over (partition by "Id" order by _row) = 1)'
        )
        join = f'left join {once} as {new} on {new}."Id" = {column(alias, reference.column)}'
        return Parent(new, entity, join)


def _named(entity: SObject) -> str:
    # Objects without a name of their own are called by another field.
    name = next(found for found in map(entity.find, ("Name", "CaseNumber", "OrderNumber", "Subject", "Id")) if found)
    selected = f'{quoted(name.column)} as "Name", \'{entity.name}\' as "Type"'
    return f'select _row, _hidden, "Id", {selected} from {quoted(entity.name)}'
