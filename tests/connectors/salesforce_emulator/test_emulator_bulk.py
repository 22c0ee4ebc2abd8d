"""The Bulk half of the emulated server: jobs, their states, their pages."""

import csv
import io
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.bulk_pages import cut
from connectors.salesforce_emulator.ids import is_id
from connectors.salesforce_emulator.server import EmulatorCrashError
from tests.connectors.salesforce_emulator.loaded_company import loaded_org, opportunities
from tests.connectors.salesforce_emulator.stand_in import NASTY, Client, StandIn, error_of, serving


def records_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode(), newline="")))


def pages_of(client, job_id, **params):
    """The pages of a job by locator, each as its rows, and what the headers say."""
    pages, said = [], []
    while True:
        answer = client.get(f"jobs/query/{job_id}/results", params=params)
        pages.append(records_of(answer))
        said.append(int(answer.headers["Sforce-NumberOfRecords"]))
        if answer.headers["Sforce-Locator"] == "null":
            return pages, said
        params["locator"] = answer.headers["Sforce-Locator"]


# --- Creation --------------------------------------------------------------------------------------------------------


def test_a_new_job_is_described():
    with serving() as client:
        job = client.create_job().json()
        assert job.pop("id").startswith("750")
        assert job == {
            "operation": "query",
            "object": "Account",
            "createdById": client.emulator.credentials.user_id,
            "createdDate": "2026-06-01T12:00:00.000+0000",
            "systemModstamp": "2026-06-01T12:00:00.000+0000",
            "state": "UploadComplete",
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": 66.0,
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }


def test_ids_of_jobs_are_real_ids_and_each_is_new():
    with serving() as client:
        ids = [client.create_job().json()["id"] for _ in range(3)]
        assert all(is_id(job_id) for job_id in ids)
        assert len(set(ids)) == 3


@pytest.mark.parametrize(
    "wrong", [{"operation": "insert"}, {"contentType": "JSON"}, {"columnDelimiter": "SPACE"}, {"query": None}]
)
def test_a_job_that_makes_no_sense_is_refused_at_creation(wrong):
    with serving() as client:
        assert error_of(client.create_job(**wrong))[:2] == (400, "INVALIDJOB")


def test_a_query_that_bulk_cannot_run_is_refused_at_creation():
    with serving() as client:
        answer = client.create_job(query="SELECT COUNT() FROM Account")
        assert error_of(answer) == (400, "API_ERROR", "Aggregate Relationship not supported in Bulk Query")
        assert error_of(client.call("POST", "jobs/query", data="no json"))[1] == "JSON_PARSER_ERROR"


def test_the_days_jobs_are_limited():
    with serving(daily_jobs_limit=2, session_seconds=10**9) as client:
        assert [client.create_job().status_code for _ in range(3)] == [200, 200, 400]
        message = "Max bulk v2 query jobs (2) per 24 hrs has been reached"
        assert error_of(client.create_job()) == (400, "LIMIT_EXCEEDED", message)
        assert client.get("limits").json()["DailyBulkV2QueryJobs"] == {"Max": 2, "Remaining": 0}
        client.emulator.org.clock.advance(days=1)
        assert client.create_job().status_code == 200


def test_query_all_includes_deleted_records_and_the_version_reaches_the_organisation():
    with serving() as client:
        client.finished_job(operation="queryAll")
        client.finished_job()
        assert [asked[1:] for asked in client.emulator.org.asked] == [(True, 66.0), (False, 66.0)]


# --- States ----------------------------------------------------------------------------------------------------------


def test_a_job_waits_then_runs_then_is_complete_after_so_many_looks():
    with serving(job_polls=2) as client:
        job_id = client.create_job().json()["id"]
        states = [client.get(f"jobs/query/{job_id}").json() for _ in range(2)]
        assert [info["state"] for info in states] == ["UploadComplete", "InProgress"]
        assert [info["numberRecordsProcessed"] for info in states] == [0, 0]
        assert client.get(f"jobs/query/{job_id}/results").status_code == 400
        ended = client.finished_job()
    assert (ended["state"], ended["numberRecordsProcessed"], ended["jobType"]) == ("JobComplete", 3, "V2Query")
    assert {"retries", "totalProcessingTime", "isPkChunkingSupported"} < ended.keys()
    assert "errorMessage" not in ended


