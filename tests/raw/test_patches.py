"""Raw: new values of some columns for records whose other columns are known."""

import json

import pytest

from kam_pipeline.crm_schema import ACCOUNT, ACCOUNT_HISTORY
from tests.factories import account_row, by_key, patch_of


def kinds(counts):
    """Inserted, updated, unchanged, superseded; the rows of the patch are among those read."""
    assert counts.is_balanced
    return (counts.inserted_cnt, counts.updated_cnt, counts.unchanged_cnt, counts.superseded_cnt)


@pytest.fixture
def patch(deliver):
    """Deliver new values of some columns, and nothing else unless it is given."""

    def load(rows, *fields, records=(), **how):
        return deliver(records, is_complete=False, patch=patch_of(ACCOUNT, rows, *fields), **how)

    return load


def test_a_new_value_makes_a_new_version_with_the_other_columns_as_they_were(warehouse, deliver, patch):
    deliver([account_row("A", "Acme", Industry="Energy", Type="old"), account_row("B")])
    counts = patch([account_row("A", Type="new")], "Type")
    assert kinds(counts) == (0, 1, 0, 0)
    assert (counts.read_cnt, counts.patched_cnt, counts.unapplied_cnt) == (1, 1, 0)
    assert by_key(warehouse, "select Id, Name, Industry, Type, _run_id from raw.account")["A"] == (
        "Acme", "Energy", "new", "run-0001",
    )  # fmt: skip
    assert warehouse.rows("select Id, Type, _run_id from raw.account_superseded") == [("A", "old", "run-0000")]


def test_a_value_that_is_known_already_makes_none(warehouse, deliver, patch):
    deliver([account_row("A", Type="old")])
    assert kinds(patch([account_row("A", Type="old")], "Type")) == (0, 0, 1, 0)
    assert warehouse.value("select count(*) from raw.account_superseded") == 0


def test_a_value_may_be_taken_away(warehouse, deliver, patch):
    deliver([account_row("A", Type="old")])
    assert kinds(patch([account_row("A")], "Type")) == (0, 1, 0, 0)
    assert warehouse.value("select Type from raw.account") is None


@pytest.mark.parametrize("stamp", [0, 2, None], ids=["older", "newer", "none"])
def test_a_value_of_another_version_is_passed_over(warehouse, deliver, patch, stamp):
    deliver([account_row("A", Type="old")])
    counts = patch([account_row("A", stamp=stamp, Type="new")], "Type")
    assert (kinds(counts), counts.unapplied_cnt) == ((0, 0, 0, 1), 1)
    assert warehouse.value("select Type from raw.account") == "old"


def test_the_whole_record_counts_where_both_come(warehouse, deliver, patch):
    deliver([account_row("A", Type="old")])
    counts = patch([account_row("A", Type="of the patch")], "Type", records=[account_row("A", stamp=2, Type="whole")])
    assert kinds(counts) == (0, 1, 0, 1)
    assert warehouse.value("select Type from raw.account") == "whole"


def test_what_is_unknown_gone_or_going_takes_no_new_values(warehouse, deliver, patch):
    deliver([account_row("A"), account_row("B")])
    deliver([account_row("A")])
    rows = [account_row(name, Type="new") for name in ("A", "B", "C")]
    assert kinds(patch(rows, "Type", gone=["A"])) == (0, 0, 0, 3)
    assert by_key(warehouse, "select Id, Type, _is_gone from raw.account") == {"A": (None, True), "B": (None, True)}


def test_new_values_before_any_record_is_known_are_passed_over(warehouse, patch):
    assert kinds(patch([account_row("A", Type="new")], "Type")) == (0, 0, 0, 1)
    assert warehouse.value("select count(*) from raw.account") == 0


def test_of_one_record_patched_twice_one_row_counts(warehouse, deliver, patch):
    deliver([account_row("A")])
    assert kinds(patch([account_row("A", Type="a"), account_row("A", Type="b")], "Type")) == (0, 1, 0, 1)
    assert warehouse.value("select Type from raw.account") == "b"


