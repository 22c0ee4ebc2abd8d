"""Queries of the emulated organisation through REST and Bulk: every record once, typed, whatever a night brings."""

import json

import pyarrow as pa
import pytest

from connectors.salesforce.records import schema_of
from kam_pipeline.crm_schema import OPPORTUNITY, PRODUCT2, TASK_WHO_RELATION
from kam_pipeline.errors import ConnectorError, RequestRefusedError

COLUMNS = [
    ("Id", "id", "Id"),
    ("IsDeleted", "boolean", "IsDeleted"),
    ("Name", "string", "Name"),
    ("SystemModstamp", "datetime", "SystemModstamp"),
]


def fill(org, record_cnt):
    org.load(
        "Product2",
        [
            {
                "Id": f"01tNd{number:010d}AAA",
                "IsDeleted": "false",
                "Name": f"Product {number}",
                "SystemModstamp": "2026-06-30T00:00:00.000Z",
            }
            for number in range(record_cnt)
        ],
    )


@pytest.fixture
def plan(plan_of):
    return plan_of(PRODUCT2, COLUMNS)


def names(reading):
    table = pa.Table.from_batches(reading.batches(), schema=schema_of(PRODUCT2))
    return sorted(table.column("Name").to_pylist())


def expected(record_cnt):
    return sorted(f"Product {number}" for number in range(record_cnt))


def asked(emulator, part):
    return [request for request in emulator.requests if part in request.path]


# --- the two ways ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("result_pages", [True, False])
@pytest.mark.parametrize("bulk", [True, False])
def test_every_record_arrives_once_over_several_pages(org, serve, readings, plan, bulk, result_pages):
    fill(org, 7)
    emulator = serve(bulk_page_rows=3, page_size=3, result_pages=result_pages)
    reading = readings(emulator, bulk=bulk).prepare(plan)
    assert reading.is_bulk is bulk
    assert reading.announced_cnt() == 7
    assert names(reading) == expected(7)


@pytest.mark.parametrize("bulk", [True, False])
def test_an_empty_object_gives_no_record(serve, readings, plan, bulk):
    reading = readings(serve(), bulk=bulk).prepare(plan)
    assert (reading.announced_cnt(), names(reading)) == (0, [])


@pytest.mark.parametrize("bulk", [True, False])
def test_deleted_records_are_among_them(org, serve, readings, plan, bulk):
    fill(org, 2)
    org.delete("Product2", "01tNd0000000000AAA")
    table = pa.Table.from_batches(readings(serve(), bulk=bulk).prepare(plan).batches())
    assert sorted(table.column("IsDeleted").to_pylist()) == [False, True]


def test_the_record_count_decides_without_looking_at_a_page(org, serve, readings, plan):
    fill(org, 5)
    emulator = serve()
    few, many = readings(emulator, bulk=False, bulk_from=6), readings(emulator, bulk=False, bulk_from=5)
    assert many.count(["Product2", "Account"]) == {"Product2": 5, "Account": 0}
    assert few.count(["Product2"]) == {"Product2": 5}
    assert not few.prepare(plan).is_bulk
    before = len(asked(emulator, "queryAll"))
    assert many.prepare(plan).is_bulk
    assert len(asked(emulator, "queryAll")) == before


def test_the_first_page_of_a_window_decides(org, serve, readings, plan):
    fill(org, 5)
    emulator = serve()
    assert readings(emulator, bulk=False, bulk_from=5).prepare(plan, "SystemModstamp >= 2026-01-01T00:00:00Z").is_bulk
    assert not readings(emulator, bulk=False, bulk_from=5).prepare(plan, "Name = 'Product 1'").is_bulk


def test_an_object_that_bulk_does_not_take_is_read_by_rest(serve, readings, plan_of):
    plan = plan_of(TASK_WHO_RELATION, [("Id", "id", "Id"), ("TaskId", "reference", "TaskId")])
    emulator = serve()
    assert not readings(emulator, bulk=True).prepare(plan).is_bulk
    assert not asked(emulator, "jobs")


def test_a_job_that_is_refused_for_the_object_is_read_by_rest(org, serve, readings, plan):
    fill(org, 3)
    emulator = serve()
    emulator.faults.add("refuse_job")
    reading = readings(emulator, bulk=True).prepare(plan)
    assert not reading.is_bulk
    assert names(reading) == expected(3)