def test_a_job_takes_its_time_by_the_organisations_clock():
    with serving(job_seconds=60) as client:
        job_id = client.create_job().json()["id"]
        states = [client.get(f"jobs/query/{job_id}").json()["state"] for _ in range(3)]
        assert states == ["UploadComplete", "InProgress", "InProgress"]
        client.emulator.org.clock.advance(seconds=60)
        while (state := client.get(f"jobs/query/{job_id}").json()["state"]) == "InProgress":
            pass
        assert state == "JobComplete"


def test_results_before_the_end_are_refused():
    with serving(job_seconds=60) as client:
        job_id = client.create_job().json()["id"]
        assert error_of(client.get(f"jobs/query/{job_id}/results"))[:2] == (400, "INVALIDJOBSTATE")
        assert error_of(client.get(f"jobs/query/{job_id}/resultPages"))[:2] == (400, "INVALIDJOBSTATE")


def test_a_job_that_the_organisation_cannot_run_fails_with_its_words():
    org = StandIn()
    org.bulk_failure = RefusalError("QUERY_TIMEOUT", "Your query request was running for too long.")
    with serving(org) as client:
        info = client.finished_job()
    assert (info["state"], info["numberRecordsProcessed"]) == ("Failed", 0)
    assert info["errorMessage"] == "QUERY_TIMEOUT: Your query request was running for too long."


def test_a_defect_within_a_job_is_raised_when_the_emulator_stops():
    org = StandIn()
    org.bulk_failure = ZeroDivisionError("oops")
    with pytest.raises(EmulatorCrashError, match="oops"), serving(org) as client:
        assert client.finished_job()["state"] == "Failed"


def test_a_job_can_be_aborted_until_it_has_ended():
    with serving(job_seconds=60) as client:
        job_id = client.create_job().json()["id"]
        aborted = client.call("PATCH", f"jobs/query/{job_id}", json={"state": "Aborted"}).json()
        assert aborted["state"] == client.get(f"jobs/query/{job_id}").json()["state"] == "Aborted"
        again = client.call("PATCH", f"jobs/query/{job_id}", json={"state": "Aborted"})
        assert error_of(again)[:2] == (400, "INVALIDJOBSTATE")
        assert error_of(client.get(f"jobs/query/{job_id}/results"))[:2] == (400, "INVALIDJOBSTATE")


def test_only_aborted_can_be_asked_for():
    with serving(job_seconds=60) as client:
        job_id = client.create_job().json()["id"]
        assert client.call("PATCH", f"jobs/query/{job_id}", json={"state": "JobComplete"}).status_code == 400


