"""The PostgreSQL target: what is replaced, what lives on, and that every value arrives as it is."""

import math
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kam_pipeline.contracts import Column, parse_contract
from kam_pipeline.publishing import publish_to_postgresql, read_address
from kam_pipeline.publishing.postgresql_objects import postgresql_type
from kam_pipeline.snapshots import SNAPSHOT
from kam_pipeline.tables import published_contracts
from tests.publishing.conftest import ACCOUNT, CONTRACTS, JULY, JUNE, SCORE, PublishedSet

PLACES = "select as_of_date, ctid::text, xmin::text from kam.score where as_of_date = '{day}' order by 2"


def with_columns(contract, *columns):
    return replace(contract, columns=columns)


def test_every_published_table_has_a_type_for_each_column():
    assert {postgresql_type(column) for contract in published_contracts() for column in contract.columns} == {
        "text", "double precision", "bigint", "numeric", "boolean", "date", "timestamp without time zone",
    }  # fmt: skip


def test_the_first_publication_brings_every_date_and_the_undated_tables(published, database):
    published.keep(1, JUNE)
    published.keep(2, JULY)
    assert database.publish(published) == {"account": 3, "score": 6, "snapshot": 2}
    assert database.rows("select as_of_date, count(*), min(amount_amt) from kam.score group by 1 order by 1") == [
        (JUNE, 3, Decimal("1.00")),
        (JULY, 3, Decimal("2.00")),
    ]
    assert database.rows("select distinct number from kam.account") == [(2,)]


def test_a_republished_date_replaces_that_date_only(published, database):
    published.keep(1, JUNE)
    published.keep(2, JULY)
    database.publish(published)
    june, july = (database.rows(PLACES.format(day=day)) for day in (JUNE, JULY))
    published.keep(3, JULY, rows=4)
    assert database.publish(published) == {"account": 4, "score": 4, "snapshot": 1}
    assert database.rows(PLACES.format(day=JUNE)) == june
    assert database.rows(PLACES.format(day=JULY)) != july
    assert database.rows("select distinct amount_amt from kam.score where as_of_date = '2026-07-01'") == [(3,)]


def test_where_nothing_changed_nothing_is_written(published, database):
    published.keep(1)
    database.publish(published)
    before = database.rows("select ctid::text, xmin::text from kam.account order by 1")
    catalog = "select max(xmin::text::bigint) from pg_catalog.pg_class"
    changed = database.rows(catalog)
    assert database.publish(published) == {}
    assert database.rows("select ctid::text, xmin::text from kam.account order by 1") == before
    assert database.rows(catalog) == changed


def test_the_whole_set_can_be_handed_over_again(published, database):
    published.keep(1)
    database.publish(published)
    database.execute("update kam.score set amount_amt = 99")
    assert database.publish(published, whole=True) == {"account": 3, "score": 3, "snapshot": 1}
    assert database.rows("select distinct amount_amt from kam.score") == [(1,)]


def test_nights_that_the_database_missed_come_with_the_next(published, database):
    published.keep(1, JUNE)
    database.publish(published)
    published.keep(2, JUNE)
    published.keep(3, date(2026, 6, 30))
    published.keep(4, JULY)
    database.publish(published)
    assert database.rows("select as_of_date, run_id from kam.snapshot order by 1") == [
        (JUNE, "run-2"), (date(2026, 6, 30), "run-3"), (JULY, "run-4"),
    ]  # fmt: skip


def test_rows_that_retention_lets_go_of_an_older_date_go_with_the_next_night(published, database):
    published.keep(1, JUNE)
    published.keep(2, JULY)
    database.publish(published)
    published.warehouse.connection.execute(
        "delete from published.score where as_of_date = '2026-06-01' and group_id = 'g0'"
    )
    assert database.publish(published) == {"account": 3, "score": 2}
    assert database.rows("select group_id from kam.score where as_of_date = '2026-06-01' order by 1") == [
        ("g1",),
        ("g2",),
    ]


