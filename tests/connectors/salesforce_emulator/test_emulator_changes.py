"""What users do to records of the emulator, and who sees what of it afterwards."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.ids import is_id
from connectors.salesforce_emulator.org import Features, Org


@pytest.fixture
def org() -> Iterator[Org]:
    made = Org(clock=Clock(datetime(2026, 7, 1, 8, 0, 0, 900_000, tzinfo=UTC), ticking=False))
    yield made
    made.close()


@pytest.fixture
def seen(org):
    """Ids that a query sees."""

    def ids(sobject, *, include_deleted=False):
        found = org.query(f"SELECT Id FROM {sobject}", include_deleted=include_deleted, version=66.0)
        return [record["Id"] for record in found.records(0, found.row_cnt)]

    return ids


@pytest.fixture
def record(org):
    """One record with some of its fields, deleted or not."""

    def values(sobject, record_id, *fields):
        soql = f"SELECT {', '.join(fields)} FROM {sobject} WHERE Id = '{record_id}'"
        (found,) = org.query(soql, include_deleted=True, version=66.0).records(0, 2)
        return tuple(found[field] for field in fields)

    return values


def test_a_new_record_has_an_id_with_the_right_checksum_and_stamps_in_whole_seconds(org, record):
    account = org.insert("Account", {"Name": "A"})
    assert account.startswith("001")
    assert is_id(account)
    assert org.insert("Account", {"Name": "B"}) != account
    now = "2026-07-01T08:00:00.000+0000"
    assert record("Account", account, "CreatedDate", "LastModifiedDate", "SystemModstamp", "IsDeleted") == (
        *(now,) * 3,
        False,
    )


def test_a_change_moves_the_stamps_but_not_the_creation(org, record):
    account = org.insert("Account", {"Name": "A"})
    org.clock.advance(hours=1)
    org.update("Account", account, {"Name": "B"})
    found = record("Account", account, "Name", "CreatedDate", "SystemModstamp")
    assert found == ("B", "2026-07-01T08:00:00.000+0000", "2026-07-01T09:00:00.000+0000")


def test_an_unknown_field_or_record_is_refused(org):
    account = org.insert("Account", {"Name": "A"})
    with pytest.raises(RefusalError, match="No such column 'Nope'"):
        org.update("Account", account, {"Nope": "x"})
    with pytest.raises(RefusalError, match="NOT_FOUND"):
        org.update("Account", "001Em0000000009IAA", {"Name": "x"})


def test_a_deleted_record_is_only_seen_by_query_all(org, seen, record):
    account = org.insert("Account", {"Name": "A"})
    org.clock.advance(minutes=1)
    org.delete("Account", account)
    assert seen("Account") == []
    assert seen("Account", include_deleted=True) == [account]
    assert record("Account", account, "IsDeleted", "SystemModstamp", "Name") == (
        True,
        "2026-07-01T08:01:00.000+0000",
        "A",
    )
    with pytest.raises(RefusalError, match="ENTITY_IS_DELETED"):
        org.update("Account", account, {"Name": "B"})


def test_the_children_of_an_account_go_and_come_back_with_it(org, seen, record):
    account = org.insert("Account", {"Name": "A"})
    deal = org.insert("Opportunity", {"Name": "D", "AccountId": account, "StageName": "Open"})
    line = org.insert("OpportunityLineItem", {"OpportunityId": deal, "Quantity": "1"})
    gone_before = org.insert("Contact", {"LastName": "C", "AccountId": account})
    org.delete("Contact", gone_before)
    org.delete("Account", account)
    assert (seen("Opportunity"), seen("OpportunityLineItem"), seen("OpportunityHistory")) == ([], [], [])
    org.clock.advance(hours=2)
    org.undelete("Account", account)
    assert (seen("Account"), seen("Opportunity"), seen("OpportunityLineItem")) == ([account], [deal], [line])
    assert seen("Contact") == []
    assert record("OpportunityLineItem", line, "SystemModstamp") == ("2026-07-01T10:00:00.000+0000",)


def test_what_was_never_deleted_cannot_be_restored(org):
    account = org.insert("Account", {"Name": "A"})
    with pytest.raises(RefusalError, match="not in the recycle bin"):
        org.undelete("Account", account)


def test_the_bin_lets_go_after_15_days(org, seen):
    first, second = org.insert("Account", {"Name": "A"}), org.insert("Account", {"Name": "B"})
    org.delete("Account", first)
    org.clock.advance(days=10)
    org.delete("Account", second)
    org.clock.advance(days=4, hours=23)
    assert seen("Account", include_deleted=True) == [first, second]
    org.clock.advance(hours=1)
    assert seen("Account", include_deleted=True) == [second]
    org.clock.advance(days=10)
    assert seen("Account", include_deleted=True) == []


def test_an_emptied_bin_holds_nothing(org, seen):
    account = org.insert("Account", {"Name": "A"})
    org.delete("Account", account)
    org.empty_bin()
    assert seen("Account", include_deleted=True) == []


def test_a_team_member_never_reaches_the_bin(org, seen):
    account = org.insert("Account", {"Name": "A"})
    member = org.insert("AccountTeamMember", {"AccountId": account, "UserId": org.user_id})
    org.delete("AccountTeamMember", member)
    assert seen("AccountTeamMember", include_deleted=True) == []


def test_users_are_never_deleted(org):
    user = org.insert("User", {"LastName": "U"})
    with pytest.raises(RefusalError, match="deactivated"):
        org.delete("User", user)


def test_a_purged_record_is_gone_from_query_all_with_its_children(org, seen):
    account = org.insert("Account", {"Name": "A"})
    org.insert("Contact", {"LastName": "C", "AccountId": account})
    org.purge("Account", account)
    assert seen("Account", include_deleted=True) == seen("Contact", include_deleted=True) == []


def test_a_merge_leads_from_the_loser_to_the_winner_and_moves_the_children(org, seen, record):
    winner, loser = org.insert("Account", {"Name": "A"}), org.insert("Account", {"Name": "B"})
    child = org.insert("Account", {"Name": "C", "ParentId": loser})
    deal = org.insert("Opportunity", {"Name": "D", "AccountId": loser, "StageName": "Open"})
    org.clock.advance(minutes=5)
    org.merge("Account", winner, loser)
    now = "2026-07-01T08:05:00.000+0000"
    assert seen("Account") == [winner, child]
    assert record("Account", loser, "IsDeleted", "MasterRecordId", "SystemModstamp") == (True, winner, now)
    assert record("Account", child, "ParentId", "SystemModstamp") == (winner, now)
    assert record("Opportunity", deal, "AccountId", "IsDeleted", "SystemModstamp") == (winner, False, now)
    assert record("Account", winner, "SystemModstamp") == (now,)


def test_only_accounts_contacts_and_cases_can_be_merged(org):
    first, second = (org.insert("Opportunity", {"Name": name, "StageName": "Open"}) for name in "AB")
    with pytest.raises(RefusalError, match="cannot be merged"):
        org.merge("Opportunity", first, second)


def test_an_archived_task_is_only_seen_by_query_all_and_keeps_its_stamp(org, seen, record):
    task = org.insert("Task", {"Subject": "Call"})
    org.clock.advance(days=400)
    org.archive("Task", task)
    assert seen("Task") == []
    assert seen("Task", include_deleted=True) == [task]
    assert record("Task", task, "IsArchived", "SystemModstamp") == (True, "2026-07-01T08:00:00.000+0000")
    assert len(org.living("Task")) == 1


def test_a_record_hidden_by_sharing_is_missing_without_a_word_but_counted(org, seen):
    account = org.insert("Account", {"Name": "A"})
    org.hide_record("Account", account)
    assert seen("Account", include_deleted=True) == []
    assert org.living("Account") == []
    assert org.record_cnt("Account") == 1
    org.hide_record("Account", account, hidden=False)
    assert seen("Account") == [account]


def test_a_late_insert_is_seen_later_than_its_stamp_says(org, seen, record):
    account = org.insert("Account", {"Name": "A"}, visible_after=timedelta(minutes=5))
    org.clock.advance(minutes=4, seconds=59)
    assert seen("Account") == []
    org.clock.advance(seconds=1)
    assert seen("Account") == [account]
    assert record("Account", account, "SystemModstamp") == ("2026-07-01T08:00:00.000+0000",)


def test_a_late_change_shows_the_old_values_until_it_is_seen(org, record):
    account = org.insert("Account", {"Name": "old"})
    org.clock.advance(minutes=1)
    org.update("Account", account, {"Name": "new"}, visible_after=timedelta(minutes=5))
    assert record("Account", account, "Name", "SystemModstamp") == ("old", "2026-07-01T08:00:00.000+0000")
    with pytest.raises(RefusalError, match="UNABLE_TO_LOCK_ROW"):
        org.update("Account", account, {"Name": "other"})
    org.clock.advance(minutes=5)
    assert record("Account", account, "Name", "SystemModstamp") == ("new", "2026-07-01T08:01:00.000+0000")


def test_a_late_change_of_a_record_that_went_with_its_parent_is_lost(org, seen):
    account = org.insert("Account", {"Name": "A"})
    contact = org.insert("Contact", {"LastName": "C", "AccountId": account})
    org.update("Contact", contact, {"LastName": "D"}, visible_after=timedelta(minutes=5))
    org.delete("Account", account)
    org.clock.advance(minutes=5)
    assert seen("Contact") == []


def test_the_commit_horizon_stays_where_the_oldest_open_transaction_began(org):
    began = org.clock.now()
    org.insert("Account", {"Name": "A"}, visible_after=timedelta(minutes=5))
    org.clock.advance(minutes=3)
    org.insert("Account", {"Name": "B"}, visible_after=timedelta(minutes=5))
    assert org.commit_horizon == began
    org.clock.advance(minutes=2)
    assert org.record_cnt("Account") == 1
    assert org.commit_horizon == began + timedelta(minutes=3)


def test_stages_decide_the_flags_of_a_deal(org, record):
    deal = org.insert("Opportunity", {"Name": "D", "StageName": "Closed Won", "Amount": "200"})
    assert record("Opportunity", deal, "IsWon", "IsClosed", "Probability", "ForecastCategory", "ExpectedRevenue") == (
        True,
        True,
        100.0,
        "Closed",
        200.0,
    )
    org.update("Opportunity", deal, {"StageName": "Value Proposition"})
    assert record("Opportunity", deal, "IsWon", "IsClosed", "ExpectedRevenue") == (False, False, 100.0)


def test_an_activity_belongs_to_the_account_of_what_it_is_about(org, record):
    account, other = org.insert("Account", {"Name": "A"}), org.insert("Account", {"Name": "B"})
    contact = org.insert("Contact", {"LastName": "C", "AccountId": account})
    deal = org.insert("Opportunity", {"Name": "D", "AccountId": other, "StageName": "Open"})
    task = org.insert("Task", {"WhoId": contact})
    assert record("Task", task, "AccountId") == (account,)
    org.update("Task", task, {"WhatId": deal})
    assert record("Task", task, "AccountId") == (other,)


def test_opportunity_history_is_written_on_creation_and_on_changes_of_four_fields(org):
    deal = org.insert("Opportunity", {"Name": "D", "StageName": "Open", "Amount": "10", "CloseDate": "2026-08-01"})
    org.update("Opportunity", deal, {"Name": "E"})
    org.update("Opportunity", deal, {"Amount": "12"})
    rows = org.living("OpportunityHistory")
    assert [(row["Amount"], row["PrevAmount"]) for row in rows] == [("10", None), ("12", "10")]
    assert {row["OpportunityId"] for row in rows} == {deal}


def test_field_history_tells_old_and_new_values_of_tracked_fields(org):
    account = org.insert("Account", {"Name": "A"})
    org.update("Account", account, {"Name": "B", "Site": "x"})
    rows = [(row["Field"], row["OldValue"], row["NewValue"]) for row in org.living("AccountHistory")]
    assert rows == [("created", None, None), ("Name", "A", "B")]


def test_without_the_feature_no_history_is_written():
    org = Org(features=Features(history=False))
    org.insert("Opportunity", {"Name": "D", "StageName": "Open"})
    assert org.living("OpportunityHistory") == []
    org.close()
