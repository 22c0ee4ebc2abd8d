"""Organisations that are otherwise than ours: what they leave out, refuse, or write in another way loses no record."""

import json
from dataclasses import replace

import pytest

from connectors.base import NOTHING_KNOWN
from connectors.salesforce.describing import plan_objects
from connectors.salesforce.permissions import sharing_notes
from kam_pipeline.crm_schema import ACCOUNT, ACCOUNT_HISTORY, CRM_OBJECTS, EMAIL_MESSAGE, TASK
from kam_pipeline.errors import ConfigurationError, ConnectorError, RequestRefusedError
from kam_pipeline.settings import load_configuration
from kam_pipeline.settings.source import Mapping
from tests.connectors.salesforce.nights import Pipeline
from tests.factories import one_of


@pytest.fixture
def nights(org, serve, source_settings, tmp_path, warehouse):
    """Make a pipeline of some objects; its nights are begun by `after(hours)`, so long after the one before."""

    def make(*objects, mapping=None, server=None, **settings):
        emulator = serve(**(server or {}))
        pipeline = Pipeline(source_settings(emulator, **settings), tmp_path, warehouse, objects, mapping)

        def night(hours: float = 24):
            org.clock.advance(hours=hours)
            return pipeline.night(org.clock.now())

        pipeline.after, pipeline.emulator = night, emulator
        return pipeline

    return make


def accounts(org, count):
    return [org.insert("Account", {"Name": f"Account {number}"}) for number in range(count)]


# --- history ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bulk_from", one_of(2000, 0))
def test_all_objects_are_compared_by_their_ids_those_without_a_stamp_too(org, nights, bulk_from):
    account = accounts(org, 1)[0]
    org.update("Account", account, {"Name": "renamed"})
    pipeline = nights(*CRM_OBJECTS, reconcile_days=0, bulk_from=bulk_from)
    pipeline.after()
    change = next(iter(pipeline.living(ACCOUNT_HISTORY)))
    org.purge("AccountHistory", change, trace=False)
    org.update("Account", account, {"Name": "renamed again"})
    counts = pipeline.after()["AccountHistory"]
    assert (counts.inserted_cnt, counts.vanished_cnt) == (1, 1)
    assert change not in pipeline.living(ACCOUNT_HISTORY)


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_user_who_may_not_ask_for_limits_reads_all_the_same(org, nights):
    """Limits and counts need 'View Setup and Configuration', which a user of an integration seldom has."""
    accounts(org, 2)
    pipeline = nights(ACCOUNT)
    pipeline.emulator.faults.add("status", path="/limits", status=403, code="INSUFFICIENT_ACCESS", times=None)
    assert pipeline.after()["Account"].inserted_cnt == 2


def test_a_user_who_may_not_ask_how_many_records_there_are_is_told_that_nobody_knows(serve, connect):
    emulator = serve()
    client = connect(emulator)
    plans, _ = plan_objects(client, [ACCOUNT, TASK], Mapping(), NOTHING_KNOWN)
    emulator.faults.add("status", path="recordCount", status=403, code="INSUFFICIENT_ACCESS")
    notes = sharing_notes(client, plans)
    assert list(notes) == ["Account"]
    assert "whether records of Account are hidden: grant 'View Setup and Configuration'" in notes["Account"]


@pytest.mark.parametrize(
    "code", one_of("INVALID_TYPE", "INSUFFICIENT_ACCESS", "NOT_FOUND", "EXCEEDED_ID_LIMIT", "NEW_CODE")
)
def test_an_object_whose_log_of_deletes_is_refused_is_compared_by_its_ids_instead(org, nights, code):
    kept, gone = accounts(org, 2)
    pipeline = nights(ACCOUNT, reconcile_days=1000)
    pipeline.after()
    pipeline.emulator.faults.add("status", path="/deleted", status=400, code=code, times=None)
    org.purge("Account", gone)
    assert pipeline.after()["Account"].vanished_cnt == 1
    assert list(pipeline.living(ACCOUNT)) == [kept]


def test_an_object_that_no_model_reads_is_left_out_where_it_is_refused_and_says_why(org, nights):
    accounts(org, 2)
    pipeline = nights(ACCOUNT, EMAIL_MESSAGE)
    restriction = {"status": 400, "code": "API_ERROR", "message": "Implementation restriction"}
    pipeline.emulator.faults.add("status", path="queryAll", text="FROM EmailMessage", times=None, **restriction)
    assert list(pipeline.after()) == ["Account"]
    ((is_present, note),) = pipeline.warehouse.rows(
        "select is_present, note from raw.load where object = 'EmailMessage'"
    )
    assert not is_present
    assert "API_ERROR: Implementation restriction" in note


