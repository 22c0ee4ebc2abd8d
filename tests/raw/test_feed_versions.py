"""Feeds in raw: rows without ids of their own, files that cannot be read, completeness object by object."""

import json
from datetime import date, timedelta

import pytest

from kam_pipeline.crm_schema import ACCOUNT
from kam_pipeline.errors import SourceFormatError
from kam_pipeline.feed_schema import COSTS
from kam_pipeline.landing import read_landing, write_landing
from kam_pipeline.raw import load_landing
from tests.factories import FIRST_EXTRACTION, account_row, by_key, extract_of


def cost(account_id="A", cost_amt=60, month="2026-06-01", record_id=None):
    return {"Id": record_id, "account_id": account_id, "month": date.fromisoformat(month), "cost_amt": cost_amt}


@pytest.fixture
def deliver(warehouse, tmp_path):
    """Land and load what was extracted, a day after the one before; return the counts of the feed."""
    days = iter(range(1000))

    def load(*extracts):
        day = next(days)
        landing = write_landing(
            tmp_path / "landing", run_id=f"run-{day:04}", extracted_at=FIRST_EXTRACTION + timedelta(days=day),
            source="s", extracts=extracts,
        )  # fmt: skip
        counts = {count.object_name: count for count in load_landing(warehouse, landing)}
        return counts.get(COSTS.name)

    return load


def kinds(counts):
    return (counts.inserted_cnt, counts.updated_cnt, counts.unchanged_cnt, counts.superseded_cnt, counts.vanished_cnt)


def living(warehouse):
    """Amounts of the rows that are in the file, sorted."""
    return sorted(amount for (amount,) in warehouse.rows("select cost_amt from raw.feed_costs where not _is_gone"))


@pytest.mark.parametrize("order", [1, -1], ids=["as sent", "turned round"])
def test_equal_rows_without_an_id_are_rows_of_their_own_in_any_order(warehouse, deliver, order):
    rows = [cost(), cost(), cost(cost_amt=7), cost()]
    assert kinds(deliver(extract_of(COSTS, rows[::order]))) == (4, 0, 0, 0, 0)
    assert living(warehouse) == [7, 60, 60, 60]
    assert kinds(deliver(extract_of(COSTS, rows))) == (0, 0, 4, 0, 0)


def test_one_of_two_equal_rows_that_is_taken_out_is_gone_and_the_other_stays(warehouse, deliver):
    deliver(extract_of(COSTS, [cost(), cost()]))
    assert kinds(deliver(extract_of(COSTS, [cost()]))) == (0, 0, 1, 0, 1)
    assert living(warehouse) == [60]
    assert kinds(deliver(extract_of(COSTS, [cost(), cost()]))) == (0, 1, 1, 0, 0)


def test_equal_rows_that_go_leave_other_equal_rows_as_they_are(warehouse, deliver):
    deliver(extract_of(COSTS, [cost("A"), cost("A"), cost("B"), cost("B")]))
    assert kinds(deliver(extract_of(COSTS, [cost("B"), cost("B")]))) == (0, 0, 2, 0, 2)


def test_a_row_without_an_id_that_is_corrected_is_another_row_and_the_old_one_is_gone(warehouse, deliver):
    deliver(extract_of(COSTS, [cost(), cost("B")]))
    assert kinds(deliver(extract_of(COSTS, [cost(cost_amt=66), cost("B")]))) == (1, 0, 1, 0, 1)
    assert living(warehouse) == [60, 66]


def test_a_row_with_an_id_that_is_corrected_is_a_new_version_of_the_same(warehouse, deliver):
    deliver(extract_of(COSTS, [cost(record_id="7")]))
    assert kinds(deliver(extract_of(COSTS, [cost(record_id="7", cost_amt=66)]))) == (0, 1, 0, 0, 0)
    assert living(warehouse) == [66]
    assert warehouse.rows("select Id, cost_amt from raw.feed_costs_superseded") == [("7", 60)]