def test_what_could_not_be_read_is_replaced_for_the_patched_fields_alone(warehouse, deliver, patch):
    deliver([account_row("A", _unparsed='{"AnnualRevenue":"1O0","NumberOfEmployees":"few"}')])
    patch([account_row("A", AnnualRevenue=100)], "AnnualRevenue")
    assert warehouse.rows("select AnnualRevenue, _unparsed from raw.account") == [(100, '{"NumberOfEmployees":"few"}')]
    patch([account_row("A", _unparsed='{"AnnualRevenue":"2O0"}')], "AnnualRevenue")
    assert warehouse.rows("select AnnualRevenue, _unparsed from raw.account") == [
        (None, '{"AnnualRevenue":"2O0","NumberOfEmployees":"few"}')
    ]


def test_custom_fields_that_a_patch_does_not_hold_stay_while_they_are_asked_for(warehouse, deliver, patch):
    deliver([account_row("A", _custom='{"Dropped__c":"d","Gone__c":"g","Tier__c":"1"}')])
    shown = {"Tier__c": "present", "New__c": "new", "Gone__c": "vanished"}
    counts = patch([account_row("A", _custom='{"New__c":"n"}')], "_custom", presence=shown)
    assert kinds(counts) == (0, 1, 0, 0)
    assert warehouse.value("select _custom from raw.account") == '{"Gone__c":"g","New__c":"n","Tier__c":"1"}'
    assert kinds(patch([account_row("A", _custom='{"New__c":"n"}')], "_custom", presence=shown)) == (0, 0, 1, 0)


def test_a_patched_record_that_is_read_again_whole_is_unchanged(warehouse, deliver, patch):
    deliver([account_row("A", Type="old")])
    patch([account_row("A", Type="new")], "Type")
    assert kinds(deliver([account_row("A", Type="new")], is_complete=False)) == (0, 0, 1, 0)


def test_an_object_without_such_a_stamp_is_patched_by_its_id(warehouse, deliver):
    deliver([{"Id": "h", "AccountId": "A", "Field": "Name"}], of=ACCOUNT_HISTORY)
    patch = patch_of(ACCOUNT_HISTORY, [{"Id": "h", "DataType": "Text"}], "DataType")
    assert kinds(deliver([], of=ACCOUNT_HISTORY, is_complete=False, patch=patch)) == (0, 1, 0, 0)
    assert warehouse.rows("select Field, DataType from raw.account_history") == [("Name", "Text")]


@pytest.mark.slow
def test_one_more_field_beside_hundreds_of_own_ones_is_patched_within_the_memory_of_a_night(warehouse, deliver, patch):
    """As many records as DuckDB works at in one go; an organisation may give an object 400 fields of its own."""
    known = {f"A_name_of_a_usual_length_{number:03}__c": "x" for number in range(400)}
    ids = [f"{number:04}" for number in range(2048)]
    before, after = (json.dumps(fields, separators=(",", ":")) for fields in (known, known | {"New__c": "n"}))
    deliver([account_row(name, _custom=before) for name in ids])
    shown = dict.fromkeys(known, "present") | {"New__c": "new"}
    counts = patch([account_row(name, _custom=after) for name in ids], "_custom", presence=shown)
    assert kinds(counts) == (0, 2048, 0, 0)
    assert warehouse.rows("select distinct _custom from raw.account") == [(after,)]
    lost = shown | {"A_name_of_a_usual_length_000__c": "vanished"}
    del known["A_name_of_a_usual_length_000__c"]
    without = json.dumps(known | {"New__c": "o"}, separators=(",", ":"))
    patch([account_row(name, _custom=without) for name in ids], "_custom", presence=lost)
    assert warehouse.rows("select distinct _custom from raw.account") == [(after.replace('"n"', '"o"'),)]
