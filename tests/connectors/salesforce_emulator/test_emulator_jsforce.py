"""The emulator held against jsforce: its sign-ins, queries and Bulk calls give back what was loaded."""

import json
import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.salesforce_emulator.server import Emulator
from tests.connectors.salesforce_emulator.loaded_company import (
    ACCOUNT,
    FIELDS,
    NOW,
    RECORD_CNT,
    as_json,
    loaded_org,
    opportunities,
)

pytestmark = pytest.mark.slow

VERSION = "64.0"
PACKAGE = "jsforce@3.10.16"
SCRIPT = Path(__file__).with_name("jsforce_client.js")


@pytest.fixture(scope="module")
def jsforce(tmp_path_factory):
    """A folder with jsforce in it."""
    for command in ("node", "npm"):
        if shutil.which(command) is None:
            pytest.skip(f"{command} is not on this machine")
    folder = tmp_path_factory.mktemp("jsforce")
    installed = subprocess.run(
        ["npm", "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", PACKAGE],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if installed.returncode:
        pytest.skip(f"npm cannot install {PACKAGE} here: {installed.stderr.strip()[-300:]}")
    return folder


@pytest.fixture(scope="module")
def read(jsforce):
    """What jsforce read, and the id of an account that was deleted before."""
    org = loaded_org()
    gone = org.insert("Account", {"Name": "gone"})
    org.delete("Account", gone)
    org.clock.advance(minutes=5)
    # One page of Bulk results: of several, jsforce pours the second into its parser before the first has ended.
    with Emulator(org) as emulator:
        known = emulator.credentials
        asked = {
            "url": emulator.url,
            "version": VERSION,
            "username": known.username,
            "password": known.password + known.security_token,
            "consumer_key": known.consumer_key,
            "consumer_secret": known.consumer_secret,
            "refresh_token": known.refresh_token,
            "soql": f"SELECT {', '.join(FIELDS)} FROM Opportunity ORDER BY Id",
            "account": ACCOUNT,
            "start": (NOW - timedelta(hours=1)).isoformat(),
            "end": (NOW + timedelta(minutes=4)).isoformat(),
        }
        done = subprocess.run(
            ["node", SCRIPT, json.dumps(asked)],
            env=os.environ | {"NODE_PATH": str(jsforce / "node_modules")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        yield json.loads(done.stdout) | {"gone": gone}
    org.close()


def test_each_way_to_sign_in_leads_to_a_query(read):
    assert read["signIns"]["counts"] == [RECORD_CNT] * 5
    assert read["signIns"]["organisation"].startswith("00D")


def test_wrong_credentials_are_told(read):
    assert "INVALID_LOGIN: Invalid username" in read["signIns"]["wrongPassword"]
    assert read["signIns"]["wrongSession"].startswith("INVALID_SESSION_ID")


def test_every_value_of_a_query_is_what_was_loaded(read):
    records = [{name: value for name, value in one.items() if name != "attributes"} for one in read["rest"]["records"]]
    assert records == [as_json(row) for row in opportunities()]


def test_pages_are_led_through(read):
    assert read["rest"]["sizes"] == [RECORD_CNT, 2000, RECORD_CNT - 2000, True, RECORD_CNT]


def test_deleted_records_are_seen_by_scan_all_and_by_deleted(read):
    assert (read["rest"]["living"], read["rest"]["withDeleted"], read["bulk"]["withDeleted"]) == (1, 2, 2)
    assert read["rest"]["deleted"] == [read["gone"]]
    assert ACCOUNT not in read["rest"]["updated"]


def test_objects_and_fields_are_described_and_a_record_is_read(read):
    assert {"Account", "Opportunity", "User"} <= set(read["rest"]["objects"])
    assert read["rest"]["fields"]["Amount"] == "currency"
    assert read["rest"]["account"] == "Acme & Söhne"
    assert (read["rest"]["versions"], read["rest"]["usage"]) == (22, 100_000)


def test_a_wrong_field_is_told(read):
    assert read["rest"]["wrongField"].startswith("INVALID_FIELD")
    assert "No such column 'Nothing__c'" in read["rest"]["wrongField"]


def test_every_value_of_a_bulk_query_is_what_was_loaded(read):
    # jsforce has no nulls in CSV.
    expected = [{name: text or "" for name, text in row.items()} for row in opportunities()]
    assert read["bulk"]["records"] == expected


def test_a_query_that_bulk_refuses_is_told(read):
    assert read["bulk"]["refused"] is not None
