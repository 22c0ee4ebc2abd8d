"""Activities: whose they are, what they are, and on which day."""

from datetime import date

import pytest

from tests.factories import (
    account,
    build,
    by_key,
    contact,
    event,
    make_configuration,
    merged_account,
    opportunity,
    organization,
    task,
    utc,
)


def accounts(warehouse):
    build(warehouse, "core.activity")
    return by_key(warehouse, "select activity_id, account_id, group_id from core.activity")


def test_the_account_comes_from_the_record_then_its_deal_then_what_it_is_about_then_its_contact(warehouse):
    for name in "ABCDE":
        account(warehouse, name)
    opportunity(warehouse, "deal", "B")
    contact(warehouse, "person", AccountId="D")
    task(warehouse, "own", AccountId="A", WhatId="deal", WhoId="person")
    task(warehouse, "deal's", WhatId="deal", WhoId="person")
    task(warehouse, "about", WhatId="C", WhoId="person")
    task(warehouse, "contact's", WhoId="person")
    event(warehouse, "meeting", WhoId="person")
    task(warehouse, "nobody's", WhatId="campaign", WhoId="lead")
    assert {key: value[0] for key, value in accounts(warehouse).items()} == {
        "own": "A", "deal's": "B", "about": "C", "contact's": "D", "meeting": "D", "nobody's": None,
    }  # fmt: skip


def test_activities_of_a_merged_account_go_to_the_one_it_became_and_to_its_group(warehouse):
    account(warehouse, "TOP")
    account(warehouse, "W", ParentId="TOP")
    merged_account(warehouse, "L", "W")
    opportunity(warehouse, "deal", "L")
    contact(warehouse, "person", AccountId="L")
    task(warehouse, "own", AccountId="L")
    task(warehouse, "deal's", WhatId="deal")
    task(warehouse, "about", WhatId="L")
    task(warehouse, "contact's", WhoId="person")
    assert accounts(warehouse) == dict.fromkeys(["own", "deal's", "about", "contact's"], ("W", "TOP"))


def test_an_activity_of_an_account_out_of_scope_belongs_to_nobody_and_stays(warehouse):
    account(warehouse, "TEST", IsInternal=True)
    task(warehouse, "t", AccountId="TEST")
    assert accounts(warehouse) == {"t": (None, None)}


def test_masters_of_series_copies_for_invitees_and_deleted_ones_are_left_out(warehouse):
    event(warehouse, "held")
    event(warehouse, "master", IsRecurrence=True)
    event(warehouse, "copy", IsChild=True)
    event(warehouse, "deleted", IsDeleted=True)
    event(warehouse, "bad", ActivityDate=None, _unparsed='{"ActivityDate": "soon"}')
    task(warehouse, "task master", IsRecurrence=True)
    task(warehouse, "gone", _is_gone=True)
    build(warehouse, "core.activity")
    assert warehouse.rows("select activity_id from core.activity") == [("held",)]
    assert by_key(warehouse, "select record_id, disposition from staging.activity_set_aside") == {
        "master": "out_of_scope",
        "copy": "out_of_scope",
        "task master": "out_of_scope",
        "deleted": "deleted",
        "gone": "deleted",
        "bad": "rejected",
    }


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("meeting", "unknown")),
        ({"Location": "   "}, ("meeting", "unknown")),  # blank says nothing
        ({"Location": "Hall 3, Aarhus"}, ("meeting", "in_person")),
        ({"Location": "https://meet.example/abc"}, ("meeting", "video")),
        ({"Location": "Teams"}, ("meeting", "video")),
        ({"Type": "Video meeting", "Location": "Hall 3"}, ("meeting", "video")),
        ({"Type": "On-site visit"}, ("meeting", "in_person")),
        ({"Type": "Call"}, ("call", "phone")),
        ({"Type": "Video call"}, ("call", "video")),
        ({"Type": None, "EventSubtype": "Event"}, ("meeting", "unknown")),
    ],
)
def test_kind_and_mode_of_an_event(warehouse, fields, expected):
    event(warehouse, "e", **fields)
    build(warehouse, "core.activity")
    assert warehouse.rows("select kind, mode from core.activity") == [expected]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"TaskSubtype": "Call"}, ("call", "phone")),
        ({"TaskSubtype": "Email"}, ("email", "unknown")),
        ({"TaskSubtype": "ListEmail"}, ("email", "unknown")),
        ({"TaskSubtype": "Task", "Type": "Meeting"}, ("meeting", "unknown")),
        ({"TaskSubtype": "Task"}, ("task", "unknown")),
        ({}, ("task", "unknown")),
    ],
)
def test_kind_and_mode_of_a_task(warehouse, fields, expected):
    task(warehouse, "t", **fields)
    build(warehouse, "core.activity")
    assert warehouse.rows("select kind, mode from core.activity") == [expected]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", date(2026, 6, 30)), ("Europe/Copenhagen", date(2026, 7, 1)), ("America/New_York", date(2026, 6, 30))],
)
def test_a_moment_belongs_to_the_day_of_the_organisation(warehouse, zone, expected):
    organization(warehouse, TimeZoneSidKey=zone)
    event(warehouse, "e", ActivityDate=None, ActivityDateTime=utc(2026, 6, 30, 22, 30))
    account(warehouse, "A")
    opportunity(warehouse, "o", "A", CreatedDate=utc(2026, 6, 30, 22, 30))
    build(warehouse, "core.activity", "core.opportunity")
    assert warehouse.rows("select happened_on from core.activity") == [(expected,)]
    assert warehouse.rows("select created_on from core.opportunity") == [(expected,)]


