"""What describe of the emulator says, and what the organisation's features and permissions make of it."""

from collections.abc import Iterator

import pytest

from connectors.salesforce_emulator.answers import RefusalError
from connectors.salesforce_emulator.org import Features, Org
from kam_pipeline.crm_schema import CRM_OBJECTS, CrmObject

KINDS = {
    "id": {"id", "reference"},
    "boolean": {"boolean"},
    "date": {"date"},
    "datetime": {"datetime"},
    "amount": {"currency"},
    "number": {"double", "percent"},
    "integer": {"int"},
    "text": {"string", "picklist", "combobox", "anyType"},
}


@pytest.fixture
def org() -> Iterator[Org]:
    made = Org()
    yield made
    made.close()


def fields_of(org, sobject, version=66.0):
    return {field["name"]: field for field in org.describe(sobject, version)["fields"]}


@pytest.mark.parametrize("declared", CRM_OBJECTS, ids=lambda declared: declared.name)
def test_every_object_that_we_read_is_described_with_fields_of_the_right_kind(declared: CrmObject):
    org = Org()
    described = org.describe(declared.name, 66.0)
    kinds = {field["name"]: field["type"] for field in described["fields"]}
    org.close()
    assert described["keyPrefix"] == declared.key_prefix
    for field in declared.fields:
        assert field.is_logical or kinds[field.name] in KINDS[field.type], field.name
    usual = {"IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp"}
    assert usual & set(kinds) == usual & {field.name for field in declared.fields}


def test_a_described_field_has_the_keys_that_clients_read(org):
    owner = fields_of(org, "Account")["OwnerId"]
    assert owner["referenceTo"] == ["User"]
    assert owner["relationshipName"] == "Owner"
    assert (owner["type"], owner["soapType"], owner["length"]) == ("reference", "tns:ID", 18)
    assert (owner["custom"], owner["calculated"], owner["nillable"]) == (False, False, False)


def test_an_address_is_a_field_beside_its_parts(org):
    fields = fields_of(org, "Account")
    assert fields["BillingAddress"]["type"] == "address"
    assert fields["BillingCity"]["compoundFieldName"] == "BillingAddress"
    assert fields_of(org, "Contact")["LastName"]["compoundFieldName"] == "Name"
    assert fields_of(org, "Contact")["Name"]["type"] == "string"


def test_long_texts_and_old_values_can_not_be_filtered(org):
    assert not fields_of(org, "Account")["Description"]["filterable"]
    old = fields_of(org, "AccountHistory")["OldValue"]
    assert (old["type"], old["filterable"]) == ("anyType", False)


def test_an_object_is_described_in_any_letter_case(org):
    assert org.describe("account", 66.0)["name"] == "Account"


def test_the_children_of_an_account_can_be_asked_for(org):
    children = org.describe("Account", 66.0)["childRelationships"]
    named = {child["relationshipName"]: (child["childSObject"], child["field"]) for child in children}
    assert named["Opportunities"] == ("Opportunity", "AccountId")
    assert named["Contacts"] == ("Contact", "AccountId")


def test_an_unknown_object_is_not_found(org):
    with pytest.raises(RefusalError) as refused:
        org.describe("Nope", 66.0)
    assert (refused.value.code, refused.value.status) == ("NOT_FOUND", 404)


def shown(org, version=66.0):
    return {one["name"] for one in org.describe_global(version)["sobjects"]}


def test_account_plans_are_there_from_version_62_on(org):
    assert "AccountPlan" in shown(org, 62.0)
    assert "AccountPlan" not in shown(org, 61.0)
    with pytest.raises(RefusalError, match="NOT_FOUND"):
        org.describe("AccountPlan", 61.0)
    with pytest.raises(RefusalError, match="INVALID_TYPE"):
        org.query("SELECT Id FROM AccountPlan", include_deleted=False, version=61.0)