def test_a_job_is_deleted_with_an_empty_answer_once_it_has_ended():
    with serving(job_polls=2) as client:
        running = client.create_job().json()["id"]
        assert error_of(client.call("DELETE", f"jobs/query/{running}"))[:2] == (400, "INVALIDJOBSTATE")
        ended = client.finished_job()["id"]
        answer = client.call("DELETE", f"jobs/query/{ended}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert error_of(client.get(f"jobs/query/{ended}"))[:2] == (404, "NOT_FOUND")


def test_jobs_are_gone_after_seven_days():
    with serving(session_seconds=10**9) as client:
        job_id = client.finished_job()["id"]
        client.emulator.org.clock.advance(days=7)
        assert client.get(f"jobs/query/{job_id}/results").status_code == 200
        client.emulator.org.clock.advance(seconds=1)
        assert client.get(f"jobs/query/{job_id}/results").status_code == 404
        assert client.get("jobs/query").json()["records"] == []


def test_jobs_are_listed_in_pages():
    with serving(jobs_per_page=2) as client:
        ids = [client.create_job().json()["id"] for _ in range(3)]
        first = client.get("jobs/query").json()
        second = client.get(first["nextRecordsUrl"]).json()
    assert (first["done"], second["done"], second["nextRecordsUrl"]) == (False, True, None)
    assert [job["id"] for job in first["records"] + second["records"]] == ids
    assert first["records"][0]["jobType"] == "V2Query"


# --- Results ---------------------------------------------------------------------------------------------------------


def test_a_result_is_csv_with_every_value_quoted_and_text_as_it_is():
    with serving() as client:
        answer = client.get(f"jobs/query/{client.finished_job()['id']}/results")
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.content.startswith(b'"Id","Name"\n"001')
    assert records_of(answer)[1][1] == NASTY


def test_pages_lead_to_each_other_each_with_a_header_and_a_count():
    org = StandIn(7)
    with serving(org, bulk_page_rows=3) as client:
        pages, said = pages_of(client, client.finished_job()["id"])
    assert said == [3, 3, 1]
    assert [len(page) - 1 for page in pages] == said
    assert all(page[0] == ["Id", "Name"] for page in pages)
    assert [row[0] for page in pages for row in page[1:]] == [row["Id"] for row in org.rows]


@pytest.mark.parametrize("most", [1, 2, 3, 100])
def test_a_client_may_ask_for_smaller_pages_and_gets_every_record_once(most):
    org = StandIn(7)
    with serving(org, bulk_page_rows=3) as client:
        pages, said = pages_of(client, client.finished_job()["id"], maxRecords=most)
    assert max(said) == min(most, 3)
    assert [row[1] for page in pages for row in page[1:]] == [row["Name"] for row in org.rows]


def test_the_same_page_can_be_fetched_again_by_another_session():
    with serving(StandIn(7), bulk_page_rows=3) as client:
        path = f"jobs/query/{client.finished_job()['id']}/results"
        locator = client.get(path).headers["Sforce-Locator"]
        once = client.get(path, params={"locator": locator}).content
        client.sign_in()
        assert client.get(path, params={"locator": locator}).content == once


@pytest.mark.parametrize("params", [{"locator": "nonsense"}, {"locator": "OS4w"}, {"maxRecords": "0"}])
def test_a_locator_or_a_number_that_makes_no_sense_is_refused(params):
    with serving() as client:
        assert client.get(f"jobs/query/{client.finished_job()['id']}/results", params=params).status_code == 400


def test_an_empty_result_is_a_header():
    with serving(StandIn(0)) as client:
        pages, said = pages_of(client, client.finished_job()["id"])
    assert (pages, said) == ([[["Id", "Name"]]], [0])


def test_results_in_another_version_than_the_jobs_are_a_conflict():
    with serving() as client:
        job_id = client.finished_job()["id"]
        client.version = "65.0"
        assert client.get(f"jobs/query/{job_id}").status_code == 200
        assert client.get(f"jobs/query/{job_id}/results").status_code == 409
        assert client.get(f"jobs/query/{job_id}/resultPages").status_code == 409


def test_pages_for_parallel_download_are_listed_five_at_a_time():
    org = StandIn(7)
    with serving(org, bulk_page_rows=1) as client:
        job_id = client.finished_job()["id"]
        first = client.get(f"jobs/query/{job_id}/resultPages").json()
        second = client.get(first["nextRecordsUrl"]).json()
        assert (len(first["resultPages"]), first["done"]) == (5, False)
        assert (len(second["resultPages"]), second["done"], "nextRecordsUrl" in second) == (2, True, False)
        urls = [page["resultUrl"] for page in first["resultPages"] + second["resultPages"]]
        # In any order: each page stands for itself.
        rows = {url: records_of(client.get(url))[1][0] for url in reversed(urls)}
        assert [rows[url] for url in urls] == [row["Id"] for row in org.rows]


def test_parallel_download_is_not_there_before_version_58_or_where_it_is_switched_off():
    with serving() as client:
        client.version = "57.0"
        assert client.get(f"jobs/query/{client.finished_job()['id']}/resultPages").status_code == 404
    with serving(result_pages=False) as client:
        assert client.get(f"jobs/query/{client.finished_job()['id']}/resultPages").status_code == 404
    with serving(StandIn(6), bulk_page_rows=1, next_pages_key="nextRecordUrl") as client:
        assert "nextRecordUrl" in client.get(f"jobs/query/{client.finished_job()['id']}/resultPages").json()


@pytest.mark.parametrize("ahead", [True, False])
def test_pages_are_compressed_for_those_who_accept_it(ahead):
    with serving(StandIn(100), compress_ahead=ahead) as client:
        path = f"jobs/query/{client.finished_job()['id']}/results"
        packed = client.get(path)
        plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) == len(packed.content)
    assert packed.content == plain.content


