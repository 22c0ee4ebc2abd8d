"""Landing: whole or not there."""

import json
from datetime import datetime, timedelta, timezone

import pyarrow.parquet as pq
import pytest

from connectors.base import ColumnPatch
from kam_pipeline.crm_schema import ACCOUNT, CONTACT
from kam_pipeline.errors import ConnectorError, WarehouseError
from kam_pipeline.landing import complete_landings, newest_landing, prune_landings, read_landing, write_landing
from kam_pipeline.raw import load_landing
from tests.factories import FIRST_EXTRACTION, account_row, extract_of, patch_of, utc


def test_what_is_written_is_read_back(land):
    landing = land([account_row("A"), account_row("B")], announced=2)
    assert read_landing(landing.folder) == landing
    assert landing.objects[0].read_cnt == 2
    assert landing.objects[0].presence["Name"] == "present"


def test_the_newest_landing_is_the_last_extracted(land, tmp_path):
    assert newest_landing(tmp_path / "landing") is None
    land([account_row("A")])
    second = land([account_row("B")])
    assert newest_landing(tmp_path / "landing") == second


def test_another_number_of_records_than_announced_fails_and_leaves_nothing(land, tmp_path):
    with pytest.raises(WarehouseError, match="Account: the source announced 3 records and sent 2"):
        land([account_row("A"), account_row("B")], announced=3)
    assert list((tmp_path / "landing").iterdir()) == []


def test_a_source_that_breaks_off_leaves_nothing(tmp_path):
    def broken():
        yield from extract_of(ACCOUNT, [account_row("A")]).batches
        raise RuntimeError("line cut")

    whole = extract_of(ACCOUNT, [])
    extract = type(whole)(whole.availability, broken(), is_complete=True)
    with pytest.raises(RuntimeError, match="line cut"):
        write_landing(tmp_path, run_id="run", extracted_at=FIRST_EXTRACTION, source="s", extracts=[extract])
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_behind_is_no_landing_and_is_removed_by_the_next(land, tmp_path):
    left = tmp_path / "landing" / "20270101T000000Z-killed.partial"
    left.mkdir(parents=True)
    (left / "Account.parquet").write_bytes(b"half")
    (left / "manifest.json").write_text("{}", encoding="utf-8")
    assert newest_landing(tmp_path / "landing") is None
    landing = land([account_row("A")])
    assert not left.exists()
    assert newest_landing(tmp_path / "landing") == landing


