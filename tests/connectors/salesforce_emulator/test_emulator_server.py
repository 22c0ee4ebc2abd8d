"""The REST half of the emulated server: versions, queries and their pages, objects, limits, composite calls."""

import socket

import pytest
import requests

from connectors.salesforce_emulator.ids import make_id
from connectors.salesforce_emulator.server import Emulator, EmulatorCrashError
from tests.connectors.salesforce_emulator.stand_in import NASTY, Client, StandIn, error_of, serving


@pytest.fixture
def client():
    with serving() as client:
        yield client


# --- Addresses and versions ------------------------------------------------------------------------------------------


def test_versions_are_listed_without_a_session_in_ascending_order(client):
    client.token = ""
    versions = client.get("/services/data/").json()
    assert versions[0] == {"label": "Winter '20", "url": "/services/data/v47.0", "version": "47.0"}
    assert versions[-1]["label"] == "Winter '27"
    assert [entry["label"] for entry in versions if entry["version"] in ("66.0", "67.0")] == [
        "Spring '26",
        "Summer '26",
    ]


def test_a_version_lists_its_resources(client):
    assert client.get("/services/data/v66.0").json()["queryAll"] == "/services/data/v66.0/queryAll"
    assert client.get("/services/data/v66.0/").json()["sobjects"] == "/services/data/v66.0/sobjects"


def test_a_retired_version_is_gone_and_one_of_the_future_is_unknown(client):
    assert error_of(client.get("/services/data/v30.0/limits"))[:2] == (410, "UNSUPPORTED_API_VERSION")
    assert error_of(client.get("/services/data/v99.0/limits"))[:2] == (404, "NOT_FOUND")


def test_an_unknown_address_is_not_found(client):
    not_found = (404, "NOT_FOUND", "The requested resource does not exist")
    assert error_of(client.get("nothing/here")) == not_found
    assert error_of(client.get("/elsewhere")) == not_found


def test_a_method_that_an_address_has_not_is_named(client):
    assert error_of(client.call("DELETE", "limits"))[:2] == (405, "METHOD_NOT_ALLOWED")


def test_an_address_of_more_than_16384_bytes_is_refused_in_html(client):
    answer = client.query("x" * 16_400)
    assert answer.status_code == 414
    assert answer.headers["Content-Type"].startswith("text/html")


def test_address_and_headers_of_more_than_16384_bytes_together_are_refused_in_html(client):
    assert client.query("SELECT Id FROM Account WHERE x", headers={"X-Long": "x" * 15_000}).status_code == 200
    answer = client.query("SELECT Id FROM Account WHERE " + "x" * 1500, headers={"X-Long": "x" * 15_000})
    assert answer.status_code == 431
    assert answer.text == "<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>"


def test_the_date_is_that_of_the_organisation(client):
    assert client.get("limits").headers["Date"] == "Mon, 01 Jun 2026 12:00:00 GMT"
    client.emulator.org.clock.advance(minutes=5)
    assert client.get("limits").headers["Date"] == "Mon, 01 Jun 2026 12:05:00 GMT"


def test_answers_are_compressed_for_those_who_accept_it():
    with serving(StandIn(100)) as client:
        assert client.query().headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in client.query(headers={"Accept-Encoding": "identity"}).headers
    with serving(StandIn(100), gzip=False) as client:
        assert "Content-Encoding" not in client.query().headers


# --- Queries ---------------------------------------------------------------------------------------------------------


def test_a_result_of_one_page_is_done_and_has_no_next_address(client):
    page = client.query().json()
    assert (page["totalSize"], page["done"], "nextRecordsUrl" in page) == (3, True, False)
    assert page["records"][0]["Name"] == NASTY


def test_a_long_result_comes_in_pages_that_hold_every_record_once():
    org = StandIn(4500)
    with serving(org) as client:
        page = client.query().json()
        sizes, names = [], []
        while True:
            sizes.append(len(page["records"]))
            names += [record["Name"] for record in page["records"]]
            assert page["totalSize"] == 4500
            if page["done"]:
                break
            page = client.get(page["nextRecordsUrl"]).json()
    assert sizes == [2000, 2000, 500]
    assert names == [row["Name"] for row in org.rows]


