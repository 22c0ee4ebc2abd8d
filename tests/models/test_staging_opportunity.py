"""Deals on their way to staging: each reason to set one aside, and what won and lost mean."""

from itertools import product

import pytest

from tests.factories import account, build, by_key, column, make_configuration, merged_account, opportunity


def aside(warehouse):
    return by_key(warehouse, "select record_id, disposition, reason, lacks from staging.opportunity_set_aside")


@pytest.mark.parametrize(
    ("record_id", "account_id", "fields", "expected"),
    [
        ("o", "A", {"IsDeleted": True}, ("deleted", "In the recycle bin.", None)),
        ("o", "A", {"_is_gone": True}, ("deleted", "No longer in the source.", None)),
        ("no-id:1", "A", {}, ("rejected", "The row has no id.", None)),
        ("o", None, {}, ("rejected", "It has no account.", "account")),
        ("o", "GHOST", {}, ("rejected", "Its account GHOST is not in the source.", "account")),
        ("o", "BIN", {}, ("rejected", "Its account BIN has been deleted.", "account")),
        ("o", "PARTNER", {}, ("out_of_scope", "Its account PARTNER is out of scope.", None)),
        (
            "o", "A", {"CloseDate": None, "_unparsed": '{"CloseDate": "31/31/2026"}'},
            ("rejected", "CloseDate cannot be read as a date: 31/31/2026", None),
        ),
        (
            "o", "A", {"Amount": None, "_unparsed": '{"Amount": "a lot: 5"}'},
            ("rejected", "Amount cannot be read as a number: a lot: 5", "amount"),
        ),
        ("o", "A", {"CloseDate": None}, ("rejected", "It is closed and has no CloseDate.", None)),
        (
            "o", "A", {"Type": "Internal"},
            ("out_of_scope", "Left out by scope.exclude_opportunities in kam.yaml.", None),
        ),
        (
            "o", "A", {"RecordTypeId": "012"},
            ("out_of_scope", "Left out by scope.exclude_opportunities in kam.yaml.", None),
        ),
    ],
    ids=[
        "deleted", "gone", "no id", "no account", "unknown account", "deleted account", "account out of scope",
        "unreadable date", "unreadable amount", "closed without date", "type", "record type",
    ],
)  # fmt: skip
def test_each_reason_to_set_a_deal_aside(warehouse, record_id, account_id, fields, expected):
    account(warehouse, "A")
    account(warehouse, "BIN", IsDeleted=True)
    account(warehouse, "PARTNER", Type="Partner")
    opportunity(warehouse, "fine", "A")
    opportunity(warehouse, record_id, account_id, **fields)
    scope = {
        "exclude_accounts": {"types": ["Partner"]},
        "exclude_opportunities": {"types": ["Internal"], "record_type_ids": ["012"]},
    }
    build(warehouse, "staging.opportunity", configuration=make_configuration(scope=scope))
    assert aside(warehouse) == {record_id: expected}
    assert column(warehouse, "opportunity_id", "staging.opportunity") == ["fine"]


@pytest.mark.parametrize("fields", [{"IsDeleted": True}, {"Type": "Internal"}], ids=["deleted", "out of scope"])
def test_a_deal_that_does_not_count_lacks_nothing_even_where_its_amount_is_unreadable(warehouse, fields):
    account(warehouse, "A")
    opportunity(warehouse, "o", "A", Amount=None, _unparsed='{"Amount": "?"}', **fields)
    configuration = make_configuration(scope={"exclude_opportunities": {"types": ["Internal"]}})
    build(warehouse, "staging.opportunity", configuration=configuration)
    assert aside(warehouse)["o"][2] is None


def test_a_deal_of_a_merged_account_whose_winner_is_out_of_scope_is_out_of_scope(warehouse):
    account(warehouse, "W", IsInternal=True)
    merged_account(warehouse, "L", "W")
    opportunity(warehouse, "o", "L")
    build(warehouse, "staging.opportunity")
    assert aside(warehouse)["o"][0] == "out_of_scope"


def test_an_open_deal_may_lack_date_and_amount(warehouse):
    account(warehouse, "A")
    opportunity(warehouse, "o", "A", IsClosed=False, IsWon=False, StageName="Proposal", CloseDate=None, Amount=None)
    build(warehouse, "staging.opportunity")
    assert column(warehouse, "opportunity_id", "staging.opportunity") == ["o"]


def outcome(warehouse, configuration=None, **fields):
    account(warehouse, "A")
    opportunity(warehouse, "o", "A", **fields)
    build(warehouse, "staging.opportunity", configuration=configuration)
    return warehouse.rows("select is_closed, is_won from staging.opportunity")[0]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("Closed Won", (True, True)),
        ("Closed Lost", (True, False)),
        ("Negotiation", (False, False)),
        (None, (False, False)),
    ],
)
def test_without_flags_the_stage_says_won_and_lost(warehouse, stage, expected):
    assert outcome(warehouse, IsClosed=None, IsWon=None, StageName=stage) == expected


def test_stage_names_can_be_mapped(warehouse):
    stages = {"won": ["Signed"], "lost": ["Gone cold"]}
    configuration = make_configuration(mapping={"Opportunity": {"stages": stages}})
    assert outcome(warehouse, configuration, IsClosed=None, IsWon=None, StageName="Signed") == (True, True)


def test_flags_win_over_the_stage(warehouse):
    assert outcome(warehouse, IsClosed=True, IsWon=False, StageName="Closed Won") == (True, False)


def test_a_won_deal_is_closed_even_where_only_is_won_is_known(warehouse):
    assert outcome(warehouse, IsClosed=None, IsWon=True, StageName="Signed") == (True, True)


def test_no_deal_is_won_and_open_at_once_whatever_its_fields_say(warehouse):
    account(warehouse, "A")
    known = (None, False, True)
    for number, (closed, is_won, stage) in enumerate(product(known, known, (None, "Closed Won", "Closed Lost"))):
        opportunity(warehouse, f"o{number:02}", "A", IsClosed=closed, IsWon=is_won, StageName=stage)
    build(warehouse, "staging.opportunity")
    assert warehouse.value("select count(*) from staging.opportunity") == 27
    both = "select opportunity_id from staging.opportunity where is_won and not is_closed"
    assert warehouse.rows(both) == []


def test_a_won_deal_without_any_date_does_not_slip_through_where_only_is_won_is_known(warehouse):
    account(warehouse, "A")
    opportunity(warehouse, "o", "A", IsClosed=None, IsWon=True, StageName=None, CloseDate=None)
    build(warehouse, "staging.opportunity")
    assert aside(warehouse)["o"][0] == "rejected"