def test_a_folder_without_a_readable_manifest_is_no_complete_landing(land, tmp_path):
    landing = land([account_row("A")])
    (landing.folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(WarehouseError, match="is no complete landing"):
        read_landing(landing.folder)


def test_an_earlier_landing_is_never_touched(land):
    first = land([account_row("A")])
    before = {path.name: path.read_bytes() for path in first.folder.iterdir()}
    land([account_row("B")])
    assert {path.name: path.read_bytes() for path in first.folder.iterdir()} == before


def test_the_manifest_is_plain_json_with_the_time_in_utc(land):
    landing = land([account_row("A")])
    values = json.loads((landing.folder / "manifest.json").read_text(encoding="utf-8"))
    assert values["extracted_at"] == "2026-07-01T02:00:00"
    assert values["objects"][0]["is_complete"] is True


def test_an_object_without_records_lands_as_one_and_takes_its_records_away(land, warehouse, tmp_path):
    load_landing(warehouse, land([account_row("A")]))
    (counts,) = load_landing(warehouse, land([]))
    assert (counts.read_cnt, counts.vanished_cnt) == (0, 1)


def test_several_objects_land_together(tmp_path, warehouse):
    extracts = [extract_of(ACCOUNT, [account_row("A")]), extract_of(CONTACT, [{"Id": "c"}, {"Id": "d"}])]
    landing = write_landing(
        tmp_path / "landing", run_id="r", extracted_at=FIRST_EXTRACTION, source="s", extracts=extracts
    )
    counts = load_landing(warehouse, landing)
    assert [(count.object_name, count.inserted_cnt) for count in counts] == [("Account", 1), ("Contact", 2)]


def names(folder):
    return [path.name for path in complete_landings(folder)]


def test_the_newest_landings_are_kept_and_the_others_removed(land, tmp_path):
    landings = [land([account_row("A")]) for _ in range(4)]
    assert prune_landings(landings[-1], kept=2) == 2
    assert names(tmp_path / "landing") == [landing.folder.name for landing in landings[2:]]
    assert [path.name for path in sorted((tmp_path / "landing").iterdir())] == names(tmp_path / "landing")
    assert prune_landings(landings[-1], kept=2) == 0


def test_a_landing_that_has_not_been_loaded_is_never_removed(land, tmp_path):
    _, loaded, waiting = (land([account_row("A")]) for _ in range(3))
    assert prune_landings(loaded, kept=1) == 1
    assert names(tmp_path / "landing") == [loaded.folder.name, waiting.folder.name]


def test_a_removal_that_was_killed_leaves_no_landing_and_the_next_extraction_clears_it_away(land, tmp_path):
    first, second = land([account_row("A")]), land([account_row("A")])
    left = first.folder.rename(first.folder.with_name(first.folder.name + ".partial"))
    (left / "Account.parquet").unlink()
    assert newest_landing(tmp_path / "landing") == second
    third = land([account_row("B")])
    assert sorted((tmp_path / "landing").iterdir()) == [second.folder, third.folder]


def test_two_extractions_within_a_second_are_in_the_order_in_which_they_began(tmp_path):
    folder = tmp_path / "landing"
    for microsecond, run_id in ((1, "z-earlier"), (2, "a-later")):
        moment = FIRST_EXTRACTION.replace(microsecond=microsecond)
        write_landing(folder, run_id=run_id, extracted_at=moment, source="s", extracts=[])
    assert newest_landing(folder).run_id == "a-later"


# --- beside the records ----------------------------------------------------------------------------------------------


def test_what_comes_beside_the_records_is_written_and_read_back(land):
    landing = land(
        [account_row("A")], is_complete=False, gone=["B", "C"], checkpoint={"upto": "now", "parts": [1, [2]]},
        patch=patch_of(ACCOUNT, [account_row("A", Industry="Energy")], "Industry"),
        presence={"Industry": "vanished"}, advice={"Industry": "grant it"},
    )  # fmt: skip
    assert read_landing(landing.folder) == landing
    (item,) = landing.objects
    assert (item.gone_file, item.gone_cnt) == ("Account.gone.parquet", 2)
    assert (item.patch_file, item.patch_fields, item.patch_cnt) == ("Account.patch.parquet", ("Industry",), 1)
    assert (item.checkpoint, item.advice) == ({"upto": "now", "parts": [1, [2]]}, {"Industry": "grant it"})
    assert sorted(path.name for path in landing.folder.iterdir()) == [
        "Account.gone.parquet", "Account.parquet", "Account.patch.parquet", "manifest.json",
    ]  # fmt: skip


def test_a_source_may_say_how_far_it_got_once_its_records_are_read(tmp_path):
    checkpoint = {}

    def rows():
        yield from extract_of(ACCOUNT, [account_row("A")]).batches
        checkpoint["upto"] = "the end"

    whole = extract_of(ACCOUNT, [])
    extract = type(whole)(whole.availability, rows(), is_complete=True, checkpoint=checkpoint)
    landing = write_landing(tmp_path, run_id="run", extracted_at=FIRST_EXTRACTION, source="s", extracts=[extract])
    assert read_landing(landing.folder).objects[0].checkpoint == {"upto": "the end"}


def test_an_optional_object_that_breaks_off_at_the_end_leaves_no_file(tmp_path):
    def broken():
        yield from patch_of(ACCOUNT, [account_row("A")], "Industry").batches
        raise ConnectorError("line cut")

    whole = extract_of(ACCOUNT, [account_row("A")], gone=["B"])
    extract = type(whole)(
        whole.availability, whole.batches, is_complete=False, is_optional=True, gone=whole.gone,
        patch=ColumnPatch(("Industry",), broken()),
    )  # fmt: skip
    landing = write_landing(tmp_path, run_id="run", extracted_at=FIRST_EXTRACTION, source="s", extracts=[extract])
    assert landing.objects[0].failure == "line cut"
    assert [path.name for path in landing.folder.iterdir()] == ["manifest.json"]


def test_the_sources_own_clock_is_kept_in_utc(tmp_path, warehouse):
    clock = datetime(2026, 7, 1, 3, 59, 30, tzinfo=timezone(timedelta(hours=2)))
    landing = write_landing(
        tmp_path, run_id="run", extracted_at=FIRST_EXTRACTION, source="s",
        extracts=[extract_of(ACCOUNT, [])], clock_at=clock, is_live=True,
    )  # fmt: skip
    assert read_landing(landing.folder) == landing
    load_landing(warehouse, landing)
    assert warehouse.rows("select distinct is_live, clock_at from raw.load") == [(True, utc(2026, 7, 1, 1, 59, 30))]


def test_a_landing_of_an_earlier_version_is_still_read_and_loaded(land, warehouse):
    landing = land([account_row("A", Industry="Energy")])
    file = landing.folder / "Account.parquet"
    whole = pq.read_table(file)
    pq.write_table(whole.drop_columns(["_custom", "Industry"]), file)
    manifest = landing.folder / "manifest.json"
    values = json.loads(manifest.read_text(encoding="utf-8"))
    del values["is_live"], values["clock_at"]
    for item in values["objects"]:
        for name in ("advice", "gone_file", "gone_cnt", "patch_file", "patch_fields", "patch_cnt", "checkpoint"):
            del item[name]
    manifest.write_text(json.dumps(values), encoding="utf-8")
    (counts,) = load_landing(warehouse, read_landing(landing.folder))
    assert counts.inserted_cnt == 1
    assert warehouse.rows("select Name, Industry, _custom from raw.account") == [("x", None, None)]


def test_columns_that_the_declaration_gained_are_added_to_a_warehouse_that_lacks_them(land, warehouse):
    load_landing(warehouse, land([account_row("A")]))
    for table in ("account", "account_superseded"):
        warehouse.connection.execute(f"alter table raw.{table} drop column _custom")
    warehouse.connection.execute("alter table raw.field_presence drop column advice")
    warehouse.connection.execute("drop table raw.checkpoint")
    (counts,) = load_landing(warehouse, land([account_row("A", _custom='{"Tier__c":"1"}')]))
    assert counts.updated_cnt == 1
    assert warehouse.value("select _custom from raw.account") == '{"Tier__c":"1"}'


def test_what_the_source_has_of_each_field_is_kept_with_what_to_do(land, warehouse):
    shown = {"Industry": "vanished", "Tier__c": "new"}
    load_landing(warehouse, land([], presence=shown, advice={"Industry": "grant it"}))
    rows = warehouse.rows(
        "select field, presence, advice from raw.field_presence where field in ('Name', 'Industry', 'Tier__c')"
    )
    assert sorted(rows) == [
        ("Industry", "vanished", "grant it"), ("Name", "present", None), ("Tier__c", "new", None),
    ]  # fmt: skip
