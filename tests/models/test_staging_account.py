"""Accounts on their way to staging: scope, merges, deletions."""

import pytest

from tests.factories import account, build, by_key, column, make_configuration, merged_account, opportunity


def aside(warehouse):
    return by_key(warehouse, "select record_id, disposition, reason from staging.account_set_aside")


def test_a_living_account_is_staged_under_its_id_when_it_has_no_name(warehouse):
    account(warehouse, "A", Name=None, IsDeleted=None)
    build(warehouse, "staging.account")
    assert warehouse.rows("select account_id, account_name from staging.account") == [("A", "A")]


@pytest.mark.parametrize(
    ("excluded", "fields"),
    [
        ({"types": ["Partner"]}, {"Type": "Partner"}),
        ({"record_type_ids": ["012"]}, {"RecordTypeId": "012"}),
        ({"names_containing": ["(test)"]}, {"Name": "Acme (test) Ltd"}),
        ({"ids": ["X"]}, {}),
        ({}, {"IsInternal": True}),
    ],
    ids=["type", "record type", "part of the name", "id", "internal flag"],
)
def test_scope_leaves_out_the_account_it_names_and_no_other(warehouse, excluded, fields):
    account(warehouse, "A", Type="Customer", RecordTypeId="011", IsInternal=False)
    account(warehouse, "N", Name=None)  # nothing known about it: in scope
    account(warehouse, "X", **fields)
    build(warehouse, "staging.account", configuration=make_configuration(scope={"exclude_accounts": excluded}))
    assert column(warehouse, "account_id", "staging.account") == ["A", "N"]
    assert aside(warehouse)["X"][0] == "out_of_scope"


def test_the_name_filter_minds_letter_case_and_takes_no_wildcards(warehouse):
    account(warehouse, "A", Name="Contest Ltd")
    account(warehouse, "B", Name="100 % Wool")
    scope = {"exclude_accounts": {"names_containing": ["Test", "1%"]}}
    build(warehouse, "staging.account", configuration=make_configuration(scope=scope))
    assert column(warehouse, "account_id", "staging.account") == ["A", "B"]


def test_a_deleted_or_vanished_account_is_set_aside_with_what_happened(warehouse):
    account(warehouse, "BIN", IsDeleted=True)
    account(warehouse, "GONE", _is_gone=True)
    build(warehouse, "staging.account")
    assert aside(warehouse) == {
        "BIN": ("deleted", "In the recycle bin."),
        "GONE": ("deleted", "No longer in the source."),
    }


def test_a_row_without_an_id_is_rejected(warehouse):
    account(warehouse, "no-id:0123")
    build(warehouse, "staging.account")
    assert aside(warehouse) == {"no-id:0123": ("rejected", "The row has no id.")}


def test_a_merge_is_followed_to_the_end_of_its_chain(warehouse):
    account(warehouse, "W")
    merged_account(warehouse, "L1", "W")
    merged_account(warehouse, "L2", "L1")
    merged_account(warehouse, "L3", "L2")
    account(warehouse, "CHILD", ParentId="L3")
    opportunity(warehouse, "o", "L2")
    build(warehouse, "staging.opportunity")
    assert by_key(warehouse, "select loser_id, winner_id from staging.account_merge") == dict.fromkeys(
        ["L1", "L2", "L3"], "W"
    )
    assert by_key(warehouse, "select account_id, parent_id from staging.account") == {"W": None, "CHILD": "W"}
    assert warehouse.rows("select opportunity_id, account_id from staging.opportunity") == [("o", "W")]
    assert aside(warehouse)["L3"] == ("merged", "Merged into W.")


def test_a_vanished_account_that_names_a_master_counts_as_merged(warehouse):
    account(warehouse, "W")
    account(warehouse, "L", MasterRecordId="W", _is_gone=True)
    build(warehouse, "staging.account")
    assert aside(warehouse)["L"][0] == "merged"


def test_a_living_account_that_names_a_master_stays(warehouse):
    account(warehouse, "W")
    account(warehouse, "A", MasterRecordId="W")
    build(warehouse, "staging.account")
    assert column(warehouse, "account_id", "staging.account") == ["A", "W"]


@pytest.mark.parametrize("circle", [("A", "B"), ("A", "B", "C")], ids=len)
def test_merges_that_lead_back_to_themselves_leave_deleted_accounts(warehouse, circle):
    for place, name in enumerate(circle):
        merged_account(warehouse, name, circle[(place + 1) % len(circle)])
    merged_account(warehouse, "TAIL", "A")
    opportunity(warehouse, "o", "A")
    build(warehouse, "staging.opportunity")
    assert {key: value[0] for key, value in aside(warehouse).items()} == dict.fromkeys([*circle, "TAIL"], "deleted")
    assert warehouse.rows("select disposition, lacks from staging.opportunity_set_aside") == [("rejected", "account")]


def test_an_account_merged_into_itself_is_deleted(warehouse):
    merged_account(warehouse, "A", "A")
    build(warehouse, "staging.account")
    assert aside(warehouse)["A"][0] == "deleted"


def test_a_deal_of_an_account_merged_into_a_deleted_one_is_rejected(warehouse):
    account(warehouse, "W", IsDeleted=True)
    merged_account(warehouse, "L", "W")
    opportunity(warehouse, "o", "L")
    build(warehouse, "staging.opportunity")
    assert warehouse.rows("select disposition, reason from staging.opportunity_set_aside") == [
        ("rejected", "Its account L has been deleted.")
    ]
