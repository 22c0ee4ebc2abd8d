"""Faults: what a client meets when a test says so, and that it is met exactly so often."""

import json
import time

import pytest
import requests
from urllib3.exceptions import ProtocolError

from connectors.salesforce_emulator.faults import KINDS, Faults
from connectors.salesforce_emulator.messages import Request
from connectors.salesforce_emulator.server import Emulator
from tests.connectors.salesforce_emulator.stand_in import Client, StandIn, error_of, serving

PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def client():
    with serving(StandIn(100)) as client:
        yield client


@pytest.fixture
def results(client):
    """Path of a complete job's results."""
    return f"jobs/query/{client.finished_job()['id']}/results"


# --- Choosing --------------------------------------------------------------------------------------------------------


def test_a_fault_strikes_after_so_many_requests_and_so_often(client):
    fault = client.emulator.faults.add("status", path="/limits", after=1, times=2)
    assert [client.get("limits").status_code for _ in range(5)] == [200, 503, 503, 200, 200]
    assert (fault.seen_cnt, fault.struck_cnt) == (5, 2)


def test_a_fault_without_end_ends_when_it_is_taken_away(client):
    client.emulator.faults.add("status", path="/limits", times=None)
    assert [client.get("limits").status_code for _ in range(3)] == [503] * 3
    client.emulator.faults.clear()
    assert client.get("limits").status_code == 200


@pytest.mark.parametrize(
    ("chosen", "request_", "struck"),
    [
        ({"path": "/limits"}, Request("GET", "/services/data/v66.0/limits"), True),
        ({"path": "/limits"}, Request("GET", "/services/data/v66.0/query"), False),
        ({"method": "POST"}, Request("GET", "/services/data/v66.0/limits"), False),
        ({"text": "FROM Account"}, Request("GET", "/services/data/v66.0/query", "q=SELECT+Id+FROM+Account"), True),
        ({"text": "FROM Account"}, Request("GET", "/services/data/v66.0/query", "q=SELECT+Id+FROM+Task"), False),
        ({"text": "FROM Account"}, Request("POST", "/services/data/v66.0/jobs/query", body=b'"FROM Account"'), True),
    ],
)
def test_a_fault_strikes_by_path_method_and_what_is_asked(chosen, request_, struck):
    faults = Faults()
    faults.add("status", **chosen)
    assert bool(faults.striking(request_)) == struck


@pytest.mark.parametrize(
    ("kind", "request_", "struck"),
    [
        ("fail_job", Request("POST", "/services/data/v66.0/jobs/query"), True),
        ("fail_job", Request("GET", "/services/data/v66.0/jobs/query"), False),
        ("fail_job", Request("POST", "/services/oauth2/token"), False),
        ("short_page", Request("GET", "/services/data/v66.0/query"), True),
        ("short_page", Request("GET", "/services/data/v66.0/query/0r8-2000"), True),
        ("short_page", Request("GET", "/services/data/v66.0/jobs/query/750/results"), True),
        ("short_page", Request("GET", "/services/data/v66.0/jobs/query/750"), False),
        ("query_timeout", Request("GET", "/services/data/v66.0/queryAll"), True),
        ("query_timeout", Request("GET", "/services/data/v66.0/jobs/query/750/results"), False),
        ("expire_session", Request("POST", "/services/oauth2/token"), False),
        ("nul_bytes", Request("GET", "/services/data/v66.0/jobs/query/750/resultPages"), False),
    ],
)
def test_a_fault_waits_for_a_request_that_it_can_strike_at_all(kind, request_, struck):
    faults = Faults()
    faults.add(kind)
    assert bool(faults.striking(request_)) == struck


def test_an_unknown_fault_or_option_is_named_with_what_there_is():
    with pytest.raises(ValueError, match="no fault 'explode'; take one of expire_session"):
        Faults().add("explode")
    with pytest.raises(ValueError, match="no option rows; it has status, body"):
        Faults().add("status", rows=3)


# --- Answers in place of the server's --------------------------------------------------------------------------------


def test_a_session_that_expires_is_dead_for_all_that_follows(client):
    client.emulator.faults.add("expire_session", after=1)
    assert [client.get("limits").status_code for _ in range(3)] == [200, 401, 401]
    client.sign_in()
    assert client.get("limits").status_code == 200