def test_an_object_that_models_read_is_not_left_out_without_a_word(org, nights):
    pipeline = nights(ACCOUNT, TASK)
    pipeline.emulator.faults.add("status", path="queryAll", text="FROM Task", status=400, code="OPERATION_TOO_LARGE")
    with pytest.raises(RequestRefusedError, match="grant 'View All Data'"):
        pipeline.after()


# --- what is written otherwise ---------------------------------------------------------------------------------------


def rewrite_body(emulator, path, change):
    """Change the body of every answer whose path contains a text."""
    site = emulator._running.server.site
    answer = site.answer

    def changed(request, faults=()):
        found = answer(request, faults)
        is_meant = path in request.path and found.status == 200
        return replace(found, body=change(found.body)) if is_meant else found

    site.answer = changed


def rewrite(emulator, path, change):
    """Change every JSON answer whose path contains a text."""
    rewrite_body(emulator, path, lambda body: json.dumps(change(json.loads(body))).encode())


def each_record(change):
    return lambda answer: answer | {"records": [change(record) for record in answer["records"]]}


def test_names_of_fields_count_in_any_letter_case(org, nights):
    ids = accounts(org, 2)
    pipeline = nights(ACCOUNT)
    rewrite(
        pipeline.emulator,
        "queryAll",
        each_record(lambda record: {name.upper(): value for name, value in record.items()}),
    )
    pipeline.after()
    assert {key: record["Name"] for key, record in pipeline.living(ACCOUNT).items()} == dict(
        zip(ids, ("Account 0", "Account 1"), strict=True)
    )


@pytest.mark.parametrize(
    ("said", "kept"),
    [("2026-06-30T22:00:00.000+0000", "2026-06-30T22:00:00.000Z"), ("+45 3300+0000", "+45 3300+0000")],
)
def test_a_stamp_that_history_tells_of_is_written_as_bulk_writes_it_and_a_text_as_it_is(org, nights, said, kept):
    accounts(org, 1)
    pipeline = nights(ACCOUNT_HISTORY)
    rewrite(pipeline.emulator, "queryAll", each_record(lambda record: record | {"NewValue": said}))
    pipeline.after()
    assert [record["NewValue"] for record in pipeline.living(ACCOUNT_HISTORY).values()] == [kept]


def without(name):
    return lambda values: {key: value for key, value in values.items() if key != name}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (each_record(without("Id")), "the records lack Id"),
        (each_record(without("Name")), "the records lack Name"),
        (without("records"), "records"),
        (without("totalSize"), "totalSize"),
        (lambda answer: answer | {"totalSize": None}, "NoneType"),
    ],
    ids=["no id", "no name", "no records", "no number", "null for a number"],
)
def test_an_answer_that_lacks_what_was_asked_for_ends_in_one_message_and_loads_nothing(org, nights, change, said):
    accounts(org, 2)
    pipeline = nights(ACCOUNT)
    rewrite(pipeline.emulator, "queryAll", change)
    with pytest.raises(ConnectorError, match=f"Account: Salesforce answers the query without .*{said}"):
        pipeline.after()
    assert pipeline.living(ACCOUNT) == {}


def test_half_an_emoji_at_the_end_of_a_text_is_no_reason_to_read_nothing(org, nights):
    org.insert("Account", {"Name": "Launch 🚀"})
    pipeline = nights(ACCOUNT)
    # a field that was cut off in the middle of one: half of it is no character
    rewrite_body(pipeline.emulator, "queryAll", lambda body: body.replace("🚀".encode(), b"\\ud83d"))
    pipeline.after()
    assert [record["Name"] for record in pipeline.living(ACCOUNT).values()] == ["Launch \ufffd"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"a":}', "Salesforce answers GET .* with something that is no JSON; run again later"),
        (
            b"[]",
            "Salesforce answers GET .* without [a-zA-Z]+; .* and see whether a proxy changes answers",
        ),
        (b'{"records": []}', "Salesforce answers GET .* without [a-zA-Z]+; run again later"),
        (b'{"sobjects": null}', "Salesforce answers GET .* without [a-zA-Z]+; run again later"),
    ],
)
@pytest.mark.parametrize("path", one_of("/query", "sobjects", "/describe", "/deleted"))
def test_an_answer_of_another_form_is_named_and_not_taken_for_a_full_disk(org, nights, path, body, said):
    accounts(org, 1)
    pipeline = nights(ACCOUNT)
    rewrite_body(pipeline.emulator, path, lambda _: body)
    with pytest.raises(ConnectorError, match=f"^{said}"):
        pipeline.after()


