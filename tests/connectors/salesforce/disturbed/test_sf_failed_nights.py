"""Promise 7 where a night cannot go on: one message that names the thing, where, and the way out, and no trace.

What belongs here: extractions that end, and the night after one. What does not: faults that are survived
(test_sf_faults_of_a_night.py), killed extractions (test_sf_interrupted_nights.py).
"""

import socket

import pytest

from connectors.salesforce.reconciling import id_conditions
from connectors.salesforce_emulator.ids import make_id
from kam_pipeline.errors import ConnectorError, RequestRefusedError, SignInError
from kam_pipeline.raw import load_landing
from tests.connectors.salesforce.disturbed.fragile_nights import (
    BULK_FROM,
    PLACES,
    SMALL_PAGES,
    account,
    checkpoints,
    content,
    files_below,
    land,
)
from tests.factories import one_of

# --- one clear message -----------------------------------------------------------------------------------------------


def end_in(kind, settings, folder, company):
    """Return what a night ended in; nothing of it may be left but what the next one goes on from."""
    with pytest.raises(kind) as caught:
        land(settings, folder, company.clock.now())
    assert files_below(folder / "landing") == []
    assert type(caught.value) is kind
    return str(caught.value)


@pytest.mark.parametrize("place", one_of(*PLACES))
def test_a_server_that_stays_busy_ends_in_one_message(emulator, settings, company, tmp_path, place):
    emulator.faults.add("status", **PLACES[place], status=503, times=None)
    said = end_in(ConnectorError, settings, tmp_path, company)
    where = emulator.url.removeprefix("http://")
    assert said.startswith(f"{where} does not answer ")
    assert "asked 4 times (503, SERVER_UNAVAILABLE" in said
    assert said.endswith("look at https://status.salesforce.com and the network, then run again")
    thing = {"page": "Opportunity", "wait": "Opportunity", "job": "Opportunity", "list of pages": "Opportunity"}
    thing |= {"sign-in": "token", "clock": "the time", "list of objects": "sobjects"}
    assert thing.get(place, "Account") in said


@pytest.mark.parametrize("place", one_of("page", "sign-in", "first page", "next page", "job", "wait"))
def test_a_server_that_never_answers_is_not_waited_for(emulator, source_settings, company, tmp_path, place):
    emulator.faults.add("slow", **PLACES[place], seconds=3600, times=None)
    settings = source_settings(emulator, bulk_from=BULK_FROM, timeout_seconds=0.05)
    said = end_in(ConnectorError, settings, tmp_path, company)
    assert "asked 4 times (no answer in time); " in said


def test_a_page_that_stops_in_its_middle_is_not_waited_for(emulator, source_settings, company, tmp_path):
    emulator.faults.add("slow", path="/results", when="body", seconds=3600, times=None)
    settings = source_settings(emulator, bulk_from=BULK_FROM, timeout_seconds=0.05)
    said = end_in(ConnectorError, settings, tmp_path, company)
    assert "of Opportunity, asked 4 times (" in said


def test_a_server_that_is_gone_is_named(emulator, source_settings, company, tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        settings = source_settings(emulator, login=f"http://{host}")
        said = end_in(ConnectorError, settings, tmp_path, company)
    assert said.startswith(f"{host} does not answer POST /services/oauth2/token, asked 4 times (no connection); ")


def test_a_server_that_goes_away_in_the_middle_is_named(emulator, settings, company, tmp_path):
    def reading(name):
        if name == "Opportunity":
            emulator.stop()

    with pytest.raises(ConnectorError, match=r"^127\.0\.0\.1:\d+ does not answer GET .* of Opportunity, asked 4 times"):
        land(settings, tmp_path, company.clock.now(), progress=reading)
    assert files_below(tmp_path / "landing") == []


@pytest.mark.parametrize(
    "place", one_of("page", "clock", "describe", "deletes", "first page", "next page", "job", "wait")
)
def test_the_calls_of_the_day_being_used_up_ends_in_one_message(emulator, settings, company, tmp_path, place):
    emulator.faults.add("request_limit", **PLACES[place], times=None)
    said = end_in(RequestRefusedError, settings, tmp_path, company)
    assert "403, REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded" in said
    assert "run again later, or ask who else reads" in said


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("fail_job", {}, "failed: InternalServerError : Retried more than fifteen times; see Setup"),
        ("fail_job", {"message": None}, "failed: without saying why; see Setup > Bulk Data Load Jobs, and run again"),
        ("stuck_job", {}, "is still InProgress after"),
        ("stuck_job", {"state": "Aborted"}, "was aborted by somebody; run again"),
        ("refuse_job", {"code": "LIMIT_EXCEEDED", "message": "Max bulk v2 query jobs (10000) per 24 hrs has been "
         "reached"}, "run again when the rolling 24 hours have moved on"),
        ("short_page", {"path": "/results"}, "a page of the result is not whole, also when fetched again"),
    ],
)  # fmt: skip
def test_a_job_that_comes_to_nothing_ends_in_one_message_and_the_next_night_asks_anew(
    emulator, settings, company, expected, tmp_path, kind, options, words
):
    fault = emulator.faults.add(kind, **options, times=None)
    with pytest.raises(ConnectorError) as caught:
        land(settings, tmp_path / "night", company.clock.now())
    assert "Opportunity" in str(caught.value)
    assert words in str(caught.value)
    assert fault.struck_cnt >= 1
    assert files_below(tmp_path / "night" / "landing") == []
    emulator.faults.clear()
    assert content(land(settings, tmp_path / "night", company.clock.now(), run_id="again")) == expected


