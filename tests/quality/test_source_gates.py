"""Every gate about records and figures fails when the data is bad: put the bad record in, see the figure.

One company has a good night and then a bad one; a second one is set up without care. What no source can cause, a defect
of the pipeline, is in test_defect_gates.py.
"""

from datetime import timedelta

import pytest

from kam_pipeline.quality.contract_gates import contract_gates
from kam_pipeline.tables import gates, tables
from tests.pipeline.conftest import SmallCompany

SETTINGS = (
    "scope: {exclude_accounts: {ids: [a06]}}\n"
    "groups: {file: groups.csv}\n"
    "criteria: {min_coverage: 1, gates: [{name: fit, metric: strategic_fit, at_least: 0}]}\n"
    # whoever has a parent is a key account, with a fit that is no number: nobody on the good night
    "mapping: {Account: {fields: {IsKeyAccount: ParentId, StrategicFit: ParentId}}}\n"
    "feeds:\n"
    "  satisfaction: {file: feeds/satisfaction.csv, lowest: 0, highest: 10}\n"
    "  costs: {file: feeds/costs.csv}\n"
    "  targets: {file: feeds/targets.csv}\n"
    "  decisions: {file: feeds/decisions.csv}\n"
)
# (check, object): figure. Of 30 accounts, each with 24 deals; the bad night is described below.
BAD_NIGHT = {
    ("unique_ids", "Opportunity"): 1,
    ("records_are_newest", "Account"): 1,
    ("object_delivered", "Contact"): 0,
    ("source_note", "Organization"): 1,
    # 240 of 720 are no longer there
    ("vanished_share", "Opportunity"): 240 / 720,
    ("vanished_share", "feeds.costs"): 2 / 4,
    # of the 480 that are left, 120 have an amount that is no number, one has none, one no rate, one is too large
    ("rejected_share", "Opportunity"): 123 / 480,
    ("hierarchy_cycles", "Account"): 2,
    ("self_parents", "Account"): 1,
    ("unknown_parents", "Account"): 1,
    ("excluded_parents", "Account"): 1,
    ("amounts_no_rate", "Opportunity"): 1,
    ("amounts_no_amount", "Opportunity"): 1,
    ("amounts_out_of_range", "Opportunity"): 1,
    ("closed_before_creation", "Opportunity"): 1,
    ("negative_amounts", "Opportunity"): 1,
    ("probability_out_of_range", "Opportunity"): 1,
    ("future_activities", "Task and Event"): 1,
    ("meeting_statuses_known", "Event"): 1,
    ("criterion_numbers_readable", "Account"): 5,
    ("time_zone_known", "Organization"): 0,
    ("groups_file_matched", "group_override"): 1,
    ("feed_rows_matched", "feeds.satisfaction"): 1,
    ("feed_rows_readable", "feeds.satisfaction"): 1,
    ("feed_rows_in_range", "feeds.satisfaction"): 1,
    ("feed_rows_with_rate", "feeds.costs"): 1,
    ("feed_targets_unique", "feeds.targets"): 1,
    ("feed_decisions_unique", "feeds.decisions"): 1,
    ("feed_decisions_consistent", "feeds.decisions"): 2,
    ("decisions_followed", "feeds.decisions"): 1,
    # the CRM designates a01 with a02 below it, a03, a04, a05; the file a10 and a14
    ("designations_agree", "designation"): 6,
    # of two, one is applied: a fifth of a list of three is less than one
    ("overrides_bounded", "designation"): 1,
    ("revenue_attributed", "Opportunity"): None,
    ("list_coverage", "key_account_candidate"): None,
}
# These count and judge nothing.
INFORMING = {
    ("closed_after_date", "Opportunity"): 1,
    ("feed_rows_after_date", "feeds.costs"): 1,
    ("feed_rows_negative", "feeds.costs"): 1,
    ("feed_rows_unanswered", "feeds.satisfaction"): 1,
}
CARELESS = {
    ("reporting_currency_known", "Organization"): 0,
    ("won_deals_found", "Opportunity"): 0,
    # the last deal was made on 1 June and is not closed; extracted on 2 July
    ("data_age_days", "core.natural_date"): 30,
}
DEFECTS = {"records_accounted_for", "records_loaded", "records_living", "revenue_reconciled"}
# In a test of its own: a table of readers must be large to lose most of its rows.
SHRUNK = {"rows_kept"}
# In tests/quality/test_incremental_gates.py: files never say that a field was there before.
INCREMENTAL = {"fields_vanished"}
# In tests/quality/test_basis_gates.py.
OF_THE_BASIS = {"revenue_found"}
ERRORS = {"vanished_share", "rejected_share"}


