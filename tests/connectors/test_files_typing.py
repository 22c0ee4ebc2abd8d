"""Text to declared types: what is read, and what is kept aside as not readable."""

import csv
import datetime as dt
import itertools
import json
import random
import string
from decimal import Decimal

import pytest

from connectors.base import UNPARSED, arrow_schema
from kam_pipeline.crm_schema import ACCOUNT, CRM_OBJECTS, CURRENCY_TYPE, OPPORTUNITY

KINDS = {
    "boolean": "IsDeleted",
    "datetime": "CreatedDate",
    "integer": "NumberOfEmployees",
    "amount": "AnnualRevenue",
    "text": "Industry",
    "id": "ParentId",
}


@pytest.fixture
def typed_all(tmp_path, read):
    """Read texts as a kind of field; return per text the value and whether it was kept aside as unreadable."""

    def values(kind, texts, **settings):
        crm_object, field = (ACCOUNT, KINDS[kind]) if kind in KINDS else (CURRENCY_TYPE, "ConversionRate")
        columns = {"Id": "x", "Name": "x", "IsoCode": "EUR", "ConversionRate": "1"}
        if kind == "date":
            crm_object, field = OPPORTUNITY, "CloseDate"
            columns |= {"AccountId": "x", "Amount": "1", "StageName": "x"}
        with (tmp_path / f"{crm_object.name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerow(columns | {field: ""})
            writer.writerows((columns | {field: text}).values() for text in texts)
        results = {}
        for text, record in zip(texts, read(tmp_path, crm_object, **settings), strict=True):
            kept = json.loads(record[UNPARSED] or "{}").get(field)
            assert kept in (None, text)
            results[text] = (record[field], kept is not None)
        return results

    return values


@pytest.fixture
def typed(typed_all):
    """Read one text."""
    return lambda kind, text, **settings: typed_all(kind, [text], **settings)[text]


def test_every_batch_has_the_declared_schema_also_for_absent_fields(tmp_path, source_of):
    for crm_object in CRM_OBJECTS:
        names = [field.name for field in crm_object.fields if field.is_required] + ["StageName"]
        lines = [",".join(names), ",".join("1" for _ in names)]
        (tmp_path / f"{crm_object.name}.csv").write_text("\n".join(lines))
    extracts = list(source_of(tmp_path).extract(CRM_OBJECTS))
    assert len(extracts) == len(CRM_OBJECTS)
    for extract in extracts:
        batches = list(extract.batches)
        assert [batch.schema for batch in batches] == [arrow_schema(extract.availability.crm_object)]
        assert extract.announced_cnt is None


def test_a_boolean_may_be_true_in_many_ways(typed_all):
    texts = ["1", "true", "T", "YES", "y", "True", "TRUE", " true "]
    assert typed_all("boolean", texts) == dict.fromkeys(texts, (True, False))


def test_a_boolean_may_be_false_in_many_ways(typed_all):
    texts = ["0", "false", "F", "No", "n", "FALSE"]
    assert typed_all("boolean", texts) == dict.fromkeys(texts, (False, False))


def test_another_word_is_no_boolean(typed_all):
    texts = ["2", "ja", "on", "NULL", "NA", "-"]
    assert typed_all("boolean", texts) == dict.fromkeys(texts, (None, True))


def test_words_for_nothing_are_text(typed_all):
    texts = ["NA", "NULL", "None", "N/A", "NaN", "null", " ", "\\N", "#N/A"]
    assert typed_all("text", texts) == {text: (text, False) for text in texts}


def test_nothing_at_all_is_null(typed):
    for kind in (*KINDS, "date", "number"):
        assert typed(kind, "") == (None, False)


def test_nul_characters_are_dropped_and_a_value_of_nothing_else_is_null(typed):
    assert typed("text", "a\0b\0") == ("ab", False)
    assert typed("text", "\0\0") == (None, False)
    assert typed("boolean", "\0") == (None, False)


def test_an_iso_date_is_read_with_or_without_a_time(typed_all):
    texts = ["2024-02-29", "2024-02-29 00:00:00", "2024-02-29T00:00:00.000Z", "2024-02-29T00:00:00+0000"]
    assert typed_all("date", texts) == dict.fromkeys(texts, (dt.date(2024, 2, 29), False))


def test_the_first_and_the_last_possible_date_are_read(typed_all):
    texts = ["1900-01-01", "2200-12-31"]
    assert typed_all("date", texts) == {text: (dt.date.fromisoformat(text), False) for text in texts}


def test_what_is_no_date_of_our_time_is_kept_aside(typed_all):
    texts = [
        "epoch",
        "infinity",
        "-infinity",
        "2024-02-30",
        "24-02-29",
        "2024-2-9",
        "2024/02/29",
        "29.02.2024",
        "20240229",
        "1899-12-31",
        "2201-01-01",
        "0001-01-01",
        "2024-02-29x",
        "2024-02-29 (BC)",
        "today",
        "NULL",
        "45351",
    ]
    assert typed_all("date", texts) == dict.fromkeys(texts, (None, True))


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("2/29/2024", ["%m/%d/%Y"]),
        ("29-02-24", ["%d-%m-%y"]),
        ("29.02.2024", ["%d/%m/%Y", "%d.%m.%Y"]),
        ("Feb 29, 2024", ["%b %d, %Y"]),
        ("it's 2024-02-29", ["it's %Y-%m-%d"]),
    ],
)
def test_a_date_is_read_in_the_formats_of_the_settings(text, formats, typed):
    assert typed("date", text, date_formats=formats) == (dt.date(2024, 2, 29), False)


