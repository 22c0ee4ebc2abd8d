"""What is planned from what the organisation describes: fields there, new, retyped, hidden, renamed and missing."""

import pytest

from connectors.base import NOTHING_KNOWN
from connectors.salesforce.describing import plan_objects, remembered
from connectors.salesforce.permissions import sharing_notes
from connectors.salesforce_emulator.org import Org
from connectors.salesforce_emulator.state import Features
from kam_pipeline.crm_schema import (
    ACCOUNT,
    ACCOUNT_HISTORY,
    ACCOUNT_PLAN,
    ACCOUNT_PLAN_OBJECTIVE,
    ACCOUNT_TEAM_MEMBER,
    CONTACT,
    CRM_OBJECTS,
    CURRENCY_TYPE,
    FISCAL_YEAR_SETTINGS,
    OPPORTUNITY,
    OPPORTUNITY_CONTACT_ROLE,
    OPPORTUNITY_HISTORY,
    TASK,
    USER,
)
from kam_pipeline.errors import SourceFormatError
from kam_pipeline.settings.source import Mapping


class Remembered:
    """Checkpoints as extractions before left them."""

    def __init__(self, plans):
        self.by_object = {plan.crm_object.name: remembered(plan) for plan in plans}

    def of(self, object_name):
        return self.by_object.get(object_name)

    def known(self, object_name):
        return iter(())


@pytest.fixture
def look(serve, connect):
    """Plan objects of the organisation; returns plans and availabilities by name."""
    client = connect(serve())

    def plan(objects, mapping=None, checkpoints=NOTHING_KNOWN):
        settings = Mapping.model_validate(mapping or {})
        plans, found = plan_objects(client, objects, settings, checkpoints)
        return {one.crm_object.name: one for one in plans}, {one.crm_object.name: one for one in found}

    return plan


def names(columns):
    return [column.api_name for column in columns]


# --- what is there ---------------------------------------------------------------------------------------------------


def test_a_full_organisation_shows_every_object_with_every_declared_field(look):
    plans, found = look(CRM_OBJECTS)
    assert list(found) == [declared.name for declared in CRM_OBJECTS]
    assert list(plans) == list(found)
    absent = {
        f"{name}.{field}"
        for name, item in found.items()
        for field, presence in item.presence.items()
        if presence not in ("present", "not_mapped")
    }
    # what no organisation has under these names
    assert absent <= {"Event.Status"}
    for name, item in found.items():
        assert set(item.advice) == {field for field, presence in item.presence.items() if presence != "present"}, name


def test_columns_are_the_declared_fields_in_their_order_as_describe_spells_them(look):
    plans, found = look([USER])
    assert names(plans["User"].columns) == [field.name for field in USER.fields]
    assert found["User"].origins[0].endswith("/User")
    assert plans["User"].soql("IsActive = true").startswith("SELECT Id, Name, Title, Department, IsActive, ")


def test_a_mapped_name_is_found_in_any_letter_case(look, org):
    org.add_field("Account", "Key_Account__c", "picklist")
    plans, found = look([ACCOUNT], {"Account": {"fields": {"IsKeyAccount": "key_account__C"}}})
    assert found["Account"].presence["IsKeyAccount"] == "present"
    assert "Key_Account__c" in names(plans["Account"].columns)


def test_a_field_may_be_several_columns(look, org):
    org.add_field("Account", "Erp__c", "string")
    mapping = {"Account": {"fields": {"ExternalId": ["Erp__c", "AccountNumber"]}}}
    plans, found = look([ACCOUNT], mapping)
    filling = [column.api_name for column in plans["Account"].columns if column.field.name == "ExternalId"]
    assert filling == ["Erp__c", "AccountNumber"]
    assert found["Account"].presence["ExternalId"] == "present"


def test_another_object_may_serve_as_one_of_ours(look, org):
    org.add_object("Key_Plan__c", "a0K")
    org.add_field("Key_Plan__c", "Account__c", "reference", reference_to=("Account",))
    mapping = {"AccountPlan": {"sobject": "key_plan__c", "fields": {"AccountId": "Account__c"}}}
    plans, found = look([ACCOUNT_PLAN], mapping)
    assert plans["AccountPlan"].sobject == "Key_Plan__c"
    assert plans["AccountPlan"].soql().endswith("FROM Key_Plan__c")
    assert found["AccountPlan"].presence["AccountId"] == "present"
    assert found["AccountPlan"].presence["Status"] == "absent"


