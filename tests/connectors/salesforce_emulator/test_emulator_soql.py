"""SOQL on the emulator: what it answers, and what it refuses with which words."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.org import Org

ACCOUNTS = [
    {"Id": "001Em0000000001IAA", "Name": "Alpha", "AnnualRevenue": "100", "CreatedDate": "2026-01-01T10:00:00.000Z"},
    {"Id": "001Em0000000002IAA", "Name": "beta", "AnnualRevenue": "90.5", "CreatedDate": "2026-02-01T10:00:00.000Z"},
    {"Id": "001Em0000000003IAA", "Name": "O'Neil", "ParentId": "001Em0000000001IAA", "Industry": "Energy"},
]
DEALS = [
    {"AccountId": "001Em0000000001IAA", "StageName": "Won", "Amount": "10", "CloseDate": "2026-03-01"},
    {"AccountId": "001Em0000000001IAA", "StageName": "Lost", "Amount": "20", "CloseDate": "2026-04-01"},
    {"AccountId": "001Em0000000002IAA", "StageName": "Won", "Amount": "40", "CloseDate": "2026-05-01"},
]


@pytest.fixture(scope="module")
def org() -> Iterator[Org]:
    made = Org(clock=Clock(datetime(2026, 4, 1, 12, tzinfo=UTC), ticking=False))
    made.load("Account", ACCOUNTS)
    made.load("Opportunity", [{"Id": f"006Em000000000{n}IAA", **deal} for n, deal in enumerate(DEALS)])
    made.add_field("Account", "Tags__c", "multipicklist")
    made.load("Account", [{"Id": "001Em0000000004IAA", "Name": "tagged", "Tags__c": "A;B", "Industry": "Retail"}])
    yield made
    made.close()


@pytest.fixture
def ask(org):
    def records(soql, **options):
        found = org.query(soql, **{"include_deleted": False, "version": 66.0, **options})
        return found.records(0, found.row_cnt)

    return records


@pytest.fixture
def names(ask):
    return lambda where: [record["Name"] for record in ask(f"SELECT Name FROM Account WHERE {where}")]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name = 'ALPHA'", ["Alpha"]),
        ("Name LIKE '%ET%'", ["beta"]),
        ("Name LIKE 'bet_'", ["beta"]),
        (r"Name = 'O\'Neil'", ["O'Neil"]),
        ("Name != 'alpha'", ["beta", "O'Neil", "tagged"]),
        ("AnnualRevenue >= 90.5", ["Alpha", "beta"]),
        ("AnnualRevenue > 90.5", ["Alpha"]),
        ("AnnualRevenue = null", ["O'Neil", "tagged"]),
        ("AnnualRevenue != null", ["Alpha", "beta"]),
        ("NOT (AnnualRevenue > 95)", ["beta", "O'Neil", "tagged"]),
        ("Industry != 'Energy'", ["Alpha", "beta", "tagged"]),
        ("Industry NOT IN ('Energy')", ["Alpha", "beta", "tagged"]),
        ("Industry IN ('energy', 'Retail')", ["O'Neil", "tagged"]),
        ("CreatedDate >= 2026-01-01T10:00:00Z AND CreatedDate < 2026-02-01T10:00:00.000Z", ["Alpha"]),
        ("CreatedDate <= 2026-01-01T12:00:00+02:00", ["Alpha"]),
        ("CreatedDate = LAST_N_DAYS:60", ["beta"]),
        ("Id = '001Em0000000002'", ["beta"]),
        ("Id IN ('001Em0000000002IAA', '001Em0000000001')", ["Alpha", "beta"]),
        ("Id > '001Em0000000003IAA'", ["tagged"]),
        ("(Name = 'alpha' OR Name = 'beta') AND AnnualRevenue = 100", ["Alpha"]),
        ("Parent.Name = 'Alpha'", ["O'Neil"]),
        ("Tags__c INCLUDES ('A;B', 'C')", ["tagged"]),
        ("Tags__c INCLUDES ('A;C')", []),
        ("Id IN (SELECT AccountId FROM Opportunity WHERE StageName = 'Lost')", ["Alpha"]),
        ("IsDeleted = false AND Name = 'beta'", ["beta"]),
        ("IsDeleted = TRUE", []),
        ("IsDeleted != true AND Name LIKE 'b%'", ["beta"]),
        ("AnnualRevenue < 95 AND (NOT Name = 'x')", ["beta"]),
        ("CreatedDate < LAST_N_DAYS:60", ["Alpha"]),
        ("CreatedDate <= THIS_YEAR AND CreatedDate != YESTERDAY", ["Alpha", "beta"]),
    ],
)
def test_a_condition_selects_what_salesforce_would(names, where, expected):
    assert names(where) == expected


def test_fields_are_found_in_any_letter_case_and_named_as_describe_spells_them(ask):
    (record,) = ask("select NAME, parent.ID from ACCOUNT where name = 'O\\'Neil'")
    assert record["Name"] == "O'Neil"
    assert record["Parent"]["Id"] == "001Em0000000001IAA"
    assert record["attributes"]["url"] == "/services/data/v66.0/sobjects/Account/001Em0000000003IAA"


def test_a_parent_is_null_as_a_whole_when_there_is_none(ask):
    (record,) = ask("SELECT Parent.Name, Parent.Parent.Name FROM Account WHERE Name = 'Alpha'")
    assert record["Parent"] is None
    (record,) = ask("SELECT Parent.Name, Parent.Parent.Name FROM Account WHERE ParentId != null")
    assert record["Parent"]["Name"] == "Alpha"
    assert record["Parent"]["Parent"] is None


def test_a_parent_of_several_kinds_says_which_it_is():
    org = Org()
    deal = org.insert("Opportunity", {"Name": "deal", "StageName": "Open"})
    org.insert("Task", {"Subject": "Call", "WhatId": deal})
    (record,) = org.query("SELECT What.Name, What.Type FROM Task", include_deleted=False, version=66.0).records(0, 1)
    org.close()
    assert record["What"]["Name"] == "deal"
    assert record["What"]["attributes"]["type"] == record["What"]["Type"] == "Opportunity"


def test_children_come_as_results_of_their_own_and_as_null_when_there_are_none(ask):
    soql = "SELECT Name, (SELECT Amount FROM Opportunities WHERE Amount > 10 ORDER BY Amount DESC) FROM Account"
    alpha, beta, neil, _ = ask(soql)
    assert [child["Amount"] for child in alpha["Opportunities"]["records"]] == [20.0]
    assert beta["Opportunities"]["totalSize"] == 1
    assert neil["Opportunities"] is None


def test_the_limit_of_children_holds_per_parent(ask):
    soql = "SELECT Id, (SELECT Id FROM Opportunities LIMIT 1) FROM Account ORDER BY Name LIMIT 2"
    assert [record["Opportunities"]["totalSize"] for record in ask(soql)] == [1, 1]


def test_count_has_a_size_and_no_records(org):
    found = org.query("SELECT COUNT() FROM Opportunity WHERE Amount > 10", include_deleted=False, version=66.0)
    assert (found.total_size, found.row_cnt, found.records(0, 10)) == (2, 0, [])


def test_a_limited_count_stops_at_the_limit(org):
    assert org.query("SELECT COUNT() FROM Account LIMIT 2", include_deleted=False, version=66.0).total_size == 2


def test_groups_are_counted_and_summed(ask):
    selected = "StageName, COUNT(Id) n, SUM(Amount), MAX(CloseDate)"
    lost, won = ask(f"SELECT {selected} FROM Opportunity GROUP BY StageName ORDER BY StageName")
    assert lost["attributes"] == {"type": "AggregateResult"}
    assert (lost["n"], lost["expr0"], lost["expr1"]) == (1, 20.0, "2026-04-01")
    assert (won["n"], won["expr0"], won["expr1"]) == (2, 50.0, "2026-05-01")


def test_order_limit_and_offset_hold(ask):
    found = ask("SELECT Name FROM Account ORDER BY AnnualRevenue DESC NULLS LAST LIMIT 2 OFFSET 1")
    assert [record["Name"] for record in found] == ["beta", "O'Neil"]
    assert [r["Name"] for r in ask("SELECT Name FROM Account ORDER BY Name DESC LIMIT 1")] == ["tagged"]


def test_fields_functions_expand_to_what_describe_shows(ask, org):
    (record,) = ask("SELECT FIELDS(ALL) FROM Account LIMIT 1")
    assert set(record) == {"attributes", *(one["name"] for one in org.describe("Account", 66.0)["fields"])}
    (record,) = ask("SELECT Id, FIELDS(CUSTOM) FROM Account WHERE Tags__c != null LIMIT 200")
    assert set(record) == {"attributes", "Id", "Tags__c"}


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token: <EOF>"),
        ("SELECT * FROM Account", "MALFORMED_QUERY", "unexpected token: '*'"),
        ("SELECT Id Name FROM Account", "MALFORMED_QUERY", "unexpected token: 'Name'"),
        ("SELECT Id FROM Account;", "MALFORMED_QUERY", "unexpected token: ';'"),
        ("SELECT Id, ID FROM Account", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Id FROM Account WHERE Id = '001' AND Id = '002' OR Id = '003'", "MALFORMED_QUERY", "'OR'"),
        ("SELECT Nope FROM Account", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'."),
        ("SELECT Id FROM Account ORDER BY Nope", "INVALID_FIELD", "No such column 'Nope'"),
        ("SELECT Nope.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Nope'"),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported."),
        ("SELECT Id, (SELECT Id FROM Nopes) FROM Account", "INVALID_TYPE", "'Nopes' in FROM part of query call"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "'Description' can not be filtered"),
        ("SELECT Id FROM AccountHistory WHERE OldValue = 'x'", "INVALID_FIELD", "'OldValue' can not be filtered"),
        (
            "SELECT Id FROM Account WHERE CreatedDate > '2026-01-01T00:00:00Z'",
            "INVALID_FIELD",
            "must be of type dateTime",
        ),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01T00:00:00", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Opportunity WHERE CloseDate > 2026-01-01T00:00:00Z", "INVALID_FIELD", "must be of type date"),
        ("SELECT Id FROM Opportunity WHERE CloseDate = 2026-02-31", "MALFORMED_QUERY", "Invalid date: 2026-02-31"),
        ("SELECT Id FROM Account WHERE AnnualRevenue > '5'", "INVALID_FIELD", "must be of type currency"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "should be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE IsDeleted > false", "INVALID_QUERY_FILTER_OPERATOR", "boolean"),
        ("SELECT Id FROM Account WHERE Id = '001'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: 001"),
        ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
        ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY", "unbounded set of fields"),
        ("SELECT FIELDS(ALL) FROM Account LIMIT 201", "MALFORMED_QUERY", "unbounded set of fields"),
        ("SELECT Id, FIELDS(STANDARD) FROM Account", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "must be grouped or aggregated: Name"),
        ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY", "does not support aggregate operator SUM"),
        ("SELECT BillingAddress FROM Account WHERE BillingAddress = 'x'", "INVALID_FIELD", "can not be filtered"),
        (r"SELECT Id FROM Account WHERE Name = '\q'", "MALFORMED_QUERY", r"Illegal escape sequence \q"),
        (
            "SELECT Parent.Parent.Parent.Parent.Parent.Parent.Name FROM Account",
            "MALFORMED_QUERY",
            "maximum depth of 5 relationships exceeded",
        ),
    ],
)
def test_what_salesforce_refuses_is_refused_in_its_words(ask, soql, code, message):
    with pytest.raises(RefusalError) as refused:
        ask(soql)
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert message in refused.value.message


def test_a_refusal_points_at_the_place(ask):
    with pytest.raises(RefusalError) as refused:
        ask("SELECT Id,\n  Nope FROM Account")
    assert refused.value.message.startswith(
        "\n  Nope FROM Account\n  ^\nERROR at Row:2:Column:3\nNo such column 'Nope'"
    )


def test_a_hidden_field_is_refused_as_if_it_did_not_exist(org, ask):
    org.hide_field("Account", "Industry")
    try:
        with pytest.raises(RefusalError, match="No such column 'Industry' on entity 'Account'"):
            ask("SELECT Industry FROM Account")
    finally:
        org.show_field("Account", "Industry")
    assert ask("SELECT Industry FROM Account WHERE Industry = 'Energy'")[0]["Industry"] == "Energy"


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id, BillingAddress FROM Account", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT COUNT() FROM Account", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Id FROM Account OFFSET 1", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT FIELDS(ALL) FROM Account LIMIT 200", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Id FROM TaskWhoRelation", "INVALIDENTITY"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM", "MALFORMED_QUERY"),
    ],
)
def test_what_bulk_does_not_take_is_refused_at_creation(org, soql, code):
    with pytest.raises(RefusalError) as refused:
        org.check_bulk(soql, 66.0)
    assert (refused.value.code, refused.value.status) == (code, 400)


def test_bulk_takes_parents_orders_and_limits(org):
    assert org.check_bulk("select Id, Owner.Name from account order by Id limit 5", 66.0) == "Account"
