"""The files as such: same bytes for the same seed, all values quoted, valid ids, every reference kept."""

import csv
import re
import resource
import subprocess
import sys
import time
from datetime import date

import pytest

from kam_pipeline.crm_schema import ORDER, STAGED_OBJECTS
from kam_pipeline.demo import write_export
from kam_pipeline.errors import ConfigurationError

MAPPED = {
    "IsKeyAccount": "Key_Account__c",
    "IsInternal": "Internal_Test__c",
    "PotentialAmount": "Potential__c",
    "StrategicFit": "Strategic_Fit__c",
    "MarketInfluence": "Market_Influence__c",
    "LossReason": "Loss_Reason__c",
    "ExecutiveSponsorId": "Executive_Sponsor__c",
    "ExternalId": "ERP_Number__c",
}
# The company books its deals and needs no orders.
WRITTEN = [declared for declared in STAGED_OBJECTS if declared != ORDER]
PREFIXES = {declared.name: declared.key_prefix for declared in WRITTEN} | {"Key_Account_Plan__c": "a0P"}

REFERENCES = [
    ("Account", "OwnerId", "User", ()),
    ("Account", "Executive_Sponsor__c", "User", ()),
    ("Account", "ParentId", "Account", ("unknown_parent",)),
    ("Account", "MasterRecordId", "Account", ()),
    ("Opportunity", "OwnerId", "User", ()),
    ("Opportunity", "AccountId", "Account", ("opportunity_of_unknown_account", "fifteen_character_id")),
    ("OpportunityLineItem", "OpportunityId", "Opportunity", ()),
    ("OpportunityLineItem", "Product2Id", "Product2", ()),
    ("OpportunityContactRole", "OpportunityId", "Opportunity", ()),
    ("OpportunityContactRole", "ContactId", "Contact", ()),
    ("Contact", "AccountId", "Account", ()),
    ("AccountTeamMember", "AccountId", "Account", ()),
    ("AccountTeamMember", "UserId", "User", ()),
    ("Key_Account_Plan__c", "Account__c", "Account", ()),
    ("User", "ManagerId", "User", ()),
    ("Case", "AccountId", "Account", ()),
    ("Case", "ContactId", "Contact", ()),
    *((activity, column, target, ()) for activity in ("Task", "Event") for column, target in (
        ("AccountId", "Account"), ("WhoId", "Contact"), ("OwnerId", "User"))),
    ("satisfaction", "contact_id", "Contact", ()),
    ("satisfaction", "account_id", "Account", ()),
    ("targets", "account_id", "Account", ()),
    ("groups", "account_id", "Account", ()),
]  # fmt: skip


def bytes_of(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.glob("*/*.csv"))}


