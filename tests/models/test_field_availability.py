"""What readers are told of fields: what the source has, what is not configured without the rest, and what to do."""

import pytest

from kam_pipeline.field_availability import field_availability_frame
from tests.factories import build, loaded, make_evaluation


@pytest.fixture
def fields(warehouse):
    """Set what the source has of some fields of accounts; return rows by object and field."""

    def make(**presence):
        loaded(warehouse)
        for field, (state, advice) in presence.items():
            warehouse.connection.execute(
                "delete from raw.field_presence where object = 'Account' and field = $field", {"field": field}
            )
            warehouse.connection.execute(
                "insert into raw.field_presence (run_id, object, field, presence, advice) "
                "values ('run-1', 'Account', ?, ?, ?)",
                [field, state, advice],
            )
        build(warehouse, "core.feed")
        frame = field_availability_frame(warehouse, make_evaluation()).astype(object)
        frame = frame.where(frame.notna(), None)
        return {(row.object, row.field): (row.status, row.consequence, row.way_out) for row in frame.itertuples()}

    return make


def test_what_is_there_has_no_consequence_whatever_else_is_to_be_said(fields):
    found = fields(Industry=("new", None), ParentId=("retyped", "it is a number now"))
    assert found["Account", "Industry"] == ("new", None, None)
    assert found["Account", "ParentId"] == ("retyped", None, "it is a number now")
    assert found["Account", "Name"] == ("present", None, None)


@pytest.mark.parametrize("state", ["vanished", "absent", "not_mapped"])
def test_what_is_not_there_says_what_is_lost_and_the_way_out(fields, state):
    assert fields(IsKeyAccount=(state, "grant Read"))["Account", "IsKeyAccount"] == (
        state, "not_configured: keep, review and exit decisions", "grant Read",
    )  # fmt: skip


def test_the_organisations_own_fields_have_rows_too(fields):
    found = fields(Tier__c=("present", None), Region__c=("vanished", "grant Read"))
    assert found["Account", "Tier__c"] == ("present", None, None)
    assert found["Account", "Region__c"] == ("vanished", None, "grant Read")


def test_on_what_no_model_reads_nothing_hangs(fields):
    found = fields()
    assert found["OpportunityHistory", "StageName"] == ("absent", None, None)
    assert found["Task", "IsClosed"] == ("absent", "not_configured: calls and e-mails", None)
