"""Which columns hold which fields, and the errors about them."""

import pytest

from kam_pipeline.crm_schema import ACCOUNT, CONTACT, OPPORTUNITY, ORDER
from kam_pipeline.errors import SourceFormatError

ACCOUNTS = "Id,Name\n1,A\n"
DEALS = "Id,AccountId,Amount,CloseDate,StageName\n9,1,5,2024-01-31,Won\n"


def problems(source, *objects):
    with pytest.raises(SourceFormatError) as caught:
        source.inspect(objects)
    return str(caught.value).splitlines()


def test_header_names_match_in_any_case_and_without_surrounding_blanks(tmp_path, read):
    (tmp_path / "Account.csv").write_text("\ufeff ID , nAME\t,INDUSTRY\n1,A,Steel\n", encoding="utf-8")
    (record,) = read(tmp_path, ACCOUNT)
    assert (record["Id"], record["Name"], record["Industry"]) == ("1", "A", "Steel")


def test_text_is_not_trimmed_and_columns_may_come_in_any_order_and_number(tmp_path, read):
    (tmp_path / "Account.csv").write_text("X,Name,Y__c,Id,\n.,  A ,.,1,\n")
    (record,) = read(tmp_path, ACCOUNT)
    assert (record["Id"], record["Name"]) == ("1", "  A ")


