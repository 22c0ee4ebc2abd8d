"""What stands in the PostgreSQL database: schemas, tables, indexes, comments, the latest views, the readers' role.

What belongs here: comparing what is there with the contracts, and the statements that bring it up to them; none when
nothing differs. What does not: rows (postgresql.py), errors (postgresql_session.py).

Tables persist. A column that a contract lost stays, null from then on, since somebody's view may use it; nothing is
renamed or dropped but a view of ours whose columns' types change.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kam_pipeline.contracts import Column, TableContract
from kam_pipeline.errors import ContractError, PublicationError
from kam_pipeline.publishing.postgresql_session import execute, rows
from kam_pipeline.settings.configuration import PUBLISHED_SCHEMA
from kam_pipeline.warehouse import literal, quoted

if TYPE_CHECKING:
    from sqlalchemy import Connection

LATEST_SCHEMA = "kam_latest"
_SCHEMAS = {
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
# One small index per usual filter and no primary key: over a key of six columns it takes nine times the space of these
# and halves the rows per second of COPY (benchmarks/results/publishing.md). Keys are checked before anything is kept.
_FILTERS = ("as_of_date", "group_id", "entity_id", "account_id", "kpi")


@dataclass(frozen=True)
class Relation:
    """A table or view as it stands in the database: columns with type and comment, in order, and its own comment."""

    columns: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    comment: str | None = None


def table_name(contract: TableContract) -> str:
    """Return a published table's name, quoted, with its schema."""
    return _name(PUBLISHED_SCHEMA, contract)


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
            stored, view = tables[contract.name], views.get(contract.name)
            for statement in _adapting(contract, stored, view, indexes):
                execute(connection, statement)


def create_tables(connection: "Connection", contracts: list[TableContract], reader_role: str | None) -> set[str]:
    """Make what is not there: schemas, role, tables with their views; nobody sees them before the transaction ends.

    Parameters
    ----------
    connection : Connection
        In the transaction that fills the tables.
    contracts : list[TableContract]
        The tables that readers get.
    reader_role : str or None
        The role that may read them; None grants nothing.

    Returns
    -------
    set[str]
        Names of the tables that were made.

    Raises
    ------
    PublicationError
        When the role is not there and the user may not make it, or may not grant; the message names the statements.
    """
    for statement in _schema_statements(connection):
        execute(connection, statement)
    if reader_role:
        _make_role(connection, reader_role)
        for statement in _default_privileges(connection, reader_role):
            execute(connection, statement)
    there = _relations(connection, PUBLISHED_SCHEMA)
    missing = [contract for contract in contracts if contract.name not in there]
    for contract in missing:
        columns = ", ".join(f"{quoted(column.name)} {postgresql_type(column)}" for column in contract.columns)
        execute(connection, f"create table {table_name(contract)} ({columns})")
    for contract in missing:  # the views of all read the table snapshot
        stored = Relation(columns={column.name: postgresql_type(column) for column in contract.columns})
        for statement in _adapting(contract, stored, None, set()):
            execute(connection, statement)
    if reader_role:
        _grant(connection, contracts, reader_role)
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


def _adapting(contract: TableContract, stored: Relation, view: Relation | None, indexes: set[str]) -> list[str]:
    """Return the statements that bring a table and its view from what is stored to the contract."""
    table, latest = table_name(contract), _name(LATEST_SCHEMA, contract)
    wanted = {column.name: postgresql_type(column) for column in contract.columns}
    changed = [name for name, kind in wanted.items() if name in stored.columns and stored.columns[name] != kind]
    columns = stored.columns | wanted
    statements = []
    if view is not None and list(view.columns.items()) != list(columns.items())[: len(view.columns)]:
        # `create or replace view` can add columns at the end and nothing else
        statements.append(f"drop view {latest}")
        view = None
    statements += [
        f"alter table {table} alter column {quoted(name)} type {wanted[name]} using {quoted(name)}::{wanted[name]}"
        for name in changed
    ]
    statements += [
        f"alter table {table} add column {quoted(name)} {kind}"
        for name, kind in wanted.items()
        if name not in stored.columns
    ]
    if view is None or view.columns != columns:
        newest = f" where as_of_date = (select max(as_of_date) from {_name(PUBLISHED_SCHEMA, 'snapshot')})"
        listed = ", ".join(quoted(name) for name in columns)
        statements.append(
            f"create or replace view {latest} as select {listed} from {table}{newest if contract.is_dated else ''}"
        )
    statements += _missing_indexes(contract, indexes)
    return statements + _comments(contract, "table", table, stored) + _comments(contract, "view", latest, view)


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


