"""Records of the emulator come out of REST and Bulk as they were loaded, malformed ones too."""

import csv
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.ids import checksum, is_id, long_id, make_id
from connectors.salesforce_emulator.org import Features, Org
from connectors.salesforce_emulator.rendering import json_value
from kam_pipeline.demo.export import write_export

# What CSV and SQL may stumble over; texts of the organisation are never empty.
TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["NA", "NULL", "None", "NaN", '"', '""', ",", "\r\n", "\n", " x ", "😀", "a\x00b", "'", "\\"]),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20),
)


@pytest.fixture
def org() -> Iterator[Org]:
    made = Org(clock=Clock())
    yield made
    made.close()


def rest(org, soql):
    found = org.query(soql, include_deleted=True, version=66.0)
    return found.records(0, found.row_cnt)


def bulk(org, soql, folder, **options):
    settings = {"include_deleted": True, "version": 66.0, "page_rows": 1000, **options}
    return org.bulk_query(soql, folder=folder, **settings)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@given(rows=st.lists(st.tuples(TEXTS, TEXTS), max_size=8), page_rows=st.integers(1, 4))
def test_texts_come_out_of_rest_and_bulk_as_they_were_loaded(tmp_path_factory, rows, page_rows):
    folder = tmp_path_factory.mktemp("pages")
    org = Org(features=Features(history=False))
    org.load("Account", [{"Id": make_id("001", n), "Name": a, "Site": b} for n, (a, b) in enumerate(rows)])
    assert [(one["Name"], one["Site"]) for one in rest(org, "SELECT Name, Site FROM Account")] == rows
    result = bulk(org, "SELECT Name, Site FROM Account", folder, page_rows=page_rows)
    pages = [read(path) for path, _ in result.pages]
    org.close()
    assert all(page[0] == ["Name", "Site"] for page in pages)
    assert [len(page) - 1 for page in pages] == [count for _, count in result.pages]
    assert [tuple(row) for page in pages for row in page[1:]] == [(a or "", b or "") for a, b in rows]
    assert result.record_cnt == len(rows)


def test_bulk_quotes_every_value_and_names_columns_as_describe_does(org, tmp_path):
    user = org.insert("User", {"LastName": "Holm", "FirstName": "Una"})
    org.load(
        "Account",
        [{"Id": make_id("001", 1), "Name": 'a"b', "OwnerId": user, "CreatedDate": "2026-01-02T03:04:05.000Z"}],
    )
    result = bulk(org, "select id, owner.name, site, createddate, name from account", tmp_path)
    ((path, count),) = result.pages
    assert path.read_bytes() == (
        b'"Id","Owner.Name","Site","CreatedDate","Name"\n'
        b'"001Em0000000001IAA","Una Holm","","2026-01-02T03:04:05.000Z","a""b"\n'
    )
    assert count == 1


def test_bulk_without_records_gives_one_page_of_nothing_but_the_header(org, tmp_path):
    result = bulk(org, "SELECT Id, Name FROM Account", tmp_path)
    ((path, count),) = result.pages
    assert (path.read_bytes(), count) == (b'"Id","Name"\n', 0)


def test_bulk_pages_hold_so_many_records_each_and_the_last_one_the_rest(org, tmp_path):
    org.load("Account", [{"Id": make_id("001", n)} for n in range(7)])
    result = bulk(org, "SELECT Id FROM Account", tmp_path, page_rows=3)
    assert [count for _, count in result.pages] == [3, 3, 1]


def test_a_page_goes_on_where_the_store_hands_over_its_next_batch(org, tmp_path):
    numbers = [str(number) for number in range(60_000)]
    org.load("Account", pa.table({"Name": numbers}))
    result = bulk(org, "SELECT Name FROM Account", tmp_path, page_rows=40_000)
    assert [count for _, count in result.pages] == [40_000, 20_000]
    assert [row[0] for path, _ in result.pages for row in read(path)[1:]] == numbers


