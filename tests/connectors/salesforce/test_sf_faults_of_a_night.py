"""Promise 7 at its source: a night survives a fault with the very same records, or ends in one message and no trace.

What belongs here: whole extractions that are disturbed. What does not: single requests and pages (test_sf_transport.py,
test_sf_reading.py), killed extractions (test_sf_interrupted_nights.py), secrets (test_sf_no_secret_anywhere.py).
"""

import socket

import pytest

from connectors.salesforce_emulator.ids import make_id
from kam_pipeline.checkpoints import WarehouseCheckpoints
from kam_pipeline.errors import ConnectorError, RequestRefusedError, SignInError, SourceFormatError
from kam_pipeline.raw import load_landing
from tests.connectors.salesforce.fragile_nights import (
    ACCOUNTS,
    BULK_FROM,
    DEALS,
    SMALL_PAGES,
    account,
    content,
    deal,
    employ,
    files_below,
    land,
)

# --- what is asked, in its order; where a fault may strike -------------------------------------------------------------

PLACES = {
    "sign-in": {"path": "/oauth2/token"},
    "clock": {"path": "/limits"},
    "list of objects": {"path": "/sobjects", "text": ""},
    "describe": {"path": "/sobjects/Account/describe"},
    "deletes": {"path": "/Account/deleted"},
    "first page": {"path": "/queryAll", "text": "FROM Account"},
    "next page": {"path": "/query/0r8"},
    "job": {"path": "/jobs/query", "method": "POST"},
    "wait": {"path": "/jobs/query/750", "method": "GET"},
    "list of pages": {"path": "/resultPages"},
    "page": {"path": "/results"},
}
# At most three in a row: the fourth attempt is the last one.
PASSING = {
    "busy": [
        ("status", {"status": 503, "body": "html"}),
        ("status", {"status": 429, "body": "empty", "retry_after": 0}),
        ("status", {"status": 500, "code": "UNKNOWN_EXCEPTION"}),
    ],
    "broken": [("reset", {}), ("reset", {"when": "body"}), ("truncate", {})],
    "odd": [("truncate", {"how": "chunked"}), ("status", {"status": 420, "body": "empty"}), ("slow", {"seconds": 0.6})],
    "no session": [("expire_session", {}), ("status", {"status": 502, "body": "html"})],
    "a proxy": [("status", {"status": 200, "body": "html"}), ("status", {"status": 504, "body": "empty"})],
}
# A page of a proxy in the place of a session is no passing trouble, and there is no session to lose yet.
NOT_AT_SIGN_IN = ("no session", "a proxy")


@pytest.fixture
def company(org):
    return employ(org)


@pytest.fixture
def emulator(company, serve):
    return serve(**SMALL_PAGES)


@pytest.fixture
def settings(emulator, source_settings):
    return source_settings(emulator, bulk_from=BULK_FROM, timeout_seconds=0.3)


@pytest.fixture(scope="module")
def undisturbed():
    """What a first night lands when nothing happens; filled by the first test that asks."""
    return {}


@pytest.fixture
def expected(undisturbed, settings, company, tmp_path):
    """What a first night lands: the organisations of all tests here are the same."""
    if not undisturbed:
        undisturbed.update(content(land(settings, tmp_path / "undisturbed", company.clock.now())))
    assert undisturbed["Account"][0] == ACCOUNTS
    assert undisturbed["Opportunity"][0] == DEALS
    return undisturbed


def set_faults(emulator, group):
    """Let the faults of a group strike each place, one request after the other."""
    struck = []
    for place, where in PLACES.items():
        if place == "sign-in" and group in NOT_AT_SIGN_IN:
            continue
        for number, (kind, options) in enumerate(PASSING[group]):
            struck.append((place, kind, emulator.faults.add(kind, **where, **options, after=number)))
    return struck


# --- survived ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", PASSING)
def test_a_night_with_the_same_trouble_at_every_turn_lands_the_same_records(
    emulator, settings, company, expected, tmp_path, group
):
    faults = set_faults(emulator, group)
    landing = land(settings, tmp_path / "night", company.clock.now())
    assert [(place, kind) for place, kind, fault in faults if fault.struck_cnt == 0] == []
    assert content(landing) == expected
    assert files_below(tmp_path / "night" / "extraction") == []


