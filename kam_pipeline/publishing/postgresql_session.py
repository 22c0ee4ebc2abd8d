"""A session with the PostgreSQL database that readers use: its address, its limits, and what its errors mean.

What belongs here: connecting, and turning what driver and server say into our errors without passwords or rows. What
does not: what is done in the session (postgresql.py, postgresql_objects.py).
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from kam_pipeline.errors import ConfigurationError, PublicationError, TargetUnavailableError

if TYPE_CHECKING:
    # SQLAlchemy and psycopg take most of a second to import; whoever publishes to files only does without
    from sqlalchemy import URL, Connection

# A night waits this long for a lock that somebody else holds, and for one statement; then it says so and ends.
LOCK_TIMEOUT = "60s"
STATEMENT_TIMEOUT = "30min"
_CONNECT = {
    "connect_timeout": "15",
    "client_encoding": "utf8",
    "application_name": "kam_pipeline",
    # a server that vanished without a word is noticed within about a minute
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_SETTING = "publish.postgresql.url"
_FORM = "postgresql://user:password@host:5432/database"
_READERS = "Readers keep the last publication."


class _Cause(NamedTuple):
    """What a class of SQLSTATEs means: whether it can pass, and the way out."""

    can_pass: bool
    way_out: str


# By SQLSTATE, the longest beginning that fits (PostgreSQL's manual, appendix A).
_CAUSES = {
    "0A000": _Cause(False, "drop the view that stands in the way, `kam publish`, and create it again"),
    "2BP01": _Cause(False, "drop what depends on it, `kam publish`, and create it again"),
    "22P05": _Cause(False, "the database must be of encoding UTF8; create one and name it"),
    "25006": _Cause(False, "this is a copy that only reads; name the primary server"),
    "42501": _Cause(
        False,
        "an administrator gives the user the right to create schemas (grant create on database), or makes it owner of "
        "the schemas kam and kam_latest and what is in them",
    ),
    "53100": _Cause(False, "free disk space on the database server, then `kam publish`"),
    "08": _Cause(True, "see whether the server is up, then `kam publish`"),
    "40": _Cause(True, "another session was in the way; `kam publish`"),
    "53": _Cause(True, "the server has no room for this session just now; `kam publish` later"),
    "55P03": _Cause(
        True, f"another session has held a lock for {LOCK_TIMEOUT}; end it (see pg_stat_activity), then `kam publish`"
    ),
    "57014": _Cause(True, f"it was cancelled, or took longer than {STATEMENT_TIMEOUT}; `kam publish` when it is idle"),
    "57P": _Cause(True, "the server was stopped; see whether it is up, then `kam publish`"),
}
_OTHER = _Cause(False, "see the server's log, then `kam publish`")
_LOST = _CAUSES["08"]
# When a connection is refused there is no SQLSTATE, only text; "FATAL" is the server's own answer.
_BUSY = ("starting up", "shutting down", "too many clients", "connection slots", "recovery")


@dataclass(frozen=True)
class Database:
    """A database that readers use.

    Attributes
    ----------
    url : URL
        With the password; never shown.
    """

    url: "URL" = field(repr=False)

    @property
    def place(self) -> str:
        """Host and database, for messages."""
        host = self.url.host or self.url.query.get("host") or "this machine"
        port = f":{self.url.port}" if self.url.port else ""
        return f"PostgreSQL {host}{port}/{self.url.database or ''}"

    def without_secrets(self, text: str) -> str:
        """Return a text of the driver or server without the password, should it repeat it."""
        for secret in (self.url.password, self.url.query.get("password"), self.url.query.get("sslpassword")):
            if secret:
                text = text.replace(str(secret), "***")
        return text


def read_address(text: str) -> Database:
    """Read the address of a database.

    Parameters
    ----------
    text : str
        postgresql://user:password@host:5432/database, or with postgres:// as some services write it.

    Returns
    -------
    Database
        The database.

    Raises
    ------
    ConfigurationError
        When it is no such address; the text is not repeated, since it holds a password.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    problem = (
        f"{_SETTING}: the variable holds no address of the form {_FORM}; "
        "write characters such as @ / : % in user or password percent-encoded, @ as %40"
    )
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        # neither cause nor context: both repeat parts of the text
        raise ConfigurationError([problem]) from None
    if url.get_backend_name() not in ("postgresql", "postgres") or not url.database or "@" in (url.host or ""):
        raise ConfigurationError([problem])
    return Database(url.set(drivername="postgresql+psycopg"))