def test_the_jobs_of_the_day_being_used_up_is_no_reason_to_read_everything_by_rest(org, serve, readings, plan):
    emulator = serve()
    emulator.faults.add(
        "refuse_job", code="LIMIT_EXCEEDED", message="Max bulk v2 query jobs (10000) per 24 hrs has been reached"
    )
    with pytest.raises(RequestRefusedError, match="Max bulk v2 query jobs"):
        readings(emulator, bulk=True).prepare(plan)


def test_a_list_of_columns_that_no_address_can_hold_goes_to_bulk(org, serve, readings, plan_of):
    own = [f"Field_with_a_rather_long_name_{number:04d}__c" for number in range(350)]
    for name in own:
        org.add_field("Product2", name, "string")
    fill(org, 1)
    plan = plan_of(PRODUCT2, [*COLUMNS, *((name, "string", None) for name in own)])
    emulator = serve()
    reading = readings(emulator, bulk=False).prepare(plan)
    assert reading.is_bulk
    (record,) = pa.Table.from_batches(reading.batches()).to_pylist()
    assert len(json.loads(record["_custom"])) == 350


def test_all_jobs_run_before_the_first_is_awaited(org, serve, readings, plan, plan_of):
    fill(org, 1)
    emulator = serve(job_polls=3)
    both = readings(emulator, bulk=True)
    first, second = both.prepare(plan), both.prepare(plan_of(OPPORTUNITY, COLUMNS[:2]))
    assert [request.method for request in asked(emulator, "jobs/query")] == ["POST", "POST"]
    assert names(first) == expected(1)
    assert second.announced_cnt() == 0


def test_a_patch_has_id_stamp_its_fields_and_what_could_not_be_read(org, serve, readings, plan, plan_of):
    fill(org, 1)
    columns = plan_of(PRODUCT2, [COLUMNS[0], COLUMNS[3], COLUMNS[2]]).columns
    reading = readings(serve(), bulk=True).prepare(plan, columns=columns, patched=("Name",), suffix="formulas")
    table = pa.Table.from_batches(reading.batches())
    assert table.column_names == ["Id", "Name", "SystemModstamp", "_unparsed"]


# --- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("reset", {"when": "before"}),
        ("reset", {"when": "body"}),
        ("truncate", {"how": "length"}),
        ("truncate", {"how": "chunked"}),
        ("status", {"status": 503, "body": "html"}),
        ("status", {"status": 429, "body": "empty"}),
        ("status", {"status": 500, "body": "json", "code": "UNKNOWN_EXCEPTION"}),
        ("expire_session", {}),
        ("short_page", {}),
        ("no_count_header", {}),
        ("no_header", {}),
        ("repeat_header", {}),
        ("nul_bytes", {}),
    ],
)
@pytest.mark.parametrize("after", [0, 1])
def test_a_result_page_with_a_fault_is_fetched_again(org, serve, readings, plan, kind, options, after):
    fill(org, 7)
    emulator = serve(bulk_page_rows=3)
    reading = readings(emulator, bulk=True).prepare(plan)
    emulator.faults.add(kind, path="/results", after=after, **options)
    assert names(reading) == expected(7)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("reset", {"when": "before"}),
        ("reset", {"when": "body"}),
        ("truncate", {"how": "length"}),
        ("truncate", {"how": "chunked"}),
        ("status", {"status": 503, "body": "html"}),
        ("status", {"status": 429, "body": "empty"}),
        ("expire_session", {}),
        ("short_page", {}),
    ],
)
@pytest.mark.parametrize("after", [0, 1])
def test_a_rest_page_with_a_fault_costs_no_record_and_doubles_none(org, serve, readings, plan, kind, options, after):
    fill(org, 7)
    emulator = serve(page_size=3)
    emulator.faults.add(kind, path="/query", after=after, **options)
    assert names(readings(emulator, bulk=False).prepare(plan)) == expected(7)


def test_sessions_that_end_all_the_time_still_let_a_rest_query_end(org, serve, readings, plan):
    fill(org, 20)
    emulator = serve(page_size=3, token_lives_calls=3)
    where = "Name LIKE 'Product%' OR Name = 'none'"
    assert names(readings(emulator, bulk=False).prepare(plan, where)) == expected(20)


@pytest.mark.parametrize("bulk", [True, False])
def test_a_page_that_stays_short_fails_and_says_how_many_are_missing(org, serve, readings, plan, bulk):
    fill(org, 5)
    emulator = serve()
    emulator.faults.add("short_page", times=None)
    reading = readings(emulator, bulk=bulk).prepare(plan)
    with pytest.raises(ConnectorError, match=r"Product2.*(4 records instead of the 5|announced 5 records and sent 4)"):
        names(reading)