@pytest.mark.parametrize("group", PASSING)
def test_a_second_night_with_trouble_at_every_turn_lands_the_same_changes(
    emulator, settings, company, warehouse, tmp_path, group
):
    """All ids are compared too, and a new field is read for all records."""
    load_landing(warehouse, land(settings, tmp_path, company.clock.now(), run_id="first"))
    company.clock.advance(days=8)
    company.update("Account", account(3), {"Name": "NA"})
    company.insert("Opportunity", {"Name": "new", "StageName": "Closed Won", "CloseDate": "2026-07-01"})
    company.delete("Opportunity", deal(7))
    company.purge("Opportunity", deal(8), trace=False)
    company.clock.advance(minutes=1)
    known = WarehouseCheckpoints(warehouse.connection, f"salesforce:{emulator.url.removeprefix('http://')}")
    whole = content(land(settings, tmp_path / "undisturbed", company.clock.now(), known))
    assert whole["Opportunity.gone.parquet"] == [{"Id": deal(7)}, {"Id": deal(8)}]
    set_faults(emulator, group)
    landing = land(settings, tmp_path / "night", company.clock.now(), known, run_id="second")
    assert content(landing) == whole
    assert files_below(tmp_path / "night" / "extraction") == []


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("short_page", {"path": "/query/0r8"}),
        ("short_page", {"path": "/results", "after": 2}),
        ("short_page", {"path": "/results", "after": 2, "count_header": "actual", "rows": 10}),
        ("no_count_header", {"times": None}),
        ("drop_header", {"name": "Sforce-Locator", "times": None}),
        ("no_header", {"after": 1}),
        ("nul_bytes", {}),
        ("request_limit", {"concurrent": True, "path": "/results"}),
        ("query_timeout", {"path": "/queryAll", "text": "FROM Account"}),
        ("refuse_job", {}),
        ("status", {"path": "/resultPages", "status": 404, "code": "NOT_FOUND"}),
        ("status", {"path": "/results", "after": 1, "status": 200, "body": "empty"}),
        ("status", {"path": "/limits/recordCount", "times": None, "status": 404, "code": "NOT_FOUND"}),
    ],
)
def test_a_fault_that_one_answer_has_costs_no_record(emulator, settings, company, expected, tmp_path, kind, where):
    fault = emulator.faults.add(kind, **where)
    if where.get("count_header") == "actual":
        # ten records less, and a header that agrees: only the job's own count can tell, and then the run begins anew
        with pytest.raises(ConnectorError, match="Opportunity: Salesforce announced 45 records and sent 35; run again"):
            land(settings, tmp_path / "night", company.clock.now())
    landing = land(settings, tmp_path / "night", company.clock.now(), run_id="again")
    assert fault.struck_cnt >= 1
    found = content(landing)
    assert found == expected
    assert files_below(tmp_path / "night" / "extraction") == []


def test_a_locator_that_is_lost_at_a_server_without_a_list_of_pages_is_found_by_the_total(
    company, serve, source_settings, tmp_path
):
    emulator = serve(**SMALL_PAGES, result_pages=False)
    emulator.faults.add("drop_header", name="Sforce-Locator", path="/results", after=2, times=None)
    settings = source_settings(emulator, bulk_from=BULK_FROM)
    with pytest.raises(ConnectorError, match="Opportunity: Salesforce announced 45 records and sent 30; run again"):
        land(settings, tmp_path, company.clock.now())


def test_records_that_are_saved_between_two_readings_of_a_short_page_are_no_contradiction(
    emulator, settings, company, tmp_path
):
    """The first page said 25 records; read anew, there are 26."""
    emulator.faults.add("short_page", path="/query/0r8")

    def reading(name):
        if name == "Account":
            company.insert("Account", {"Name": "meanwhile"})

    landing = land(settings, tmp_path, company.clock.now(), progress=reading)
    assert content(landing)["Account"][0] == ACCOUNTS + 1


def test_records_that_are_saved_while_a_session_ends_are_no_contradiction(emulator, settings, company, tmp_path):
    emulator.faults.add("expire_session", path="/query/0r8", after=1)

    def reading(name):
        if name == "Account":
            company.insert("Account", {"Name": "meanwhile"})

    landing = land(settings, tmp_path, company.clock.now(), progress=reading)
    assert content(landing)["Account"][0] == ACCOUNTS + 1


# --- hidden between its description and its query ----------------------------------------------------------------------


def hide_after_description(company, monkeypatch, hide):
    """Let an administrator act when records are counted: after all descriptions, before the first query."""
    counted = type(company).record_cnt

    def record_cnt(self, sobject):
        count = counted(self, sobject)
        hide()
        return count

    monkeypatch.setattr(type(company), "record_cnt", record_cnt)