def test_the_configured_time_zone_wins_over_that_of_the_crm(warehouse):
    organization(warehouse, TimeZoneSidKey="America/New_York")
    configuration = make_configuration(schedule={"timezone": "Asia/Tokyo"})
    build(warehouse, "core.organisation", configuration=configuration)
    assert warehouse.rows("select time_zone from core.organisation") == [("Asia/Tokyo",)]


def test_a_given_day_is_taken_as_it_is(warehouse):
    organization(warehouse, TimeZoneSidKey="Asia/Tokyo")
    task(warehouse, "t", ActivityDate=date(2026, 6, 30), CompletedDateTime=utc(2026, 7, 4, 22))
    task(warehouse, "done", ActivityDate=None, CompletedDateTime=utc(2026, 7, 4, 22))
    build(warehouse, "core.activity")
    days = by_key(warehouse, "select activity_id, happened_on from core.activity")
    assert days == {"t": date(2026, 6, 30), "done": date(2026, 7, 5)}


def test_what_counts_as_completed(warehouse):
    task(warehouse, "flag", IsClosed=True, Status="Weird")
    task(warehouse, "status", IsClosed=None, Status="completed")
    task(warehouse, "open", IsClosed=None, Status="Not Started")
    task(warehouse, "unknown", IsClosed=None, Status=None)
    event(warehouse, "no status")
    event(warehouse, "held", Status="Held")
    event(warehouse, "cancelled", Status="Cancelled")
    build(warehouse, "core.activity")
    assert by_key(warehouse, "select activity_id, is_completed from core.activity") == {
        "flag": True, "status": True, "open": False, "unknown": False, "no status": True, "held": True,
        "cancelled": False,
    }  # fmt: skip


@pytest.mark.parametrize("status", ["Afholdt", "completed", " Held ", "Gennemført", "Abgeschlossen"])
def test_a_meeting_can_be_held_in_the_users_language(warehouse, status):
    event(warehouse, "e", Status=status)
    task(warehouse, "t", IsClosed=None, Status=status.strip())
    build(warehouse, "core.activity")
    assert by_key(warehouse, "select activity_id, is_completed from core.activity") == {"e": True, "t": True}


def test_a_status_that_nobody_knows_is_no_meeting_held_until_the_mapping_says_so(warehouse):
    event(warehouse, "e", Status="Fertig!")
    build(warehouse, "core.activity")
    assert warehouse.rows("select is_completed from core.activity") == [(False,)]
    build(warehouse, "core.activity", configuration=make_configuration(mapping={"Event": {"held": ["fertig!"]}}))
    assert warehouse.rows("select is_completed from core.activity") == [(True,)]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("Besøg", ("meeting", "in_person")), ("Telefonmøde", ("call", "phone")), ("Opkald", ("call", "phone"))],
)
def test_kind_and_mode_are_read_in_danish_too(warehouse, kind, expected):
    event(warehouse, "e", Type=kind)
    build(warehouse, "core.activity")
    assert warehouse.rows("select kind, mode from core.activity") == [expected]
