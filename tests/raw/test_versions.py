"""Raw: what a delivery does to the versions of its records, and what was known when."""

import contextlib
import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as search
from hypothesis import strategies as st

from kam_pipeline.crm_schema import ACCOUNT
from kam_pipeline.errors import WarehouseError
from kam_pipeline.landing import write_landing
from kam_pipeline.raw import create_known_then, load_landing, make_raw_tables
from tests.factories import FIRST_EXTRACTION, account_row, by_key, clear, extract_of

FIRST_KNOWN = FIRST_EXTRACTION.replace(tzinfo=None)


def kinds(counts):
    return (counts.inserted_cnt, counts.updated_cnt, counts.unchanged_cnt, counts.superseded_cnt, counts.vanished_cnt)


def living(warehouse):
    return by_key(warehouse, "select Id, Name, _is_gone from raw.account")


@contextlib.contextmanager
def known_then(warehouse, cut):
    """The accounts as known at a moment: id to name and whether it was gone."""
    warehouse.connection.execute("attach ':memory:' as scratch")
    try:
        create_known_then(warehouse, "scratch", cut)
        yield by_key(warehouse, "select Id, Name, _is_gone from scratch.raw.account")
    finally:
        warehouse.connection.execute("detach scratch")


def test_the_first_delivery_inserts_everything(warehouse, deliver):
    counts = deliver([account_row("A", "a"), account_row("B", "b")])
    assert kinds(counts) == (2, 0, 0, 0, 0)
    assert living(warehouse) == {"A": ("a", False), "B": ("b", False)}


def test_a_second_delivery_updates_what_changed_and_leaves_the_rest(warehouse, deliver):
    deliver([account_row("A", "old"), account_row("B")])
    counts = deliver([account_row("A", "new", 2), account_row("B"), account_row("C")])
    assert kinds(counts) == (1, 1, 1, 0, 0)
    assert living(warehouse)["A"] == ("new", False)
    rows = warehouse.rows("select Id, Name, _run_id, _superseded_at from raw.account_superseded")
    assert rows == [("A", "old", "run-0000", FIRST_KNOWN + timedelta(days=1))]
    assert warehouse.value("select _run_id from raw.account where Id = 'B'") == "run-0000"


def test_a_change_without_a_new_stamp_is_a_change_all_the_same(warehouse, deliver):
    deliver([account_row("A", "old")])
    assert kinds(deliver([account_row("A", "new")])) == (0, 1, 0, 0, 0)


def test_a_change_to_or_from_nothing_is_a_change(warehouse, deliver):
    deliver([account_row("A", None)])
    assert kinds(deliver([account_row("A", "named")])) == (0, 1, 0, 0, 0)
    assert kinds(deliver([account_row("A", None)])) == (0, 1, 0, 0, 0)


def test_an_older_stamp_that_arrives_late_is_ignored(warehouse, deliver):
    deliver([account_row("A", "new", 5)])
    assert kinds(deliver([account_row("A", "old", 4)])) == (0, 0, 0, 1, 0)
    assert living(warehouse) == {"A": ("new", False)}


def test_a_record_that_a_complete_delivery_lacks_is_gone_with_its_last_values(warehouse, deliver):
    deliver([account_row("A", "a"), account_row("B")])
    assert kinds(deliver([account_row("B")])) == (0, 0, 1, 0, 1)
    assert living(warehouse)["A"] == ("a", True)
    assert kinds(deliver([account_row("B")])) == (0, 0, 1, 0, 0)  # gone once, not every night


def test_a_record_that_returns_lives_again(warehouse, deliver):
    deliver([account_row("A", "a")])
    deliver([account_row("B")])
    assert kinds(deliver([account_row("A", "a"), account_row("B")])) == (0, 1, 1, 0, 0)
    assert living(warehouse)["A"] == ("a", False)


def test_a_delivery_that_is_not_complete_takes_nothing_away(warehouse, deliver):
    deliver([account_row("A")])
    assert kinds(deliver([account_row("B")], is_complete=False)) == (1, 0, 0, 0, 0)
    assert living(warehouse)["A"][1] is False


def test_a_record_in_the_recycle_bin_does_not_vanish_when_the_bin_is_emptied(warehouse, deliver):
    deliver([account_row("A", IsDeleted=True), account_row("B")])
    assert deliver([account_row("B")]).vanished_cnt == 0