def test_a_date_that_is_no_longer_kept_goes(published, database):
    published.keep(1, JUNE)
    published.keep(2, JULY)
    database.publish(published)
    for table in ("score", "snapshot"):
        published.warehouse.connection.execute(f"delete from published.{table} where as_of_date = '2026-06-01'")
    database.publish(published)
    assert database.rows("select distinct as_of_date from kam.score") == [(JULY,)]


def test_a_table_that_somebody_dropped_comes_back_with_all_its_dates(published, database):
    published.keep(1, JUNE)
    published.keep(2, JULY)
    database.publish(published)
    database.execute("drop table kam.score cascade")
    database.publish(published)
    assert database.rows("select count(*) from kam.score") == [(6,)]
    assert database.rows("select count(*) from kam_latest.score") == [(3,)]


def test_the_table_of_dates_comes_back_with_all_the_views_that_read_it(published, database):
    published.keep(1, JUNE)
    published.keep(2, JULY)
    database.publish(published)
    database.execute("drop table kam.snapshot cascade")
    database.publish(published)
    assert database.rows("select count(*) from kam_latest.score") == [(3,)]
    assert database.rows("select count(*) from kam.snapshot, kam.score") == [(12,)]


def test_views_and_grants_of_users_live_on_over_publications(published, database, role):
    analyst = role("analyst")
    published.keep(1)
    database.publish(published)
    database.execute("create schema mine")
    database.execute("create view mine.total as select sum(amount_amt) as total from kam.score")
    database.execute(f"grant usage on schema kam to {analyst}; grant select on kam.account to {analyst}")
    for number in (2, 3, 4):
        published.keep(number)
        database.publish(published)
        assert database.rows("select total from mine.total") == [(3 * number,)]
        assert database.rows("select distinct number from kam.account", user=analyst) == [(number,)]


def test_the_latest_views_show_the_newest_date_only(published, database):
    published.keep(1, JUNE)
    published.keep(2, JULY, rows=5)
    database.publish(published)
    assert database.rows("select as_of_date, count(*) from kam_latest.score group by 1") == [(JULY, 5)]
    assert database.rows("select count(*) from kam_latest.account") == [(5,)]
    assert database.rows("select run_id from kam_latest.snapshot") == [("run-2",)]


def test_comments_come_from_the_contracts_for_tables_and_views(published, database):
    published.keep(1)
    database.publish(published)
    for schema in ("kam", "kam_latest"):
        assert database.rows(
            f"select obj_description('{schema}.score'::regclass), col_description('{schema}.score'::regclass, 2)"
        ) == [(SCORE.description, SCORE.columns[1].description)]
        assert database.rows(f"select obj_description('{schema}'::regnamespace) is not null") == [(True,)]


def test_the_usual_filters_have_an_index(published, database):
    published.keep(1)
    database.publish(published)
    assert database.rows("select indexname from pg_indexes where schemaname = 'kam' order by 1") == [
        ("account_account_id",), ("score_as_of_date",), ("score_group_id",), ("snapshot_as_of_date",),
    ]  # fmt: skip


# --- contracts change ------------------------------------------------------------------------------------------------


def test_a_column_that_the_contract_gained_is_added_and_the_latest_view_has_it(published, database):
    published.keep(1)
    database.publish(published)
    database.execute("create view public.mine as select * from kam_latest.score")
    wider = with_columns(SCORE, *SCORE.columns, Column("band", "VARCHAR", "the band"))
    published.warehouse.connection.execute("alter table published.score add column band varchar default 'top'")
    published.warehouse.connection.execute("update published.snapshot set run_id = 'run-2'")
    database.publish(published, [ACCOUNT, wider, SNAPSHOT])
    assert database.rows("select distinct amount_amt, band from kam_latest.score") == [(1, "top")]
    assert database.rows("select distinct amount_amt from public.mine") == [(1,)]
    assert database.rows("select col_description('kam.score'::regclass, 4)") == [("the band",)]


