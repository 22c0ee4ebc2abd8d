"""What `/deleted` and `/updated` of the emulator tell, and what they refuse."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.org import Org

MINUTE = timedelta(minutes=1)


@pytest.fixture
def org() -> Iterator[Org]:
    made = Org(clock=Clock(datetime(2026, 7, 1, 8, tzinfo=UTC), ticking=False))
    yield made
    made.close()


@pytest.fixture
def deleted(org):
    """The answer for the last hours up to now."""

    def answer(sobject, hours=24):
        return org.deleted(sobject, org.clock.now() - timedelta(hours=hours), org.clock.now())

    return answer


def ids(answer):
    return [record["id"] for record in answer["deletedRecords"]]


def test_deletions_are_told_with_their_date(org, deleted):
    account = org.insert("Account", {"Name": "A"})
    org.delete("Account", account)
    org.clock.advance(minutes=2)
    assert deleted("Account") == {
        "deletedRecords": [{"id": account, "deletedDate": "2026-07-01T08:00:00.000+0000"}],
        "earliestDateAvailable": "2026-06-16T08:02:00.000+0000",
        "latestDateCovered": "2026-07-01T08:02:00.000+0000",
    }


def test_deletions_outside_the_range_are_not_told(org, deleted):
    org.delete("Account", org.insert("Account", {"Name": "A"}))
    org.clock.advance(hours=3)
    assert ids(deleted("Account", hours=2)) == []
    assert len(ids(deleted("Account", hours=3))) == 1


def test_a_deleted_team_member_is_told_though_the_bin_never_saw_it(org, deleted):
    member = org.insert("AccountTeamMember", {"AccountId": org.insert("Account", {"Name": "A"})})
    org.delete("AccountTeamMember", member)
    assert ids(deleted("AccountTeamMember")) == [member]


def test_what_goes_along_with_its_parent_is_told_and_what_comes_back_is_not(org, deleted):
    account = org.insert("Account", {"Name": "A"})
    deal = org.insert("Opportunity", {"AccountId": account, "Name": "D", "StageName": "Open"})
    org.delete("Account", account)
    assert ids(deleted("Opportunity")) == [deal]
    org.undelete("Account", account)
    assert ids(deleted("Opportunity")) == ids(deleted("Account")) == []


def test_the_loser_of_a_merge_is_told(org, deleted):
    winner, loser = org.insert("Account", {"Name": "A"}), org.insert("Account", {"Name": "B"})
    org.merge("Account", winner, loser)
    assert ids(deleted("Account")) == [loser]


def test_a_purge_is_told_unless_it_leaves_no_trace(org, deleted):
    first, second = org.insert("Account", {"Name": "A"}), org.insert("Account", {"Name": "B"})
    org.purge("Account", first)
    org.purge("Account", second, trace=False)
    assert ids(deleted("Account")) == [first]


def test_an_emptied_bin_goes_on_being_told(org, deleted):
    account = org.insert("Account", {"Name": "A"})
    org.delete("Account", account)
    org.empty_bin()
    assert ids(deleted("Account")) == [account]


def test_a_log_cut_short_moves_the_earliest_date(org, deleted):
    org.delete("Account", org.insert("Account", {"Name": "A"}))
    org.clock.advance(hours=1)
    org.forget_deletions(org.clock.now())
    org.clock.advance(minutes=10)
    answer = deleted("Account")
    assert (ids(answer), answer["earliestDateAvailable"]) == ([], "2026-07-01T09:00:00.000+0000")
    with pytest.raises(RefusalError, match="INVALID_REPLICATION_DATE"):
        org.deleted("Account", org.clock.now() - timedelta(hours=2), org.clock.now() - timedelta(hours=1))


@pytest.mark.parametrize(("answer", "days"), [("deleted", 15), ("updated", 30)])
def test_a_range_that_is_too_old_or_too_short_is_refused(org, answer, days):
    now = org.clock.now()
    ask = getattr(org, answer)
    ask("Account", now - timedelta(days=days), now)
    ask("Account", now - MINUTE, now)
    for start, end in ((now - timedelta(days=days, minutes=2), now), (now, now), (now, now - MINUTE)):
        with pytest.raises(RefusalError, match="INVALID_REPLICATION_DATE"):
            ask("Account", start, end)


def test_seconds_of_the_range_do_not_count(org):
    now = org.clock.now()
    answer = org.deleted("Account", now - timedelta(minutes=5, seconds=-30), now + timedelta(seconds=30))
    assert answer["latestDateCovered"] == "2026-07-01T08:00:00.000+0000"


def test_changed_records_are_told_and_deleted_ones_are_not(org):
    kept, gone, hidden = (org.insert("Account", {"Name": name}) for name in "ABC")
    org.delete("Account", gone)
    org.hide_record("Account", hidden)
    answer = org.updated("Account", org.clock.now() - MINUTE, org.clock.now())
    assert answer == {"ids": [kept], "latestDateCovered": "2026-07-01T08:00:00.000+0000"}


def test_the_latest_date_covered_stays_while_a_transaction_is_open(org, deleted):
    org.insert("Account", {"Name": "A"}, visible_after=timedelta(minutes=5))
    org.clock.advance(minutes=4)
    assert deleted("Account")["latestDateCovered"] == "2026-07-01T08:00:00.000+0000"
    org.clock.advance(minutes=1)
    assert deleted("Account")["latestDateCovered"] == "2026-07-01T08:05:00.000+0000"


def test_an_object_that_does_not_replicate_is_refused(org, deleted):
    assert not org.describe("TaskWhoRelation", 66.0)["replicateable"]
    with pytest.raises(RefusalError, match="does not support replication"):
        deleted("TaskWhoRelation")


def test_a_hidden_object_is_not_found(org, deleted):
    org.hide_object("Account")
    with pytest.raises(RefusalError, match="NOT_FOUND"):
        deleted("Account")
