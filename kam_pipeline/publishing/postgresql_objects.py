"""What stands in the PostgreSQL database: schemas, tables, indexes, comments, the latest views.

What belongs here: comparing what is there with the contracts, and the statements that bring it up to them; none when
nothing differs. What does not: rows (postgresql.py), who may read (postgresql_readers.py), errors
(postgresql_session.py).

Tables persist. A column that a contract lost stays, null from then on, since somebody's view may use it; nothing is
renamed or dropped but a view of ours whose columns' types change.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kam_pipeline.contracts import Column, TableContract
from kam_pipeline.errors import ContractError
from kam_pipeline.publishing.postgresql_session import execute, rows
from kam_pipeline.settings.configuration import PUBLISHED_SCHEMA
from kam_pipeline.warehouse import literal, quoted

if TYPE_CHECKING:
    from sqlalchemy import Connection

LATEST_SCHEMA = "kam_latest"
SCHEMAS = {
    PUBLISHED_SCHEMA: "Key account management, every published date; the table snapshot says which dates there are.",
    LATEST_SCHEMA: "The tables of schema kam, of the newest published date only.",
}
# One type per kind, the widest: a contract that widens INTEGER to BIGINT or DECIMAL(18,2) to DECIMAL(18,4) then needs
# no change here, which PostgreSQL refuses while anybody's view uses the column. numeric keeps the decimals as given.
_TYPES = {
    "VARCHAR": "text",
    "DOUBLE": "double precision",
    "INTEGER": "bigint",
    "BIGINT": "bigint",
    "DECIMAL": "numeric",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp without time zone",
}
# One small index per usual filter and no primary key: for 500,000 rows of kpi_snapshot its key of six columns takes
# 40 MB where these three take 11, COPY costs more CPU (benchmarks/results/publishing.md), and a contract that gains a
# key column could not be met by the dates before it. Keys are checked before anything is kept.
_FILTERS = ("as_of_date", "group_id", "entity_id", "account_id", "kpi")


@dataclass(frozen=True)
class Relation:
    """A table or view as it stands in the database: columns with type and comment, in order, and its own comment."""

    columns: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    comment: str | None = None


def table_name(contract: TableContract) -> str:
    """Return a published table's name, quoted, with its schema."""
    return name_in(PUBLISHED_SCHEMA, contract)


def adapt_tables(connection: "Connection", contracts: list[TableContract]) -> None:
    """Bring tables that are there to their contracts; for a transaction of its own, as it locks readers out.

    Parameters
    ----------
    connection : Connection
        In a transaction that ends with this.
    contracts : list[TableContract]
        The tables that readers get.
    """
    tables, views = _relations(connection, PUBLISHED_SCHEMA), _relations(connection, LATEST_SCHEMA)
    indexes = _indexes(connection)
    for contract in contracts:
        if contract.name in tables:
            for statement in _adapting(contract, tables[contract.name], views.get(contract.name), indexes):
                execute(connection, statement)


def create_schemas(connection: "Connection") -> None:
    """Make the schemas that are not there, and say what they are."""
    for statement in _schema_statements(connection):
        execute(connection, statement)


def create_tables(connection: "Connection", contracts: list[TableContract]) -> set[str]:
    """Make tables and views that are not there; nobody sees them before the transaction ends.

    Parameters
    ----------
    connection : Connection
        In the transaction that fills the tables.
    contracts : list[TableContract]
        The tables that readers get.

    Returns
    -------
    set[str]
        Names of the tables that were made.
    """
    there, views = _relations(connection, PUBLISHED_SCHEMA), _relations(connection, LATEST_SCHEMA)
    missing = [contract for contract in contracts if contract.name not in there]
    for contract in missing:
        columns = ", ".join(f"{quoted(column.name)} {kind}" for column, kind in _typed(contract))
        execute(connection, f"create table {table_name(contract)} ({columns})")
        there[contract.name] = Relation({column.name: kind for column, kind in _typed(contract)})
        for statement in _adapting(contract, there[contract.name], None, set()):
            execute(connection, statement)
    for contract in contracts:  # after the tables: the views of all read the table snapshot
        if contract.name not in views:
            for statement in _view_statements(contract, there[contract.name].columns, None):
                execute(connection, statement)
    return {contract.name for contract in missing}


def postgresql_type(column: Column) -> str:
    """Return the type of a column in PostgreSQL.

    Raises
    ------
    ContractError
        When the type has no counterpart yet.
    """
    kind = column.type.partition("(")[0]
    if kind not in _TYPES:
        raise ContractError(f"{column.name}: {column.type} has no type in PostgreSQL; add one to _TYPES in {__name__}")
    return _TYPES[kind]