def test_custom_fields_are_taken_along_by_name(look, org):
    org.add_field("Account", "Tier__c", "picklist", label="Tier")
    org.add_field("Account", "Score__c", "double", formula=True)
    plans, found = look([ACCOUNT], {"Account": {"custom": ["tier__c", "Website"]}})
    own = [column for column in plans["Account"].columns if column.field is None]
    assert [(column.api_name, column.kind) for column in own] == [("Tier__c", "picklist"), ("Website", "url")]
    assert found["Account"].presence["Tier__c"] == "present"
    assert plans["Account"].described["Tier__c"] == ["picklist", "Tier"]
    assert "Score__c" in plans["Account"].described


def test_all_custom_fields_are_taken_along_but_compounds_and_what_fills_a_field(look, org):
    org.add_field("Account", "Tier__c", "picklist")
    org.add_field("Account", "Score__c", "double", formula=True)
    org.add_field("Account", "Place__c", "location")
    org.add_field("Account", "Erp__c", "string")
    plans, _ = look([ACCOUNT], {"Account": {"all_custom": True, "fields": {"ExternalId": "Erp__c"}}})
    own = [column for column in plans["Account"].columns if column.field is None]
    assert [(column.api_name, column.is_formula) for column in own] == [("Tier__c", False), ("Score__c", True)]
    assert "BillingAddress" not in names(plans["Account"].columns)


def test_name_is_read_although_it_is_put_together(look):
    plans, _ = look([CONTACT])
    assert "Name" in names(plans["Contact"].columns)


def test_windows_are_set_on_the_stamp_or_for_history_on_the_creation(look):
    plans, _ = look([ACCOUNT, ACCOUNT_HISTORY, OPPORTUNITY_HISTORY, FISCAL_YEAR_SETTINGS])
    assert {name: plan.cursor for name, plan in plans.items()} == {
        "Account": "SystemModstamp",
        "AccountHistory": "CreatedDate",
        "OpportunityHistory": "SystemModstamp",
        "FiscalYearSettings": "SystemModstamp",
    }


def test_a_stamp_that_cannot_be_filtered_is_no_cursor(serve, connect, monkeypatch):
    client = connect(serve())

    def describe(sobject):
        rows = {"Id": ("id", True), "SystemModstamp": ("datetime", False), "CreatedDate": ("datetime", True)}
        fields = [{"name": name, "type": kind, "filterable": can} for name, (kind, can) in rows.items()]
        return {"name": sobject, "fields": fields}

    monkeypatch.setattr(client, "describe", describe)
    (user,), _ = plan_objects(client, [USER], Mapping(), NOTHING_KNOWN)
    assert user.cursor is None
    assert not user.is_replicateable
    assert not user.has_bin


def test_members_of_teams_and_objects_without_deletions_have_no_bin(look):
    plans, _ = look([ACCOUNT, TASK, ACCOUNT_TEAM_MEMBER, OPPORTUNITY_CONTACT_ROLE, USER])
    assert {name: plan.has_bin for name, plan in plans.items()} == {
        "Account": True,
        "Task": True,
        "AccountTeamMember": False,
        "OpportunityContactRole": False,
        "User": False,
    }


def test_one_run_asks_for_all_objects_once_and_for_each_once(serve, connect):
    emulator = serve()
    plan_objects(connect(emulator), [ACCOUNT, USER], Mapping(), NOTHING_KNOWN)
    asked = [seen.path.rpartition("/v66.0/")[2] for seen in emulator.requests if "/v66.0/" in seen.path]
    assert asked == ["sobjects", "sobjects/Account/describe", "sobjects/User/describe"]


# --- what is not there -----------------------------------------------------------------------------------------------


def test_a_logical_field_without_mapping_says_where_to_map_it(look):
    _, found = look([ACCOUNT])
    assert found["Account"].presence["PotentialAmount"] == "not_mapped"
    assert found["Account"].advice["PotentialAmount"] == (
        "say in mapping.Account.fields.PotentialAmount which field of Account holds it"
    )