def test_a_locator_has_18_characters_and_begins_with_0r8():
    with serving(StandIn(2001)) as client:
        url = client.query().json()["nextRecordsUrl"]
    locator, _, position = url.removeprefix("/services/data/v66.0/query/").partition("-")
    assert (len(locator), locator[:3], position) == (18, "0r8", "2000")


def test_query_all_goes_on_under_query_and_under_its_own_name_and_still_includes_deleted_records():
    org = StandIn(2001)
    org.rows[2000]["IsDeleted"] = True
    with serving(org) as client:
        assert client.query().json()["totalSize"] == 2000
        url = client.get("queryAll", params={"q": "SELECT Id FROM Account"}).json()["nextRecordsUrl"]
        assert "/query/0r8" in url
        for path in (url, url.replace("/query/", "/queryAll/")):
            assert [record["Id"] for record in client.get(path).json()["records"]] == [org.rows[2000]["Id"]]


@pytest.mark.parametrize(("asked", "given"), [("batchSize=200", 200), ("batchsize=5", 200), ("batchSize=9999", 2000)])
def test_a_client_may_ask_for_pages_between_200_and_2000_records(asked, given):
    with serving(StandIn(2001)) as client:
        assert len(client.query(headers={"Sforce-Query-Options": asked}).json()["records"]) == given


def test_the_server_may_give_smaller_pages_than_asked():
    with serving(StandIn(7), page_size=3) as client:
        page = client.query(headers={"Sforce-Query-Options": "batchSize=2000"}).json()
        assert len(page["records"]) == 3
        assert page["nextRecordsUrl"].endswith("-3")


def test_a_cursor_dies_after_two_days():
    with serving(StandIn(2001), session_seconds=10**9) as client:
        url = client.query().json()["nextRecordsUrl"]
        client.emulator.org.clock.advance(days=2)
        assert client.get(url).status_code == 200
        client.emulator.org.clock.advance(seconds=1)
        assert error_of(client.get(url)) == (400, "INVALID_QUERY_LOCATOR", "invalid query locator")


def test_a_cursor_belongs_to_the_session_that_opened_it():
    with serving(StandIn(2001)) as client:
        url = client.query().json()["nextRecordsUrl"]
        client.sign_in()
        assert error_of(client.get(url))[1] == "INVALID_QUERY_LOCATOR"
    with serving(StandIn(2001), locator_ties_session=False) as client:
        url = client.query().json()["nextRecordsUrl"]
        client.sign_in()
        assert len(client.get(url).json()["records"]) == 1


@pytest.mark.parametrize("wrong", ["0r8000000000000000-2000", "nonsense", "0r8"])
def test_a_locator_that_nobody_gave_out_is_refused(client, wrong):
    assert error_of(client.get(f"query/{wrong}"))[:2] == (400, "INVALID_QUERY_LOCATOR")


def test_a_count_has_a_size_and_no_records(client):
    assert client.query("SELECT COUNT() FROM Account").json() == {"totalSize": 3, "done": True, "records": []}


def test_what_the_organisation_refuses_reaches_the_client_as_an_array(client):
    assert error_of(client.query("nonsense")) == (400, "MALFORMED_QUERY", "unexpected token: nonsense")
    assert error_of(client.get("query"))[:2] == (400, "MALFORMED_QUERY")


def test_the_organisation_hears_the_query_as_it_was_meant(client):
    client.query("SELECT Id FROM Account WHERE Name = 'a+b & ü'")
    assert client.emulator.org.asked == [("SELECT Id FROM Account WHERE Name = 'a+b & ü'", False, 66.0)]


# --- Objects ---------------------------------------------------------------------------------------------------------


def test_objects_are_described(client):
    assert client.get("sobjects").json()["sobjects"] == [{"name": "Account"}]
    assert client.get("sobjects/Account").json()["objectDescribe"] == {"name": "Account"}
    assert [field["name"] for field in client.get("sobjects/Account/describe").json()["fields"]][:2] == ["Id", "Name"]
    assert error_of(client.get("sobjects/Nothing__c/describe"))[:2] == (404, "NOT_FOUND")