def _typed(contract: TableContract) -> list[tuple[Column, str]]:
    return [(column, postgresql_type(column)) for column in contract.columns]


def _adapting(contract: TableContract, stored: Relation, view: Relation | None, indexes: set[str]) -> list[str]:
    """Return the statements that bring a table, and its view where there is one, from what is there to the contract."""
    table = table_name(contract)
    wanted = {column.name: kind for column, kind in _typed(contract)}
    columns = stored.columns | wanted
    # `create or replace view` can add columns at the end and nothing else
    is_in_the_way = view is not None and list(view.columns.items()) != list(columns.items())[: len(view.columns)]
    statements = [f"drop view {name_in(LATEST_SCHEMA, contract)}"] if is_in_the_way else []
    for name, kind in wanted.items():
        if name not in stored.columns:
            statements.append(f"alter table {table} add column {quoted(name)} {kind}")
        elif stored.columns[name] != kind:
            column = quoted(name)
            statements.append(f"alter table {table} alter column {column} type {kind} using {column}::{kind}")
    statements += _missing_indexes(contract, indexes) + _comments(contract, "table", table, stored)
    if view is not None:
        statements += _view_statements(contract, columns, None if is_in_the_way else view)
    return statements


def _view_statements(contract: TableContract, columns: dict[str, str], view: Relation | None) -> list[str]:
    """Return the statements that make or widen the view of a table's newest date, which has all its columns."""
    latest = name_in(LATEST_SCHEMA, contract)
    statements = []
    if view is None or view.columns != columns:
        newest = f" where as_of_date = (select max(as_of_date) from {name_in(PUBLISHED_SCHEMA, 'snapshot')})"
        listed = ", ".join(quoted(name) for name in columns)
        rows_of = f"{table_name(contract)}{newest if contract.is_dated else ''}"
        statements.append(f"create or replace view {latest} as select {listed} from {rows_of}")
    return statements + _comments(contract, "view", latest, view)


def _missing_indexes(contract: TableContract, indexes: set[str]) -> list[str]:
    names = {f"{contract.name}_{column.name}": column.name for column in contract.columns if column.name in _FILTERS}
    return [
        f"create index {quoted(index)} on {table_name(contract)} ({quoted(column)})"
        for index, column in names.items()
        if index not in indexes
    ]


def _comments(contract: TableContract, kind: str, name: str, stored: Relation | None) -> list[str]:
    said = stored or Relation()
    statements = [
        f"comment on column {name}.{quoted(column.name)} is {literal(column.description)}"
        for column in contract.columns
        if said.comments.get(column.name) != column.description
    ]
    if said.comment != contract.description:
        statements.append(f"comment on {kind} {name} is {literal(contract.description)}")
    return statements


def name_in(schema: str, table: TableContract | str) -> str:
    """Return a name, quoted, with its schema."""
    return f"{schema}.{quoted(table if isinstance(table, str) else table.name)}"


def _relations(connection: "Connection", schema: str) -> dict[str, Relation]:
    """Return the tables and views of a schema as they stand."""
    found: dict[str, Relation] = {}
    for relation, comment, column, kind, said in rows(
        connection,
        """
        select c.relname, obj_description(c.oid, 'pg_class'), a.attname, format_type(a.atttypid, null),
               col_description(c.oid, a.attnum)
        from pg_catalog.pg_class c
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = to_regnamespace(:schema) and c.relkind in ('r', 'p', 'v')
        order by c.relname, a.attnum
        """,
        schema=schema,
    ):
        stored = found.setdefault(relation, Relation(comment=comment))
        stored.columns[column] = kind
        stored.comments[column] = said
    return found


def _indexes(connection: "Connection") -> set[str]:
    query = "select indexname from pg_catalog.pg_indexes where schemaname = :schema"
    return {name for (name,) in rows(connection, query, schema=PUBLISHED_SCHEMA)}


def _schema_statements(connection: "Connection") -> list[str]:
    """Return what makes the schemas and says what they are; an administrator's schema keeps his comment."""
    stored = {
        name: (comment, is_ours)
        for name, comment, is_ours in rows(
            connection,
            "select nspname, obj_description(oid, 'pg_namespace'), pg_has_role(nspowner, 'usage') "
            "from pg_catalog.pg_namespace where nspname = any(:names)",
            names=list(SCHEMAS),
        )
    }
    statements = [f"create schema {name}" for name in SCHEMAS if name not in stored]
    for name, comment in SCHEMAS.items():
        said, is_ours = stored.get(name, (None, True))
        if is_ours and said != comment:
            statements.append(f"comment on schema {name} is {literal(comment)}")
    return statements