@pytest.mark.parametrize(
    ("options", "body", "kind"),
    [
        ({"status": 420, "body": "empty"}, "", None),
        ({"status": 503, "body": "html"}, "setting things up", "text/html"),
        ({"status": 500, "code": "UNKNOWN_EXCEPTION", "message": "An unexpected error"}, "UNKNOWN_EXCEPTION", "json"),
        ({"status": 200, "body": "html"}, "<h1>", "text/html"),
    ],
)
def test_any_status_comes_with_json_html_or_nothing(client, options, body, kind):
    client.emulator.faults.add("status", **options)
    answer = client.get("limits")
    assert answer.status_code == options["status"]
    assert body in answer.text
    assert (kind or "") in answer.headers.get("Content-Type", "")
    assert answer.text or answer.headers["Content-Length"] == "0"


def test_a_status_can_say_when_to_come_back(client):
    client.emulator.faults.add("status", status=429, retry_after=7)
    assert client.get("limits").headers["Retry-After"] == "7"


def test_sign_in_can_fail_too(client):
    client.emulator.faults.add("status", path="/oauth2/token", body="html")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        client.sign_in()


@pytest.mark.parametrize(("concurrent", "word"), [(False, "TotalRequests"), (True, "ConcurrentRequests")])
def test_limits_of_calls_come_in_two_kinds(client, concurrent, word):
    client.emulator.faults.add("request_limit", concurrent=concurrent)
    status, code, message = error_of(client.query())
    assert (status, code, message.split()[0]) == (403, "REQUEST_LIMIT_EXCEEDED", word)


def test_a_query_can_run_for_too_long(client):
    client.emulator.faults.add("query_timeout")
    assert client.get("limits").status_code == 200
    assert error_of(client.query()) == (400, "QUERY_TIMEOUT", "Your query request was running for too long.")


# --- Broken connections ----------------------------------------------------------------------------------------------


def test_a_connection_can_be_reset_before_the_answer(client):
    client.emulator.faults.add("reset", path="/limits")
    with pytest.raises(requests.ConnectionError, match="Connection reset by peer"):
        client.get("limits")
    assert client.get("limits").status_code == 200


@pytest.mark.parametrize("kind", ["reset", "truncate"])
@pytest.mark.parametrize("headers", [PLAIN, {}], ids=["plain", "gzip"])
def test_an_answer_can_break_off_in_its_middle(client, results, kind, headers):
    options = {"when": "body"} if kind == "reset" else {}
    client.emulator.faults.add(kind, path="/results", **options)
    # Which of its errors the client library raises depends on where the cut falls within the compressed data.
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        client.get(results, headers=headers)
    assert client.get(results, headers=headers).status_code == 200