def test_a_description_that_has_not_changed_is_not_sent_again(client):
    first = client.get("sobjects/Account/describe")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert (client.get("sobjects/Account/describe", headers=since).status_code, first.status_code) == (304, 200)


def test_a_field_added_in_the_very_second_of_the_last_look_is_not_hidden_by_if_modified_since(client):
    since = {"If-Modified-Since": client.get("sobjects/Account/describe").headers["Date"]}
    client.emulator.org.fields.append("Region__c")
    answer = client.get("sobjects/Account/describe", headers=since)
    assert answer.status_code == 200
    assert "Region__c" in answer.text


def test_a_record_is_read_by_its_id_without_compound_fields(client):
    row = client.emulator.org.rows[1]
    assert client.get(f"sobjects/Account/{row['Id']}").json()["Name"] == "Account 1"
    assert client.emulator.org.asked[-1][0] == f"SELECT Id, Name FROM Account WHERE Id = '{row['Id']}'"
    client.get(f"sobjects/Account/{row['Id']}", params={"fields": "Name"})
    assert client.emulator.org.asked[-1][0] == f"SELECT Name FROM Account WHERE Id = '{row['Id']}'"


def test_a_record_that_is_deleted_or_never_was_is_not_found(client):
    row = client.emulator.org.rows[1]
    row["IsDeleted"] = True
    assert error_of(client.get(f"sobjects/Account/{row['Id']}"))[:2] == (404, "ENTITY_IS_DELETED")
    assert error_of(client.get(f"sobjects/Account/{make_id('001', 999)}"))[:2] == (404, "NOT_FOUND")


@pytest.mark.parametrize("end", ["2026-06-01T13:00:00Z", "2026-06-01T15:00:00+02:00", "2026-06-01T13:00:00.000+0000"])
def test_deleted_and_updated_take_times_with_any_zone(client, end):
    times = {"start": "2026-06-01T11:00:00Z", "end": end}
    assert client.get("sobjects/Account/deleted/", params=times).json()["deletedRecords"] == []
    assert len(client.get("sobjects/Account/updated", params=times).json()["ids"]) == 1
    (_, start, asked_end), _ = client.emulator.org.asked
    assert (asked_end - start).total_seconds() == 7200


@pytest.mark.parametrize("start", ["2026-06-01T11:00:00", "2026-06-01", "yesterday", None])
def test_deleted_refuses_a_time_without_zone(client, start):
    answer = client.get("sobjects/Account/deleted/", params={"start": start, "end": "2026-06-01T13:00:00Z"})
    assert answer.status_code == 400


# --- Limits ----------------------------------------------------------------------------------------------------------


