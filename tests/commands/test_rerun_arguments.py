"""What `kam run --stale` and `kam backfill` say of arguments that cannot be used, and which dates a range holds."""

from datetime import date

import pytest
from typer.testing import CliRunner

from kam_pipeline.cli import app
from kam_pipeline.date_range import dates_of
from kam_pipeline.errors import ConfigurationError, WarehouseError

TODAY = date(2026, 7, 1)


@pytest.fixture
def config(tmp_path):
    (tmp_path / "export").mkdir()
    (tmp_path / "kam.yaml").write_text("source: {kind: files, path: export}\n", encoding="utf-8")
    return str(tmp_path / "kam.yaml")


def failure(*arguments):
    return CliRunner().invoke(app, list(arguments)).exception


def test_a_rerun_takes_neither_a_date_nor_todays_knowledge(config):
    error = failure("run", "--stale", "--as-of", "2026-06-01", "--restate", "--full-refresh", "--config", config)
    assert isinstance(error, ConfigurationError)
    assert [problem.split(":")[0] for problem in error.problems] == ["--as-of", "--restate", "--full-refresh"]


def test_a_backfill_where_nothing_has_been_read_says_what_to_do_first(config):
    error = failure("backfill", "--from", "2026-01-01", "--to", "2026-03-01", "--config", config)
    assert isinstance(error, WarehouseError)
    assert "run `kam run` first" in str(error)


@pytest.mark.parametrize(
    ("start", "end", "every", "expected"),
    [
        # the month-end snapshot of June is as of 1 July
        ("2026-05-01", "2026-07-01", "month", ["2026-05-01", "2026-06-01", "2026-07-01"]),
        ("2026-05-02", "2026-06-30", "month", ["2026-06-01"]),
        ("2025-12-01", "2026-06-30", "quarter", ["2026-01-01", "2026-04-01"]),
        ("2024-06-01", "2026-06-30", "year", ["2025-01-01", "2026-01-01"]),
        ("2026-06-01", "2026-06-14", "week", ["2026-06-01", "2026-06-08"]),  # Mondays
        ("2026-02-27", "2026-03-01", "day", ["2026-02-27", "2026-02-28", "2026-03-01"]),
    ],
)
def test_a_range_holds_the_first_day_of_every_period(start, end, every, expected):
    assert [day.isoformat() for day in dates_of(start, end, every, TODAY)] == expected


def test_every_problem_of_a_range_is_named_at_once():
    with pytest.raises(ConfigurationError) as raised:
        dates_of("1989-12-31", "yesterday", "fortnight", TODAY)
    assert [problem.split(" ")[0] for problem in raised.value.problems] == ["--to", "--from", "--every"]


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-06-01", "2026-07-02", "must lie between 1990-01-01 and today, 2026-07-01"),
        ("2026-06-01", "2026-05-01", "lies after --to 2026-05-01"),
        ("2026-06-02", "2026-06-30", "no month begins between"),
    ],
)
def test_a_range_that_cannot_be_computed_is_refused(start, end, said):
    with pytest.raises(ConfigurationError, match=said):
        dates_of(start, end, "month", TODAY)
