"""Who may read the PostgreSQL target, and what is said when it cannot be written: what, where, and the way out."""

import socket
import threading
import traceback

import psycopg
import pytest

from kam_pipeline.errors import ConfigurationError, PublicationError, TargetUnavailableError
from kam_pipeline.publishing import postgresql_session, publish_to_postgresql, read_address
from tests.publishing.conftest import JULY, JUNE

PASSWORD = "".join(("wr", "0ng"))  # so that no traceback shows it as a line of this file


def publish_to(published, url):
    return publish_to_postgresql(published.warehouse, published.contracts, read_address(url), None)


# --- the readers' role -----------------------------------------------------------------------------------------------


def test_a_member_of_the_readers_role_can_read_everything_and_write_nothing(published, database, role):
    readers, analyst = role("test_readers", "nologin"), role("test_analyst")
    database.execute(f"grant {readers} to {analyst}")
    published.keep(1)
    database.publish(published, role=readers)
    for table in ("kam.score", "kam.account", "kam.snapshot", "kam_latest.score"):
        assert database.rows(f"select count(*) > 0 from {table}", user=analyst) == [(True,)]
    for statement in ("delete from kam.score", "update kam.account set number = 0", "create table kam.mine (n int)"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute(statement, user=analyst)


def test_the_readers_role_is_made_when_it_is_not_there_and_cannot_log_in(published, database, server):
    published.keep(1)
    try:
        database.publish(published, role="test_made")
        assert database.rows("select rolcanlogin, rolsuper from pg_roles where rolname = 'test_made'") == [
            (False, False)
        ]
    finally:
        database.execute("drop owned by test_made")
        database.execute("drop role test_made")


def test_a_table_that_comes_later_can_be_read_too(published, database, role):
    readers = role("test_readers")
    published.keep(1)
    database.publish(published, role=readers)
    database.execute("create table kam.later (n int)")
    assert database.rows("select count(*) from kam.later", user=readers) == [(0,)]


def test_a_role_that_is_named_later_is_granted_what_is_there(published, database, role):
    readers = role("test_readers")
    published.keep(1)
    database.publish(published)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.rows("select 1 from kam.score", user=readers)
    assert database.publish(published, role=readers) == {}
    assert database.rows("select count(*) from kam_latest.score", user=readers) == [(3,)]


def test_a_user_who_may_not_make_the_role_is_told_what_an_administrator_runs(published, database, role):
    writer = role("test_writer")
    database.execute(f"grant create on database {database.name} to {writer}")
    published.keep(1)
    with pytest.raises(PublicationError, match=r'administrator runs: create role "kam_nobody" nologin; or set it to'):
        database.publish(published, user=writer, role="kam_nobody")
    assert database.publish(published, user=writer) == {"account": 3, "score": 3, "snapshot": 1}


# --- errors ----------------------------------------------------------------------------------------------------------


def test_a_server_that_is_not_there_may_be_there_in_a_while(published):
    published.keep(1)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(TargetUnavailableError, match=f"PostgreSQL 127.0.0.1:{port}/bi: does not answer") as caught:
            publish_to(published, f"postgresql://kam:{PASSWORD}@127.0.0.1:{port}/bi")
    assert caught.value.can_pass
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


def test_a_wrong_password_is_refused_and_is_not_repeated(published, database, server):
    published.keep(1)
    with pytest.raises(PublicationError, match=r"refused \(.*correct user, password and database") as caught:
        publish_to(published, server.url(database.name, "locked", PASSWORD))
    assert not caught.value.can_pass
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


def test_a_missing_database_is_named(published, server):
    published.keep(1)
    with pytest.raises(PublicationError, match=r'/nowhere: refused .*database "nowhere" does not exist'):
        publish_to(published, server.url("nowhere"))


def test_a_user_without_rights_is_told_which_one_is_lacking(published, database, role):
    published.keep(1)
    with pytest.raises(PublicationError, match=r"permission denied for database .*grant create on database"):
        database.publish(published, user=role("test_stranger"))


def test_a_lock_of_somebody_else_ends_the_wait_and_says_so(published, database, monkeypatch):
    monkeypatch.setattr(postgresql_session, "LOCK_TIMEOUT", "200ms")
    published.keep(1)
    database.publish(published)
    published.keep(2)
    with database.server.connect(database.name) as other, other.transaction():
        other.execute("lock table kam.score in exclusive mode")
        with pytest.raises(TargetUnavailableError, match="another session has held a lock"):
            database.publish(published)
        assert database.rows("select distinct number from kam.account") == [(1,)]
    database.publish(published)
    assert database.rows("select distinct number from kam.account") == [(2,)]


def test_a_value_that_the_database_refuses_is_not_shown_in_error_or_traceback(published, database):
    published.keep(1)
    database.publish(published)
    database.execute("alter table kam.account add constraint mine check (account_id <> 'a0') not valid")
    published.keep(2)
    with pytest.raises(PublicationError, match='violates check constraint "mine"') as caught:
        database.publish(published)
    shown = "".join(traceback.format_exception(caught.value))
    assert "Failing row" not in shown
    assert "COPY account" not in shown
    assert database.rows("select distinct amount_amt from kam.score") == [(1,)]


def test_a_view_that_stands_in_the_way_of_a_changed_column_is_the_users_to_drop(published, database):
    published.keep(1)
    database.publish(published)
    database.execute("alter table kam.account add column note text")
    database.execute("drop view kam_latest.account")
    database.execute("alter table kam.account alter number type text")
    database.execute("create view public.mine as select number from kam.account")
    with pytest.raises(PublicationError, match="drop the view that stands in the way"):
        database.publish(published)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://kam:pa@ss@host/bi",
        "postgresql://kam:pass@host:po/bi",
        "postgresql://kam:pass@host:5432",
        "mysql://kam:pass@host/bi",
        "pass",
    ],
)
def test_an_address_that_cannot_be_read_is_not_repeated(text):
    with pytest.raises(ConfigurationError, match=r"^publish.postgresql.url: the variable holds no address") as caught:
        read_address(text)
    assert "pass" not in "".join(traceback.format_exception(caught.value)).replace("password", "")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_way_to_write_the_scheme_is_read(scheme):
    database = read_address(f" {scheme}://kam:p%40ss@db.example.com:6432/bi?sslmode=require\n")
    assert database.url.drivername == "postgresql+psycopg"
    assert database.place == "PostgreSQL db.example.com:6432/bi"
    assert (database.url.password, database.url.query["sslmode"]) == ("p@ss", "require")
    assert "p@ss" not in repr(database)


def test_what_a_driver_repeats_of_the_password_is_taken_out():
    database = read_address("postgresql://kam:s3cret@host/bi")
    error = postgresql_session.translated(database, psycopg.OperationalError("no such host: s3cret@host"))
    assert str(error).startswith("PostgreSQL host/bi: does not answer (no such host: ***@host)")


def test_two_publishers_at_once_wait_for_each_other(published, database):
    published.keep(1, JUNE)
    database.publish(published)
    published.keep(2, JULY)
    with database.server.connect(database.name) as other, other.transaction():
        other.execute("select pg_advisory_xact_lock(7037293)")
        second = threading.Thread(target=database.publish, args=(published,))
        second.start()
        second.join(0.5)
        assert second.is_alive()
        assert database.rows("select count(*) from kam.snapshot") == [(1,)]
    second.join(20)
    assert not second.is_alive()
    assert database.rows("select count(*) from kam.snapshot") == [(2,)]