def test_an_object_that_a_delivery_lacks_altogether_keeps_its_records(warehouse, land):
    load_landing(warehouse, land([account_row("A")]))
    assert load_landing(warehouse, land(None)) == []
    assert living(warehouse) == {"A": ("x", False)}
    rows = warehouse.rows("select run_id, is_present from raw.load where object = 'Account' order by known_at")
    assert rows == [("run-0000", True), ("run-0001", False)]


@pytest.mark.parametrize("order", [1, -1], ids=["as sent", "turned round"])
def test_of_one_id_sent_twice_the_newest_stamp_wins_in_any_order(warehouse, deliver, order):
    rows = [account_row("A", "old", 1), account_row("A", "new", 3), account_row("A", "middle", 2), account_row("B")]
    counts = deliver(rows[::order])
    assert kinds(counts) == (2, 0, 0, 2, 0)
    assert counts.is_balanced
    assert living(warehouse)["A"] == ("new", False)
    assert warehouse.rows("select object, record_id, version_cnt from raw.duplicate") == [("Account", "A", 3)]


@pytest.mark.parametrize("order", [1, -1], ids=["as sent", "turned round"])
@pytest.mark.parametrize("stamp", [1, None], ids=["equal stamps", "no stamps"])
def test_between_equal_stamps_the_order_of_rows_does_not_matter(warehouse, deliver, order, stamp):
    deliver([account_row("A", "one", stamp), account_row("A", "two", stamp)][::order])
    assert living(warehouse) == {"A": ("two", False)}


def test_a_stamp_wins_over_none(warehouse, deliver):
    deliver([account_row("A", "unstamped", None), account_row("A", "stamped", 1)])
    assert living(warehouse) == {"A": ("stamped", False)}


def test_a_row_without_an_id_is_kept_under_one_made_from_its_content(warehouse, deliver):
    rows = [account_row(None, "x"), account_row(None, "x"), account_row(None, "y")]
    counts = deliver(rows)
    assert kinds(counts) == (2, 0, 0, 1, 0)
    assert all(record_id.startswith("no-id:") for record_id in living(warehouse))
    assert kinds(deliver(rows)) == (0, 0, 2, 1, 0)  # the same row is the same record


def test_the_same_landing_loaded_twice_changes_nothing(warehouse, land):
    load_landing(warehouse, land([account_row("A"), account_row("B")]))
    second = land([account_row("A", "new", 2)])
    load_landing(warehouse, second)
    tables = ("account", "account_superseded", "load", "field_presence", "duplicate")
    before = [warehouse.rows(f"select * from raw.{table} order by all") for table in tables]
    assert load_landing(warehouse, second) == []
    assert [warehouse.rows(f"select * from raw.{table} order by all") for table in tables] == before


def test_a_delivery_extracted_earlier_but_loaded_later_becomes_known_later(warehouse, tmp_path, land):
    load_landing(warehouse, land([account_row("A")]))
    earlier = write_landing(
        tmp_path / "landing",
        run_id="earlier",
        extracted_at=FIRST_EXTRACTION - timedelta(days=9),
        source="files: made up",
        extracts=[extract_of(ACCOUNT, [account_row("B")], is_complete=False)],
    )
    load_landing(warehouse, earlier)
    with known_then(warehouse, FIRST_KNOWN) as then:
        assert set(then) == {"A"}


def test_a_load_that_fails_leaves_everything_as_it_was(warehouse, land):
    load_landing(warehouse, land([account_row("A")]))
    landing = land([account_row("A", "new", 2), account_row("B")])
    wrong = type(landing.objects[0])(**{**vars(landing.objects[0]), "read_cnt": 5})
    with pytest.raises(WarehouseError, match="does not add up"):
        load_landing(warehouse, type(landing)(**{**vars(landing), "objects": (wrong,)}))
    assert living(warehouse) == {"A": ("x", False)}
    assert warehouse.value("select count(distinct run_id) from raw.load") == 1
    load_landing(warehouse, landing)  # and the right one can still be loaded
    assert living(warehouse)["A"] == ("new", False)


