"""What one night reads after another: no more than is new, and nothing that happened in between is missed."""

import json
from datetime import timedelta

import pytest

from connectors.salesforce import extraction
from kam_pipeline.crm_schema import (
    ACCOUNT,
    ACCOUNT_TEAM_MEMBER,
    CONTACT,
    OPPORTUNITY,
    OPPORTUNITY_FIELD_HISTORY,
    USER_ROLE,
)
from tests.connectors.salesforce.nights import Pipeline

OBJECTS = (ACCOUNT, OPPORTUNITY, CONTACT, ACCOUNT_TEAM_MEMBER, OPPORTUNITY_FIELD_HISTORY, USER_ROLE)


@pytest.fixture
def nights(org, serve, source_settings, tmp_path, warehouse):
    """Make a pipeline; its nights are begun by `night(hours)`, so long after the one before."""

    def make(mapping=None, **settings):
        emulator = serve()
        pipeline = Pipeline(source_settings(emulator, **settings), tmp_path, warehouse, OBJECTS, mapping)

        def night(hours: float = 24):
            org.clock.advance(hours=hours)
            asked = len(emulator.requests)
            counts = pipeline.night(org.clock.now())
            pipeline.calls = len(emulator.requests) - asked
            return counts

        pipeline.after, pipeline.emulator = night, emulator
        return pipeline

    return make


def accounts(org, count):
    return [org.insert("Account", {"Name": f"Account {number}"}) for number in range(count)]


def test_the_second_night_reads_what_has_changed_and_with_as_many_calls_as_the_first_day_of_quiet(org, nights):
    ids = accounts(org, 30)
    pipeline = nights()
    assert pipeline.after()["Account"].inserted_cnt == 30
    quiet = pipeline.after()
    assert quiet["Account"].read_cnt == 0
    calls = pipeline.calls
    for record_id in ids[:3]:
        org.update("Account", record_id, {"Name": "changed"})
    changed = pipeline.after()
    assert (changed["Account"].read_cnt, changed["Account"].updated_cnt) == (3, 3)
    assert pipeline.calls == calls


def test_a_record_seen_long_after_its_stamp_is_read_once_it_is_seen(org, nights):
    """Its stamp lies three hours before the second night begins, and ten minutes of overlap do not reach it."""
    accounts(org, 1)
    pipeline = nights()
    pipeline.after()
    org.clock.advance(hours=20)
    late = org.insert("Account", {"Name": "late"}, visible_after=timedelta(hours=5))
    assert pipeline.after(3)["Account"].read_cnt == 0
    pipeline.after(3)
    assert pipeline.living(ACCOUNT)[late]["Name"] == "late"


def test_a_record_saved_in_the_very_second_in_which_a_window_ended_is_in_the_next(org, nights):
    """Without an overlap the end of one window is the beginning of the next, and read there."""
    accounts(org, 1)
    pipeline = nights(overlap_minutes=0, lag_seconds=0, reconcile_days=1000)
    # /deleted tells its horizon to the minute; only at a whole one does the window end now
    org.clock.advance(seconds=55)
    pipeline.after()
    same_second = org.insert("Account", {"Name": "same second"})
    assert pipeline.after()["Account"].read_cnt == 1
    assert same_second in pipeline.living(ACCOUNT)


def test_somebody_taken_off_the_team_is_gone_although_no_bin_has_ever_held_it(org, nights):
    account = accounts(org, 1)[0]
    member = org.insert("AccountTeamMember", {"AccountId": account, "UserId": org.user_id, "TeamMemberRole": "Lead"})
    pipeline = nights()
    pipeline.after()
    assert list(pipeline.living(ACCOUNT_TEAM_MEMBER)) == [member]
    org.delete("AccountTeamMember", member)
    assert pipeline.after()["AccountTeamMember"].vanished_cnt == 1
    assert pipeline.living(ACCOUNT_TEAM_MEMBER) == {}


def test_what_has_no_recycle_bin_is_read_whole_and_gone_the_night_after_it_is_gone(org, nights):
    kept, gone = (org.insert("UserRole", {"Name": name}) for name in ("kept", "gone"))
    pipeline = nights(reconcile_days=1000)
    pipeline.after()
    org.purge("UserRole", gone, trace=False)
    counts = pipeline.after()["UserRole"]
    assert (counts.read_cnt, counts.vanished_cnt) == (1, 1)
    assert set(pipeline.living(USER_ROLE)) == {kept}


def test_a_merged_account_names_the_one_that_it_became_and_its_contacts_have_moved(org, nights):
    winner, loser = accounts(org, 2)
    contact = org.insert("Contact", {"LastName": "Moved", "AccountId": loser})
    pipeline = nights()
    pipeline.after()
    org.merge("Account", winner, loser)
    pipeline.after()
    assert list(pipeline.living(ACCOUNT)) == [winner]
    assert pipeline.living(CONTACT)[contact]["AccountId"] == winner
    merged = pipeline.warehouse.rows("select Id, MasterRecordId from raw.account where IsDeleted")
    assert merged == [(loser, winner)]