def _name(schema: str, table: TableContract | str) -> str:
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
            names=list(_SCHEMAS),
        )
    }
    statements = [f"create schema {name}" for name in _SCHEMAS if name not in stored]
    for name, comment in _SCHEMAS.items():
        said, is_ours = stored.get(name, (None, True))
        if is_ours and said != comment:
            statements.append(f"comment on schema {name} is {literal(comment)}")
    return statements


def _make_role(connection: "Connection", role: str) -> None:
    if rows(connection, "select 1 from pg_catalog.pg_roles where rolname = :role", role=role):
        return
    statement = f"create role {quoted(role)} nologin"
    (may,) = rows(connection, "select rolcreaterole or rolsuper from pg_catalog.pg_roles where rolname = current_user")[
        0
    ]
    if not may:
        raise PublicationError(
            f"the role {role} of publish.postgresql.reader_role is not there and the user may not make it; an "
            f"administrator runs: {statement}; or set it to null and grant by hand. Readers keep the last publication."
        )
    execute(connection, statement)


def _default_privileges(connection: "Connection", role: str) -> list[str]:
    """Return what lets the role read tables that are yet to come, in schemas where that is not said already."""
    said = {
        name
        for (name,) in rows(
            connection,
            "select n.nspname from pg_catalog.pg_default_acl d join pg_catalog.pg_namespace n on n.oid = "
            "d.defaclnamespace cross join aclexplode(d.defaclacl) as a where d.defaclobjtype = 'r' and d.defaclrole = "
            "to_regrole(quote_ident(current_user)) and a.grantee = to_regrole(quote_ident(:role)) "
            "and a.privilege_type = 'SELECT'",
            role=role,
        )
    }
    return [
        f"alter default privileges in schema {schema} grant select on tables to {quoted(role)}"
        for schema in _SCHEMAS
        if schema not in said
    ]


def _grant(connection: "Connection", contracts: list[TableContract], role: str) -> None:
    for statement in _lacking_grants(connection, contracts, role):
        execute(connection, statement)
    # the server only warns when the user may not pass the right on
    lacking = _lacking_grants(connection, contracts, role)
    if lacking:
        raise PublicationError(
            f"the user may not let the role {role} read; an administrator runs: {'; '.join(lacking)}. "
            "Readers keep the last publication."
        )


def _lacking_grants(connection: "Connection", contracts: list[TableContract], role: str) -> list[str]:
    schemas = rows(
        connection,
        "select nspname from pg_catalog.pg_namespace where nspname = any(:schemas) "
        "and not has_schema_privilege(:role, oid, 'usage') order by 1",
        schemas=list(_SCHEMAS),
        role=role,
    )
    relations = rows(
        connection,
        "select n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = "
        "c.relnamespace where n.nspname = any(:schemas) and c.relname = any(:names) and c.relkind in ('r', 'p', 'v') "
        "and not has_table_privilege(:role, c.oid, 'select') order by 1, 2",
        schemas=list(_SCHEMAS),
        names=[contract.name for contract in contracts],
        role=role,
    )
    return [f"grant usage on schema {schema} to {quoted(role)}" for (schema,) in schemas] + [
        f"grant select on {_name(schema, relation)} to {quoted(role)}" for schema, relation in relations
    ]