def test_with_formats_nothing_else_is_a_date(typed_all):
    texts = ["2024-02-29", "30.02.2024", "epoch", "infinity", "29.02.1024", "29.02.202"]
    assert typed_all("date", texts, date_formats=["%d.%m.%Y"]) == dict.fromkeys(texts, (None, True))


def test_an_iso_date_time_is_read_in_utc(typed_all):
    cases = [
        ("2024-03-16 22:44:13", "2024-03-16 22:44:13"),
        ("2024-09-24T03:26:07.000Z", "2024-09-24 03:26:07"),
        ("2024-09-24T03:26:07.123+0000", "2024-09-24 03:26:07.123"),
        ("2024-09-24T03:26:07+02:00", "2024-09-24 01:26:07"),
        ("2024-09-24T23:26:07-0530", "2024-09-25 04:56:07"),
        ("2024-09-24 03:26:07+00", "2024-09-24 03:26:07"),
        ("2024-09-24T03:26", "2024-09-24 03:26:00"),
        ("2024-09-24", "2024-09-24 00:00:00"),
    ]
    expected = {text: (dt.datetime.fromisoformat(moment), False) for text, moment in cases}
    assert typed_all("datetime", list(expected)) == expected


def test_what_is_no_date_time_is_kept_aside(typed_all):
    texts = [
        "epoch",
        "infinity",
        "2024-09-24 25:00:00",
        "2024-09-24 03:26:07 PM",
        "2024-09-24T03:26:07 Europe/Berlin",
        "1899-12-31 00:00:00",
        "2201-12-31 00:00:00",
        "2024-09-24T",
        "22:44:13",
        "1710629053",
    ]
    assert typed_all("datetime", texts) == dict.fromkeys(texts, (None, True))


def test_a_date_time_is_read_in_its_own_formats_and_then_in_those_of_dates(typed):
    settings = {"datetime_formats": ["%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M %z"], "date_formats": ["%d.%m.%Y"]}
    assert typed("datetime", "29.02.2024 13:05", **settings) == (dt.datetime.fromisoformat("2024-02-29 13:05"), False)
    assert typed("datetime", "29.02.2024 13:05 +0200", **settings) == (
        dt.datetime.fromisoformat("2024-02-29 11:05"),
        False,
    )
    assert typed("datetime", "29.02.2024", **settings) == (dt.datetime.fromisoformat("2024-02-29"), False)
    assert typed("datetime", "2024-02-29 13:05:00", **settings) == (None, True)


