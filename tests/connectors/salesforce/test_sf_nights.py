"""Promise 6 at its source: whatever happens in the organisation, after each night we have what it has, and no more."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import CUSTOM
from connectors.salesforce_emulator.org import Org
from kam_pipeline.crm_schema import CrmObject, crm_object
from tests.connectors.salesforce.living_company import LivingCompany
from tests.connectors.salesforce.nights import Pipeline

OBJECTS = tuple(
    crm_object(name)
    for name in ("Account", "Opportunity", "Contact", "Task", "AccountTeamMember", "OpportunityHistory", "User")
)
MAPPING = {"Account": {"all_custom": True}}


def value_of(kind: str, text: str | None) -> Any:
    if text is None:
        return None
    match kind:
        case "amount":
            return Decimal(text).quantize(Decimal("0.0001"))
        case "number":
            return float(text)
        case "integer":
            return int(text)
        case "boolean":
            return text == "true"
        case "date":
            return datetime.fromisoformat(text).date()
        case "datetime":
            return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
        case _:
            return text


def assert_equal(pipeline: Pipeline, org: Org) -> None:
    for declared in OBJECTS:
        theirs = {str(record["Id"]): record for record in org.living(declared.name)}
        ours = pipeline.living(declared)
        assert ours.keys() == theirs.keys(), declared.name
        for record_id, record in theirs.items():
            assert_same_record(declared, ours[record_id], record)


def assert_same_record(declared: CrmObject, ours: Mapping[str, Any], theirs: Mapping[str, str | None]) -> None:
    # archiving leaves no stamp: the record stays with us, its flag is as it was
    compared = [field for field in declared.fields if field.name in theirs and field.name != "IsArchived"]
    expected = {field.name: value_of(field.type, theirs[field.name]) for field in compared}
    assert {name: ours[name] for name in expected} == expected, (declared.name, theirs["Id"])
    custom = {name: text for name, text in theirs.items() if name.endswith("__c")}
    if declared.name == "Account":
        found = json.loads(ours[CUSTOM]) if ours[CUSTOM] else {}
        assert {name: None if value is None else str(value) for name, value in found.items()} == custom


@pytest.fixture
def company(org):
    org.add_field("Account", "Health__c", "double", formula=True)
    return org


def nights_of(org, serve, source_settings, tmp_path, warehouse, company, *, nights, **settings):
    """Let a company work by day, and read it by night; hold each night against the organisation itself."""
    pipeline = Pipeline(source_settings(serve(), bulk_from=25, **settings), tmp_path, warehouse, OBJECTS, MAPPING)
    company.work(60)
    read = []
    for _ in range(nights):
        company.work(12)
        org.clock.advance(minutes=1)
        counts = pipeline.night(org.clock.now())
        read.append(sum(count.read_cnt for count in counts.values()))
        assert_equal(pipeline, org)
        org.clock.advance(hours=23)
    return read


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 4])
def test_after_each_of_thirty_nights_we_have_the_living_records_and_no_others(
    company, serve, source_settings, tmp_path, warehouse, seed
):
    """Inserts, updates, deletes, undeletes, merges, re-parentings, late commits, formulas, fields that come and go."""
    people = LivingCompany(company, seed, leaves_traces=True)
    nights_of(company, serve, source_settings, tmp_path, warehouse, people, nights=30, reconcile_days=1000)


def test_after_each_of_six_nights_we_have_the_living_records_and_no_others(
    company, serve, source_settings, tmp_path, warehouse
):
    """The same, for those who cannot wait for thirty."""
    people = LivingCompany(company, 1, leaves_traces=True)
    nights_of(company, serve, source_settings, tmp_path, warehouse, people, nights=6, reconcile_days=1000)


def test_what_vanishes_without_a_trace_is_gone_after_the_night_that_compares_all_ids(
    company, serve, source_settings, tmp_path, warehouse
):
    people = LivingCompany(company, 3, leaves_traces=False)
    nights_of(company, serve, source_settings, tmp_path, warehouse, people, nights=4, reconcile_days=0)