def test_a_cut_answer_holds_the_share_that_is_asked_for(client):
    whole = client.query(headers=PLAIN).content
    client.emulator.faults.add("truncate", path="/query", keep=0.25)
    answer = client.query(headers=PLAIN, stream=True)
    assert int(answer.headers["Content-Length"]) == len(whole)
    got = answer.raw.read(len(whole) // 4)
    assert got == whole[: len(whole) // 4]
    with pytest.raises(ProtocolError):
        answer.raw.read()
    answer.close()


def test_a_chunked_answer_can_end_without_its_last_chunk(client, results):
    client.emulator.faults.add("truncate", path="/results", how="chunked")
    answer = client.get(results, headers=PLAIN, stream=True)
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in answer.headers
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _ = answer.content
    answer.close()


@pytest.mark.parametrize("when", ["before", "body"])
def test_a_slow_answer_is_late_but_whole(client, results, when):
    client.emulator.faults.add("slow", path="/results", seconds=0.2, when=when)
    began = time.perf_counter()
    slow = client.get(results)
    assert time.perf_counter() - began >= 0.2
    assert slow.content == client.get(results).content


def test_a_page_that_was_on_its_way_when_its_job_was_deleted_still_arrives(client, results):
    whole = client.get(results, headers=PLAIN).content
    client.emulator.faults.add("slow", path="/results", seconds=0.2, when="body")
    with Client(client.emulator).http as other:
        bearer = PLAIN | {"Authorization": f"Bearer {client.token}"}
        url = f"{client.emulator.url}/services/data/v66.0/{results}"
        late = other.get(url, headers=bearer, stream=True, timeout=10)
        assert client.call("DELETE", results.removesuffix("/results")).status_code == 204
        assert late.content == whole
    assert error_of(client.get(results))[:2] == (404, "NOT_FOUND")


def test_a_server_that_stops_does_not_wait_for_a_slow_answer():
    with Emulator(StandIn()) as emulator:
        client = Client(emulator)
        client.sign_in()
        emulator.faults.add("slow", seconds=3600)
        with pytest.raises(requests.Timeout):
            client.http.get(f"{emulator.url}/services/data/", timeout=0.1)
        client.http.close()
        began = time.perf_counter()
    assert time.perf_counter() - began < 60


# --- Wrong pages -----------------------------------------------------------------------------------------------------


def test_a_short_page_of_a_query_hides_records_that_the_total_counts(client):
    client.emulator.faults.add("short_page", rows=2)
    page = client.query().json()
    assert (len(page["records"]), page["totalSize"], page["done"]) == (98, 100, True)


@pytest.mark.parametrize(("count_header", "said"), [("full", "100"), ("actual", "97")])
def test_a_short_page_of_a_job_is_told_by_its_header_or_only_by_the_jobs_total(client, results, count_header, said):
    client.emulator.faults.add("short_page", rows=3, count_header=count_header)
    answer = client.get(results)
    assert answer.headers["Sforce-NumberOfRecords"] == said
    assert answer.text.count('"001') == 97
    assert int(answer.headers["Content-Length"]) > 0
    assert client.get(results).text.count('"001') == 100


def test_headers_can_be_lost_on_the_way(client, results):
    client.emulator.faults.add("no_count_header")
    answer = client.get(results)
    assert "Sforce-NumberOfRecords" not in answer.headers
    assert answer.headers["Sforce-Locator"] == "null"
    client.emulator.faults.add("drop_header", name="sforce-locator")
    assert "Sforce-Locator" not in client.get(results).headers


def test_values_can_hold_nul_bytes(client, results):
    clean = client.get(results).content
    client.emulator.faults.add("nul_bytes")
    dirty = client.get(results).content
    assert dirty.count(b"\0") == 100
    assert dirty.replace(b"\0", b"") == clean


@pytest.mark.parametrize(("kind", "header_cnt"), [("repeat_header", 2), ("no_header", 0)])
def test_a_page_can_have_its_header_twice_or_not_at_all(client, results, kind, header_cnt):
    client.emulator.faults.add(kind)
    answer = client.get(results)
    assert answer.text.count('"Id","Name"\n') == header_cnt
    assert answer.text.count('"001') == 100


# --- Jobs ------------------------------------------------------------------------------------------------------------


def test_a_job_can_fail_with_or_without_saying_why(client):
    client.emulator.faults.add("fail_job")
    info = client.finished_job()
    assert (info["state"], info["errorMessage"][:19]) == ("Failed", "InternalServerError")
    client.emulator.faults.add("fail_job", message=None)
    assert "errorMessage" not in client.finished_job()
    assert client.finished_job()["state"] == "JobComplete"


@pytest.mark.parametrize("state", ["InProgress", "UploadComplete"])
def test_a_job_can_be_stuck_until_it_is_aborted(client, state):
    client.emulator.faults.add("stuck_job", state=state)
    job_id = client.create_job().json()["id"]
    assert {client.get(f"jobs/query/{job_id}").json()["state"] for _ in range(20)} == {state}
    assert client.call("PATCH", f"jobs/query/{job_id}", json={"state": "Aborted"}).json()["state"] == "Aborted"


def test_a_job_of_one_object_can_be_refused(client):
    client.emulator.faults.add("refuse_job", text="FROM Account", code="LIMIT_EXCEEDED", message="Max reached")
    assert error_of(client.create_job()) == (400, "LIMIT_EXCEEDED", "Max reached")
    assert client.create_job().status_code == 200


def test_every_kind_of_fault_leaves_the_server_able_to_go_on():
    for kind in KINDS:
        with serving(StandIn(100)) as client:
            client.emulator.faults.add(kind, **({"seconds": 0.0} if kind == "slow" else {}))
            for _ in range(2):
                try:
                    client.sign_in()
                    client.query()
                    client.create_job()
                except (requests.RequestException, json.JSONDecodeError):
                    continue
            client.emulator.faults.clear()
            client.sign_in()
            assert client.finished_job()["numberRecordsProcessed"] == 100