def test_duplicate_column_names_are_an_error_also_when_their_case_differs(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text("Id,Name,NAME,,\n1,A,B,,\n")
    assert problems(source_of(tmp_path), ACCOUNT) == [
        "Account.csv: column Name is there 2 times; rename or remove all but one of them"
    ]


def test_mapped_columns_are_read_and_may_be_called_anything(tmp_path, read):
    (tmp_path / "Account.csv").write_text('key,"it\'s ""x"" é; --",Name\n1,A,other\n', encoding="utf-8")
    mapping = {"account": {"fields": {"id": "KEY", "name": 'it\'s "x" é; --', "ExternalId": "Name"}}}
    (record,) = read(tmp_path, ACCOUNT, mapping)
    assert (record["Id"], record["Name"], record["ExternalId"]) == ("1", "A", "other")


def test_a_mapped_column_that_is_not_there_names_its_setting_and_the_nearest(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text("customer_id,customer_name,zip\n1,A,x\n")
    mapping = {"Account": {"fields": {"Id": "customer_id", "Name": "custmer_name"}}}
    assert problems(source_of(tmp_path, mapping), ACCOUNT) == [
        "Account.csv: has no column 'custmer_name' (nearest: customer_name, customer_id);"
        " correct mapping.Account.fields.Name"
    ]


def test_a_missing_required_column_names_the_file_the_field_and_the_ways_out(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text("Id,Title\n1,A\n")
    (problem,) = problems(source_of(tmp_path), ACCOUNT)
    assert problem.startswith("Account.csv: has no column Name for Account.Name, which is required")
    assert "add it to the export, or set mapping.Account.fields.Name" in problem


def test_a_required_column_is_required_in_every_part(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text(ACCOUNTS)
    (tmp_path / "Account_2.csv").write_text("Name\nB\n")
    (problem,) = problems(source_of(tmp_path), ACCOUNT)
    assert problem.startswith("Account_2.csv: has no column Id")


@pytest.mark.parametrize(
    ("columns", "is_enough"),
    [("StageName", True), ("IsClosed,IsWon", True), ("IsClosed", False), ("IsWon", False), ("Name", False)],
)
def test_an_opportunity_needs_a_stage_or_both_flags(columns, is_enough, tmp_path, source_of):
    (tmp_path / "Opportunity.csv").write_text(f"Id,AccountId,Amount,CloseDate,{columns}\n")
    source = source_of(tmp_path)
    if is_enough:
        assert source.inspect([OPPORTUNITY])[0].is_present
    else:
        (problem,) = problems(source, OPPORTUNITY)
        assert "neither StageName nor both IsClosed and IsWon" in problem
        assert "mapping.Opportunity.fields.StageName" in problem


def test_all_problems_of_all_objects_come_in_one_error(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text("Id,Id\n1,2\n")
    (tmp_path / "Opportunity.csv").write_text("")
    (tmp_path / "Contact.csv").write_text("Name,Nom\nA,B\n")
    source = source_of(tmp_path, {"Contact": {"fields": {"Title": "Titel"}}}, date_formats=["%Q"])
    lines = problems(source, ACCOUNT, OPPORTUNITY, CONTACT)
    starts = ["source.date_formats: '%Q'", "Account.csv: column Id", "Account.csv: has no column Name"]
    starts += [
        "Opportunity.csv: the file is empty",
        "Contact.csv: has no column Id",
        "Contact.csv: has no column 'Titel'",
    ]
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts


def test_extract_raises_the_same_problems_before_the_first_object(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text("Id\n1\n")
    with pytest.raises(SourceFormatError, match=r"Account\.Name, which is required"):
        next(source_of(tmp_path).extract([ACCOUNT]))


def test_an_optional_object_without_files_is_absent_with_all_its_fields(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text(ACCOUNTS)
    account, contact = source_of(tmp_path).inspect([ACCOUNT, CONTACT])
    assert account.is_present
    assert contact.origins == ()
    assert not contact.is_present
    assert set(contact.presence.values()) == {"absent"}


def test_a_logical_field_is_not_mapped_unless_mapped_or_named_like_it(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text("Id,Name,Key__c,isinternal\n1,A,x,0\n")
    source = source_of(tmp_path, {"Account": {"fields": {"IsKeyAccount": "Key__c"}}})
    (account,) = source.inspect([ACCOUNT])
    wanted = {
        "Id": "present",
        "IsKeyAccount": "present",
        "IsInternal": "present",
        "PotentialAmount": "not_mapped",
        "Industry": "absent",
    }
    assert {name: account.presence[name] for name in wanted} == wanted


def test_a_field_in_one_part_only_is_present(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text(ACCOUNTS)
    (tmp_path / "Account_2.csv").write_text("Id,Name,Industry\n2,B,Steel\n")
    source = source_of(tmp_path, {"Account": {"fields": {"Industry": "Industry"}}})
    assert source.inspect([ACCOUNT])[0].presence["Industry"] == "present"


def test_a_list_of_columns_is_joined_and_null_when_all_are(tmp_path, read):
    (tmp_path / "Account.csv").write_text("site,no,Name\nA,1,x\nA,,x\n,,x\n")
    records = read(tmp_path, ACCOUNT, {"Account": {"fields": {"Id": ["site", "no"]}}})
    assert [record["Id"] for record in records] == ["A|1", "A", None]


def test_each_column_of_a_list_must_be_there(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text("site,no,Name\nA,1,x\n")
    (problem,) = problems(source_of(tmp_path, {"Account": {"fields": {"Id": ["site", "number"]}}}), ACCOUNT)
    assert "'number'" in problem


def test_objects_come_in_the_order_asked_with_their_names(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text(ACCOUNTS)
    (tmp_path / "Opportunity.csv").write_text(DEALS)
    extracts = list(source_of(tmp_path).extract([OPPORTUNITY, CONTACT, ACCOUNT]))
    assert [extract.availability.crm_object.name for extract in extracts] == ["Opportunity", "Account"]
    assert [sum(batch.num_rows for batch in extract.batches) for extract in extracts] == [1, 1]


# --- the organisation's own columns ----------------------------------------------------------------------------------

OWN = "Id,Name,Tier__c,Region__c,Note\n1,A,NA,,x\n2,B,,Nord,\n"


def own_columns(records):
    return [record["_custom"] for record in records]


def test_nothing_is_taken_along_that_nobody_asked_for(tmp_path, read):
    (tmp_path / "Account.csv").write_text(OWN)
    assert own_columns(read(tmp_path, ACCOUNT)) == [None, None]


def test_columns_that_mapping_names_are_taken_along_as_text_with_their_names_in_order(tmp_path, read, source_of):
    (tmp_path / "Account.csv").write_text(OWN)
    mapping = {"Account": {"custom": ["Tier__c", "Note"]}}
    assert own_columns(read(tmp_path, ACCOUNT, mapping)) == [
        '{"Note":"x","Tier__c":"NA"}',
        '{"Note":null,"Tier__c":null}',
    ]
    (found,) = source_of(tmp_path, mapping).inspect([ACCOUNT])
    assert {name: found.presence[name] for name in ("Tier__c", "Note", "Name")} == dict.fromkeys(
        ("Tier__c", "Note", "Name"), "present"
    )
    assert "Region__c" not in found.presence


def test_all_columns_that_end_in_c_can_be_taken_along(tmp_path, read):
    (tmp_path / "Account.csv").write_text(OWN)
    assert own_columns(read(tmp_path, ACCOUNT, {"Account": {"all_custom": True}})) == [
        '{"Region__c":null,"Tier__c":"NA"}',
        '{"Region__c":"Nord","Tier__c":null}',
    ]


def test_a_column_of_one_part_is_empty_in_the_others(tmp_path, read):
    (tmp_path / "Account_1.csv").write_text("Id,Name,Tier__c\n1,A,gold\n")
    (tmp_path / "Account_2.csv").write_text("Id,Name,REGION__C\n2,B,Nord\n")
    assert own_columns(read(tmp_path, ACCOUNT, {"Account": {"all_custom": True, "custom": ["tier__C"]}})) == [
        '{"REGION__C":null,"tier__C":"gold"}',
        '{"REGION__C":"Nord","tier__C":null}',
    ]


def test_a_column_that_is_not_there_names_its_setting_and_the_nearest(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text(OWN)
    with pytest.raises(SourceFormatError) as raised:
        source_of(tmp_path, {"Account": {"custom": ["Teir__c"]}}).inspect([ACCOUNT])
    assert str(raised.value) == (
        "Account.csv: has no column 'Teir__c' (nearest: Tier__c); correct mapping.Account.custom, or take the name out"
    )


def test_a_field_that_is_not_there_comes_with_what_to_do(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text("Id,Name,Industry\n1,A,Energy\n")
    (found,) = source_of(tmp_path).inspect([ACCOUNT])
    assert found.advice["PotentialAmount"] == ("set mapping.Account.fields.PotentialAmount to the column that holds it")
    assert found.advice["ParentId"].startswith("add ParentId to the export, or set mapping.Account.fields.ParentId")
    assert not {"Industry", "Name", "OwnerId"} & set(found.advice)  # there, or nothing hangs on it


# --- files that nobody asked for -------------------------------------------------------------------------------------


def test_a_file_that_is_called_like_an_object_no_model_reads_and_is_none_is_left_alone(tmp_path, source_of):
    (tmp_path / "Account.csv").write_text(OWN)
    (tmp_path / "Order.csv").write_text("number,pizza\n1,Napoli\n")
    account, order = source_of(tmp_path).inspect([ACCOUNT, ORDER])
    assert account.is_present
    assert not order.is_present
    assert set(order.presence.values()) == {"absent"}
    assert "Order.csv" in order.notes[0]
    assert order.notes[0].endswith("name it in mapping.Order to have it")
    assert [extract.availability.crm_object for extract in source_of(tmp_path).extract([ACCOUNT, ORDER])] == [ACCOUNT]


def test_the_same_file_is_an_error_once_mapping_speaks_of_it(tmp_path, source_of):
    (tmp_path / "Order.csv").write_text("Id,pizza\n1,Napoli\n")
    with pytest.raises(SourceFormatError, match=r"has no column AccountId for Order\.AccountId"):
        source_of(tmp_path, {"order": {"custom": ["pizza"]}}).inspect([ORDER])


def test_such_an_object_is_read_where_its_columns_are_there_and_may_break_off(tmp_path, source_of):
    (tmp_path / "Order.csv").write_text("Id,AccountId\n1,A\n")
    (extract,) = source_of(tmp_path).extract([ORDER])
    assert extract.is_optional
    assert sum(batch.num_rows for batch in extract.batches) == 1
