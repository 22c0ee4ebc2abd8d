"""`kam check` of an organisation: what is there, what follows where it is not, and what to change, as text and JSON."""

import json
import sys
from datetime import UTC, datetime

import pytest

from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.org import Org
from connectors.salesforce_emulator.server import Emulator
from kam_pipeline import cli


@pytest.fixture
def organisation(tmp_path, monkeypatch):
    """A project whose source is an emulated organisation, and that organisation."""
    org = Org(clock=Clock(datetime(2026, 7, 1, tzinfo=UTC), ticking=False))
    with Emulator(org) as emulator:
        monkeypatch.setenv("SF_KEY", emulator.credentials.consumer_key)
        monkeypatch.setenv("SF_SECRET", emulator.credentials.consumer_secret)
        config = tmp_path / "kam.yaml"
        config.write_text(
            f"source:\n  kind: salesforce\n  login: {emulator.url}\n"
            "  sign_in: {method: client_credentials, client_id: '${SF_KEY}', client_secret: '${SF_SECRET}'}\n"
            "currency: {reporting: EUR}\n",
            encoding="utf-8",
        )
        yield config, org, emulator


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["kam", *map(str, arguments)])
    # as wide as a terminal on which no line is folded
    monkeypatch.setenv("COLUMNS", "300")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0), capsys.readouterr()


def test_check_says_of_every_field_that_is_not_simply_there_what_follows_and_what_to_change(
    organisation, monkeypatch, capsys
):
    config, org, emulator = organisation
    org.hide_field("Account", "Industry")
    org.hide_object("Case")
    code, shown = run(monkeypatch, capsys, "check", "--config", config)
    assert code == 0, shown.err
    lines = shown.out.splitlines()
    (industry,) = [line for line in lines if "Account.Industry" in line]
    assert industry.startswith(
        "absent Account.Industry: not configured: segments; Account has no Industry, or hides it"
    )
    assert "grant Read on it in field-level security" in industry
    assert (
        "not mapped Account.PotentialAmount: not configured: the criterion potential; "
        "say in mapping.Account.fields.PotentialAmount which field of Account holds it"
    ) in lines
    (case,) = [line for line in lines if line.startswith("│ Case ")]
    assert "not there" in case
    assert "service cases" in case
    assert any(line.startswith("note Case: Case does not exist or is hidden: grant Read on it") for line in lines)
    assert not any("Account.Name" in line for line in lines)
    assert {seen.method for seen in emulator.requests if "oauth2" not in seen.path} == {"GET"}
    assert [path.name for path in config.parent.iterdir()] == ["kam.yaml"]


def test_check_says_the_same_as_json(organisation, monkeypatch, capsys):
    config, org, _ = organisation
    org.hide_field("Account", "Industry")
    org.retype_field("Opportunity", "Amount", "string")
    code, shown = run(monkeypatch, capsys, "check", "--config", config, "--json")
    assert code == 0, shown.err
    found = {item["object"]: item for item in json.loads(shown.out)["objects"]}
    account = found["Account"]
    assert account["fields"]["Industry"] == "absent"
    assert account["not_configured"]["Industry"] == "segments"
    assert account["advice"]["Industry"].startswith("Account has no Industry")
    assert "Name" not in account["advice"]
    assert found["Opportunity"]["fields"]["Amount"] == "retyped"
    assert "Amount" not in found["Opportunity"]["not_configured"]


def test_check_says_how_many_records_are_hidden(organisation, monkeypatch, capsys):
    config, org, _ = organisation
    for number in range(40):
        hidden = org.insert("Account", {"Name": f"Customer {number}"})
        if number >= 20:
            org.hide_record("Account", hidden)
    code, shown = run(monkeypatch, capsys, "check", "--config", config)
    assert code == 0, shown.err
    assert "note Account: Salesforce has about 40 records of Account, this user sees 20: grant" in shown.out


def test_check_of_an_organisation_that_does_not_let_us_in_ends_in_one_message(organisation, monkeypatch, capsys):
    config, _, _ = organisation
    monkeypatch.setenv("SF_SECRET", "wrong")
    code, shown = run(monkeypatch, capsys, "check", "--config", config)
    assert code == 2
    assert "client_secret is not that of" in " ".join(shown.err.split())
    assert "Traceback" not in shown.err


def test_check_names_all_that_is_wrong_with_the_mapping(organisation, monkeypatch, capsys):
    config, _, _ = organisation
    with config.open("a", encoding="utf-8") as file:
        file.write("mapping: {Account: {fields: {PotentialAmount: Potential__c}, custom: [Tier__c]}}\n")
    code, shown = run(monkeypatch, capsys, "check", "--config", config)
    assert code == 2
    message = " ".join(shown.err.split())
    assert "mapping.Account.fields.PotentialAmount: Account.Potential__c does not exist" in message
    assert "mapping.Account.custom: Account.Tier__c does not exist" in message
