"""Checkpoints: stored with the records that they describe, and told to the source they came from alone."""

import pyarrow as pa
import pytest

from kam_pipeline.checkpoints import WarehouseCheckpoints, stored_checkpoints
from kam_pipeline.crm_schema import ACCOUNT, ACCOUNT_HISTORY, CONTACT
from kam_pipeline.errors import WarehouseError
from kam_pipeline.raw import load_landing
from kam_pipeline.settings.operation import Engine
from kam_pipeline.warehouse import Warehouse
from tests.factories import account_row

ORG = "salesforce:acme.my.salesforce.com"
STATE = {"upto": "2026-07-01T02:00:00Z", "described": {"Tier__c": ["picklist", "Størrelse"]}}


def known(warehouse, source=ORG):
    return WarehouseCheckpoints(warehouse.connection, source)


def test_what_a_source_says_of_an_object_is_told_to_it_the_next_time(warehouse, deliver):
    assert known(warehouse).of("Account") is None
    deliver([account_row("A")], source=ORG, checkpoint=STATE)
    assert known(warehouse).of("Account") == STATE
    assert known(warehouse).of("Contact") is None
    deliver([account_row("A")], source=ORG, checkpoint={"upto": "later"})
    assert known(warehouse).of("Account") == {"upto": "later"}


def test_a_night_that_leaves_nothing_behind_leaves_what_was_said_before_in_force(warehouse, deliver):
    deliver([account_row("A")], source=ORG, checkpoint=STATE)
    deliver([account_row("B")], source=ORG, is_complete=False)
    assert known(warehouse).of("Account") == STATE


def test_another_source_is_told_nothing(warehouse, deliver):
    deliver([account_row("A")], source=ORG, checkpoint=STATE)
    assert known(warehouse, "salesforce:other.my.salesforce.com").of("Account") is None


def test_records_that_another_source_has_delivered_since_are_read_anew(warehouse, deliver):
    deliver([account_row("A")], source=ORG, checkpoint=STATE)
    deliver([{"Id": "c"}], of=CONTACT, source=ORG, checkpoint=STATE)
    deliver([account_row("B")], source="files:export")
    assert known(warehouse).of("Account") is None
    # the files had no contacts: those are as the organisation left them
    assert known(warehouse).of("Contact") == STATE
    deliver([account_row("A")], source=ORG, checkpoint={"upto": "anew"})
    assert known(warehouse).of("Account") == {"upto": "anew"}


def test_records_of_one_source_vanish_when_another_follows_in_the_same_warehouse(warehouse, deliver):
    deliver([account_row("A"), account_row("B")], source=ORG, checkpoint=STATE)
    assert deliver([account_row("B")], source="files:export").vanished_cnt == 1


def test_a_load_that_fails_leaves_no_checkpoint(warehouse, land, monkeypatch):
    landing = land([account_row("A")], source=ORG, checkpoint=STATE)
    monkeypatch.setattr("kam_pipeline.raw_merge.LoadCounts.is_balanced", False)
    with pytest.raises(WarehouseError):
        load_landing(warehouse, landing)
    assert known(warehouse).of("Account") is None


def test_ids_and_stamps_of_all_that_is_not_gone_are_known(warehouse, deliver):
    deliver([account_row("A", stamp=1), account_row("B", stamp=2, IsDeleted=True), account_row("C"), account_row(None)])
    deliver([], is_complete=False, gone=["C"])
    found = pa.Table.from_batches(known(warehouse).known("Account"))
    assert found.schema.names == ["Id", "SystemModstamp"]
    assert found.schema.field("SystemModstamp").type == pa.timestamp("us")
    stamps = dict(zip(found["Id"].to_pylist(), found["SystemModstamp"].to_pylist(), strict=True))
    assert stamps.pop("A") == account_row("A", stamp=1)["SystemModstamp"]
    assert stamps.pop("B") == account_row("B", stamp=2)["SystemModstamp"]
    assert [name[:6] for name in stamps] == ["no-id:"]


def test_an_object_without_that_stamp_is_known_by_its_ids(warehouse, deliver):
    deliver([{"Id": "h"}], of=ACCOUNT_HISTORY)
    (batch,) = known(warehouse).known("AccountHistory")
    assert batch.to_pylist() == [{"Id": "h", "SystemModstamp": None}]


def test_other_questions_may_be_asked_while_known_records_are_read(warehouse, deliver):
    deliver([account_row(f"{number:06}") for number in range(3)], source=ORG, checkpoint=STATE)
    batches = known(warehouse).known("Account")
    first = next(batches)
    assert known(warehouse).of("Account") == STATE
    assert first.num_rows + sum(batch.num_rows for batch in batches) == 3


def test_a_warehouse_that_nobody_writes_is_looked_at_and_one_that_is_written_left_alone(tmp_path, land):
    path = tmp_path / "elsewhere.duckdb"
    with stored_checkpoints(path, ORG) as found:
        assert found is None
    assert not path.exists()
    with Warehouse.open(path, Engine()) as warehouse:
        load_landing(warehouse, land([account_row("A")], source=ORG, checkpoint=STATE))
    with stored_checkpoints(path, ORG) as found:
        assert found.of("Account") == STATE
        assert sum(batch.num_rows for batch in found.known("Account")) == 1


def test_a_warehouse_of_an_earlier_version_knows_nothing(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    with Warehouse.open(path, Engine()):
        pass
    with stored_checkpoints(path, ORG) as found:
        assert found.of(ACCOUNT.name) is None
        assert list(found.known(ACCOUNT.name)) == []
