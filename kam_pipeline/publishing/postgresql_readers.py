"""Who may read the PostgreSQL target: one role, which sees every table and view and changes none.

What belongs here: the role and what is granted to it, where it is lacking. What does not: tables
(postgresql_objects.py).
"""

from typing import TYPE_CHECKING

from kam_pipeline.contracts import TableContract
from kam_pipeline.errors import PublicationError
from kam_pipeline.publishing.postgresql_objects import SCHEMAS, name_in
from kam_pipeline.publishing.postgresql_session import execute, rows
from kam_pipeline.warehouse import quoted

if TYPE_CHECKING:
    from sqlalchemy import Connection


def make_role(connection: "Connection", role: str) -> None:
    """Make the role where it is not there, and let it read tables that are yet to come.

    Parameters
    ----------
    connection : Connection
        In the transaction that makes the tables.
    role : str
        The role.

    Raises
    ------
    PublicationError
        When it is not there and the user may not make it; the message names what an administrator runs.
    """
    _create_role(connection, role)
    for statement in _default_privileges(connection, role):
        execute(connection, statement)


def grant(connection: "Connection", contracts: list[TableContract], role: str) -> None:
    """Let the role read every table and view of the contracts that it cannot read yet.

    Raises
    ------
    PublicationError
        When the user may not pass the right on; the message names what an administrator runs.
    """
    for statement in _lacking_grants(connection, contracts, role):
        execute(connection, statement)
    # the server only warns when the user may not pass the right on
    lacking = _lacking_grants(connection, contracts, role)
    if lacking:
        raise PublicationError(
            f"the user may not let the role {role} read; an administrator runs: {'; '.join(lacking)}. "
            "Readers keep the last publication."
        )


def _create_role(connection: "Connection", role: str) -> None:
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
        for schema in SCHEMAS
        if schema not in said
    ]


def _lacking_grants(connection: "Connection", contracts: list[TableContract], role: str) -> list[str]:
    schemas = rows(
        connection,
        "select nspname from pg_catalog.pg_namespace where nspname = any(:schemas) "
        "and not has_schema_privilege(:role, oid, 'usage') order by 1",
        schemas=list(SCHEMAS),
        role=role,
    )
    relations = rows(
        connection,
        "select n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = "
        "c.relnamespace where n.nspname = any(:schemas) and c.relname = any(:names) and c.relkind in ('r', 'p', 'v') "
        "and not has_table_privilege(:role, c.oid, 'select') order by 1, 2",
        schemas=list(SCHEMAS),
        names=[contract.name for contract in contracts],
        role=role,
    )
    return [f"grant usage on schema {schema} to {quoted(role)}" for (schema,) in schemas] + [
        f"grant select on {name_in(schema, relation)} to {quoted(role)}" for schema, relation in relations
    ]