def _organisation(company, zone, encoding="utf-8"):
    text = f'"Id","Name","TimeZoneSidKey"\n"00D1","Ærø","{zone}"\n'
    (company.folder / "export" / "Organization.csv").write_bytes(text.encode(encoding))


def _good_night(company):
    company.settings += SETTINGS
    company.write()
    company.accounts.append({**company.accounts[0], "Id": "sold", "Name": "Sold"})
    (company.folder / "groups.csv").write_text("account_id,group_id,reason,since\nsold,a08,bought,\n", encoding="utf-8")
    _organisation(company, "Europe/Copenhagen")
    (company.folder / "export" / "Contact.csv").write_text('"Id","Name"\n"c1","Ann"\n', encoding="utf-8")
    company.events = [{"Id": "e1", "AccountId": "a01", "ActivityDate": "2026-06-01", "Status": "Held"}]
    company.feeds = {
        "satisfaction": [{"account_id": "a01", "surveyed_on": "2026-05-01", "score": "9"}],
        "costs": [{"account_id": f"a{place:02}", "month": "2026-05", "cost_amt": "10"} for place in range(1, 5)],
        "targets": [{"account_id": "a01", "year": "2026", "target_amt": "100"}],
        "decisions": [_decision("a12", "exclude")],
    }
    company.run()


def _decision(account_id, status, since="2026-01-01"):
    return {
        "account_id": account_id, "status": status, "since": since, "reason": "bid", "approved_by": "Ann",
    }  # fmt: skip


def _bad_night(company):
    company.deals = [deal for deal in company.deals if deal["Id"][4:] not in _months(0, 8)]
    for deal in company.deals:
        if deal["AccountId"] in ("a27", "a28", "a29", "a30") or (
            deal["AccountId"] in ("a21", "a22", "a23", "a24") and deal["Id"][4:] in _months(10, 24)
        ):
            deal["Amount"] = "1O0"
    change = {
        "d01-10": {"CurrencyIsoCode": "XTS"}, "d01-11": {"Amount": ""}, "d01-12": {"Amount": "99999999999999"},
        "d01-13": {"CreatedDate": "2026-06-29 08:00:00"}, "d01-14": {"Amount": "-5"}, "d01-15": {"Probability": "120"},
        "d01-16": {"CloseDate": "2026-09-01"},
        # more than a year ago: it makes a customer large in three years, and not in the last one
        "d20-11": {"Amount": "1000000"},
    }  # fmt: skip
    for deal_id, fields in change.items():
        company.deal(deal_id).update(fields)
    company.deals.append({**company.deal("d01-17"), "Amount": "1", "SystemModstamp": "2020-01-01 00:00:00"})
    parents = {"a01": "a02", "a02": "a01", "a03": "a03", "a04": "ghost", "a05": "a06"}
    for account in company.accounts:
        account["ParentId"] = parents.get(account["Id"], "")
        account["SystemModstamp"] = "2024-01-02 08:00:00"
    company.accounts[9].update(SystemModstamp="2020-01-01 08:00:00", Name="older")
    _organisation(company, "Mars/Olympus", "cp1252")
    (company.folder / "export" / "Contact.csv").unlink()
    assert company.accounts.pop()["Id"] == "sold"  # and is still in the groups file
    company.events += [
        {"Id": "e2", "AccountId": "a01", "ActivityDate": "2026-12-01", "Status": "Held"},
        {"Id": "e3", "AccountId": "a01", "ActivityDate": "2026-06-01", "Status": "Whatever"},
    ]
    company.feeds["satisfaction"] += [
        {"account_id": "ghost", "surveyed_on": "2026-05-01", "score": "9"},
        {"account_id": "a01", "surveyed_on": "soon", "score": "9"},
        {"account_id": "a01", "surveyed_on": "2026-05-02", "score": "11"},
        {"account_id": "a01", "surveyed_on": "2026-05-03", "score": ""},
    ]
    company.feeds["costs"] = [
        *company.feeds["costs"][:2],
        {"account_id": "a01", "month": "2026-04", "cost_amt": "10", "currency_code": "XTS"},
        {"account_id": "a01", "month": "2026-03", "cost_amt": "-10"},
        {"account_id": "a01", "month": "2027-03", "cost_amt": "10"},
    ]
    company.feeds["targets"] += [{"account_id": "a01", "year": "2026", "target_amt": "90"}]
    company.accounts.append({**company.accounts[-1], "Id": "merged", "IsDeleted": "1", "MasterRecordId": "a14"})
    company.feeds["decisions"] += [
        _decision("a10", "key_account"), _decision("a10", "key_account", "2026-02-01"), _decision("a13", "exclude"),
        _decision("merged", "key_account"), _decision("a11", "include"), _decision("a11", "exclude"),
    ]  # fmt: skip
    company.run()