def test_a_job_that_somebody_aborts_before_its_end_is_said(company, serve, source_settings, tmp_path):
    emulator = serve(**SMALL_PAGES, job_polls=10**6)
    settings = source_settings(emulator, bulk_from=BULK_FROM)

    def reading(name):
        if name == "Account":  # its pages come while the job runs
            for job in emulator._running.server.site.jobs.all():
                job.is_aborted = True

    with pytest.raises(ConnectorError, match=r"Opportunity: Bulk job 750\w+ was aborted by somebody; run again"):
        land(settings, tmp_path, company.clock.now(), progress=reading)
    assert files_below(tmp_path / "landing") == []


def test_a_rest_page_that_stays_short_ends_in_one_message(emulator, settings, company, tmp_path):
    emulator.faults.add("short_page", path="/query/0r8", times=None)
    said = end_in(ConnectorError, settings, tmp_path, company)
    assert said == "Account: Salesforce announced 25 records and sent 23, also when asked again; run again later"


def test_a_session_that_ends_at_once_is_no_way_in(emulator, settings, company, tmp_path):
    emulator.faults.add("expire_session", times=None)
    said = end_in(SignInError, settings, tmp_path, company)
    assert said.startswith(f"{emulator.url}: lets us in and says at once that the session is over")


# --- after a night that failed ---------------------------------------------------------------------------------------


def test_the_night_after_a_failed_one_reads_from_the_old_watermark(emulator, settings, company, warehouse, tmp_path):
    load_landing(warehouse, land(settings, tmp_path, company.clock.now(), run_id="first"))
    known = checkpoints(warehouse, emulator)
    before = known.of("Account")
    company.clock.advance(days=1)
    company.update("Account", account(3), {"Name": "changed before the night that fails"})
    company.clock.advance(days=1)
    emulator.faults.add("status", path="/query/0r8", status=503, times=None)
    emulator.faults.add("short_page", path="/queryAll", times=None)
    with pytest.raises(ConnectorError):
        land(settings, tmp_path, company.clock.now(), known, run_id="failed")
    assert known.of("Account") == before
    emulator.faults.clear()
    company.clock.advance(days=1)
    counts = {count.object_name: count for count in load_landing(
        warehouse, land(settings, tmp_path, company.clock.now(), known, run_id="third")
    )}  # fmt: skip
    assert (counts["Account"].read_cnt, counts["Account"].updated_cnt) == (1, 1)


def test_a_night_without_a_change_reads_no_record_and_asks_little(emulator, settings, company, warehouse, tmp_path):
    load_landing(warehouse, land(settings, tmp_path, company.clock.now(), run_id="first"))
    known = checkpoints(warehouse, emulator)
    company.clock.advance(hours=20)
    load_landing(warehouse, land(settings, tmp_path, company.clock.now(), known, run_id="second"))
    company.clock.advance(minutes=3)
    emulator.requests.clear()
    counts = load_landing(warehouse, land(settings, tmp_path, company.clock.now(), known, run_id="third"))
    assert [count.read_cnt for count in counts] == [0, 0, 0]
    # per object a description, its deletes and one empty page; the rest once
    objects = 3
    assert len(emulator.requests) <= 12 + 3 * objects
    assert [request for request in emulator.requests if "/jobs" in request.path] == []


def test_records_in_the_overlap_are_read_twice_and_changed_once(emulator, settings, company, warehouse, tmp_path):
    load_landing(warehouse, land(settings, tmp_path, company.clock.now(), run_id="first"))
    known = checkpoints(warehouse, emulator)
    company.clock.advance(days=1)
    company.update("Account", account(3), {"Name": "changed"})
    company.clock.advance(minutes=2)
    found = []
    for night in ("second", "third"):
        counts = load_landing(warehouse, land(settings, tmp_path, company.clock.now(), known, run_id=night))
        (accounts,) = [count for count in counts if count.object_name == "Account"]
        found.append((accounts.read_cnt, accounts.updated_cnt, accounts.unchanged_cnt))
        company.clock.advance(minutes=5)
    assert found == [(1, 1, 0), (1, 0, 1)]


def test_ids_that_are_asked_for_one_by_one_fit_into_a_condition(emulator):
    ids = [make_id("001", number) for number in range(1, 1001)]
    conditions = list(id_conditions(ids))
    # the contract: no WHERE is longer than 4,000 characters
    assert max(map(len, conditions)) <= 4000
    assert [one for condition in conditions for one in condition.split("'")[1::2]] == ids