@contextlib.contextmanager
def transaction(database: Database) -> "Iterator[Connection]":
    """Open a session for one transaction: all of it or, on any error, none.

    Yields
    ------
    Connection
        SQLAlchemy's connection, in a transaction with our limits.

    Raises
    ------
    TargetUnavailableError
        When the server does not answer, or a lock is not given in time.
    PublicationError
        When it answers with anything else; the message has no password, and no rows.
    """
    with _our_errors(database), _connect(database) as connection, connection.begin():
        execute(connection, f"set local lock_timeout = '{LOCK_TIMEOUT}'")
        execute(connection, f"set local statement_timeout = '{STATEMENT_TIMEOUT}'")
        execute(connection, "set local timezone = 'UTC'")
        yield connection


def tidy_up(database: Database, tables: list[str]) -> bool:
    """Make room for the next publication and tell the planner what the tables hold now; no failure when it cannot.

    Returns
    -------
    bool
        Whether it was done.
    """
    from sqlalchemy.exc import DBAPIError

    try:
        with _connect(database) as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            execute(connection, f"set lock_timeout = '{LOCK_TIMEOUT}'")
            execute(connection, f"set statement_timeout = '{STATEMENT_TIMEOUT}'")
            # without truncating: that would lock readers out for a moment, and the next night needs the room anyway
            execute(connection, f"vacuum (analyze, truncate false) {', '.join(tables)}")
    except DBAPIError:
        return False
    return True


def execute(connection: "Connection", statement: str) -> None:
    """Run a statement that has no parameters and no result worth reading."""
    # the driver would take a % in a comment's text for a parameter
    connection.exec_driver_sql(statement.replace("%", "%%"))


def rows(connection: "Connection", query: str, **params: object) -> list[tuple[Any, ...]]:
    """Return all rows of a small result; parameters are written :name."""
    from sqlalchemy import text

    return [tuple(row) for row in connection.execute(text(query), params).all()]


@contextlib.contextmanager
def _connect(database: Database) -> "Iterator[Connection]":
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    chosen = {name: value for name, value in _CONNECT.items() if name not in database.url.query}
    engine = create_engine(database.url, poolclass=NullPool, hide_parameters=True, connect_args=chosen)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextlib.contextmanager
def _our_errors(database: Database) -> Iterator[None]:
    """Turn errors of driver and server into ours.

    Their chain is cut: a traceback would show statements, and with COPY the row that the server stumbled over.
    """
    import psycopg
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        raise translated(database, error) from None


def translated(database: Database, error: Exception) -> PublicationError:
    """Return our error for one of the driver's, with what happened, where, and the way out."""
    import psycopg

    cause = getattr(error, "orig", error)
    if not isinstance(cause, psycopg.Error):
        return PublicationError(f"{database.place}: {type(cause).__name__}; {_OTHER.way_out}. {_READERS}")
    said = database.without_secrets((cause.diag.message_primary or str(cause)).strip().partition("\n")[0])
    if cause.sqlstate is None:
        return _connection_error(database, said)
    beginnings = (cause.sqlstate[:length] for length in (5, 3, 2))
    known = next((_CAUSES[beginning] for beginning in beginnings if beginning in _CAUSES), _OTHER)
    kind = TargetUnavailableError if known.can_pass else PublicationError
    return kind(f"{database.place}: not published ({said}); {known.way_out}. {_READERS}")


def _connection_error(database: Database, said: str) -> PublicationError:
    if "FATAL" in said and not any(words in said for words in _BUSY):
        return PublicationError(
            f"{database.place}: refused ({said}); correct user, password and database in the variable that {_SETTING} "
            f"names. {_READERS}"
        )
    return TargetUnavailableError(f"{database.place}: does not answer ({said}); {_LOST.way_out}. {_READERS}")
