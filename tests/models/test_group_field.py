"""Fields of the CRM as criteria may name them: value by value for every group."""

import json

import pytest

from kam_pipeline.raw import make_raw_tables
from kam_pipeline.settings.operation import Engine
from kam_pipeline.warehouse import Warehouse
from tests.factories import account, build, by_key, clear, make_configuration, merged_account

STANDARD = {
    "Industry": " Steel ", "Type": "Customer", "BillingCountry": "DK", "AnnualRevenue": "1200.50",
    "NumberOfEmployees": 40, "StrategicFit": "high", "MarketInfluence": "3",
}  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    with Warehouse.open(tmp_path_factory.mktemp("fields") / "warehouse.duckdb", Engine()) as warehouse:
        make_raw_tables(warehouse)
        account(warehouse, "A", _custom='{"Tier__c":"Gold","Is_Agent__c":true,"Score__c":12.5}', **STANDARD)
        account(warehouse, "B", ParentId="A", Industry="Steel", _custom='{"Tier__c":"Silver","Score__c":null}')
        account(warehouse, "C", ParentId="A", Industry="Wood", _custom='{"Tier__c":" Silver "}')
        account(warehouse, "empty", Industry="  ", _custom='{"Tier__c":""}')
        account(warehouse, "odd", _custom='{"$ value":"x","a/b":"y","industry":"not the field of that name"}')
        account(warehouse, "notes", _custom=f'{{"Short__c":"{"x" * 255}","Long__c":"{"x" * 256}"}}')
        account(warehouse, "internal", IsInternal=True, Industry="Steel")
        merged_account(warehouse, "merged", "A")
        build(warehouse, "marts.group_field")
        yield warehouse


def values(warehouse, group, *fields):
    """Rows (field, value, accounts, whether the top has it) of a group."""
    rows = warehouse.rows(
        "select field, field_value, accounts_cnt, is_top from marts.group_field where group_id = $group order by all",
        {"group": group},
    )
    return [row for row in rows if not fields or row[0] in fields]


def test_the_fields_that_everybody_has_are_texts_without_blanks_around_them(company):
    found = {row[0]: row[1] for row in values(company, "A") if row[3]}
    assert {name: found[name] for name in STANDARD} == {
        "Industry": "Steel", "Type": "Customer", "BillingCountry": "DK", "AnnualRevenue": "1200.5",
        "NumberOfEmployees": "40", "StrategicFit": "high", "MarketInfluence": "3",
    }  # fmt: skip


def test_each_value_says_how_many_accounts_have_it_and_whether_the_top_does(company):
    assert values(company, "A", "Industry") == [("Industry", "Steel", 2, True), ("Industry", "Wood", 1, False)]
    assert values(company, "A", "Tier__c") == [("Tier__c", "Gold", 1, True), ("Tier__c", "Silver", 2, False)]


def test_flags_and_numbers_of_ones_own_are_texts_and_null_is_no_value(company):
    assert values(company, "A", "Is_Agent__c", "Score__c") == [
        ("Is_Agent__c", "true", 1, True),
        ("Score__c", "12.5", 1, True),
    ]


def test_a_group_without_values_has_no_row(company):
    assert values(company, "empty") == []


def test_a_column_of_ones_own_keeps_its_name_and_never_stands_for_a_field_that_everybody_has(company):
    assert values(company, "odd") == [("$ value", "x", 1, True), ("a/b", "y", 1, True)]


def test_notes_are_no_values(company):
    assert [row[0] for row in values(company, "notes")] == ["Short__c"]


def test_what_is_out_of_scope_or_merged_has_no_values(company):
    assert company.value("select count(*) from marts.group_field where group_id in ('internal', 'merged')") == 0


# --- texts that are numbers ------------------------------------------------------------------------------------------

WRITTEN = {
    ".": {
        "4": 4, "4.25": 4.25, "-1e2": -100, "1,250": 1250, "1,250,000.5": 1250000.5, "Ja": 1, "no": 0, "true": 1,
        # never fifteen; and what is no number is none
        "1,5": None, "1.250.000": None, "high": None, "nan": None, "inf": None, "4 of 5": None,
    },
    ",": {
        "4": 4, "3,5": 3.5, "-0,5": -0.5, "1.250": 1250, "1.250.000,5": 1250000.5, "Nej": 0,
        # a file whose columns have types writes a point
        "4.25": 4.25, "0.125": 0.125,
        "1,250,000": None, "3,5 of 5": None, "inf": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("separator", WRITTEN)
def test_numbers_are_read_in_the_notation_of_the_source_by_field_and_by_metric_alike(reused_warehouse, separator):
    clear(reused_warehouse)
    for text in WRITTEN[separator]:
        account(
            reused_warehouse, text, StrategicFit=text, _custom=json.dumps({"Fit__c": text}), AnnualRevenue="1200.125"
        )
    source = {"kind": "files", "path": "export", "decimal_separator": separator}
    build(reused_warehouse, "marts.group_field", configuration=make_configuration(source=source))
    numbers = "select group_id, field_number from marts.group_field where field"
    assert by_key(reused_warehouse, f"{numbers} = 'Fit__c'") == WRITTEN[separator]
    assert by_key(reused_warehouse, f"{numbers} = 'StrategicFit'") == WRITTEN[separator]
    assert by_key(reused_warehouse, "select group_id, strategic_fit from core.account_group") == WRITTEN[separator]
    # what has a type is no text of the file
    assert set(by_key(reused_warehouse, f"{numbers} = 'AnnualRevenue'").values()) == {1200.125}