def test_a_column_that_an_older_run_did_not_keep_is_null(published, database):
    published.keep(1)
    wider = with_columns(SCORE, *SCORE.columns, Column("band", "VARCHAR", "the band"))
    database.publish(published, [ACCOUNT, wider, SNAPSHOT])
    assert database.rows("select distinct band from kam.score") == [(None,)]


def test_a_column_that_the_contract_lost_stays_and_is_null_from_then_on(published, database):
    published.keep(1, JUNE)
    database.publish(published)
    database.execute("create view public.mine as select as_of_date, amount_amt from kam.score")
    published.keep(2, JULY)
    database.publish(published, [ACCOUNT, with_columns(SCORE, *SCORE.columns[:2]), SNAPSHOT])
    assert database.rows("select distinct as_of_date, amount_amt from public.mine order by 1") == [
        (JUNE, 1), (JULY, None),
    ]  # fmt: skip


def test_a_widened_decimal_or_integer_needs_no_change_under_a_view_of_a_user(published, database):
    published.keep(1)
    database.publish(published)
    database.execute("create view public.mine as select amount_amt, number from kam.score, kam.account")
    published.keep(2)
    execute = published.warehouse.connection.execute
    execute("alter table published.score alter amount_amt type decimal(18,4)")
    execute("alter table published.account alter number type bigint")
    execute("update published.score set amount_amt = 0.1234")
    execute("update published.account set number = 9000000000")
    wider = [
        with_columns(ACCOUNT, ACCOUNT.columns[0], Column("number", "BIGINT", "wide")),
        with_columns(SCORE, *SCORE.columns[:2], Column("amount_amt", "DECIMAL(18,4)", "wide")),
        SNAPSHOT,
    ]
    database.publish(published, wider)
    assert database.rows("select distinct amount_amt, number from public.mine") == [(Decimal("0.1234"), 9000000000)]


def test_a_column_of_another_kind_takes_its_old_values_along(published, database):
    published.keep(1, JUNE)
    database.publish(published)
    published.keep(2, JULY)
    published.warehouse.connection.execute("alter table published.score alter amount_amt type double")
    other = with_columns(SCORE, *SCORE.columns[:2], Column("amount_amt", "DOUBLE", "approximate"))
    database.publish(published, [ACCOUNT, other, SNAPSHOT])
    assert database.rows("select distinct amount_amt, pg_typeof(amount_amt)::text from kam.score order by 1") == [
        (1.0, "double precision"), (2.0, "double precision"),
    ]  # fmt: skip
    assert database.rows("select distinct amount_amt from kam_latest.score") == [(2.0,)]


# --- values ----------------------------------------------------------------------------------------------------------

VALUES = parse_contract(
    "marts",
    """
value
    Values of every type.

grain  : one row per number
key    : number
inputs : core.account
readers: published
columns:
  number     INTEGER        number of the row
  words      VARCHAR        text
  amount     DECIMAL(18,2)  money
  share      DOUBLE         a number
  large      BIGINT         a large number
  day        DATE           a date
  moment     TIMESTAMP      a time
  is_so      BOOLEAN        a truth
""",
    __name__,
)
HOSTILE = [
    "", "NULL", "null", r"\N", r"\.", "\\", "\\\\n", '"', '""', "'", "it's", ",", ";", "\n", "\r", "\r\n", "\t", " ",
    " a ", "a\nb", 'a"b', "\\.\n", "%", "%s", ":name", "$1", "{}", "Ærø", "日本", "😀", "\ufeff", "\u2028", "\x01",
]  # fmt: skip
moment = datetime.fromisoformat
EXTREMES = [
    (None, None, None, None, None, None, None),
    ("a", Decimal("9999999999999999.99"), math.inf, 2**63 - 1, date.max, moment("9999-12-31T23:59:59.999999"), True),
    ("a", Decimal("-9999999999999999.99"), -math.inf, -(2**63), date.min, moment("0001-01-01T00:00:00"), False),
    ("a", Decimal("0.10"), 0.1 + 0.2, 0, date(2024, 2, 29), moment("2026-07-01T03:00:00.000001"), True),
    ("a", Decimal("-0.01"), 5e-324, -1, date(1970, 1, 1), moment("1970-01-01T00:00:00"), None),
    ("a", Decimal("1.00"), 1.7976931348623157e308, 1, date(1582, 10, 10), moment("1582-10-10T01:00:00"), None),
    ("a", None, -0.0, None, None, None, None),
]


