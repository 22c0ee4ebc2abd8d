"""Raw: deliveries of what is new alone: overlaps, ids that are gone, fields that the source no longer shows."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as search
from hypothesis import strategies as st

from kam_pipeline.crm_schema import ACCOUNT, ACCOUNT_HISTORY, FISCAL_YEAR_SETTINGS, OPPORTUNITY_HISTORY, ORDER
from kam_pipeline.landing import write_landing
from kam_pipeline.raw import load_landing
from tests.factories import FIRST_EXTRACTION, account_row, by_key, clear, extract_of, patch_of, utc


def kinds(counts):
    return (counts.inserted_cnt, counts.updated_cnt, counts.unchanged_cnt, counts.superseded_cnt, counts.vanished_cnt)


def living(warehouse):
    return by_key(warehouse, "select Id, Name, _is_gone from raw.account")


# --- overlaps --------------------------------------------------------------------------------------------------------


def test_a_record_read_again_unchanged_makes_no_version(warehouse, deliver):
    rows = [account_row("A", _custom='{"Tier__c":"1"}', _unparsed='{"Amount":"x"}'), account_row("B")]
    deliver(rows)
    assert kinds(deliver(rows, is_complete=False)) == (0, 0, 2, 0, 0)
    assert warehouse.value("select count(*) from raw.account_superseded") == 0


def test_what_a_record_holds_beside_its_fields_counts_however_it_is_written(warehouse, deliver):
    deliver([account_row("A", _custom='{"A__c":"1","B__c":null}', _unparsed='{"Type":"x","Name":"y"}')])
    same = account_row("A", _custom='{"B__c": null, "A__c": "1"}', _unparsed='{"Name":"y","Type":"x"}')
    assert kinds(deliver([same], is_complete=False)) == (0, 0, 1, 0, 0)
    other = account_row("A", _custom='{"A__c":"2","B__c":null}', _unparsed='{"Type":"x","Name":"y"}')
    assert kinds(deliver([other], is_complete=False)) == (0, 1, 0, 0, 0)
    assert warehouse.value("select _custom from raw.account") == '{"A__c":"2","B__c":null}'


def test_an_older_state_read_late_does_not_replace_the_newer(warehouse, deliver):
    deliver([account_row("A", "new", stamp=2)])
    assert kinds(deliver([account_row("A", "old", stamp=1)], is_complete=False)) == (0, 0, 0, 1, 0)
    assert living(warehouse) == {"A": ("new", False)}


# --- gone ------------------------------------------------------------------------------------------------------------


def test_ids_that_the_source_says_are_gone_are_gone_and_others_stay(warehouse, deliver):
    deliver([account_row("A"), account_row("B")])
    counts = deliver([], is_complete=False, gone=["A", "never known"])
    assert kinds(counts) == (0, 0, 0, 0, 1)
    assert counts.gone_cnt == 2
    assert living(warehouse) == {"A": ("x", True), "B": ("x", False)}
    assert kinds(deliver([], is_complete=False, gone=["A"])) == (0, 0, 0, 0, 0)


def test_a_record_that_is_gone_and_among_the_records_is_there(warehouse, deliver):
    deliver([account_row("A")])
    assert kinds(deliver([account_row("A")], is_complete=False, gone=["A"])) == (0, 0, 1, 0, 0)
    assert living(warehouse) == {"A": ("x", False)}


def test_a_record_in_the_recycle_bin_stays_as_it_was_when_the_bin_is_emptied(warehouse, deliver):
    deliver([account_row("A", IsDeleted=True)])
    assert kinds(deliver([], is_complete=False, gone=["A"])) == (0, 0, 0, 0, 0)
    assert living(warehouse) == {"A": ("x", False)}


@pytest.mark.parametrize("stamp", [1, 2], ids=["with its old stamp", "with a new stamp"])
def test_a_record_that_was_gone_comes_back(warehouse, deliver, stamp):
    deliver([account_row("A")])
    deliver([], is_complete=False, gone=["A"])
    assert kinds(deliver([account_row("A", "back", stamp)], is_complete=False)) == (0, 1, 0, 0, 0)
    assert living(warehouse) == {"A": ("back", False)}


def test_a_deleted_record_that_is_undeleted_lives_again(warehouse, deliver):
    deliver([account_row("A")])
    deliver([account_row("A", stamp=2, IsDeleted=True)], is_complete=False)
    assert kinds(deliver([account_row("A", stamp=3, IsDeleted=False)], is_complete=False)) == (0, 1, 0, 0, 0)
    assert warehouse.rows("select IsDeleted, _is_gone from raw.account") == [(False, False)]
    assert warehouse.value("select count(*) from raw.account_superseded") == 2


# --- fields that vanish ----------------------------------------------------------------------------------------------


def test_a_vanished_field_keeps_its_last_known_value_and_new_records_have_none(warehouse, deliver):
    deliver([account_row("A", Industry="Energy"), account_row("B", Industry="Food")])
    changed = [account_row("A", "renamed", 2), account_row("C")]
    assert kinds(deliver(changed, is_complete=False, presence={"Industry": "vanished"})) == (1, 1, 0, 0, 0)
    assert by_key(warehouse, "select Id, Name, Industry from raw.account") == {
        "A": ("renamed", "Energy"), "B": ("x", "Food"), "C": ("x", None),
    }  # fmt: skip


def test_a_record_that_differs_in_nothing_but_a_vanished_field_is_unchanged(warehouse, deliver):
    deliver([account_row("A", Industry="Energy")])
    assert kinds(deliver([account_row("A")], presence={"Industry": "vanished"})) == (0, 0, 1, 0, 0)
    # a field that is simply absent is another matter: nobody says that it was there
    assert kinds(deliver([account_row("A")], presence={"Industry": "absent"})) == (0, 1, 0, 0, 0)


def test_what_could_not_be_read_of_a_vanished_field_stays_too(warehouse, deliver):
    deliver([account_row("A", _unparsed='{"AnnualRevenue":"1O0","NumberOfEmployees":"few"}')])
    row = account_row("A", stamp=2, _unparsed='{"NumberOfEmployees":"many"}')
    deliver([row], is_complete=False, presence={"AnnualRevenue": "vanished"})
    assert warehouse.value("select _unparsed from raw.account") == '{"AnnualRevenue":"1O0","NumberOfEmployees":"many"}'


def test_a_vanished_custom_field_keeps_its_last_known_value_beside_the_others(warehouse, deliver):
    deliver([account_row("A", _custom='{"Region__c":"\\"N\\"","Tier__c":"1"}')])
    shown = {"Region__c": "vanished", "Tier__c": "present"}
    deliver([account_row("A", stamp=2, _custom='{"Tier__c":"2"}')], is_complete=False, presence=shown)
    assert warehouse.value("select _custom from raw.account") == '{"Region__c":"\\"N\\"","Tier__c":"2"}'
    # nobody asks for it any more
    deliver([account_row("A", stamp=3, _custom='{"Tier__c":"2"}')], is_complete=False, presence={"Tier__c": "present"})
    assert warehouse.value("select _custom from raw.account") == '{"Tier__c":"2"}'


# --- objects with fewer stamps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", [OPPORTUNITY_HISTORY, ACCOUNT_HISTORY, FISCAL_YEAR_SETTINGS, ORDER])
def test_objects_with_fewer_stamps_merge_like_any_other(warehouse, deliver, declared):
    first = [{"Id": "1", "Name": "a", "Field": "a", "StageName": "a"}, {"Id": "2"}]
    assert kinds(deliver(first, of=declared)) == (2, 0, 0, 0, 0)
    other = [{"Id": "1", "Name": "b", "Field": "b", "StageName": "b"}, {"Id": "2"}, {"Id": "3"}]
    assert kinds(deliver(other, of=declared, is_complete=False)) == (1, 1, 1, 0, 0)
    assert kinds(deliver(other[:2], of=declared)) == (0, 0, 2, 0, 1)


def test_history_is_ordered_by_the_stamp_it_has(warehouse, deliver):
    def row(stage, hour):
        return {"Id": "1", "StageName": stage, "SystemModstamp": utc(2026, 1, 1, hour)}

    deliver([row("new", 2)], of=OPPORTUNITY_HISTORY)
    assert kinds(deliver([row("old", 1)], of=OPPORTUNITY_HISTORY, is_complete=False)) == (0, 0, 0, 1, 0)


# --- the law ---------------------------------------------------------------------------------------------------------

IDS = "ABCDE"
changes = st.tuples(st.sampled_from(IDS), st.sampled_from(["write", "bin", "purge", "formula"]), st.sampled_from("xyz"))
nights = st.lists(st.tuples(st.lists(changes, max_size=4), st.integers(0, 2)), min_size=3, max_size=4)


class Organisation:
    """A CRM in plain Python: what happened, hour by hour, and what a reading of the last hours sends."""

    def __init__(self):
        self.hour = 1
        self.records = {}
        self.purged = {}

    def happen(self, record_id, what, name):
        self.hour += 1
        if what == "write":
            formula = self.records.get(record_id, {}).get("Industry")
            self.records[record_id] = account_row(record_id, name, self.hour, IsDeleted=False, Industry=formula)
            self.purged.pop(record_id, None)
        elif record_id in self.records and what == "bin":
            self.records[record_id] = {
                **self.records[record_id],
                **account_row(record_id, name, self.hour, IsDeleted=True),
            }
        elif record_id in self.records and what == "purge":
            del self.records[record_id]
            self.purged[record_id] = self.hour
        elif record_id in self.records:
            # a formula moves no stamp
            self.records[record_id] = {**self.records[record_id], "Industry": name}

    def since(self, hour):
        begin = account_row("", stamp=hour)["SystemModstamp"]
        rows = [row for row in self.records.values() if row["SystemModstamp"] >= begin]
        gone = [record_id for record_id, at in self.purged.items() if at >= hour]
        patch = patch_of(ACCOUNT, list(self.records.values()), "Industry")
        return extract_of(ACCOUNT, rows, len(rows), is_complete=False, gone=gone, patch=patch)


@search(max_examples=6)
@given(nights)
def test_overlapping_nights_leave_what_the_organisation_holds(reused_warehouse, tmp_path_factory, happened):
    leaves_what_the_organisation_holds(reused_warehouse, tmp_path_factory.mktemp("landing"), happened)


@pytest.mark.slow
@search(max_examples=60)
@given(nights)
def test_many_overlapping_nights_leave_what_the_organisation_holds(reused_warehouse, tmp_path_factory, happened):
    leaves_what_the_organisation_holds(reused_warehouse, tmp_path_factory.mktemp("landing"), happened)


def leaves_what_the_organisation_holds(warehouse, folder, happened):
    clear(warehouse)
    organisation, read_upto = Organisation(), 0
    for night, (events, overlap) in enumerate(happened):
        for event in events:
            organisation.happen(*event)
        # twice: an interrupted night begins again with the same window
        for attempt in range(2):
            landing = write_landing(
                folder, run_id=f"run-{night}-{attempt}", source="s",
                extracted_at=FIRST_EXTRACTION + timedelta(days=night, hours=attempt),
                extracts=[organisation.since(read_upto - overlap)],
            )  # fmt: skip
            (counts,) = load_landing(warehouse, landing)
            assert counts.is_balanced
            if attempt:
                assert (counts.inserted_cnt, counts.updated_cnt, counts.vanished_cnt) == (0, 0, 0)
        read_upto = organisation.hour
        there = by_key(
            warehouse,
            "select Id, Name, IsDeleted, Industry, SystemModstamp from raw.account "
            "where not _is_gone and not IsDeleted",
        )
        wanted = {
            record_id: tuple(row[field] for field in ("Name", "IsDeleted", "Industry", "SystemModstamp"))
            for record_id, row in organisation.records.items()
            if not row["IsDeleted"]
        }
        assert there == wanted