def _months(first, until):
    return {f"{month:02}" for month in range(first, until)}


@pytest.fixture(scope="module")
def bad(tmp_path_factory, outcomes):
    company = SmallCompany(tmp_path_factory.mktemp("bad"))
    _good_night(company)
    good = outcomes(company)
    assert company.blocked_by == []
    _bad_night(company)
    return good, outcomes(company), company


@pytest.fixture(scope="module")
def careless(tmp_path_factory, outcomes):
    company = SmallCompany(tmp_path_factory.mktemp("careless"))
    company.settings = "source: {kind: files, path: export}\n"
    for deal in company.deals:
        deal.update(IsWon="0", IsClosed="0", CloseDate="2027-01-01")
    company.run()
    return outcomes(company)


@pytest.mark.parametrize("key", BAD_NIGHT, ids=" of ".join)
def test_the_gate_holds_on_the_good_night_and_fails_on_the_bad_one(bad, key):
    good, found, _ = bad
    value, passed, severity = found[key]
    assert passed is False
    assert severity == ("error" if key[0] in ERRORS and not key[1].startswith("feeds.") else "warning")
    if BAD_NIGHT[key] is not None:
        assert value == pytest.approx(BAD_NIGHT[key])
    if key in good:
        assert good[key][1] is not False


@pytest.mark.parametrize("key", INFORMING, ids=" of ".join)
def test_what_only_informs_neither_passes_nor_fails(bad, key):
    assert bad[1][key] == (INFORMING[key], None, "warning")


@pytest.mark.parametrize("key", CARELESS, ids=" of ".join)
def test_the_gate_fails_where_nobody_said_what_the_source_means(careless, key):
    value, passed, severity = careless[key]
    assert (value, passed) == (CARELESS[key], False)
    assert severity == "warning"


@pytest.mark.slow
def test_of_a_clean_company_only_its_age_is_worth_a_word(tmp_path, outcomes):
    company = SmallCompany(tmp_path)
    company.run()
    failed = {key for key, (_, passed, _) in outcomes(company).items() if passed is False}
    assert failed == {("data_age_days", "core.natural_date")}


@pytest.mark.slow
def test_the_age_of_the_data_can_be_left_unjudged(tmp_path, outcomes):
    company = SmallCompany(tmp_path)
    company.settings += "quality: {max_age_days: null}\n"
    company.clock -= timedelta(days=5)
    company.run()
    # the last deal closed on 10 June and was extracted on 27 June
    assert outcomes(company)["data_age_days", "core.natural_date"] == (16, None, "warning")


def test_the_bad_night_is_blocked_and_says_why_in_the_warehouse_only(bad):
    _, _, company = bad
    assert {line.split(" ")[0] for line in company.blocked_by} == ERRORS
    published = company.read('select distinct "check" from data_quality where not passed')
    assert {name for (name,) in published} & ERRORS == set()


def test_a_table_that_has_lost_its_rows_since_the_last_publication_keeps_the_date_from_readers(tmp_path):
    company = SmallCompany(tmp_path)
    company.settings += "quality: {max_row_drop_share: 0.4, max_vanished_share: 1}\n"
    company.run()
    # of thirty customers three are left: fewer figures of groups, 600 of 1,080
    company.deals = [deal for deal in company.deals if deal["AccountId"] <= "a03"]
    company.deals[-1]["CloseDate"] = "2026-06-20"
    company.run()
    [blocked] = company.blocked_by
    assert blocked.startswith("rows_kept of marts.kpi_snapshot: 0.4444 against 0.4.")


def test_every_gate_about_the_source_has_been_seen_to_fail():
    by_header = {gate.name for table in tables().values() for gate in contract_gates(table.contract)}
    declared = {gate.name for gate in gates()} - by_header
    seen = {name for name, _ in (*BAD_NIGHT, *INFORMING, *CARELESS)} | DEFECTS | SHRUNK | INCREMENTAL | OF_THE_BASIS
    assert declared == seen


def test_every_check_of_a_night_is_a_declared_gate(bad):
    declared = {(gate.name, gate.object): gate for gate in gates()}
    assert len(declared) == len(gates())
    assert set(bad[0]) | set(bad[1]) <= set(declared)


def test_every_gate_says_in_its_first_words_which_failure_it_catches():
    informing = {name for name, _ in INFORMING}
    silent = [gate for gate in gates() if not gate.catches.startswith("Catches ") and gate.name not in informing]
    assert silent == []