def test_a_hidden_field_is_absent_and_names_the_permission(look, org):
    org.hide_field("Account", "Industry")
    plans, found = look([ACCOUNT])
    assert found["Account"].presence["Industry"] == "absent"
    assert "grant Read on it in field-level security" in found["Account"].advice["Industry"]
    assert "mapping.Account.fields.Industry" in found["Account"].advice["Industry"]
    assert "Industry" not in names(plans["Account"].columns)


def test_an_optional_object_that_is_not_there_says_why(look, org):
    org.hide_object("AccountPlan")
    plans, found = look([ACCOUNT, ACCOUNT_PLAN])
    assert list(plans) == ["Account"]
    assert not found["AccountPlan"].is_present
    assert set(found["AccountPlan"].presence.values()) == {"absent"}
    assert "account plans are off" in found["AccountPlan"].notes[0]
    assert "grant Read on it" in found["AccountPlan"].notes[0]


def test_account_plans_need_a_version_that_has_them(serve, connect):
    client = connect(serve(), api_version="61.0")
    plans, found = plan_objects(client, [ACCOUNT_PLAN, ACCOUNT_PLAN_OBJECTIVE], Mapping(), NOTHING_KNOWN)
    assert plans == []
    assert ["source.api_version is below 62.0" in item.notes[0] for item in found] == [True, True]


def test_an_organisation_of_one_currency_says_that_nothing_is_missing(serve, connect, monkeypatch):
    single = Org(features=Features(multi_currency=False, dated_rates=False))
    emulator = serve()
    monkeypatch.setattr(emulator, "org", single)
    emulator.stop()
    emulator.start()
    _, found = plan_objects(connect(emulator), [ACCOUNT, CURRENCY_TYPE], Mapping(), NOTHING_KNOWN)
    assert found[0].advice["CurrencyIsoCode"].startswith("it is there where multi-currency is on; ")
    assert found[1].notes[0].startswith("multi-currency is off")


def test_all_problems_are_named_at_once(look, org):
    org.hide_object("Opportunity")
    org.hide_field("Account", "Name")
    mapping = {
        "Account": {"fields": {"Industry": "Industri", "BillingCountry": "BillingAddress"}, "custom": ["Tier__c"]},
        "AccountPlan": {"sobject": "Acount"},
    }
    with pytest.raises(SourceFormatError) as info:
        look([ACCOUNT, OPPORTUNITY, ACCOUNT_PLAN], mapping)
    lines = str(info.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "mapping.Account.fields.Industry",
        "mapping.Account.fields.BillingCountry",
        "mapping.Account.custom",
        "Account has no Name, or hides it",
        "Opportunity does not exist or is hidden",
        "mapping.AccountPlan.sobject",
    ]
    assert lines[0].endswith("; did you mean Industry?")
    assert "name one of its parts: BillingStreet, " in lines[1]
    assert lines[5].endswith("; did you mean Account?")


def test_an_optional_object_without_a_field_that_it_needs_is_not_there(look, org):
    org.hide_field("AccountTeamMember", "UserId")
    plans, found = look([ACCOUNT_TEAM_MEMBER])
    assert plans == {}
    assert not found["AccountTeamMember"].is_present
    assert "cannot be read without UserId" in found["AccountTeamMember"].notes[0]
    assert "grant Read" in found["AccountTeamMember"].advice["UserId"]


# --- what has changed since the last extraction ----------------------------------------------------------------------


def test_nothing_is_new_where_nothing_has_changed(look, org):
    org.add_field("Account", "Tier__c", "picklist")
    mapping = {"Account": {"all_custom": True}}
    plans, _ = look([ACCOUNT], mapping)
    assert plans["Account"].new_columns == ()
    again, found = look([ACCOUNT], mapping, Remembered(plans.values()))
    assert again["Account"].new_columns == ()
    assert "new" not in found["Account"].presence.values()


def test_a_new_field_is_read_for_all_records(look, org):
    mapping = {"Account": {"all_custom": True}}
    plans, _ = look([ACCOUNT], mapping)
    org.add_field("Account", "Tier__c", "picklist")
    again, found = look([ACCOUNT], mapping, Remembered(plans.values()))
    assert found["Account"].presence["Tier__c"] == "new"
    assert names(again["Account"].new_columns) == ["Tier__c"]