def test_a_count_that_nobody_made_is_none(org, nights):
    accounts(org, 2)
    pipeline = nights(ACCOUNT)
    rewrite(
        pipeline.emulator,
        "recordCount",
        lambda _: {"sObjects": [{"name": "Account", "count": None}, {"name": "ACCOUNT", "count": "2"}]},
    )
    assert pipeline.after()["Account"].inserted_cnt == 2


@pytest.mark.parametrize("path", one_of("queryAll", "recordCount", "/deleted", "sobjects", "/describe"))
def test_an_answer_without_a_body_is_asked_for_again(org, nights, path):
    accounts(org, 2)
    pipeline = nights(ACCOUNT)
    pipeline.emulator.faults.add("status", path=path, status=200, body="empty")
    assert pipeline.after()["Account"].inserted_cnt == 2


def test_a_describe_with_the_least_that_can_be_said_is_enough(org, nights):
    kept, gone = accounts(org, 2)
    pipeline = nights(ACCOUNT, reconcile_days=0)
    rewrite(
        pipeline.emulator,
        "/describe",
        lambda found: {
            "name": found["name"],
            "fields": [{"name": row["name"], "type": row["type"]} for row in found["fields"]],
        },
    )
    pipeline.after()
    org.delete("Account", gone)
    pipeline.after()
    assert list(pipeline.living(ACCOUNT)) == [kept]


def test_pages_without_the_header_that_leads_to_the_next_are_missed_and_named(org, nights):
    accounts(org, 5)
    pipeline = nights(ACCOUNT, bulk_from=0, server={"result_pages": False, "bulk_page_rows": 2})
    pipeline.emulator.faults.add("drop_header", name="Sforce-Locator", times=None)
    with pytest.raises(ConnectorError, match=r"announced 5 records and sent 2; run again, .* header Sforce-Locator"):
        pipeline.after()


def test_an_organisation_without_gzip_and_with_pages_in_any_order_says_the_same(org, nights):
    ids = accounts(org, 7)
    pipeline = nights(ACCOUNT, bulk_from=0, server={"gzip": False, "bulk_page_rows": 2, "bulk_shuffle": True})
    pipeline.after()
    assert sorted(pipeline.living(ACCOUNT)) == sorted(ids)


# --- fields of the organisation's own --------------------------------------------------------------------------------


def test_all_custom_takes_along_what_is_no_standard_field_whatever_its_name_ends_in(org, nights):
    """Fields of a contact on a person account end in __pc, the parts of a location in __s."""
    for name in ("Tier__c", "Hobby__pc", "Place__Latitude__s"):
        org.add_field("Account", name, "string", default=name[0])
    accounts(org, 1)
    pipeline = nights(ACCOUNT, mapping={"Account": {"all_custom": True}})
    pipeline.after()
    (record,) = pipeline.living(ACCOUNT).values()
    assert json.loads(record["_custom"]) == {"Hobby__pc": "H", "Place__Latitude__s": "P", "Tier__c": "T"}


# --- where one signs in ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ("https://kam:Spring2026@acme.my.salesforce.com", "acme.my.salesforce.com: write the host alone"),
        ("http://kam:Spring2026@acme.my.salesforce.com", "acme.my.salesforce.com: write the host alone"),
        ("http://kam:Spring2026@127.0.0.1:8080", "127.0.0.1: write the host alone"),
        ("kam:Spring2026@acme", "write the host alone"),
        ("http://127.0.0.1:8080/services", "write the host alone, e.g. http://127.0.0.1:8080"),
        ("https://acme.lightning.force.com", "write https://acme.my.salesforce.com"),
        ("https://acme--uat.sandbox.lightning.force.com", "write https://acme--uat.sandbox.my.salesforce.com"),
    ],
)
def test_an_address_that_is_no_host_of_the_api_is_refused_and_no_password_in_it_is_repeated(tmp_path, login, said):
    config = tmp_path / "kam.yaml"
    config.write_text(
        f"source:\n  kind: salesforce\n  login: {login}\n"
        "  sign_in: {method: client_credentials, client_id: '${SF_KEY}', client_secret: '${SF_SECRET}'}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(config)
    assert said in str(caught.value)
    assert "Spring2026" not in str(caught.value)
