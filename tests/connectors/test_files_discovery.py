"""Which files belong to an object, in folders and ZIPs."""

import zipfile
from pathlib import Path

import pytest

from kam_pipeline.crm_schema import ACCOUNT, CASE, CONTACT, OPPORTUNITY
from kam_pipeline.errors import ConnectorError, SourceFormatError

HEADER = "Id,Name\n"


def zip_of(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def ids(records):
    return [record["Id"] for record in records]


@pytest.mark.parametrize(
    "name",
    ["Account.csv", "account.CSV", "Account_2.csv", "Account-2.csv", "Account.2.csv", "Account_part2.csv"],
)
def test_a_file_named_after_the_object_belongs_to_it(name, tmp_path, read):
    (tmp_path / name).write_text(HEADER + "a,A\n")
    assert ids(read(tmp_path, ACCOUNT)) == ["a"]


@pytest.mark.parametrize(
    "name", ["Accounts.csv", "MyAccount.csv", "AccountTeamMember.csv", "Account.txt", "Account_x.csv"]
)
def test_a_file_named_otherwise_does_not_belong_to_it(name, tmp_path, source_of):
    (tmp_path / name).write_text(HEADER + "a,A\n")
    with pytest.raises(SourceFormatError, match=r"no file for Account; looked for Account\.csv"):
        source_of(tmp_path).inspect([ACCOUNT])


def test_folders_are_searched_at_any_depth_and_hidden_files_are_left_out(tmp_path, read):
    for folder in ("deep/er", ".trash", "__MACOSX"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "Account.csv").write_text(HEADER + f"{folder},A\n")
    (tmp_path / "._Account.csv").write_text("junk")
    assert ids(read(tmp_path, ACCOUNT)) == ["deep/er"]


def test_parts_are_read_in_the_order_of_their_numbers_and_matched_by_column_name(tmp_path, read):
    (tmp_path / "Account_10.csv").write_text("Name,Id\nTen,10\n")
    (tmp_path / "Account_9.csv").write_text("Id,Name,Industry\n9,Nine,Steel\n")
    (tmp_path / "Account.csv").write_text("id,name\n1,One\n")
    records = read(tmp_path, ACCOUNT)
    assert [(record["Name"], record["Id"], record["Industry"]) for record in records] == [
        ("One", "1", None),
        ("Nine", "9", "Steel"),
        ("Ten", "10", None),
    ]


def test_one_zip_is_a_source_whatever_the_case_of_its_extension(tmp_path, read, source_of):
    path = zip_of(tmp_path / "WE_00D_1.ZIP", {"Account.csv": HEADER + "a,A\n", "Attachments/x.bin": "x"})
    assert ids(read(path, ACCOUNT)) == ["a"]
    source = source_of(path)
    assert source.name == "files:WE_00D_1.ZIP"
    assert source.inspect([ACCOUNT])[0].origins == ("WE_00D_1.ZIP/Account.csv",)


def test_an_object_may_be_split_over_zips_and_a_folder(tmp_path, read):
    zip_of(tmp_path / "WE_00D_2.ZIP", {"export/Account.csv": HEADER + "2,B\n"})
    zip_of(tmp_path / "WE_00D_1.zip", {"Account.csv": HEADER + "1,A\n"})
    (tmp_path / "account_3.csv").write_text(HEADER + "3,C\n")
    assert sorted(ids(read(tmp_path, ACCOUNT))) == ["1", "2", "3"]


def test_copies_from_a_zip_are_gone_afterwards(tmp_path, read, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    path = zip_of(tmp_path / "a.zip", {"Account.csv": HEADER + "a,A\n"})
    assert ids(read(path, ACCOUNT)) == ["a"]
    assert list(temporary.iterdir()) == []


def test_copies_are_gone_when_the_batches_are_given_up(tmp_path, source_of, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    path = zip_of(tmp_path / "a.zip", {"Account.csv": HEADER + "a,A\n", "Account_2.csv": HEADER + "b,B\n"})
    (extract,) = source_of(path).extract([ACCOUNT])
    next(extract.batches)
    assert list(temporary.iterdir())
    extract.batches.close()
    assert list(temporary.iterdir()) == []


def test_a_truncated_zip_is_named_with_the_way_out(tmp_path, source_of):
    path = zip_of(tmp_path / "WE_1.ZIP", {"Account.csv": HEADER + "a,A\n" * 1000})
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(SourceFormatError, match=r"^WE_1\.ZIP: the ZIP is cut off or damaged; download it again$"):
        source_of(tmp_path).inspect([ACCOUNT])
    with pytest.raises(SourceFormatError, match=r"WE_1\.ZIP.*download it again"):
        source_of(path).inspect([ACCOUNT])


def test_a_zip_with_flipped_bytes_is_named_with_the_way_out(tmp_path, source_of):
    path = zip_of(tmp_path / "WE_1.ZIP", {"Account.csv": HEADER + "".join(f"{i},name {i}\n" for i in range(1000))})
    content = bytearray(path.read_bytes())
    content[500:520] = bytes(20)
    path.write_bytes(content)
    with pytest.raises(SourceFormatError, match=r"WE_1\.ZIP/Account\.csv.*download it again"):
        source_of(tmp_path).inspect([ACCOUNT])


def test_a_zip_with_a_password_is_named_with_the_way_out(tmp_path, source_of):
    path = zip_of(tmp_path / "WE_1.ZIP", {"Account.csv": HEADER})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(SourceFormatError, match=r"^WE_1\.ZIP: is protected by a password; unpack it"):
        source_of(tmp_path).inspect([ACCOUNT])


def test_every_damaged_zip_is_named(tmp_path, source_of):
    (tmp_path / "a.zip").write_bytes(b"")
    (tmp_path / "b.zip").write_bytes(b"PK nonsense")
    with pytest.raises(SourceFormatError) as caught:
        source_of(tmp_path).inspect([ACCOUNT])
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ["a.zip", "b.zip"]


@pytest.mark.parametrize(
    "file",
    ["firms.csv", "FIRMS.csv", "f*s.csv", "old/../firms.csv".replace("old/../", "./"), "*.csv"],
)
def test_a_mapped_file_is_relative_to_the_source_and_may_be_a_glob(file, tmp_path, read):
    (tmp_path / "firms.csv").write_text(HEADER + "new,A\n")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "firms.csv").write_text(HEADER + "old,A\n")
    assert ids(read(tmp_path, ACCOUNT, {"Account": {"file": file}})) == ["new"]


@pytest.mark.parametrize("file", ["old/firms.csv", "*/firms.csv", "old/**", "**/old/firms.csv"])
def test_a_mapped_file_may_lie_in_a_subfolder(file, tmp_path, read):
    (tmp_path / "firms.csv").write_text(HEADER + "new,A\n")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "firms.csv").write_text(HEADER + "old,A\n")
    assert ids(read(tmp_path, ACCOUNT, {"Account": {"file": file}})) == ["old"]


@pytest.mark.parametrize("file", ["firms.csv", "top/firms.csv", "top/*.csv", "a.zip/top/firms.csv"])
def test_a_mapped_file_may_lie_in_a_zip(file, tmp_path, read):
    zip_of(tmp_path / "a.zip", {"top/firms.csv": HEADER + "a,A\n"})
    assert ids(read(tmp_path, ACCOUNT, {"Account": {"file": file}})) == ["a"]


def test_a_mapped_file_name_with_wildcard_characters_is_first_of_all_a_name(tmp_path, read):
    (tmp_path / "firms [1].csv").write_text(HEADER + "a,A\n")
    (tmp_path / "firms 1.csv").write_text(HEADER + "b,B\n")
    assert ids(read(tmp_path, ACCOUNT, {"Account": {"file": "firms [1].csv"}})) == ["a"]


@pytest.mark.parametrize("name", ['it\'s "q".csv', "a*[b]?.csv", "Ünïcode ✓ x.csv", "a=1; drop table.csv", "{a,b}.csv"])
def test_any_file_name_is_taken_literally(name, tmp_path, read):
    (tmp_path / "a=1" / "it's [x]*").mkdir(parents=True)
    (tmp_path / "a=1" / "it's [x]*" / name).write_text(HEADER + "a,A\n")
    (tmp_path / "other.csv").write_text(HEADER + "b,B\n")
    assert ids(read(tmp_path, ACCOUNT, {"Account": {"file": name}})) == ["a"]


def test_a_missing_required_object_names_the_folder_what_was_looked_for_and_ten_files_there(tmp_path, source_of):
    for number in range(13):
        (tmp_path / f"file{number}.csv").write_text(HEADER)
    with pytest.raises(SourceFormatError) as caught:
        source_of(tmp_path).inspect([ACCOUNT, OPPORTUNITY, CASE])
    accounts, opportunities = str(caught.value).splitlines()
    assert accounts.startswith(f"{tmp_path}: no file for Account; looked for Account.csv, Account_2.csv")
    assert "there is file0.csv, file1.csv, file2.csv" in accounts
    assert "file9.csv and 3 more" in accounts
    assert "mapping.Account.file" in accounts
    assert "no file for Opportunity" in opportunities


def test_an_empty_folder_is_said_to_hold_nothing(tmp_path, source_of):
    with pytest.raises(SourceFormatError, match="there is nothing"):
        source_of(tmp_path).inspect([ACCOUNT])


def test_a_mapped_file_that_is_not_there_is_an_error_even_for_an_optional_object(tmp_path, source_of):
    with pytest.raises(SourceFormatError, match=r"no file for Contact; looked for people\.csv"):
        source_of(tmp_path, {"Contact": {"file": "people.csv"}}).inspect([CONTACT])


def test_a_path_that_does_not_exist_or_is_no_folder_is_named_with_the_setting(tmp_path, source_of):
    with pytest.raises(SourceFormatError, match=r"nowhere: does not exist; set source\.path"):
        source_of(tmp_path / "nowhere").inspect([ACCOUNT])
    (tmp_path / "file.csv").write_text("")
    with pytest.raises(SourceFormatError, match=r"file\.csv: is neither a folder nor a ZIP"):
        source_of(tmp_path / "file.csv").inspect([ACCOUNT])


def test_a_file_that_vanishes_before_it_is_opened_is_a_connector_error(tmp_path, source_of, monkeypatch):
    path = tmp_path / "Account.csv"
    path.write_text(HEADER + "a,A\n")

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConnectorError, match=r"Account\.csv: cannot be opened \(Permission denied\)"):
        source_of(tmp_path).inspect([ACCOUNT])