def test_a_field_that_is_shown_again_is_new(look, org):
    org.hide_field("Account", "Industry")
    plans, _ = look([ACCOUNT])
    org.show_field("Account", "Industry")
    again, found = look([ACCOUNT], checkpoints=Remembered(plans.values()))
    assert found["Account"].presence["Industry"] == "new"
    assert names(again["Account"].new_columns) == ["Industry"]


def test_a_field_that_is_newly_mapped_is_read_for_all_records_although_it_was_described_before(look, org):
    org.add_field("Account", "Potential__c", "currency")
    plans, _ = look([ACCOUNT])
    assert "Potential__c" in plans["Account"].described
    mapping = {"Account": {"fields": {"PotentialAmount": "Potential__c"}}}
    again, found = look([ACCOUNT], mapping, Remembered(plans.values()))
    assert found["Account"].presence["PotentialAmount"] == "new"
    assert names(again["Account"].new_columns) == ["Potential__c"]


def test_a_field_of_another_type_is_retyped_and_read_anew(look, org):
    plans, _ = look([ACCOUNT])
    org.retype_field("Account", "Industry", "string")
    again, found = look([ACCOUNT], checkpoints=Remembered(plans.values()))
    assert found["Account"].presence["Industry"] == "retyped"
    assert "is of type string and was of type picklist" in found["Account"].advice["Industry"]
    assert names(again["Account"].new_columns) == ["Industry"]
    third, found = look([ACCOUNT], checkpoints=Remembered(again.values()))
    assert found["Account"].presence["Industry"] == "present"
    assert third["Account"].new_columns == ()


def test_a_text_cannot_hold_an_amount_and_is_read_all_the_same(look, org):
    org.retype_field("Opportunity", "Amount", "string")
    plans, found = look([OPPORTUNITY])
    assert found["Opportunity"].presence["Amount"] == "retyped"
    assert "is of type string and is read as amount" in found["Opportunity"].advice["Amount"]
    assert "Amount" in names(plans["Opportunity"].columns)


def test_a_vanished_field_is_said_night_after_night_until_it_is_back(look, org):
    org.add_field("Account", "Potential__c", "currency")
    mapping = {"Account": {"fields": {"PotentialAmount": "Potential__c"}}}
    plans, _ = look([ACCOUNT], mapping)
    org.hide_field("Account", "Potential__c")
    for _ in range(3):
        plans, found = look([ACCOUNT], mapping, Remembered(plans.values()))
        assert found["Account"].presence["PotentialAmount"] == "vanished"
        assert "deleted, or hidden (then grant Read" in found["Account"].advice["PotentialAmount"]
        assert "Potential__c" not in names(plans["Account"].columns)
    org.show_field("Account", "Potential__c")
    plans, found = look([ACCOUNT], mapping, Remembered(plans.values()))
    assert found["Account"].presence["PotentialAmount"] == "new"
    assert names(plans["Account"].new_columns) == ["Potential__c"]


def test_a_renamed_field_is_suggested_by_its_label_and_type(look, org):
    org.add_field("Account", "Potential__c", "currency", label="Potential")
    org.add_field("Account", "Other__c", "currency", label="Other")
    mapping = {"Account": {"fields": {"PotentialAmount": "Potential__c"}}}
    plans, _ = look([ACCOUNT], mapping)
    org.rename_field("Account", "Potential__c", "Volume__c")
    _, found = look([ACCOUNT], mapping, Remembered(plans.values()))
    assert found["Account"].presence["PotentialAmount"] == "vanished"
    assert (
        found["Account"]
        .advice["PotentialAmount"]
        .endswith("; looks renamed to Volume__c: set mapping.Account.fields.PotentialAmount: Volume__c")
    )


def test_a_custom_field_that_is_gone_is_said_once_where_all_are_taken_and_always_where_it_is_named(look, org):
    org.add_field("Account", "Tier__c", "picklist")
    for mapping, nights in ({"all_custom": True}, ["vanished", None]), ({"custom": ["Tier__c"]}, ["vanished"] * 2):
        org.show_field("Account", "Tier__c")
        plans, _ = look([ACCOUNT], {"Account": mapping})
        org.hide_field("Account", "Tier__c")
        said = []
        for _ in nights:
            plans, found = look([ACCOUNT], {"Account": mapping}, Remembered(plans.values()))
            said.append(found["Account"].presence.get("Tier__c"))
        assert said == nights


