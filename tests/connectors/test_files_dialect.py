"""Encodings, byte order marks, delimiters and damaged files."""

import csv
import zipfile

import pytest

from kam_pipeline.crm_schema import ACCOUNT
from kam_pipeline.errors import SourceFormatError

TEXT = "Id,Name,Industry\n1,Müller & Söhne,Steel\n"
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "caret": "^", "backquote": "`"}


def names(records):
    return [record["Name"] for record in records]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("zipped", [False, True])
def test_an_encoding_is_found_by_itself(encoding, zipped, tmp_path, read, source_of):
    content = TEXT.encode(encoding)
    if zipped:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("Account.csv", content)
    else:
        (tmp_path / "Account.csv").write_bytes(content)
    assert names(read(tmp_path, ACCOUNT)) == ["Müller & Söhne"]
    notes = source_of(tmp_path).inspect([ACCOUNT])[0].notes
    assert len(notes) == (encoding == "cp1252")


def test_the_fallback_to_cp1252_is_noted_with_the_file_and_the_place(tmp_path, source_of):
    (tmp_path / "Account.csv").write_bytes(TEXT.encode("cp1252"))
    (note,) = source_of(tmp_path).inspect([ACCOUNT])[0].notes
    assert note.startswith("Account.csv: not UTF-8 (byte 20, line 2), read as cp1252")


def test_a_bad_byte_far_into_the_file_is_found_with_its_line(tmp_path, read, source_of):
    content = b"Id,Name\n" + b"1,plain\n" * 200_000 + b"2,caf\xe9\n"
    (tmp_path / "Account.csv").write_bytes(content)
    (note,) = source_of(tmp_path).inspect([ACCOUNT])[0].notes
    assert f"byte {content.index(0xE9)}, line 200002" in note
    assert names(read(tmp_path, ACCOUNT))[-1] == "café"


def test_a_letter_split_between_two_pieces_of_the_file_is_still_utf8(tmp_path, read, source_of):
    filler = "x" * ((1 << 20) - len("Id,Name\n1,") - 1)
    (tmp_path / "Account.csv").write_bytes(f"Id,Name\n1,{filler}é\n".encode())
    assert names(read(tmp_path, ACCOUNT)) == [filler + "é"]
    assert source_of(tmp_path).inspect([ACCOUNT])[0].notes == ()


def test_bytes_that_are_neither_utf8_nor_cp1252_are_refused_rather_than_guessed(tmp_path, source_of):
    (tmp_path / "Account.csv").write_bytes(b"Id,Name\n1,caf\xe9\n2,\x81\n")
    with pytest.raises(SourceFormatError, match=r"Account\.csv.*cp1252 at byte 17, line 3.*source\.encoding"):
        source_of(tmp_path).inspect([ACCOUNT])


def test_a_named_encoding_is_used_without_a_note(tmp_path, read, source_of):
    (tmp_path / "Account.csv").write_bytes("Id,Name\n1,Žižkov\n".encode("cp1250"))
    assert names(read(tmp_path, ACCOUNT, encoding="cp1250")) == ["Žižkov"]
    assert source_of(tmp_path, encoding="cp1250").inspect([ACCOUNT])[0].notes == ()


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-16-le"])
def test_a_byte_order_mark_is_no_part_of_the_first_column_under_a_named_encoding(encoding, tmp_path, read):
    (tmp_path / "Account.csv").write_bytes(("\ufeff" + TEXT).encode(encoding))
    assert names(read(tmp_path, ACCOUNT, encoding=encoding)) == ["Müller & Söhne"]