def test_a_formula_is_read_for_all_records_when_it_is_due_and_not_before(org, nights):
    org.add_field("Account", "Health__c", "double", formula=True)
    account = accounts(org, 3)[0]
    pipeline = nights({"Account": {"custom": ["Health__c"]}}, formula_hours=48)
    pipeline.after()
    org.set_formula("Account", account, "Health__c", "7")
    assert pipeline.after()["Account"].read_cnt == 0
    assert json.loads(pipeline.living(ACCOUNT)[account]["_custom"]) == {"Health__c": None}
    due = pipeline.after()
    assert (due["Account"].read_cnt, due["Account"].updated_cnt, due["Account"].unchanged_cnt) == (3, 1, 2)
    assert json.loads(pipeline.living(ACCOUNT)[account]["_custom"]) == {"Health__c": 7}


def test_a_field_that_is_new_is_read_for_the_records_that_were_there_before_it(org, nights):
    account = accounts(org, 1)[0]
    pipeline = nights({"Account": {"all_custom": True}})
    pipeline.after()
    assert pipeline.living(ACCOUNT)[account]["_custom"] is None
    org.add_field("Account", "Tier__c", "string", default="A")
    pipeline.after()
    assert json.loads(pipeline.living(ACCOUNT)[account]["_custom"]) == {"Tier__c": "A"}


def test_a_hidden_field_keeps_its_last_known_values_and_is_made_up_for_when_it_is_back(org, nights):
    steady, changed = (org.insert("Account", {"Name": name, "Industry": "Energy"}) for name in ("steady", "changed"))
    pipeline = nights()
    pipeline.after()
    org.hide_field("Account", "Industry")
    org.update("Account", changed, {"Name": "renamed"})
    org.set_formula("Account", steady, "Name", "steady")
    pipeline.after()
    living = pipeline.living(ACCOUNT)
    assert (living[changed]["Name"], living[changed]["Industry"]) == ("renamed", "Energy")
    presence = "select presence from raw.field_presence where object = 'Account' and field = 'Industry' order by run_id"
    assert [row[0] for row in pipeline.warehouse.rows(presence)] == ["present", "vanished"]
    org.show_field("Account", "Industry")
    org.update("Account", steady, {"Industry": "Food"})
    pipeline.after()
    assert [row[0] for row in pipeline.warehouse.rows(presence)][-1] == "new"
    assert pipeline.living(ACCOUNT)[steady]["Industry"] == "Food"


def test_a_record_that_vanished_without_a_trace_goes_with_the_night_that_compares_all_ids(org, nights):
    kept, gone = accounts(org, 2)
    pipeline = nights(reconcile_days=3)
    pipeline.after()
    org.purge("Account", gone, trace=False)
    pipeline.after()
    assert set(pipeline.living(ACCOUNT)) == {kept, gone}
    pipeline.after(48)
    assert set(pipeline.living(ACCOUNT)) == {kept}


def test_what_was_never_seen_is_asked_for_by_its_id_when_all_ids_are_compared(org, nights):
    ids = accounts(org, 5)
    pipeline = nights(reconcile_days=0)
    pipeline.after()
    pipeline.warehouse.connection.execute(f"delete from raw.account where Id = '{ids[2]}'")
    counts = pipeline.after()
    assert (counts["Account"].read_cnt, counts["Account"].inserted_cnt) == (1, 1)
    assert set(pipeline.living(ACCOUNT)) == set(ids)


def test_a_change_that_no_window_brought_is_found_by_its_stamp_when_all_ids_are_compared(org, nights):
    ids = accounts(org, 3)
    pipeline = nights(reconcile_days=0)
    pipeline.after()
    missed = "set Name = 'as it was', SystemModstamp = SystemModstamp - interval 1 day"
    pipeline.warehouse.connection.execute(f"update raw.account {missed} where Id = '{ids[1]}'")
    counts = pipeline.after()["Account"]
    assert (counts.read_cnt, counts.updated_cnt) == (1, 1)
    assert pipeline.living(ACCOUNT)[ids[1]]["Name"] == "Account 1"


def test_where_very_much_was_never_seen_everything_is_read_anew(org, nights, monkeypatch):
    ids = accounts(org, 5)
    pipeline = nights(reconcile_days=0)
    pipeline.after()
    monkeypatch.setattr(extraction, "_MOST_UNSEEN", 1)
    pipeline.warehouse.connection.execute(f"delete from raw.account where Id in ('{ids[2]}', '{ids[3]}')")
    counts = pipeline.after()
    assert (counts["Account"].read_cnt, counts["Account"].inserted_cnt) == (5, 2)