def test_bulk_can_shuffle_but_loses_and_repeats_nothing(org, tmp_path):
    ids = [make_id("001", n) for n in range(50)]
    org.load("Account", [{"Id": record_id} for record_id in ids])
    found = [row[0] for row in read(bulk(org, "SELECT Id FROM Account", tmp_path, shuffle=True).pages[0][0])[1:]]
    assert found != ids
    assert sorted(found) == ids


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("currency", "5", 5.0),
        ("currency", "4266274.00", 4266274.0),
        ("currency", "12,5O0", "12,5O0"),
        ("currency", "nan", "nan"),
        ("currency", "1_000", "1_000"),
        ("currency", "12345678901234.5678", "12345678901234.5678"),
        ("double", "1.0E7", 1e7),
        ("int", "30", 30),
        ("int", "30.5", "30.5"),
        ("boolean", "true", True),
        ("boolean", "1", "1"),
        ("date", "2026-02-31", "2026-02-31"),
        ("datetime", "2024-09-24T03:26:07.000Z", "2024-09-24T03:26:07.000+0000"),
        ("datetime", "24.9.2024", "24.9.2024"),
        ("string", "5", "5"),
        ("anyType", "true", "true"),
    ],
)
def test_json_has_a_number_or_flag_only_where_the_text_is_exactly_one(kind, text, expected):
    value = json_value(kind, text)
    assert (type(value), value) == (type(expected), expected)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14))
def test_no_amount_changes_on_its_way_through_json(amount):
    assert Decimal(str(json_value("currency", f"{amount:f}"))) == amount


def test_an_address_is_an_object_or_null(org):
    org.insert("Account", {"Name": "A", "BillingCity": "Oslo"})
    org.insert("Account", {"Name": "B"})
    first, second = rest(org, "SELECT BillingAddress FROM Account")
    assert first["BillingAddress"]["city"] == "Oslo"
    assert set(first["BillingAddress"]) >= {"street", "postalCode", "state", "country", "latitude"}
    assert second["BillingAddress"] is None


def test_records_without_an_id_and_two_with_one_id_are_kept(org):
    twice = make_id("006", 1)
    assert (
        org.load("Opportunity", [{"Id": twice, "Name": "a"}, {"Id": twice, "Name": "b"}, {"Id": "", "Name": "c"}]) == 3
    )
    assert [record["Name"] for record in rest(org, "SELECT Name FROM Opportunity")] == ["a", "b", "c"]


def test_two_parents_with_one_id_do_not_multiply_their_children(org):
    twice = make_id("001", 1)
    org.load("Account", [{"Id": twice, "Name": "a"}, {"Id": twice, "Name": "b"}])
    org.load("Contact", [{"Id": make_id("003", 1), "AccountId": twice}])
    assert [record["Account"]["Name"] for record in rest(org, "SELECT Account.Name FROM Contact")] == ["a"]


def test_a_result_stays_as_it_was_when_it_was_asked_for(org):
    account = org.insert("Account", {"Name": "before"})
    found = org.query("SELECT Name FROM Account", include_deleted=False, version=66.0)
    org.update("Account", account, {"Name": "after"})
    org.insert("Account", {"Name": "new"})
    assert [record["Name"] for record in found.records(0, 10)] == ["before"]


def test_unknown_columns_become_fields_and_columns_of_ids_become_references(org):
    user = make_id("005", 7)
    org.load("Account", [{"Id": make_id("001", 1), "Sponsor__c": user, "Code__c": "C-1", "Odd": "x"}])
    fields = {field["name"]: field for field in org.describe("Account", 66.0)["fields"]}
    assert (fields["Sponsor__c"]["type"], fields["Sponsor__c"]["referenceTo"]) == ("reference", ["User"])
    assert fields["Sponsor__c"]["relationshipName"] == "Sponsor__r"
    assert (fields["Code__c"]["type"], fields["Code__c"]["custom"]) == ("string", True)
    assert (fields["Odd"]["type"], fields["Odd"]["custom"]) == ("string", False)


def test_the_types_of_unknown_columns_can_be_said(org):
    org.load("Account", [{"Id": make_id("001", 1), "Potential__c": "5"}], kinds={"Potential__c": "currency"})
    assert rest(org, "SELECT Potential__c FROM Account")[0]["Potential__c"] == 5.0


def test_an_object_of_the_organisations_own_is_made_by_loading_it(org):
    account = org.insert("Account", {"Name": "A"})
    org.load("Key_Plan__c", [{"Id": make_id("a0P", 1), "Name": "P", "Account__c": account}])
    assert org.describe("Key_Plan__c", 66.0)["keyPrefix"] == "a0P"
    (plan,) = rest(org, "SELECT Name, Account__r.Name FROM Key_Plan__c")
    assert (plan["Name"], plan["Account__r"]["Name"]) == ("P", "A")