def test_a_file_that_is_not_in_the_named_encoding_is_refused_with_the_place(tmp_path, source_of):
    (tmp_path / "Account.csv").write_bytes(TEXT.encode("cp1252"))
    with pytest.raises(
        SourceFormatError, match=r"Account\.csv: cannot be read as utf-8 at byte 20, line 2.*source\.encoding"
    ):
        source_of(tmp_path, encoding="utf-8").inspect([ACCOUNT])


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("setting", ["auto", "named"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_every_delimiter_is_read(delimiter, setting, quoting, tmp_path, read):
    with (tmp_path / "Account.csv").open("w", newline="") as file:
        writer = csv.writer(file, delimiter=DELIMITERS[delimiter], quoting=quoting)
        writer.writerows([["Id", "Unknown, or; not", "Name"], ["1", "x", "a,b;c\td|e^f`g"]])
    settings = {} if setting == "auto" else {"delimiter": delimiter}
    assert names(read(tmp_path, ACCOUNT, **settings)) == ["a,b;c\td|e^f`g"]


def test_a_file_of_one_column_is_read(tmp_path, read):
    (tmp_path / "Account.csv").write_text("Name\nA;b\nB|c\n")
    assert names(read(tmp_path, ACCOUNT, {"Account": {"fields": {"Id": "Name"}}})) == ["A;b", "B|c"]


def test_a_header_without_any_known_column_is_shown_with_the_ways_out(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text("Firma:Land\nA:DE\n")
    with pytest.raises(SourceFormatError) as caught:
        source_of(tmp_path).inspect([ACCOUNT])
    for part in ("Account.csv", "'Firma:Land'", "source.delimiter", "mapping.Account.fields"):
        assert part in str(caught.value)


def test_a_wrong_delimiter_by_setting_is_the_same_error(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text(TEXT)
    with pytest.raises(SourceFormatError, match=r"'Id,Name,Industry'; set source\.delimiter"):
        source_of(tmp_path, delimiter="tab").inspect([ACCOUNT])


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\r\n\r\n"])
def test_an_empty_file_is_named(content, tmp_path, source_of):
    (tmp_path / "Account.csv").write_bytes(content)
    with pytest.raises(SourceFormatError, match=r"Account\.csv: the file is empty"):
        source_of(tmp_path).inspect([ACCOUNT])


@pytest.mark.parametrize("content", ["Id,Name", "Id,Name\n", '"Id","Name"\r\n'])
def test_a_file_with_only_a_header_has_no_records_and_is_present(content, tmp_path, read, source_of):
    (tmp_path / "Account.csv").write_text(content, newline="")
    assert read(tmp_path, ACCOUNT) == []
    assert source_of(tmp_path).inspect([ACCOUNT])[0].is_present


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Id,Name\n1,A\n2,B,C\n", r"Account\.csv, row 3 .*: 3 instead of the 2 columns .*'2,B,C'; look for quotes"),
        ("Id,Name,Type\n1,A,x\n2\n3,C,x\n", r"Account\.csv, row 3 .*: 1 instead of the 3 columns"),
        (
            "Id,Name,Type\n1,A,x\n2,B",
            r"Account\.csv, row 3 .*: 2 instead of the 3 .*; the file looks truncated; export it again",
        ),
        (
            'Id,Name\n1,A\n2,"B\n',
            r"Account\.csv, row 3 .*a quote is opened.*; the file looks truncated; export it again",
        ),
        ('Id,Name\n"1\n2\n3",A\n2,"B', r"Account\.csv, row 3 .*; the file looks truncated; export it again"),
        ("Id,Name\r\n1,A\n2,B\r\n", r"Account\.csv, row 2 .*: ends its line otherwise .*CRLF and LF"),
    ],
)
def test_a_damaged_record_is_named_with_its_row_and_a_way_out(content, expected, tmp_path, read):
    (tmp_path / "Account.csv").write_text(content, newline="")
    with pytest.raises(SourceFormatError, match=expected) as caught:
        read(tmp_path, ACCOUNT)
    assert "\n" not in str(caught.value)
    assert "strict_mode" not in str(caught.value)
    assert caught.value.__cause__ is not None


def test_a_damaged_record_in_a_zip_is_named_by_the_zip_and_not_by_the_copy(tmp_path, read):
    with zipfile.ZipFile(tmp_path / "WE_1.ZIP", "w") as archive:
        archive.writestr("Account.csv", "Id,Name\n1\n")
    with pytest.raises(SourceFormatError, match=r"^WE_1\.ZIP/Account\.csv, row 2"):
        read(tmp_path, ACCOUNT)