def test_every_data_answer_says_how_many_calls_were_made(client):
    assert client.get("limits").headers["Sforce-Limit-Info"] == "api-usage=1/100000"
    assert client.query("nonsense").headers["Sforce-Limit-Info"] == "api-usage=2/100000"
    assert client.get("limits").json()["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_997}
    assert "Sforce-Limit-Info" not in client.get("/services/data/").headers


def test_calls_beyond_the_daily_limit_are_refused_until_a_day_has_passed():
    with serving(daily_calls_limit=2, session_seconds=10**9) as client:
        assert [client.get("limits").status_code for _ in range(3)] == [200, 200, 403]
        assert error_of(client.get("limits")) == (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        client.emulator.org.clock.advance(days=1, minutes=1)
        assert client.get("limits").status_code == 200


def test_record_counts_leave_unknown_objects_out(client):
    counts = [{"count": 3, "name": "Account"}]
    assert client.get("limits/recordCount", params={"sObjects": "Account,Nothing__c"}).json()["sObjects"] == counts
    assert client.get("limits/recordCount").json()["sObjects"] == counts


# --- Composite calls -------------------------------------------------------------------------------------------------


def sub(url, reference="a", method="GET"):
    return {"method": method, "url": url, "referenceId": reference}


def test_a_composite_call_answers_each_request_and_counts_once(client):
    asked = [sub("/services/data/v66.0/query?q=SELECT+COUNT()+FROM+Account"), sub("/services/data/v66.0/nothing", "b")]
    answer = client.call("POST", "composite", json={"compositeRequest": asked})
    first, second = answer.json()["compositeResponse"]
    assert (first["body"]["totalSize"], first["httpStatusCode"], first["referenceId"]) == (3, 200, "a")
    assert (second["body"][0]["errorCode"], second["httpStatusCode"]) == ("NOT_FOUND", 404)
    assert answer.headers["Sforce-Limit-Info"].startswith("api-usage=1/")


def test_a_composite_call_carries_a_query_too_long_for_an_address(client):
    soql = "SELECT Id FROM Account WHERE " + "x" * 20_000
    asked = [sub(f"/services/data/v66.0/query?q={soql}")]
    answer = client.call("POST", "composite", json={"compositeRequest": asked}).json()
    assert answer["compositeResponse"][0]["body"]["totalSize"] == 3
    assert client.emulator.org.asked[0][0] == soql


def test_a_composite_call_has_limits(client):
    query = sub("/services/data/v66.0/query?q=SELECT+COUNT()+FROM+Account")
    other = sub("/services/data/v66.0/limits")
    for asked, status in (([query] * 5 + [other] * 20, 200), ([other] * 26, 400), ([query] * 6, 400)):
        assert client.call("POST", "composite", json={"compositeRequest": asked}).status_code == status
    writes = client.call("POST", "composite", json={"compositeRequest": [sub("/services/data/v66.0/x", method="POST")]})
    assert writes.json()["compositeResponse"][0]["httpStatusCode"] == 405


def test_a_batch_takes_addresses_from_the_version_on(client):
    asked = [{"method": "GET", "url": "v66.0/limits"}, {"method": "GET", "url": "v66.0/nothing"}]
    answer = client.call("POST", "composite/batch", json={"batchRequests": asked}).json()
    assert answer["hasErrors"]
    assert [entry["statusCode"] for entry in answer["results"]] == [200, 404]
    assert error_of(client.call("POST", "composite/batch", data="{"))[1] == "JSON_PARSER_ERROR"


# --- The server itself -----------------------------------------------------------------------------------------------


def test_requests_can_be_counted_and_hold_no_secret(client):
    client.query("SELECT Id FROM Account")
    client.create_job(query="SELECT Name FROM Account")
    sign_in, query, job = client.emulator.requests
    assert (sign_in.method, sign_in.path, sign_in.soql) == ("POST", "/services/oauth2/token", None)
    assert (query.soql, job.soql) == ("SELECT Id FROM Account", "SELECT Name FROM Account")
    assert client.token not in repr(client.emulator.requests)
    assert client.emulator.credentials.consumer_secret not in repr(client.emulator.requests)
    assert client.emulator.credentials.consumer_secret not in repr(client.emulator.credentials)


def test_stopping_ends_connections_that_clients_keep_open():
    emulator = Emulator(StandIn()).start()
    with socket.create_connection(("127.0.0.1", int(emulator.url.rsplit(":", 1)[1])), timeout=10) as connection:
        connection.sendall(b"GET /services/data/ HTTP/1.1\r\nHost: here\r\n\r\n")
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
        emulator.stop()
        while connection.recv(1 << 16):
            pass
    emulator.stop()


def test_a_defect_of_the_emulator_is_raised_when_it_stops():
    org = StandIn()
    org.describe_global = lambda version: 1 / 0
    emulator = Emulator(org).start()
    client = Client(emulator)
    client.sign_in()
    with pytest.raises(requests.ConnectionError, match="Connection aborted"):
        client.get("sobjects")
    client.http.close()
    with pytest.raises(EmulatorCrashError, match="ZeroDivisionError"):
        emulator.stop()


def test_a_started_emulator_is_not_started_again():
    with Emulator(StandIn()) as emulator, pytest.raises(RuntimeError, match="already serves"):
        emulator.start()


def test_a_request_may_come_in_chunks_of_any_size(client):
    parts = [b'{"operation": "query", ', b'"query": "SELECT Id', b' FROM Account"}']
    answer = client.call("POST", "jobs/query", data=iter(parts))
    assert answer.json()["object"] == "Account"
    assert client.emulator.requests[-1].soql == "SELECT Id FROM Account"
    assert client.get("limits").status_code == 200
