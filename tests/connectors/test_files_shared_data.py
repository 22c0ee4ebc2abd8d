"""Public sample data as it was published, read in place."""

import pytest

from connectors.base import UNPARSED
from kam_pipeline.crm_schema import ACCOUNT, EVENT, OPPORTUNITY

MAVEN = {
    "Account": {"file": "accounts.csv", "fields": {"Id": "account", "Name": "account", "ParentId": "subsidiary_of"}},
    "Opportunity": {
        "file": "sales_pipeline.csv",
        "fields": {
            "Id": "opportunity_id",
            "AccountId": "account",
            "StageName": "deal_stage",
            "CreatedDate": "engage_date",
            "CloseDate": "close_date",
            "Amount": "close_value",
            "OwnerId": "sales_agent",
        },
    },
}
VARIANTS = {"": "%Y-%m-%d", "variant_mdyyyy": "%m/%d/%Y", "variant_ddmmyy": "%d-%m-%y"}


def test_one_account_file_reads_the_same_in_every_delimiter(shared_data, read):
    folder = shared_data / "bulk_csv_dialects"
    dialects = ["comma", "semicolon", "tab", "pipe", "caret", "backquote", "comma_wrapped_values"]
    results = [
        read(folder, ACCOUNT, {"Account": {"file": f"{dialect}.csv", "fields": {"Id": "NAME"}}}) for dialect in dialects
    ]
    assert len(results[0]) == 10
    assert all(result == results[0] for result in results)
    single = read(folder, ACCOUNT, {"Account": {"file": "single-column.csv", "fields": {"Id": "NAME"}}})
    assert [record["Name"] for record in single] == [record["Name"] for record in results[0]]


@pytest.mark.parametrize("variant", VARIANTS)
def test_maven_accounts_and_deals_are_all_there(variant, shared_data, read):
    folder = shared_data / "maven_crm" / variant
    formats = [VARIANTS[variant]]
    assert len(read(folder, ACCOUNT, MAVEN, date_formats=formats)) == 85
    deals = read(folder, OPPORTUNITY, MAVEN, date_formats=formats)
    assert len(deals) == 8800
    assert [deal for deal in deals if deal[UNPARSED]] == []
    assert sum(deal["Amount"] for deal in deals if deal["StageName"] == "Won") == 10_005_534


def test_maven_deals_are_equal_in_all_three_date_variants(shared_data, read):
    results = [
        sorted(
            read(shared_data / "maven_crm" / variant, OPPORTUNITY, MAVEN, date_formats=[date_format]),
            key=lambda deal: deal["Id"],
        )
        for variant, date_format in VARIANTS.items()
    ]
    assert results[0] == results[1] == results[2]


def test_maven_dates_in_iso_need_no_format(shared_data, read):
    deals = read(shared_data / "maven_crm", OPPORTUNITY, MAVEN)
    assert deals == read(shared_data / "maven_crm", OPPORTUNITY, MAVEN, date_formats=["%Y-%m-%d"])


def test_seeds_with_snake_case_names_are_read_through_a_mapping(shared_data, read):
    names = {
        "AccountId": "account_id",
        "StageName": "stage_name",
        "IsClosed": "is_closed",
        "IsWon": "is_won",
        "IsDeleted": "is_deleted",
        "CloseDate": "close_date",
        "CreatedDate": "created_date",
    }
    mapping = {
        "Account": {"file": "sf_account_data.csv", "fields": {"IsDeleted": "is_deleted"}},
        "Opportunity": {"file": "sf_opportunity_data.csv", "fields": names},
        "Event": {"file": "sf_event_data.csv", "fields": {"IsDeleted": "is_deleted", "ActivityDate": "activity_date"}},
    }
    folder = shared_data / "salesforce_seeds"
    accounts = read(folder, ACCOUNT, mapping)
    assert {len(account["Id"]) for account in accounts if account["Id"].isalnum()} == {18}
    deals = read(folder, OPPORTUNITY, mapping)
    assert all(deal[UNPARSED] is None and deal["CloseDate"] for deal in deals)
    assert any(deal["IsWon"] and deal["IsDeleted"] for deal in deals)
    events = read(folder, EVENT, mapping)
    assert all(event["ActivityDate"] and event["IsDeleted"] is not None for event in events)
