"""Decisions about customers: which rows of the file can be used, for whom, and what is said of the others."""

import pytest

from tests.factories import (
    ALL_FEEDS,
    account,
    build,
    by_key,
    clear,
    feed_row,
    feeds_loaded,
    make_configuration,
    merged_account,
)

FEEDS = make_configuration(feeds=ALL_FEEDS)
LONG, SHORT = "001000000000001AAA", "001000000000001"


@pytest.fixture
def company(reused_warehouse):
    """Customers A and B, and C with its child D."""
    clear(reused_warehouse)
    for name in "ABC":
        account(reused_warehouse, name)
    account(reused_warehouse, "D", ParentId="C")
    feeds_loaded(reused_warehouse)
    return reused_warehouse


def decide(warehouse, row, name, status="key_account", since="2026-01-01", until=None, **fields):
    """A row of the file; overrides have a reason and a name, unless said otherwise."""
    given = {"reason": "why", "approved_by": "Ann", **fields}
    feed_row(warehouse, "decisions", row, name, status=status, since=since, until=until, **given)


def fates(warehouse):
    """Per row: its status, problem and reason."""
    build(warehouse, "core.decision", configuration=FEEDS)
    return by_key(warehouse, "select record_id, status, problem, reason from core.feed_row")


def used(warehouse, columns="group_id"):
    build(warehouse, "core.decision", configuration=FEEDS)
    return by_key(warehouse, f"select decision_id, {columns} from core.decision")


def problems(warehouse):
    return {row: (problem, reason) for row, (_, problem, reason) in fates(warehouse).items() if problem}


# --- whose they are ------------------------------------------------------------------------------------------------


def test_a_decision_is_about_the_group_of_the_account(company):
    decide(company, "row", "D")
    assert used(company, "group_id, account_id, written_id, is_merged") == {"row": ("C", "D", "D", False)}


def test_a_decision_about_a_merged_account_is_followed_to_the_one_it_became_and_says_so(company):
    merged_account(company, LONG, "B")
    decide(company, "long", LONG, since="2026-01-01", until="2026-02-01")
    decide(company, "short", SHORT, since="2026-02-01")
    assert used(company, "account_id, written_id, is_merged") == {
        "long": ("B", LONG, True),
        "short": ("B", SHORT, True),
    }


def test_fifteen_characters_of_a_living_account_are_no_merge(company):
    account(company, LONG)
    decide(company, "row", SHORT)
    assert used(company, "account_id, is_merged") == {"row": (LONG, False)}


def test_an_external_id_is_merged_where_no_living_account_bears_it(company):
    for loser, winner, shared in (("L1", "W1", True), ("L2", "W2", False)):
        merged_account(company, loser, winner, ExternalId=f"ERP {loser}")
        account(company, winner, ExternalId=f"ERP {loser}" if shared else None)
        decide(company, winner, f"ERP {loser}")
    assert used(company, "account_id, is_merged") == {"W1": ("W1", False), "W2": ("W2", True)}


# --- what a row must say ---------------------------------------------------------------------------------------------


def test_letter_case_blanks_and_hyphens_of_a_status_play_no_part(company):
    for row, written in (("A", " Key Account "), ("B", "KEY-ACCOUNT"), ("C", "key_account")):
        decide(company, row, row, written)
    assert used(company, "status") == dict.fromkeys("ABC", "key_account")


BAD_ROWS = {
    "near": (
        {"status": "keyaccount"},
        "Its status keyaccount is none of key_account, include, exclude; did you mean key_account? (account A).",
    ),
    "misspelt": (
        {"status": "exlude"},
        "Its status exlude is none of key_account, include, exclude; did you mean exclude? (account A).",
    ),
    "far": ({"status": "gold"}, "Its status gold is none of key_account, include, exclude (account A)."),
    "blank": ({"status": " "}, "status is empty in a row of A."),
    "undated": ({"since": None}, "since is empty in a row of A."),
    "ended": ({"until": "2026-01-01"}, "Its until 2026-01-01 is not after its since 2026-01-01 (account A)."),
    "unreasoned": ({"status": "include", "reason": " "}, "reason is empty in a row of A."),
    "unapproved": ({"status": "exclude", "approved_by": None}, "approved_by is empty in a row of A."),
    "unknown": ({"name": "nobody"}, "Its account nobody is not in the source."),
    "unread": (
        {"_unparsed": '{"since":"soon"}', "since": None},
        'It cannot be read: {"since":"soon"}; see date_formats and decimal_separator of feeds.decisions in kam.yaml.',
    ),
}