def test_a_page_whose_header_counts_the_missing_row_not_is_found_by_the_total(org, serve, readings, plan):
    fill(org, 5)
    emulator = serve()
    emulator.faults.add("short_page", count_header="actual", times=None)
    with pytest.raises(ConnectorError, match="announced 5 records and sent 4"):
        names(readings(emulator, bulk=True).prepare(plan))


@pytest.mark.parametrize("message", ["InternalServerError : Retried more than fifteen times", ""])
def test_a_failed_job_says_why_and_is_not_waited_for_again(org, serve, readings, plan, message):
    fill(org, 2)
    emulator = serve()
    emulator.faults.add("fail_job", message=message)
    reading = readings(emulator, bulk=True).prepare(plan)
    with pytest.raises(ConnectorError, match="Retried more than" if message else "without saying why") as caught:
        names(reading)
    assert caught.value.can_pass
    assert names(readings(emulator, bulk=True).prepare(plan)) == expected(2)
    assert len([request for request in asked(emulator, "jobs/query") if request.method == "POST"]) == 2


def test_a_job_that_never_ends_is_given_up(serve, readings, plan):
    emulator = serve()
    emulator.faults.add("stuck_job")
    asking = readings(emulator, bulk=True)
    with pytest.raises(ConnectorError, match="still InProgress after"):
        asking.prepare(plan).announced_cnt()


# --- going on --------------------------------------------------------------------------------------------------------


def test_an_interrupted_extraction_fetches_only_what_is_not_there(org, serve, readings, plan):
    fill(org, 10)
    emulator = serve(bulk_page_rows=2)
    interrupted = readings(emulator, bulk=True).prepare(plan).batches()
    for _ in range(4):
        next(interrupted)
    interrupted.close()
    fetched = len(asked(emulator, "/results"))
    again = readings(emulator, bulk=True).prepare(plan)
    assert names(again) == expected(10)
    assert len([request for request in asked(emulator, "jobs/query") if request.method == "POST"]) == 1
    assert len(asked(emulator, "/results")) <= fetched + 3


def test_a_result_that_is_here_needs_no_server(org, serve, readings, plan):
    fill(org, 3)
    emulator = serve()
    assert names(readings(emulator, bulk=True).prepare(plan)) == expected(3)
    before = len(asked(emulator, "jobs"))
    assert names(readings(emulator, bulk=True).prepare(plan)) == expected(3)
    assert len(asked(emulator, "jobs")) == before


def test_another_question_or_twelve_hours_end_the_old_job(org, serve, readings, plan, plan_of):
    fill(org, 3)
    emulator = serve()
    moment = org.clock.now()
    assert names(readings(emulator, bulk=True).prepare(plan)) == expected(3)
    narrower = plan_of(PRODUCT2, COLUMNS[:3])
    assert names(readings(emulator, bulk=True).prepare(narrower)) == expected(3)
    org.clock.advance(hours=13)
    late = readings(emulator, bulk=True).prepare(narrower)
    assert late.submitted_at > moment
    methods = [request.method for request in asked(emulator, "jobs/query") if request.method in ("POST", "DELETE")]
    assert methods == ["POST", "DELETE", "POST", "DELETE", "POST"]


def test_when_everything_has_landed_jobs_and_pages_go(org, serve, readings, plan, tmp_path):
    fill(org, 3)
    emulator = serve()
    asking = readings(emulator, bulk=True)
    assert names(asking.prepare(plan)) == expected(3)
    asking.finish()
    assert [path for path in (tmp_path / "work").rglob("*") if path.is_file()] == []
    assert [request.method for request in asked(emulator, "jobs/query/")][-1] == "DELETE"


def test_a_damaged_note_means_that_nothing_is_pending(org, serve, readings, plan, tmp_path):
    fill(org, 3)
    emulator = serve()
    assert names(readings(emulator, bulk=True).prepare(plan)) == expected(3)
    (note,) = (tmp_path / "work").rglob("job.json")
    note.write_text(note.read_text()[:40])
    assert names(readings(emulator, bulk=True).prepare(plan)) == expected(3)


def test_nothing_secret_is_written_down(org, serve, readings, plan, tmp_path):
    fill(org, 3)
    emulator = serve()
    list(readings(emulator, bulk=True).prepare(plan).batches())
    written = b"".join(path.read_bytes() for path in (tmp_path / "work").rglob("*") if path.is_file())
    known = emulator.credentials
    for secret in (known.consumer_secret, known.password, known.security_token, known.refresh_token):
        assert secret.encode() not in written
    assert b"Bearer" not in written