def test_a_data_export_becomes_what_the_api_says(org, tmp_path):
    path = tmp_path / "Opportunity.csv"
    path.write_bytes(
        b'"Id","AccountId","Name","Amount","IsWon","IsDeleted","CreatedDate"\n'
        b'"006Nd000000pnfq","000000000000000AAA","two\r\nlines","12,5O0","1","0","2021-12-01 07:04:05"\n'
        b'"","","","","maybe","1","yesterday"\n'
    )
    assert org.load("Opportunity", path, from_export=True) == 2
    first, second = rest(org, "SELECT Id, AccountId, Name, Amount, IsWon, IsDeleted, CreatedDate FROM Opportunity")
    del first["attributes"], second["attributes"]
    assert list(first.values()) == [
        "006Nd000000pnfq", None, "two\r\nlines", "12,5O0", True, False, "2021-12-01T07:04:05.000+0000"
    ]  # fmt: skip
    assert list(second.values()) == [None, None, None, None, "maybe", True, "yesterday"]


def test_the_demo_company_comes_out_of_rest_and_bulk_with_every_value_as_it_was_loaded(org, tmp_path):
    write_export(tmp_path, accounts=40)
    for path in sorted((tmp_path / "export").glob("*.csv")):
        loaded = read(path)
        assert org.load(path.stem, path, from_export=True) == len(loaded) - 1
        names, kinds = loaded[0], kinds_of(org, path.stem)
        expected = [[as_api(kinds[name], text) for name, text in zip(names, row, strict=True)] for row in loaded[1:]]
        soql = f"SELECT {', '.join(names)} FROM {path.stem}"
        ((page, _),) = bulk(org, soql, tmp_path / path.stem, page_rows=10_000).pages
        assert read(page)[1:] == expected, path.stem
        for record, row in zip(rest(org, soql), expected, strict=True):
            assert [record[name] for name in names] == [
                json_value(kinds[name], text or None) for name, text in zip(names, row, strict=True)
            ]


def kinds_of(org, sobject):
    return {field["name"]: field["type"] for field in org.describe(sobject, 66.0)["fields"]}


def as_api(kind, text):
    """A value of a Data Export as the API writes it."""
    if kind == "boolean":
        return {"1": "true", "0": "false"}.get(text, text)
    if kind == "datetime" and len(text) == 19:
        return text.replace(" ", "T") + ".000Z"
    return "" if kind == "reference" and not text.strip("0A") else text


def test_a_loaded_organization_takes_the_place_of_the_made_up_one(org):
    own = make_id("00D", 5)
    org.load("Organization", pa.table({"Id": [own], "Name": ["Acme"], "DefaultCurrencyIsoCode": ["DKK"]}))
    assert [record["Id"] for record in rest(org, "SELECT Id FROM Organization")] == [own]
    assert org.org_id == own
    org.insert("Account", {"Name": "A"})
    assert org.living("Account")[0]["CurrencyIsoCode"] == "DKK"


def test_new_records_never_take_an_id_of_the_demo_company(org):
    org.load("Account", [{"Id": "001Nd000000pnfqIAA"}])
    assert org.insert("Account", {"Name": "A"}) != "001Nd000000pnfqIAA"


@pytest.mark.parametrize(
    "known", ["001Nd000000pnfqIAA", "005Nd000000png4IAA", "00UNd000000pnfqMAA", "a0D30000001n7PiEAI"]
)
def test_the_checksum_is_that_of_known_ids(known):
    assert checksum(known[:15]) == known[15:]
    assert is_id(known)
    assert long_id(known[:15]) == known
    assert not is_id(known.swapcase())


def test_readers_and_writers_do_not_get_in_each_others_way(org, tmp_path):
    org.load("Account", [{"Id": make_id("001", n), "Name": str(n)} for n in range(5000)])
    problems: list[BaseException] = []

    def guarded(act):
        def run():
            try:
                for turn in range(5):
                    act(turn)
            except BaseException as problem:
                problems.append(problem)

        return threading.Thread(target=run)

    def page(turn: int) -> None:
        found = bulk(org, "SELECT Id, Name FROM Account", tmp_path / f"{threading.get_ident()}-{turn}")
        assert found.record_cnt >= 5000

    threads = [
        guarded(page),
        guarded(page),
        guarded(lambda turn: rest(org, "SELECT Id, Owner.Name FROM Account LIMIT 100")),
        guarded(lambda turn: org.update("Account", make_id("001", turn), {"Name": f"new {turn}"})),
        guarded(lambda turn: org.insert("Account", {"Name": "more"})),
        guarded(lambda turn: org.add_field("Account", f"F{turn}__c", "string", default="x")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert org.record_cnt("Account") == 5005


def test_pages_are_files_of_the_folder_that_was_asked_for(org, tmp_path: Path):
    result = bulk(org, "SELECT Id FROM Account", tmp_path / "job")
    assert [path.parent for path, _ in result.pages] == [tmp_path / "job"]