def keep_values(published: PublishedSet, rows: list[tuple]) -> None:
    columns = ", ".join(f'"{column.name}" {column.type}' for column in VALUES.columns)
    published.warehouse.connection.execute(f"create or replace table published.value ({columns})")
    published.warehouse.connection.executemany(
        "insert into published.value values ($1, $2, $3, $4, $5, $6, $7, $8)",
        [(number, *row) for number, row in enumerate(rows)],
    )


def arrived(published, database, rows):
    keep_values(published, rows)
    database.publish(published, [*CONTRACTS, VALUES], whole=True)
    found = database.rows("select * from kam.value order by number")
    kept = published.warehouse.rows("select * from published.value order by number")
    return [row[1:] for row in found], [row[1:] for row in kept]


@pytest.fixture
def filled(published):
    published.keep(1)
    return published


def test_texts_that_mean_something_elsewhere_arrive_as_they_are(filled, database):
    found, kept = arrived(filled, database, [(text, *[None] * 6) for text in HOSTILE])
    assert found == kept
    assert [row[0] for row in found] == HOSTILE


def test_the_ends_of_every_type_arrive_as_they_are(filled, database):
    found, kept = arrived(filled, database, EXTREMES)
    assert found == kept == EXTREMES
    assert math.copysign(1, found[-1][2]) == -1
    assert [type(value) for value in found[1]] == [str, Decimal, float, int, date, datetime, bool]


def test_not_a_number_arrives_and_a_date_without_end_does_too(filled, database):
    keep_values(filled, [("a", None, math.nan, None, None, None, None)])
    filled.warehouse.connection.execute("update published.value set day = 'infinity', moment = '-infinity'")
    database.publish(filled, [*CONTRACTS, VALUES])
    assert database.rows("select share = 'nan', day = 'infinity', moment = '-infinity' from kam.value") == [
        (True, True, True)
    ]


def test_a_date_before_christ_arrives(filled, database):
    keep_values(filled, [("a", *[None] * 6)])
    filled.warehouse.connection.execute("update published.value set day = '0044-03-15 (BC)'")
    database.publish(filled, [*CONTRACTS, VALUES])
    assert database.rows("select day = '0044-03-15 BC'::date from kam.value") == [(True,)]


def test_the_character_that_postgresql_cannot_hold_is_left_out(filled, database):
    found, _ = arrived(filled, database, [("a\0b\0", *[None] * 6), ("\0", *[None] * 6)])
    assert [row[0] for row in found] == ["ab", ""]


@pytest.fixture(scope="module")
def steady(server, reused_warehouse):
    """One database and one set for the many examples of a law."""
    published = PublishedSet(reused_warehouse)
    published.keep(1)
    with server.connect() as connection:
        connection.execute("create database law")
    return published, server


@settings(max_examples=10)
@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
            st.none() | st.decimals(min_value=-(10**15), max_value=10**15, places=2),
            st.none() | st.floats(allow_nan=False),
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | st.dates(),
            st.none() | st.datetimes(),
            st.none() | st.booleans(),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_any_row_arrives_as_it_is_published_in_the_duckdb_file(steady, rows):
    published, server = steady
    keep_values(published, rows)
    publish_to_postgresql(published.warehouse, [*CONTRACTS, VALUES], read_address(server.url("law")), None, whole=True)
    with server.connect("law") as connection:
        found = connection.execute("select * from kam.value order by number").fetchall()
    assert found == published.warehouse.rows("select * from published.value order by number")