@pytest.mark.parametrize("order", [1, -1], ids=["as sent", "turned round"])
def test_of_one_id_sent_twice_the_row_whose_text_sorts_last_counts(warehouse, deliver, order):
    rows = [cost(record_id="7", cost_amt=5), cost(record_id="7", cost_amt=6), cost(), cost()]
    counts = deliver(extract_of(COSTS, rows[::order]))
    assert kinds(counts) == (3, 0, 0, 1, 0)
    assert counts.is_balanced
    assert living(warehouse) == [6, 60, 60]
    assert warehouse.rows("select object, record_id, version_cnt from raw.duplicate") == [("feeds.costs", "7", 2)]


def test_a_row_may_lack_what_others_have(warehouse, deliver):
    deliver(extract_of(COSTS, [cost(None), cost(None), {"Id": None}]))
    assert len({record_id for (record_id,) in warehouse.rows("select Id from raw.feed_costs")}) == 3


def test_a_feed_is_complete_beside_an_object_that_is_not(warehouse, deliver):
    deliver(extract_of(ACCOUNT, [account_row("A"), account_row("B")]), extract_of(COSTS, [cost(), cost("B")]))
    deliver(extract_of(ACCOUNT, [account_row("A", "new", 2)], is_complete=False), extract_of(COSTS, [cost()]))
    assert by_key(warehouse, "select Id, _is_gone from raw.account") == {"A": False, "B": False}
    assert by_key(warehouse, "select account_id, _is_gone from raw.feed_costs") == {"A": False, "B": True}


# --- files that cannot be read ---------------------------------------------------------------------------------------


def unreadable(after=()):
    """A feed that breaks off after some rows."""

    def batches():
        yield from extract_of(COSTS, after).batches
        raise SourceFormatError("costs.csv, row 3: cannot be read")

    whole = extract_of(COSTS, [])
    return type(whole)(whole.availability, batches(), is_complete=True, is_optional=True)


@pytest.mark.parametrize("after", [(), (cost("Z"),)], ids=["at once", "on the way"])
def test_a_feed_that_cannot_be_read_keeps_its_rows_and_says_why(warehouse, deliver, tmp_path, after):
    deliver(extract_of(ACCOUNT, [account_row("A")]), extract_of(COSTS, [cost()]))
    assert deliver(extract_of(ACCOUNT, [account_row("A")]), unreadable(after)) is None
    assert living(warehouse) == [60]
    assert warehouse.rows("select is_present, note from raw.load where object = 'feeds.costs' order by known_at") == [
        (True, None),
        (False, "costs.csv, row 3: cannot be read"),
    ]
    newest = sorted((tmp_path / "landing").iterdir())[-1]
    assert sorted(path.name for path in newest.iterdir()) == ["Account.parquet", "manifest.json"]
    assert {item.object_name: item.failure for item in read_landing(newest).objects} == {
        "Account": "",
        "feeds.costs": "costs.csv, row 3: cannot be read",
    }


def test_an_object_that_is_not_optional_still_stops_the_extraction(deliver, tmp_path):
    extract = unreadable()
    with pytest.raises(SourceFormatError):
        deliver(type(extract)(extract.availability, extract.batches, is_complete=True))
    assert list((tmp_path / "landing").iterdir()) == []


@pytest.mark.parametrize("whole", [True, False])
def test_a_manifest_of_earlier_versions_which_was_complete_as_a_whole_is_still_read(deliver, tmp_path, whole):
    deliver(extract_of(ACCOUNT, [account_row("A")]))
    (folder,) = (tmp_path / "landing").iterdir()
    manifest = folder / "manifest.json"
    values = json.loads(manifest.read_text(encoding="utf-8"))
    for item in values["objects"]:
        del item["is_complete"], item["failure"]
    manifest.write_text(json.dumps({**values, "is_complete": whole}), encoding="utf-8")
    (landed,) = read_landing(folder).objects
    assert (landed.is_complete, landed.failure, landed.read_cnt) == (whole, "", 1)