@pytest.mark.parametrize(("sobject", "field"), [("Account", "Industry"), ("Opportunity", "LeadSource")])
def test_a_field_that_is_hidden_meanwhile_is_left_out(
    emulator, settings, company, expected, monkeypatch, tmp_path, sobject, field
):
    hide_after_description(company, monkeypatch, lambda: company.hide_field(sobject, field))
    found = content(land(settings, tmp_path / "night", company.clock.now()))
    assert found[f"{sobject}.parquet"] == [{**row, field: None} for row in expected[f"{sobject}.parquet"]]
    assert found[sobject][3][field] == "absent"


def test_a_field_that_nothing_can_be_said_without_being_hidden_meanwhile_is_named(
    emulator, settings, company, monkeypatch, tmp_path
):
    hide_after_description(company, monkeypatch, lambda: company.hide_field("Opportunity", "CloseDate"))
    with pytest.raises(SourceFormatError, match=r"CloseDate"):
        land(settings, tmp_path, company.clock.now())
    assert files_below(tmp_path) == []


def test_an_object_that_is_hidden_meanwhile_is_left_out_where_it_is_not_needed(
    emulator, settings, company, expected, monkeypatch, tmp_path
):
    hide_after_description(company, monkeypatch, lambda: company.hide_object("Contact"))
    found = content(land(settings, tmp_path / "night", company.clock.now()))
    assert "Contact" not in found
    assert {name: said for name, said in expected.items() if name != "Contact"} == found


def test_an_object_that_is_needed_being_hidden_meanwhile_is_named(emulator, settings, company, monkeypatch, tmp_path):
    hide_after_description(company, monkeypatch, lambda: company.hide_object("Opportunity"))
    with pytest.raises(SourceFormatError, match="Opportunity does not exist or is hidden: grant Read on it"):
        land(settings, tmp_path, company.clock.now())
    assert files_below(tmp_path) == []


# --- one clear message -------------------------------------------------------------------------------------------------


def end_in(kind, settings, folder, company):
    """Return what a night ended in; nothing of it may be left but what the next one goes on from."""
    with pytest.raises(kind) as caught:
        land(settings, folder, company.clock.now())
    assert files_below(folder / "landing") == []
    assert type(caught.value) is kind
    return str(caught.value)


@pytest.mark.parametrize("place", PLACES)
def test_a_server_that_stays_busy_ends_in_one_message(emulator, settings, company, tmp_path, place):
    emulator.faults.add("status", **PLACES[place], status=503, times=None)
    said = end_in(ConnectorError, settings, tmp_path, company)
    where = emulator.url.removeprefix("http://")
    assert said.startswith(f"{where} does not answer ")
    assert "asked 4 times (503, SERVER_UNAVAILABLE" in said
    assert said.endswith("look at https://status.salesforce.com and the network, then run again")
    thing = {"page": "Opportunity", "wait": "Opportunity", "job": "Opportunity", "list of pages": "Opportunity"}
    thing |= {"sign-in": "token", "clock": "limits", "list of objects": "sobjects"}
    assert thing.get(place, "Account") in said


@pytest.mark.parametrize("place", ["sign-in", "first page", "next page", "job", "wait", "page"])
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


@pytest.mark.parametrize("place", ["clock", "describe", "deletes", "first page", "next page", "job", "wait", "page"])
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

    with pytest.raises(ConnectorError, match="Opportunity: Bulk job 750.* was aborted by somebody; run again"):
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


# --- after a night that failed -----------------------------------------------------------------------------------------


def test_the_night_after_a_failed_one_reads_from_the_old_watermark(emulator, settings, company, warehouse, tmp_path):
    load_landing(warehouse, land(settings, tmp_path, company.clock.now(), run_id="first"))
    known = WarehouseCheckpoints(warehouse.connection, f"salesforce:{emulator.url.removeprefix('http://')}")
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
    known = WarehouseCheckpoints(warehouse.connection, f"salesforce:{emulator.url.removeprefix('http://')}")
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
    known = WarehouseCheckpoints(warehouse.connection, f"salesforce:{emulator.url.removeprefix('http://')}")
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
    from connectors.salesforce.reconciling import id_conditions

    ids = [make_id("001", number) for number in range(1, 1001)]
    conditions = list(id_conditions(ids))
    # the contract: no WHERE is longer than 4,000 characters
    assert max(map(len, conditions)) <= 4000
    assert [one for condition in conditions for one in condition.split("'")[1::2]] == ids