def test_a_row_that_cannot_be_used_is_rejected_with_its_reason(company):
    for row, (fields, _) in BAD_ROWS.items():
        decide(company, row, **{"name": "A", **fields})
    found = problems(company)
    assert {row: reason for row, (_, reason) in found.items()} == {row: reason for row, (_, reason) in BAD_ROWS.items()}
    assert {problem for problem, _ in found.values()} == {
        "out_of_range", "incomplete", "unknown_account", "unreadable",
    }  # fmt: skip
    assert company.rows("select * from core.decision") == []


def test_a_designation_needs_neither_reason_nor_approval(company):
    decide(company, "row", "A", reason=None, approved_by=None)
    assert used(company, "reason, approved_by") == {"row": (None, None)}


# --- rows beside one another -----------------------------------------------------------------------------------------


def test_of_designations_that_overlap_the_one_that_begins_last_counts_from_where_the_first_began(company):
    decide(company, "old", "A", since="2025-01-01", until="2027-01-01")
    decide(company, "new", "A", since="2026-01-01", until="2026-06-01")
    assert problems(company) == {
        "old": (
            "duplicate",
            "Account A is designated again from 2026-01-01; that row counts, also for the days before.",
        )
    }
    days = company.rows("select since_on::text, holds_from_on::text, until_on::text from core.decision")
    assert days == [("2026-01-01", "2025-01-01", "2026-06-01")]


def test_a_designation_that_begins_when_the_last_one_ended_is_no_duplicate(company):
    decide(company, "old", "A", since="2025-01-01", until="2026-01-01")
    decide(company, "new", "A", since="2026-01-01")
    assert used(company, "holds_from_on::text") == {"old": "2025-01-01", "new": "2026-01-01"}


def test_of_equal_designations_the_first_id_counts_and_of_unequal_ends_the_last(company):
    decide(company, "1", "A")
    decide(company, "2", "A")
    decide(company, "3", "B", until="2026-05-01")
    decide(company, "4", "B")
    assert used(company, "account_id") == {"1": "A", "4": "B"}


def test_a_merge_can_make_two_designations_one(company):
    merged_account(company, LONG, "B")
    decide(company, "of the loser", LONG, since="2025-01-01")
    decide(company, "of the winner", "B")
    assert used(company, "account_id, holds_from_on::text") == {"of the winner": ("B", "2025-01-01")}


def test_designations_of_two_accounts_of_one_group_are_no_duplicates(company):
    decide(company, "top", "C")
    decide(company, "child", "D")
    assert used(company) == {"top": "C", "child": "C"}


def test_rows_that_include_and_exclude_a_group_at_once_are_told_and_judged_by_date(company):
    decide(company, "in", "C", "include", since="2026-01-01")
    decide(company, "out", "D", "exclude", since="2026-03-01", until="2026-04-01")
    decide(company, "key", "C")
    found = problems(company)
    assert {row: problem for row, (problem, _) in found.items()} == {"in": "contradictory", "out": "contradictory"}
    assert found["in"][1] == (
        "Its customer is included and excluded at once; on days on which both hold neither counts. End the other row "
        "(account D, since 2026-03-01) or this one before the other begins."
    )
    # what holds on a date is for marts.designation, which knows the date and the bounds
    assert used(company) == {"in": "C", "out": "C", "key": "C"}


def test_a_group_may_be_excluded_from_the_day_on_which_it_is_no_longer_included(company):
    decide(company, "in", "C", "include", since="2026-01-01", until="2026-03-01")
    decide(company, "out", "C", "exclude", since="2026-03-01")
    assert used(company, "status") == {"in": "include", "out": "exclude"}