def test_an_amount_is_read_with_either_separator(typed_all):
    cases = [
        ("1234.5", ".", "1234.5"),
        ("-1,234.5678", ".", "-1234.5678"),
        ("1 234 567", ".", "1234567"),
        ("1\u00a0234.50", ".", "1234.5"),
        ("1\u202f234.50", ".", "1234.5"),
        ("1'234.50", ".", "1234.5"),
        ("1\u2019234", ".", "1234"),
        ("12,34,567.8", ".", "1234567.8"),
        ("1.0E7", ".", "10000000"),
        ("+.5", ".", "0.5"),
        ("7.", ".", "7"),
        (" 12 ", ".", "12"),
        ("0.12345", ".", "0.1235"),
        ("1234,5", ",", "1234.5"),
        ("1.234.567,89", ",", "1234567.89"),
        ("1.234", ",", "1234"),
        ("1 234,50", ",", "1234.5"),
        ("1,0E7", ",", "10000000"),
        ("12345678901234.1234", ".", "12345678901234.1234"),
    ]
    for separator in ".,":
        expected = {text: (Decimal(amount), False) for text, written, amount in cases if written == separator}
        assert typed_all("amount", list(expected), decimal_separator=separator) == expected


def test_what_is_no_amount_is_kept_aside(typed_all):
    texts = ["nan", "inf", "-Infinity", "1_000", "$5", "5 EUR", "€5", "0x10", "1e", "--1", "(5)", "5%"]
    for kind in ("amount", "number", "integer"):
        assert typed_all(kind, texts) == dict.fromkeys(texts, (None, True))


@pytest.mark.parametrize(
    ("text", "separator"), [("1,5", "."), ("12,34", "."), ("1.5", ","), ("1234.56", ","), ("1.0E7", ",")]
)
def test_the_other_separator_not_before_three_digits_is_never_taken_for_thousands(text, separator, typed):
    assert typed("amount", text, decimal_separator=separator) == (None, True)


def test_an_amount_too_large_for_its_type_is_kept_aside(typed):
    assert typed("amount", "123456789012345") == (None, True)


def test_a_number_is_read(typed_all):
    cases = [("0.1", 0.1), ("1,234.5", 1234.5), ("1E-3", 0.001), ("100", 100.0)]
    expected = {text: (number, False) for text, number in cases}
    assert typed_all("number", list(expected)) == expected


def test_a_number_beyond_all_bounds_is_kept_aside(typed):
    assert typed("number", "1e999") == (None, True)


def test_a_whole_number_is_read(typed_all):
    cases = [("12", 12), ("12.0", 12), ("-1,200", -1200), ("1E3", 1000)]
    expected = {text: (number, False) for text, number in cases}
    assert typed_all("integer", list(expected)) == expected


def test_what_is_no_whole_number_is_kept_aside(typed_all):
    texts = ["12.5", "12.00001", "99999999999999999999", "twelve"]
    assert typed_all("integer", texts) == dict.fromkeys(texts, (None, True))


def test_only_what_failed_is_kept_aside_with_its_text_as_it_was(tmp_path, read):
    (tmp_path / "Account.csv").write_text(
        "Id,Name,IsDeleted,AnnualRevenue,NumberOfEmployees,CreatedDate\n"
        '1,A,0,1,1,2024-01-01\n2,B,perhaps," ""1""\n€",many,\n',
        encoding="utf-8",
    )
    good, bad = read(tmp_path, ACCOUNT)
    assert good[UNPARSED] is None
    assert json.loads(bad[UNPARSED]) == {
        "IsDeleted": "perhaps",
        "AnnualRevenue": ' "1"\n€',
        "NumberOfEmployees": "many",
    }
    assert (bad["Name"], bad["CreatedDate"]) == ("B", None)


def checksum(short):
    blocks = (short[start : start + 5] for start in (0, 5, 10))
    alphabet = string.ascii_uppercase + "012345"
    return "".join(alphabet[sum(1 << bit for bit, char in enumerate(block) if char.isupper())] for block in blocks)