def checksum(identifier):
    """The three last characters of an id, computed the slow way."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    blocks = (identifier[start : start + 5] for start in (0, 5, 10))
    return "".join(
        alphabet[sum(2**bit for bit, letter in enumerate(block) if "A" <= letter <= "Z")] for block in blocks
    )


def test_the_same_arguments_give_the_same_bytes(company, tmp_path):
    summary = write_export(tmp_path)
    assert bytes_of(tmp_path) == bytes_of(company.folder)
    assert summary == company.summary


def test_another_seed_gives_another_company(smallest_company, tmp_path):
    write_export(tmp_path, accounts=40, seed=8)
    first, second = bytes_of(smallest_company.folder), bytes_of(tmp_path)
    assert first.keys() == second.keys()
    same = {name for name in first if first[name] == second[name]}
    assert not same & {f"export/{name}.csv" for name in ("Account", "Opportunity", "Task", "Event", "Contact", "User")}


def test_another_last_day_moves_the_whole_history(tmp_path):
    write_export(tmp_path, accounts=40, ends_on=date(2024, 2, 29))
    text = (tmp_path / "export" / "Opportunity.csv").read_text(encoding="utf-8")
    created = sorted(re.findall(r'"(20\d\d-\d\d-\d\d) \d\d:\d\d:\d\d"', text))
    assert created[-1] <= "2024-02-29"


def test_every_value_is_quoted_and_the_header_too(smallest_company):
    for file in smallest_company.folder.glob("*/*.csv"):
        text = file.read_text(encoding="utf-8")
        assert text.startswith('"')
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
        width = len(rows[0])
        assert all(len(row) == width for row in rows)
        quoted = "\n".join(",".join('"' + value.replace('"', '""') + '"' for value in row) for row in rows) + "\n"
        assert text == quoted


def test_every_declared_field_of_every_object_is_there(company):
    columns = {name: {row[0] for row in company.rows(f'DESCRIBE "{name}"')} for name in (item.name for item in WRITTEN)}
    missing = [
        (declared.name, field.name)
        for declared in WRITTEN
        for field in declared.fields
        if MAPPED.get(field.name, field.name) not in columns[declared.name]
    ]
    assert missing == []


@pytest.mark.parametrize("name", sorted(PREFIXES))
def test_ids_have_the_prefix_of_their_object_the_right_checksum_and_are_unique(company, name):
    ids = [row[0] for row in company.rows(f'SELECT Id FROM "{name}" WHERE Id IS NOT NULL')]
    assert all(len(value) == 18 and value.startswith(PREFIXES[name]) for value in ids)
    assert all(value[15:] == checksum(value[:15]) for value in ids)
    assert len(ids) - len(set(ids)) == (1 if name == "Opportunity" else 0)


@pytest.mark.parametrize(("name", "column", "target", "kinds"), REFERENCES, ids=lambda value: str(value))
def test_references_resolve_except_the_dirty_ones(any_company, name, column, target, kinds):
    key = "Id" if name[0].isupper() else "account_id"
    query = f'SELECT {key} FROM "{name}" WHERE "{column}" NOT IN (SELECT Id FROM "{target}" WHERE Id IS NOT NULL)'
    assert {row[0] for row in any_company.rows(query)} == any_company.dirty_ids(*kinds)


@pytest.mark.parametrize("name", ["Task", "Event"])
def test_activities_hang_on_deals_or_accounts_and_the_account_can_be_derived(company, name):
    unknown = f"""SELECT count(*) FROM "{name}" WHERE WhatId NOT IN
        (SELECT Id FROM Opportunity WHERE Id IS NOT NULL UNION ALL SELECT Id FROM Account)"""
    assert company.value(unknown) == 0
    derived = f"""SELECT count(*), count(*) FILTER (coalesce(o.AccountId, w.Id, c.AccountId) IS NULL),
        count(*) FILTER (activity.AccountId <> coalesce(o.AccountId, w.Id, c.AccountId))
        FROM "{name}" AS activity LEFT JOIN Opportunity AS o ON o.Id = WhatId LEFT JOIN Account AS w ON w.Id = WhatId
        LEFT JOIN Contact AS c ON c.Id = WhoId"""
    total, without, different = company.rows(derived)[0]
    assert (without, different) == (0, 0)
    assert total == company.summary.counts[name]
    assert company.value(f'SELECT count(*) FROM "{name}" WHERE AccountId IS NULL') > 0


def test_counts_of_the_summary_are_those_of_the_files(company):
    for name, row_cnt in company.summary.counts.items():
        assert company.value(f'SELECT count(*) FROM "{name.removeprefix("feeds.")}"') == row_cnt


def test_the_size_follows_the_number_of_accounts(any_company):
    counts = any_company.summary.counts
    deals = 25 * counts["Account"]
    assert counts["Opportunity"] == deals
    assert (counts["Task"], counts["Event"], counts["Case"]) == (3 * deals, deals, deals // 2)
    assert counts["Contact"] == 3 * counts["Account"]
    assert 1.35 * deals < counts["OpportunityLineItem"] < 1.65 * deals


@pytest.mark.parametrize("wrong", [{"accounts": 39}, {"seed": -1}, {"ends_on": date(1970, 6, 30)}])
def test_impossible_companies_are_refused_before_anything_is_written(tmp_path, wrong):
    with pytest.raises(ConfigurationError, match="demo company"):
        write_export(tmp_path, **wrong)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_million_opportunities_are_written_in_two_minutes_and_two_gigabytes(tmp_path):
    code = "import sys, pathlib, kam_pipeline.demo as d; d.write_export(pathlib.Path(sys.argv[1]), accounts=40_000)"
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert time.perf_counter() - started < 120
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2 * 1024 * 1024
