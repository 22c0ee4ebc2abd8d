"""A backfill gives what single runs give: beside dates that are blocked, and after it was killed.

The company has had one night, and no date before it is stored.
"""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from kam_pipeline.tables import published_contracts
from tests.robustness.nights import FIRST, VOLATILE, command, contents, differences, published
from tests.robustness.undisturbed import Undisturbed

pytestmark = pytest.mark.slow

MAY_AND_JUNE = ["backfill", "--from", "2026-05-01", "--to", "2026-06-01", "--every", "month", "--json"]


@pytest.fixture
def company(undisturbed: Undisturbed, tmp_path: Path) -> Path:
    return shutil.copytree(undisturbed.after[FIRST], tmp_path / "company")


def rows_of(folder: Path, day: str) -> dict[str, list[str]]:
    """Every published row of a date, without what names the run and what holds a delivery against the one before.

    A run of its own reads the source once more, so it has a delivery to compare and a backfill has none.
    """
    found = {}
    with duckdb.connect(str(published(folder)), read_only=True) as connection:
        for contract in published_contracts():
            if contract.is_dated:
                names = ", ".join(f'"{item.name}"' for item in contract.columns if item.name not in VOLATILE)
                of_deliveries = "and \"check\" <> 'vanished_share'" if contract.name == "data_quality" else ""
                query = f"select {names} from kam.{contract.name} where as_of_date = $day {of_deliveries} order by all"
                found[contract.name] = [str(row) for row in connection.execute(query, {"day": day}).fetchall()]
    return found


def runs(folder: Path) -> dict[str, tuple[str, bool]]:
    """The run that each published date is of, and whether the date is restated."""
    with duckdb.connect(str(published(folder)), read_only=True) as connection:
        rows = connection.sql("select as_of_date::varchar, run_id, is_restated from kam.snapshot").fetchall()
    return {day: (run_id, is_restated) for day, run_id, is_restated in rows}


def drop_half_of_the_deals(folder: Path) -> None:
    path = folder / "export" / "Opportunity.csv"
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([header, *rows[::2]])


def test_a_date_never_stored_has_the_rows_of_a_run_for_that_date_alone_and_is_restated(company, tmp_path):
    alone = shutil.copytree(company, tmp_path / "alone")
    ended = command(alone, ["run", "--as-of", "2026-05-01", "--json"])
    assert ended.exit_code == 0, ended.said

    ended = command(company, MAY_AND_JUNE)

    assert ended.exit_code == 0, ended.said
    assert {day: is_restated for day, (_, is_restated) in runs(company).items()} == {
        "2026-05-01": True, "2026-06-01": True, FIRST.isoformat(): False,
    }  # fmt: skip
    found, expected = rows_of(company, "2026-05-01"), rows_of(alone, "2026-05-01")
    assert len(found["key_account_candidate"]) > 0
    assert {name: set(found[name]) ^ set(expected[name]) for name in found if found[name] != expected[name]} == {}


def test_a_blocked_date_is_named_and_the_others_of_the_range_are_published(company):
    # 1 and 3 June are stored; what 2 June would be computed with lacks half of the deals
    for day in ("2026-06-01", "2026-06-03"):
        ended = command(company, ["run", "--as-of", day, "--json"])
        assert ended.exit_code == 0, ended.said
    before = runs(company)
    drop_half_of_the_deals(company)
    assert command(company, ["run", "--json"]).exit_code == 3

    ended = command(company, ["backfill", "--from", "2026-06-01", "--to", "2026-06-03", "--every", "day"])

    assert ended.exit_code == 3, ended.said
    assert "not published 2026-06-02: vanished_share of Opportunity: 0." in " ".join(ended.said.split())
    after = runs(company)
    assert sorted(after) == ["2026-06-01", "2026-06-03", FIRST.isoformat()]
    assert {day for day, run in after.items() if run != before[day]} == {"2026-06-01", "2026-06-03"}


@pytest.mark.parametrize(
    ("part", "change"),
    [(0.35, None), (0.6, None), (None, "os.rename published")],
    ids=["early", "midway", "at_the_swap"],
)
def test_killed_and_started_again_it_publishes_what_an_undisturbed_one_publishes(company, tmp_path, part, change):
    undisturbed = shutil.copytree(company, tmp_path / "undisturbed")
    whole = command(undisturbed, MAY_AND_JUNE)
    assert whole.exit_code == 0, whole.said
    before = contents(published(company))

    moment = whole.seconds * part if part else None
    assert command(company, MAY_AND_JUNE, kill_after=moment, kill_at=change).was_killed
    assert contents(published(company)) == before
    ended = command(company, MAY_AND_JUNE)

    assert ended.exit_code == 0, ended.said
    assert differences(published(company), published(undisturbed)) == []
    assert contents(published(company)) == contents(published(undisturbed))


def test_dates_that_the_next_night_lets_go_are_named_before_they_are_computed(company):
    # as of 1 July, 35 days reach back to 27 May; of the Mondays of May before, 25 May is the last
    ended = command(company, ["backfill", "--from", "2026-05-11", "--to", "2026-05-25", "--every", "week", "--json"])
    assert ended.exit_code == 0, ended.said
    said, _, result = ended.said.partition("{")
    assert "2026-05-11, 2026-05-18" in said
    assert "publish.keep_days" in said
    assert json.loads("{" + result.rpartition("}")[0] + "}")["not_kept"] == ["2026-05-11", "2026-05-18"]