def test_a_field_that_the_declaration_gains_is_added_to_the_tables(warehouse, deliver):
    deliver([account_row("A")])
    warehouse.connection.execute("alter table raw.account drop column Industry")
    warehouse.connection.execute("alter table raw.account_superseded drop column Industry")
    make_raw_tables(warehouse)
    assert kinds(deliver([account_row("A", Industry="Steel", stamp=2)])) == (0, 1, 0, 0, 0)
    assert warehouse.value("select Industry from raw.account") == "Steel"


# --- laws ------------------------------------------------------------------------------------------------------------

rows = st.builds(account_row, st.sampled_from([None, "A", "B", "C"]), st.sampled_from("xyz"), st.integers(1, 3))
deliveries = st.lists(st.tuples(st.lists(rows, max_size=6), st.booleans()), min_size=3, max_size=3)


def newest(rows):
    """One row per id: the newest stamp, then the name that sorts last."""
    found = {}
    for row in sorted(rows, key=lambda row: (row["SystemModstamp"], row["Name"])):
        found[row["Id"]] = row
    return found


def after(state, rows, is_complete):
    """What is known after a delivery, in plain Python: id to row and whether it is gone."""
    known = dict(state)
    sent = newest(rows)
    for record_id, row in sent.items():
        before, was_gone = known.get(record_id, (row, True))
        # a record that returns lives again, whatever its stamp
        if was_gone or row["SystemModstamp"] >= before["SystemModstamp"]:
            known[record_id] = (row, False)
    if is_complete:
        known |= {record_id: (row, True) for record_id, (row, _) in known.items() if record_id not in sent}
    return known


def names(state):
    return {record_id: (row["Name"], gone) for record_id, (row, gone) in state.items()}


@search(max_examples=10)
@given(deliveries)
def test_every_row_is_accounted_for_and_each_cut_shows_what_was_known_then(reused_warehouse, tmp_path_factory, sent):
    warehouse = reused_warehouse
    clear(warehouse)
    folder = tmp_path_factory.mktemp("landing")
    states = [{}]
    for day, (delivered, is_complete) in enumerate(sent):
        # the content of a row without an id is its id, which the model below does not follow
        delivered = [row for row in delivered if row["Id"] is not None] if day else delivered
        landing = write_landing(
            folder, run_id=f"run-{day}", extracted_at=FIRST_EXTRACTION + timedelta(days=day), source="s",
            extracts=[extract_of(ACCOUNT, delivered, is_complete=is_complete)],
        )  # fmt: skip
        (counts,) = load_landing(warehouse, landing)
        assert counts.read_cnt == len(delivered)
        assert counts.is_balanced
        states.append(after(states[-1], [row for row in delivered if row["Id"] is not None], is_complete))
    for day, state in enumerate(states[1:]):
        for moment in (timedelta(0), timedelta(hours=23)):
            with known_then(warehouse, FIRST_KNOWN + timedelta(days=day) + moment) as then:
                with_id = {record_id: values for record_id, values in then.items() if not record_id.startswith("no-id")}
                assert with_id == names(state)
    with known_then(warehouse, FIRST_KNOWN - timedelta(microseconds=1)) as then:
        assert then == {}


def test_before_a_cut_its_bookkeeping_is_hidden_too(warehouse, deliver):
    deliver([account_row("A"), account_row("A", stamp=2)])
    deliver([account_row("A", stamp=2), account_row("B"), account_row("B")])
    warehouse.connection.execute("attach ':memory:' as scratch")
    create_known_then(warehouse, "scratch", FIRST_KNOWN)
    assert warehouse.rows("select distinct run_id from scratch.raw.load") == [("run-0000",)]
    assert warehouse.rows("select record_id from scratch.raw.duplicate") == [("A",)]
    warehouse.connection.execute("detach scratch")


def test_the_id_made_for_a_row_without_one_is_the_same_as_before_there_were_custom_columns(warehouse, deliver):
    deliver([account_row(None, stamp=None)])
    others = len(ACCOUNT.fields) - 4  # after Id, IsDeleted, MasterRecordId and Name
    content = "|||x" + "|" * others + "|"  # and what could not be read
    [(record_id,)] = warehouse.rows("select Id from raw.account")
    assert record_id == "no-id:" + hashlib.md5(content.encode()).hexdigest()