def test_where_the_log_of_deletes_was_cut_short_all_ids_are_compared(org, nights):
    kept, gone = accounts(org, 2)
    pipeline = nights(reconcile_days=1000)
    pipeline.after()
    org.purge("Account", gone)
    org.clock.advance(hours=1)
    org.forget_deletions(org.clock.now())
    pipeline.after()
    assert set(pipeline.living(ACCOUNT)) == {kept}


def test_after_more_than_fifteen_days_without_a_night_all_ids_are_compared(org, nights):
    kept, gone = accounts(org, 2)
    pipeline = nights(reconcile_days=1000)
    pipeline.after()
    org.purge("Account", gone)
    pipeline.after(20 * 24)
    assert set(pipeline.living(ACCOUNT)) == {kept}


def test_an_object_that_another_one_serves_as_now_is_read_anew(org, nights):
    accounts(org, 2)
    pipeline = nights()
    pipeline.after()
    org.add_object("Client__c", "a77")
    client = org.insert("Client__c", {"Name": "Client"})
    pipeline.mapping = pipeline.mapping.model_validate({"Account": {"sobject": "Client__c"}})
    pipeline.after()
    assert list(pipeline.living(ACCOUNT)) == [client]


def test_history_is_read_by_its_creation_and_never_twice(org, nights):
    deal = org.insert("Opportunity", {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-09-30"})
    pipeline = nights(overlap_minutes=0)
    pipeline.after()
    org.update("Opportunity", deal, {"StageName": "Negotiation"})
    first = pipeline.after()["OpportunityFieldHistory"]
    assert (first.inserted_cnt, first.read_cnt) == (1, 1)
    assert pipeline.after()["OpportunityFieldHistory"].read_cnt == 0
    said = {
        (row["Field"], row["OldValue"], row["NewValue"]) for row in pipeline.living(OPPORTUNITY_FIELD_HISTORY).values()
    }
    assert ("StageName", "Prospecting", "Negotiation") in said


def test_reading_everything_anew_changes_nothing_where_nothing_has_changed(org, nights):
    accounts(org, 4)
    pipeline = nights()
    pipeline.after()
    org.clock.advance(hours=24)
    counts = pipeline.night(org.clock.now(), full=True)["Account"]
    assert (counts.read_cnt, counts.unchanged_cnt) == (4, 4)


def test_a_full_refresh_keeps_the_last_known_values_of_a_hidden_field(org, nights):
    account = org.insert("Account", {"Name": "Account", "Industry": "Energy"})
    pipeline = nights()
    pipeline.after()
    org.hide_field("Account", "Industry")
    org.update("Account", account, {"Name": "renamed"})
    org.clock.advance(hours=24)
    pipeline.night(org.clock.now(), full=True)
    known = pipeline.living(ACCOUNT)[account]
    assert (known["Name"], known["Industry"]) == ("renamed", "Energy")


@pytest.mark.parametrize(("minutes", "job_cnt"), [(5, 0), (90, 1)])
def test_changes_asked_for_by_a_run_that_broke_off_are_fetched_by_the_next_within_an_hour(
    org, nights, monkeypatch, minutes, job_cnt
):
    ids = accounts(org, 3)
    pipeline = nights(bulk_from=1)
    pipeline.after()
    for record_id in ids:
        org.update("Account", record_id, {"Name": "changed"})
    with monkeypatch.context() as broken:
        broken.setattr(extraction.Extraction, "_extract", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            pipeline.after()
    asked = len(pipeline.emulator.requests)
    counts = pipeline.after(minutes / 60)
    jobs = [
        one for one in pipeline.emulator.requests[asked:] if one.method == "POST" and one.path.endswith("/jobs/query")
    ]
    assert (counts["Account"].updated_cnt, len([one for one in jobs if "FROM Account " in one.soql])) == (3, job_cnt)
    org.update("Account", ids[0], {"Name": "later"})
    pipeline.after()
    assert pipeline.living(ACCOUNT)[ids[0]]["Name"] == "later"


@pytest.mark.parametrize("bulk_from", [0, 2000])
def test_a_night_says_the_same_through_bulk_as_through_rest(org, nights, bulk_from):
    ids = accounts(org, 3)
    pipeline = nights(bulk_from=bulk_from)
    pipeline.after()
    org.update("Account", ids[0], {"Name": "NA"})
    org.delete("Account", ids[1])
    counts = pipeline.after()["Account"]
    assert (counts.read_cnt, counts.updated_cnt) == (2, 2)
    assert {record["Name"] for record in pipeline.living(ACCOUNT).values()} == {"NA", "Account 2"}
