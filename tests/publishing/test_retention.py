"""Retention: every snapshot of the last days, of older ones the last of each month with the groups one may ask for."""

from datetime import date, timedelta

import pytest

from assets.backfill import not_kept
from kam_pipeline.progress import warn_of_leaving
from kam_pipeline.publishing.retention import retire
from kam_pipeline.settings import Configuration, Settings
from kam_pipeline.warehouse import Warehouse

NEWEST = date(2026, 7, 1)


@pytest.fixture
def kept(warehouse):
    """Put snapshots of these dates into the published set, each with a ranking of four groups."""
    for schema in ("published", "marts"):
        warehouse.connection.execute(f"create table {schema}.snapshot (as_of_date date)")
        warehouse.connection.execute(
            f"create table {schema}.key_account_candidate "
            "(as_of_date date, group_id varchar, band varchar, decision varchar, is_in_list boolean, "
            "is_key_account boolean)"
        )
        warehouse.connection.execute(f"create table {schema}.candidate_criterion (as_of_date date, group_id varchar)")
        warehouse.connection.execute(f"create table {schema}.undated (x integer)")

    def put(*days):
        for schema in ("published", "marts"):
            for day in days:
                warehouse.connection.execute(f"insert into {schema}.snapshot values (?)", [day])
                warehouse.connection.execute(
                    f"insert into {schema}.key_account_candidate values "
                    "($day, 'listed', 'top_5_pct', 'add', true, null), "
                    "($day, 'near', 'near_miss', 'none', false, null), "
                    "($day, 'designated', 'outside', 'exit', false, true), "
                    "($day, 'other', 'outside', 'none', false, null)",
                    {"day": day},
                )
                warehouse.connection.execute(
                    f"insert into {schema}.candidate_criterion select as_of_date, group_id "
                    f"from {schema}.key_account_candidate where as_of_date = $day",
                    {"day": day},
                )

    def dates(table="published.snapshot"):
        return [day for (day,) in warehouse.rows(f"select distinct as_of_date from {table} order by 1")]

    put.dates = dates
    return put


def test_every_snapshot_of_the_last_days_stays(warehouse, kept):
    days = [NEWEST - timedelta(days=back) for back in (35, 34, 20, 1, 0)]
    kept(*days)
    assert retire(warehouse, NEWEST, 35) == []
    assert kept.dates() == days


def test_of_older_ones_the_last_of_each_month_stays_and_a_snapshot_of_the_first_shows_the_month_before(warehouse, kept):
    # 1 March shows February; 31 March shows March up to the 30th and is the last that does
    kept(date(2026, 2, 10), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 31), NEWEST)
    assert retire(warehouse, NEWEST, 35) == [date(2026, 2, 10), date(2026, 2, 28), date(2026, 3, 2)]
    for table in ("snapshot", "key_account_candidate", "candidate_criterion"):
        for schema in ("published", "marts"):
            assert kept.dates(f"{schema}.{table}") == [date(2026, 3, 1), date(2026, 3, 31), NEWEST]


def test_a_snapshot_of_a_month_whose_last_one_is_recent_goes(warehouse, kept):
    # 20 May is 42 days old; 1 June, 30 days old, is the last that shows May
    kept(date(2026, 5, 20), date(2026, 6, 1), NEWEST)
    assert retire(warehouse, NEWEST, 35) == [date(2026, 5, 20)]


def test_an_older_ranking_keeps_whom_one_may_ask_for_and_the_newest_keeps_all(warehouse, kept):
    kept(date(2026, 5, 1), NEWEST)
    retire(warehouse, NEWEST, 35)
    for table in ("key_account_candidate", "candidate_criterion"):
        groups = warehouse.rows(f"select as_of_date, list_sort(list(group_id)) from published.{table} group by all")
        assert sorted(groups) == [
            (date(2026, 5, 1), ["designated", "listed", "near"]),
            (NEWEST, ["designated", "listed", "near", "other"]),
        ]


def test_letting_go_twice_changes_nothing_more(warehouse, kept):
    kept(date(2026, 3, 2), date(2026, 3, 31), NEWEST)
    retire(warehouse, NEWEST, 35)
    before = kept.dates(), warehouse.rows("select * from published.key_account_candidate order by all")
    assert retire(warehouse, NEWEST, 35) == []
    assert (kept.dates(), warehouse.rows("select * from published.key_account_candidate order by all")) == before


@pytest.mark.parametrize(("setting", "expected"), [("35", [date(2026, 3, 2)]), ("200", []), ("null", [])])
def test_a_backfill_knows_which_of_its_dates_the_next_night_lets_go(tmp_path, setting, expected):
    # 2 and 9 March show March, 9 March is the last that does; 29 June is two days old
    publish = {"keep_days": None if setting == "null" else int(setting)}
    settings = Settings.model_validate(
        {"source": {"kind": "files", "path": "."}, "engine": {"state_folder": "."}, "publish": publish}
    )
    configuration = Configuration(settings, tmp_path)
    with Warehouse.open(configuration.warehouse_path, settings.engine) as warehouse:
        warehouse.connection.execute(
            "create table published.snapshot as select date '2026-07-01' as as_of_date, 'r' as run_id, "
            "timestamp '2026-07-01 03:00' as created_at"
        )
    days = [date(2026, 3, 2), date(2026, 3, 9), date(2026, 6, 29)]
    assert not_kept(configuration, days) == expected


def test_dates_that_are_not_kept_are_named_with_the_setting_that_says_so(capsys):
    warn_of_leaving([date(2026, 3, day) for day in (2, 9, 16, 23)], 35)
    said = " ".join(capsys.readouterr().err.split())
    assert "2026-03-02, 2026-03-09, 2026-03-16 and 1 more: older than publish.keep_days (35)" in said
    warn_of_leaving([], 35)
    assert capsys.readouterr().err == ""
