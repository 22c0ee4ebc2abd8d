"""Promise 7 at its source: a night survives a fault with the very same records, or ends in one message and no trace.

What belongs here: whole extractions that are disturbed. What does not: single requests and pages (test_sf_transport.py,
test_sf_reading.py), killed extractions (test_sf_interrupted_nights.py), secrets (test_sf_no_secret_anywhere.py).
"""

import pytest

from kam_pipeline.errors import ConnectorError, SourceFormatError
from kam_pipeline.raw import load_landing
from tests.connectors.salesforce.disturbed.fragile_nights import (
    ACCOUNTS,
    BULK_FROM,
    PLACES,
    SMALL_PAGES,
    account,
    checkpoints,
    content,
    deal,
    files_below,
    land,
    stamps,
)
from tests.factories import one_of

# At most three in a row: the fourth attempt is the last one.
PASSING = {
    "busy": [
        ("status", {"status": 503, "body": "html"}),
        ("status", {"status": 429, "body": "empty", "retry_after": 0}),
        ("status", {"status": 500, "code": "UNKNOWN_EXCEPTION"}),
    ],
    "broken": [("reset", {}), ("reset", {"when": "body"}), ("truncate", {})],
    "odd": [("truncate", {"how": "chunked"}), ("status", {"status": 420, "body": "empty"})],
    "no session": [("expire_session", {}), ("status", {"status": 502, "body": "html"})],
    "a proxy": [("status", {"status": 200, "body": "html"}), ("status", {"status": 504, "body": "empty"})],
}
# A page of a proxy in the place of a session is no passing trouble, and there is no session to lose yet.
NOT_AT_SIGN_IN = ("no session", "a proxy")


def set_faults(emulator, group):
    """Let the faults of a group strike each place, one request after the other."""
    struck = []
    for place, where in PLACES.items():
        if place == "sign-in" and group in NOT_AT_SIGN_IN:
            continue
        for number, (kind, options) in enumerate(PASSING[group]):
            struck.append((place, kind, emulator.faults.add(kind, **where, **options, after=number)))
    return struck


# --- survived --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", PASSING)
def test_a_night_with_the_same_trouble_at_every_turn_lands_the_same_records(
    emulator, settings, company, expected, tmp_path, group
):
    faults = set_faults(emulator, group)
    landing = land(settings, tmp_path / "night", company.clock.now())
    assert [(place, kind) for place, kind, fault in faults if fault.struck_cnt == 0] == []
    assert content(landing) == expected
    assert files_below(tmp_path / "night" / "extraction") == []


@pytest.mark.parametrize("group", one_of("no session", "broken"))
def test_a_second_night_with_trouble_at_every_turn_lands_the_same_changes(
    emulator, settings, company, warehouse, tmp_path, group
):
    """All ids are compared too, and a new field is read for all records."""
    load_landing(warehouse, land(settings, tmp_path, company.clock.now(), run_id="first"))
    company.clock.advance(days=8)
    company.update("Account", account(3), {"Name": "NA"})
    company.load("Opportunity", [{**stamps("2026-07-09T03:04:05.000Z"), "Id": deal(99), "Name": "new"}])
    company.delete("Opportunity", deal(7))
    company.purge("Opportunity", deal(8), trace=False)
    company.clock.advance(minutes=1)
    known = checkpoints(warehouse, emulator)
    whole = content(land(settings, tmp_path / "undisturbed", company.clock.now(), known))
    assert whole["Opportunity.gone.parquet"] == [{"Id": deal(7)}, {"Id": deal(8)}]
    set_faults(emulator, group)
    landing = land(settings, tmp_path / "night", company.clock.now(), known, run_id="second")
    assert content(landing) == whole
    assert files_below(tmp_path / "night" / "extraction") == []


@pytest.mark.parametrize("place", one_of("page", "clock", "first page", "next page", "wait"))
def test_an_answer_that_is_late_once_costs_no_record(emulator, source_settings, company, expected, tmp_path, place):
    fault = emulator.faults.add("slow", **PLACES[place], seconds=3600)
    settings = source_settings(emulator, bulk_from=BULK_FROM, timeout_seconds=0.4)
    assert content(land(settings, tmp_path / "night", company.clock.now())) == expected
    assert fault.struck_cnt == 1


def test_a_count_that_never_comes_costs_a_note_and_no_night(emulator, source_settings, company, expected, tmp_path):
    """Counting what the user sees of millions of records takes longer than a night should wait for a note."""
    emulator.faults.add("slow", path="/query", text="SELECT COUNT() FROM Account", seconds=3600, times=None)
    settings = source_settings(emulator, bulk_from=BULK_FROM, timeout_seconds=0.4)
    assert content(land(settings, tmp_path / "night", company.clock.now())) == expected


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


@pytest.mark.parametrize("kind", one_of("short_page", "expire_session"))
def test_a_record_that_is_saved_before_a_query_is_asked_again_is_no_contradiction(
    emulator, settings, company, monkeypatch, tmp_path, kind
):
    """The first page said 25 records; asked again from the start, or for the rest, there is one more."""
    emulator.faults.add(kind, path="/query/0r8", after=1)
    answered, asked = type(company).query, []

    def query(self, soql, **options):
        if "FROM Account" in soql and options["include_deleted"]:
            asked.append(soql)
            if len(asked) == 2:
                self.load("Account", [{**stamps("2026-07-01T03:04:05.000Z"), "Id": account(99), "Name": "meanwhile"}])
        return answered(self, soql, **options)

    monkeypatch.setattr(type(company), "query", query)
    landing = land(settings, tmp_path, company.clock.now())
    assert len(asked) == 2
    assert content(landing)["Account"][0] == ACCOUNTS + 1


# --- hidden between its description and its query --------------------------------------------------------------------


def hide_after_description(company, monkeypatch, hide):
    """Let an administrator act when records are counted: after all descriptions, before the first query."""
    counted = type(company).record_cnt

    def record_cnt(self, sobject):
        count = counted(self, sobject)
        hide()
        return count

    monkeypatch.setattr(type(company), "record_cnt", record_cnt)


@pytest.mark.parametrize(("sobject", "field"), one_of(("Account", "Industry"), ("Opportunity", "LeadSource")))
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
