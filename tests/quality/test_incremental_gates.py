"""Gates on nights that read what is new alone: ids that are gone, new values of columns, fields that vanish."""

from datetime import timedelta

import pytest

from kam_pipeline.crm_schema import ACCOUNT, OPPORTUNITY_HISTORY
from kam_pipeline.landing import write_landing
from kam_pipeline.quality.catalogue import declared_gates
from kam_pipeline.quality.records import load_figures
from kam_pipeline.raw import load_landing
from kam_pipeline.settings import Settings
from kam_pipeline.settings.source import FilesSource
from tests.factories import FIRST_EXTRACTION, account_row, build, extract_of, make_evaluation, patch_of

SETTINGS = Settings(source=FilesSource(kind="files", path="."))


@pytest.fixture
def night(warehouse, tmp_path):
    """Load what was extracted, a day after the night before; return the figures by gate and object."""
    days = iter(range(1000))

    def load(*extracts):
        day = next(days)
        landing = write_landing(
            tmp_path / "landing", run_id=f"run-{day}", extracted_at=FIRST_EXTRACTION + timedelta(days=day),
            source="live", extracts=extracts, is_live=True,
        )  # fmt: skip
        load_landing(warehouse, landing)
        if day == 0:
            build(warehouse, "core.natural_date")
        counted = load_figures(warehouse, SETTINGS, make_evaluation())
        return {(figure.gate.name, figure.gate.object): figure for figure in counted}

    return load


def four_accounts():
    return [account_row(name) for name in "ABCD"]


def values(figures):
    return {gate: figure.value for (gate, name), figure in figures.items() if name == "Account"}


def test_a_night_without_news_raises_nothing(night):
    night(extract_of(ACCOUNT, four_accounts()))
    found = night(extract_of(ACCOUNT, [], announced=0, is_complete=False))
    assert values(found) == {"unique_ids": 0, "records_are_newest": 0, "records_loaded": 0, "records_living": 0}


def test_records_that_the_source_says_are_gone_count_as_vanished(night):
    night(extract_of(ACCOUNT, four_accounts()))
    found = night(extract_of(ACCOUNT, [account_row("A", stamp=2)], 1, is_complete=False, gone=["D"]))
    assert values(found) == {
        "unique_ids": 0,
        "records_are_newest": 0,
        "records_loaded": 0,
        "records_living": 0,
        "vanished_share": 0.25,
    }


def test_new_values_that_come_too_late_are_no_older_records_and_announced_are_records_alone(night):
    night(extract_of(ACCOUNT, four_accounts()))
    patch = patch_of(ACCOUNT, [account_row("A", "by formula"), account_row("B", "too late", stamp=0)], "Name")
    found = night(extract_of(ACCOUNT, [account_row("C", stamp=2)], 1, is_complete=False, patch=patch))
    assert values(found) == {"unique_ids": 0, "records_are_newest": 0, "records_loaded": 0, "records_living": 0}


def test_fields_that_vanish_are_named_and_keep_nobody_from_publishing(night):
    night(extract_of(ACCOUNT, four_accounts()))
    hidden = {"Industry": "vanished", "Tier__c": "vanished", "Type": "absent"}
    figure = night(extract_of(ACCOUNT, [], is_complete=False, presence=hidden))["fields_vanished", "Account"]
    assert (figure.value, figure.highest, figure.severity or figure.gate.severity) == (2, 0, "warning")
    assert "Industry, Tier__c; see field_availability" in figure.seen


def test_what_no_model_reads_is_held_against_the_source_alone(night):
    history = [{"Id": "h1", "OpportunityId": "o"}, {"Id": "h1", "OpportunityId": "o"}]
    found = night(extract_of(ACCOUNT, four_accounts()), extract_of(OPPORTUNITY_HISTORY, history, announced=2))
    assert {gate for gate, name in found if name == "OpportunityHistory"} == {"records_loaded"}
    found = night(extract_of(ACCOUNT, four_accounts()))
    assert {gate for gate, name in found if name == "OpportunityHistory"} == {"object_delivered"}


def test_an_object_that_no_model_reads_has_two_gates():
    gates = {gate.name for gate in declared_gates([]) if gate.object == "OpportunityHistory"}
    assert gates == {"object_delivered", "records_loaded"}