def test_a_salesforce_id_becomes_18_characters_where_that_is_certain(typed_all):
    cases = [
        ("a0D30000001n7Pi", "a0D30000001n7PiEAI"),
        ("a0RE000000IJmcN", "a0RE000000IJmcNMAT"),
        ("a0D30000001n7PiEAI", "a0D30000001n7PiEAI"),
        ("A0D30000001N7PIEAI", "a0D30000001n7PiEAI"),
        ("a0re000000ijmcnmat", "a0RE000000IJmcNMAT"),
        ("a0re000000ijmcnma9", "a0re000000ijmcnma9"),
        ("A0D30000001N7PI555", "A0D30000001N7PI555"),
        ("a0D30000001n7PiXXX", "a0D30000001n7PiXXX"),
        ("0121000000000000AC", "0121000000000000AC"),
        ("a0D30000001n7P-", "a0D30000001n7P-"),
        ("short", "short"),
        (" a0D30000001n7Pi", " a0D30000001n7Pi"),
        ("000000000000000", None),
        ("000000000000000AAA", None),
    ]
    expected = {text: (full, False) for text, full in cases}
    assert typed_all("id", list(expected), ids="salesforce") == expected


def test_random_ids_get_the_checksum_of_their_capitals_and_survive_lost_case(tmp_path, read):
    random.seed(7)
    alphabet = string.ascii_letters + string.digits
    short = ["001" + "".join(random.choices(alphabet, k=12)) for _ in range(300)]
    full = [one + checksum(one) for one in short]
    spellings = itertools.chain(short, full, map(str.upper, full), map(str.lower, full))
    (tmp_path / "Account.csv").write_text("Id,Name\n" + "".join(f"{one},x\n" for one in spellings))
    assert [record["Id"] for record in read(tmp_path, ACCOUNT)] == full * 4


@pytest.mark.parametrize(
    ("header", "mapping", "ids", "is_converted"),
    [
        ("Id", {}, "auto", True),
        ("ID", {}, "auto", True),
        ("Id", {"Id": "id"}, "auto", True),
        ("key", {"Id": "key"}, "auto", False),
        ("key", {"Id": "key"}, "salesforce", True),
        ("Id", {}, "text", False),
    ],
)
def test_ids_are_salesforce_ids_as_set_or_when_the_accounts_have_an_id(
    header, mapping, ids, is_converted, tmp_path, read
):
    (tmp_path / "Account.csv").write_text(f"{header},Name,ParentId\na0D30000001n7Pi,A,000000000000000\n")
    (record,) = read(tmp_path, ACCOUNT, {"Account": {"fields": mapping}}, ids=ids)
    assert record["Id"] == ("a0D30000001n7PiEAI" if is_converted else "a0D30000001n7Pi")
    assert record["ParentId"] is None


def test_the_accounts_decide_about_the_ids_of_the_other_objects(tmp_path, read):
    (tmp_path / "Opportunity.csv").write_text(
        "Id,AccountId,Amount,CloseDate,StageName\na0RE000000IJmcN,a0D30000001n7Pi,1,2024-01-01,x\n"
    )
    (tmp_path / "Account.csv").write_text("Id,Name\n1,A\n")
    assert read(tmp_path, OPPORTUNITY)[0]["AccountId"] == "a0D30000001n7PiEAI"
    assert read(tmp_path, OPPORTUNITY, {"Account": {"fields": {"Id": "Name"}}})[0]["AccountId"] == "a0D30000001n7Pi"


def test_formats_for_dates_leave_stamps_with_a_time_in_iso_form_readable(typed_all):
    texts = ["2026-05-01 12:30:00", "01.05.2026", "2026-05-01"]
    read = typed_all("datetime", texts, date_formats=["%d.%m.%Y"])
    assert [str(value) for value, _ in read.values()] == ["2026-05-01 12:30:00", "2026-05-01 00:00:00", "None"]