def test_a_vanished_field_that_is_required_fails(look, org):
    plans, _ = look([OPPORTUNITY])
    org.hide_field("Opportunity", "Amount")
    with pytest.raises(SourceFormatError, match=r"Opportunity\.Amount was there at the last extraction"):
        look([OPPORTUNITY], checkpoints=Remembered(plans.values()))


def test_an_object_that_has_vanished_keeps_its_records(look, org):
    org.add_object("Key_Plan__c", "a0K")
    mapping = {"AccountPlan": {"sobject": "Key_Plan__c", "fields": {"AccountId": "CreatedById"}}}
    plans, _ = look([ACCOUNT_PLAN], mapping)
    org.hide_object("Key_Plan__c")
    _, found = look([ACCOUNT_PLAN], mapping, Remembered(plans.values()))
    assert found["AccountPlan"].notes[0].startswith("it was there at the last extraction, whose records stay; ")


def test_another_object_in_the_same_place_has_nothing_of_the_old_one(look, org):
    plans, _ = look([ACCOUNT_PLAN])
    org.add_object("Key_Plan__c", "a0K")
    mapping = {"AccountPlan": {"sobject": "Key_Plan__c", "fields": {"AccountId": "CreatedById"}}}
    again, found = look([ACCOUNT_PLAN], mapping, Remembered(plans.values()))
    assert again["AccountPlan"].new_columns == ()
    assert found["AccountPlan"].presence["Status"] == "absent"


def test_a_checkpoint_that_knows_no_columns_goes_by_what_was_described(look, org):
    plans, _ = look([ACCOUNT])
    known = Remembered(plans.values())
    del known.by_object["Account"]["columns"]
    known.by_object["Account"]["described"]["Industry"].append("vanished")
    org.add_field("Account", "Tier__c", "picklist")
    again, _ = look([ACCOUNT], {"Account": {"custom": ["Tier__c"]}}, known)
    assert names(again["Account"].new_columns) == ["Industry", "Tier__c"]


# --- records that are hidden -----------------------------------------------------------------------------------------


def accounts(org, count, hidden):
    ids = [org.insert("Account", {"Name": f"Customer {number}"}) for number in range(count)]
    for one in ids[:hidden]:
        org.hide_record("Account", one)


@pytest.mark.parametrize(("count", "hidden", "is_said"), [(100, 20, True), (100, 19, False), (10, 9, False), (9, 0, 0)])
def test_a_user_who_sees_clearly_fewer_records_than_there_are_is_told(serve, connect, org, count, hidden, is_said):
    accounts(org, count, hidden)
    client = connect(serve())
    plans, _ = plan_objects(client, [ACCOUNT, OPPORTUNITY, USER], Mapping(), NOTHING_KNOWN)
    notes = sharing_notes(client, plans)
    assert list(notes) == (["Account"] if is_said else [])
    if is_said:
        assert notes["Account"] == (
            f"Salesforce has about {count} records of Account, this user sees {count - hidden}: grant 'View All Data', "
            "or 'View All' on Account, to the user that the pipeline reads as"
        )


def test_an_organisation_that_does_not_count_is_no_failure(serve, connect):
    emulator = serve()
    client = connect(emulator)
    plans, _ = plan_objects(client, [ACCOUNT], Mapping(), NOTHING_KNOWN)
    emulator.faults.add("status", path="recordCount", status=404, code="NOT_FOUND")
    assert sharing_notes(client, plans) == {}
    emulator.faults.add("query_timeout")
    assert sharing_notes(client, plans) == {}


def test_a_rotated_refresh_token_is_noted_with_the_objects(serve, connect):
    client = connect(serve(refresh_token_rotation=True), "refresh_token")
    _, found = plan_objects(client, [ACCOUNT, USER], Mapping(), NOTHING_KNOWN)
    assert "Refresh Token Rotation" in found[0].notes[0]
    assert found[1].notes == ()