@pytest.mark.parametrize(
    ("feature", "sobject"),
    [
        ("account_plans", "AccountPlan"),
        ("account_teams", "AccountTeamMember"),
        ("opportunity_teams", "OpportunityTeamMember"),
        ("orders", "OrderItem"),
        ("history", "OpportunityFieldHistory"),
        ("multi_currency", "CurrencyType"),
        ("dated_rates", "DatedConversionRate"),
    ],
)
def test_an_object_is_not_there_without_its_feature(feature, sobject):
    org = Org(features=Features(**{feature: False}))
    assert sobject not in shown(org)
    assert "Account" in shown(org)
    org.close()


def test_without_multi_currency_no_object_has_a_currency(org):
    assert "CurrencyIsoCode" in fields_of(org, "Opportunity")
    single = Org(features=Features(multi_currency=False))
    assert "CurrencyIsoCode" not in fields_of(single, "Opportunity")
    single.close()


def test_person_accounts_show_their_fields_only_where_switched_on(org):
    assert "IsPersonAccount" not in fields_of(org, "Account")
    with_persons = Org(features=Features(person_accounts=True))
    assert {"IsPersonAccount", "PersonContactId"} <= set(fields_of(with_persons, "Account"))
    with_persons.close()


def test_a_hidden_object_is_gone_until_it_is_shown(org):
    org.hide_object("Case")
    assert "Case" not in shown(org)
    org.show_object("Case")
    assert "Case" in shown(org)


def test_a_new_field_is_described_and_old_records_have_its_default(org):
    account = org.insert("Account", {"Name": "A"})
    before = org.living("Account")[0]["SystemModstamp"]
    org.add_field("Account", "Tier__c", "picklist", label="Tier", default="C")
    tier = fields_of(org, "Account")["Tier__c"]
    assert (tier["type"], tier["label"], tier["custom"]) == ("picklist", "Tier", True)
    (record,) = org.living("Account")
    assert (record["Id"], record["Tier__c"], record["SystemModstamp"]) == (account, "C", before)


def test_a_renamed_field_keeps_its_values_and_frees_its_name(org):
    org.add_field("Account", "Old__c", "string")
    org.insert("Account", {"Name": "A", "Old__c": "kept"})
    org.rename_field("Account", "Old__c", "New__c")
    org.add_field("Account", "Old__c", "double")
    (record,) = org.living("Account")
    assert (record["New__c"], record["Old__c"]) == ("kept", None)


def test_a_renamed_reference_leads_to_its_parent_by_the_new_name(org):
    account = org.insert("Account", {"Name": "A"})
    org.add_field("Case", "Old__c", "reference", reference_to=("Account",))
    org.insert("Case", {"Old__c": account})
    org.rename_field("Case", "Old__c", "New__c")
    found = org.query("SELECT New__r.Name FROM Case", include_deleted=False, version=66.0)
    assert found.records(0, 1)[0]["New__r"]["Name"] == "A"


def test_a_name_that_is_taken_is_refused(org):
    with pytest.raises(ValueError, match="has a field Site already"):
        org.add_field("Account", "Site", "string")
    with pytest.raises(ValueError, match="has a field Site already"):
        org.rename_field("Account", "Rating", "Site")


def test_a_retyped_field_keeps_its_texts(org):
    org.insert("Account", {"Name": "A", "Site": "12"})
    org.retype_field("Account", "Site", "double")
    assert fields_of(org, "Account")["Site"]["type"] == "double"
    found = org.query("SELECT Site FROM Account", include_deleted=False, version=66.0)
    assert found.records(0, 1)[0]["Site"] == 12.0


def test_a_formula_is_described_as_calculated_and_changes_without_a_stamp(org):
    org.add_field("Account", "Score__c", "double", formula=True)
    account = org.insert("Account", {"Name": "A"})
    before = org.living("Account")[0]
    org.set_formula("Account", account, "Score__c", "5")
    after = org.living("Account")[0]
    assert fields_of(org, "Account")["Score__c"]["calculated"]
    assert {name: after[name] for name in after if after[name] != before[name]} == {"Score__c": "5"}