def test_another_delimiter_and_line_ending_leave_the_values_alone():
    with serving() as client:
        job = client.finished_job(columnDelimiter="TAB", lineEnding="CRLF")
        content = client.get(f"jobs/query/{job['id']}/results").content
    assert content.startswith(b'"Id"\t"Name"\r\n')
    rows = list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter="\t"))
    assert [row[1] for row in rows] == ["Name", NASTY, "Account 1", "Account 2"]


def test_headers_can_be_left_out_or_spelt_otherwise():
    with serving(number_of_records_header=False, null_locator="") as client:
        answer = client.get(f"jobs/query/{client.finished_job()['id']}/results")
    assert "Sforce-NumberOfRecords" not in answer.headers
    assert answer.headers["Sforce-Locator"] == ""


def test_fifty_megabytes_arrive_in_little_time():
    org = StandIn(1)
    org.rows[0]["Name"] = "x" * 50_000_000
    with serving(org, gzip=False) as client:
        path = f"jobs/query/{client.finished_job()['id']}/results"
        began = time.perf_counter()
        assert len(client.get(path).content) > 50_000_000
        # A tenth of a second here; the limit is for slow machines.
        assert time.perf_counter() - began < 5


@pytest.fixture(scope="module")
def company():
    org = loaded_org()
    yield org
    org.close()


def test_jobs_and_pages_asked_for_at_once_by_many_threads_are_all_whole(company):
    with serving(company, bulk_page_rows=500) as client:

        def download(_):
            mine = Client(client.emulator)
            mine.token = client.token
            job_id = mine.finished_job(query="SELECT Id FROM Opportunity")["id"]
            urls = [page["resultUrl"] for page in mine.get(f"jobs/query/{job_id}/resultPages").json()["resultPages"]]
            rows = [row[0] for url in urls for row in records_of(mine.get(url))[1:]]
            mine.http.close()
            return rows

        with ThreadPoolExecutor(6) as pool:
            results = list(pool.map(download, range(12)))
    assert results == [[row["Id"] for row in opportunities()]] * 12


def test_results_may_come_in_any_order_with_every_record_once(company):
    expected = [row["Id"] for row in opportunities()]
    with serving(company, bulk_shuffle=True) as client:
        job_id = client.finished_job(query="SELECT Id FROM Opportunity")["id"]
        rows = [row[0] for row in records_of(client.get(f"jobs/query/{job_id}/results"))[1:]]
    assert rows != expected
    assert sorted(rows) == expected


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.text(st.sampled_from('a",\r\n\0ü😀'), max_size=12), min_size=1, max_size=12), data=st.data())
def test_cutting_a_page_gives_the_very_records_of_that_part(tmp_path_factory, values, data):
    page = tmp_path_factory.mktemp("page") / "page.csv"
    quoted = ['"' + value.replace('"', '""') + '"\n' for value in values]
    page.write_text('"Name"\n' + "".join(quoted), newline="", encoding="utf-8")
    start = data.draw(st.integers(0, len(values)))
    count = data.draw(st.integers(0, len(values)))
    expected = '"Name"\n' + "".join(quoted[start : start + count])
    assert cut(page, start, count).read_bytes() == expected.encode()
