"""The emulator held against simple-salesforce: its sign-ins, queries and Bulk calls give back what was loaded."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import (
    Salesforce,
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceLogin,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)
from simple_salesforce.bulk2 import ColumnDelimiter, LineEnding, Operation
from simple_salesforce.exceptions import SalesforceOperationError

from connectors.salesforce_emulator.clock import Clock
from connectors.salesforce_emulator.org import Org
from connectors.salesforce_emulator.server import Emulator
from connectors.salesforce_emulator.server_settings import ServerSettings
from tests.connectors.salesforce_emulator.loaded_company import (
    ACCOUNT,
    FIELDS,
    NOW,
    RECORD_CNT,
    as_json,
    loaded_org,
    opportunities,
)

SOQL = f"SELECT {', '.join(FIELDS)} FROM Opportunity ORDER BY Id"
VERSION = "64.0"


class ToEmulator(HTTPAdapter):
    """Sends what is meant for any https address to the emulator: simple-salesforce knows no other scheme."""

    def __init__(self, url):
        self.target = urlsplit(url)
        super().__init__()

    def send(self, request, *args, **kwargs):
        parts = urlsplit(request.url)
        request.url = urlunsplit((self.target.scheme, self.target.netloc, parts.path, parts.query, ""))
        kwargs["timeout"] = 30
        return super().send(request, *args, **kwargs)


@pytest.fixture(scope="module")
def org():
    org = loaded_org()
    yield org
    org.close()


@pytest.fixture(scope="module")
def emulator(org):
    with Emulator(org, settings=ServerSettings(trusted_network=False, bulk_page_rows=1000)) as emulator:
        yield emulator


@pytest.fixture
def session_for():
    sessions = []

    def make(emulator):
        session = requests.Session()
        session.mount("https://", ToEmulator(emulator.url))
        sessions.append(session)
        return session

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def salesforce(emulator, session_for):
    known = emulator.credentials
    return Salesforce(
        consumer_key=known.consumer_key,
        consumer_secret=known.consumer_secret,
        domain="acme.my",
        version=VERSION,
        session=session_for(emulator),
    )


def without_attributes(record):
    return {name: value for name, value in record.items() if name != "attributes"}


# --- Sign-in ---------------------------------------------------------------------------------------------------------


def way_in(credentials, way):
    app = {"consumer_key": credentials.consumer_key}
    secret = {"consumer_secret": credentials.consumer_secret}
    user = {"username": credentials.username}
    return {
        "security_token": user | {"password": credentials.password, "security_token": credentials.security_token},
        "client_credentials": app | secret | {"domain": "acme.my"},
        "jwt": app | user | {"privatekey": credentials.private_key_pem},
        "jwt_sandbox": app | user | {"privatekey": credentials.private_key_pem, "domain": "test"},
        "jwt_my_domain": app | user | {"privatekey": credentials.private_key_pem, "instance_url": "acme.my"},
        "password_grant": app | secret | user | {"password": credentials.password + credentials.security_token},
    }[way]


WAYS = ["security_token", "client_credentials", "jwt", "jwt_sandbox", "jwt_my_domain", "password_grant"]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_sign_in_leads_to_a_query(emulator, session_for, way):
    salesforce = Salesforce(**way_in(emulator.credentials, way), version=VERSION, session=session_for(emulator))
    assert salesforce.query("SELECT COUNT() FROM Opportunity")["totalSize"] == RECORD_CNT


SECRETS = {
    "security_token": ["username", "password", "security_token"],
    "client_credentials": ["consumer_key", "consumer_secret"],
    "jwt": ["username", "consumer_key"],
    "password_grant": ["username", "password", "consumer_key", "consumer_secret"],
}


# It warns of an app that the user has not approved, and then raises.
@pytest.mark.filterwarnings("ignore:(?s).*self-authorize")
@pytest.mark.parametrize(("way", "wrong"), [(way, wrong) for way, known in SECRETS.items() for wrong in known])
def test_each_way_to_sign_in_tells_wrong_credentials(emulator, session_for, way, wrong):
    given = way_in(emulator.credentials, way) | {wrong: "wrong"}
    with pytest.raises(SalesforceAuthenticationFailed) as raised:
        Salesforce(**given, version=VERSION, session=session_for(emulator))
    assert raised.value.code in ("INVALID_LOGIN", "invalid_grant", "invalid_client_id", "invalid_client")


def test_a_private_key_may_lie_in_a_file(emulator, session_for, tmp_path):
    known = emulator.credentials
    (tmp_path / "key.pem").write_text(known.private_key_pem)
    salesforce = Salesforce(
        username=known.username,
        consumer_key=known.consumer_key,
        privatekey_file=str(tmp_path / "key.pem"),
        version=VERSION,
        session=session_for(emulator),
    )
    assert salesforce.session_id.startswith(emulator.org.org_id[:15])


def test_a_password_does_without_a_token_from_a_trusted_network(org, session_for):
    with Emulator(org, settings=ServerSettings(trusted_network=True)) as emulator:
        known = emulator.credentials
        user = {"username": known.username, "password": known.password, "session": session_for(emulator)}
        salesforce = Salesforce(**user, organizationId=org.org_id, version=VERSION)
        assert salesforce.limits()["DailyApiRequests"]["Max"] == 100_000
        assert SalesforceLogin(**user, sf_version=VERSION)[1] == urlsplit(emulator.url).netloc
        with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
            Salesforce(**user, organizationId="00D000000000009", version=VERSION)


def test_a_session_that_somebody_else_opened_is_taken_over(emulator, salesforce, session_for):
    other = Salesforce(
        session_id=salesforce.session_id, instance_url=emulator.url, version=VERSION, session=session_for(emulator)
    )
    assert other.query("SELECT COUNT() FROM Opportunity")["totalSize"] == RECORD_CNT
    third = Salesforce(
        session_id="wrong", instance="acme.my.salesforce.com", version=VERSION, session=session_for(emulator)
    )
    with pytest.raises(SalesforceExpiredSession):
        third.query("SELECT Id FROM Account")


@pytest.mark.parametrize(("way", "words"), [("disabled", "is disabled by default"), ("absent", "is not available")])
def test_soap_login_is_told_to_be_retired(org, session_for, way, words):
    with Emulator(org, settings=ServerSettings(soap_login=way)) as emulator:
        given = way_in(emulator.credentials, "security_token")
        with pytest.raises(SalesforceAuthenticationFailed, match=words) as raised:
            Salesforce(**given, version=VERSION, session=session_for(emulator))
    assert raised.value.code == "INVALID_OPERATION"


def test_an_expired_session_is_renewed_by_the_client(org, session_for):
    with Emulator(org, settings=ServerSettings(token_lives_calls=2)) as emulator:
        given = way_in(emulator.credentials, "client_credentials")
        salesforce = Salesforce(**given, version=VERSION, session=session_for(emulator))
        first = salesforce.session_id
        for _ in range(3):
            assert salesforce.query("SELECT COUNT() FROM Opportunity")["totalSize"] == RECORD_CNT
        assert salesforce.session_id != first


# --- REST ------------------------------------------------------------------------------------------------------------


def test_every_value_of_a_query_is_what_was_loaded(salesforce):
    records = [without_attributes(record) for record in salesforce.query_all_iter(SOQL)]
    assert records == [as_json(row) for row in opportunities()]


def test_query_more_leads_through_the_pages_by_locator_and_by_address(salesforce):
    first = salesforce.query(SOQL)
    assert (first["totalSize"], len(first["records"]), first["done"]) == (RECORD_CNT, 2000, False)
    locator = first["nextRecordsUrl"].rsplit("/", 1)[1]
    by_address = salesforce.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    by_locator = salesforce.query_more(locator)
    by_locator_of_all = salesforce.query_more(locator, include_deleted=True)
    assert by_address == by_locator == by_locator_of_all
    assert (len(by_address["records"]), by_address["done"]) == (RECORD_CNT - 2000, True)


def test_query_all_collects_every_page(salesforce):
    everything = salesforce.query_all("SELECT Id FROM Opportunity")
    assert everything["totalSize"] == len({record["Id"] for record in everything["records"]}) == RECORD_CNT


def test_a_parent_comes_nested(salesforce):
    (record,) = salesforce.query("SELECT Account.Name FROM Opportunity WHERE AccountId != null LIMIT 1")["records"]
    assert record["Account"]["Name"] == "Acme & Söhne"


def test_objects_and_fields_are_described(salesforce):
    names = {sobject["name"] for sobject in salesforce.describe()["sobjects"]}
    assert {"Account", "Opportunity", "User", "AccountPlan"} <= names
    fields = {field["name"]: field["type"] for field in salesforce.Opportunity.describe()["fields"]}
    assert (fields["Amount"], fields["CloseDate"], fields["AccountId"]) == ("currency", "date", "reference")
    assert salesforce.Opportunity.metadata()["objectDescribe"]["name"] == "Opportunity"


def test_a_record_is_read_by_its_id(salesforce):
    assert salesforce.Account.get(ACCOUNT)["Name"] == "Acme & Söhne"
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Account.get("001000000000000AAA")


def test_a_wrong_query_is_a_malformed_request(salesforce):
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'Nothing__c'"):
        salesforce.query("SELECT Nothing__c FROM Opportunity")


def test_limits_and_the_usage_in_headers_are_read(salesforce):
    assert salesforce.limits()["DailyBulkV2QueryJobs"]["Max"] == 10_000
    assert salesforce.api_usage["api-usage"].total == 100_000
    assert salesforce.api_usage["api-usage"].used >= 1


def test_deletes_are_seen_by_include_deleted_and_by_deleted_and_changes_by_updated(session_for):
    org = Org(clock=Clock(NOW, ticking=False))
    with Emulator(org) as emulator:
        salesforce = Salesforce(
            **way_in(emulator.credentials, "client_credentials"), version=VERSION, session=session_for(emulator)
        )
        kept, gone = (org.insert("Account", {"Name": name}) for name in ("kept", "gone"))
        org.delete("Account", gone)
        org.clock.advance(minutes=5)
        assert [record["Id"] for record in salesforce.query_all_iter("SELECT Id FROM Account")] == [kept]
        both = {
            record["Id"]: record["IsDeleted"]
            for record in salesforce.query_all_iter("SELECT Id, IsDeleted FROM Account", include_deleted=True)
        }
        assert both == {kept: False, gone: True}
        start, end = NOW - timedelta(hours=1), NOW + timedelta(minutes=4)
        assert [entry["id"] for entry in salesforce.Account.deleted(start, end)["deletedRecords"]] == [gone]
        assert kept in salesforce.Account.updated(start, end)["ids"]
    org.close()


# --- Bulk API 2.0 ----------------------------------------------------------------------------------------------------


def rows_of(pages):
    return [
        {name: value or None for name, value in row.items()}
        for page in pages
        for row in csv.DictReader(io.StringIO(page, newline=""))
    ]


@pytest.mark.parametrize("max_records", [50_000, 400])
def test_every_value_of_a_bulk_query_is_what_was_loaded(salesforce, max_records):
    pages = list(salesforce.bulk2.Opportunity.query(SOQL, max_records=max_records, wait=0.01))
    assert len(pages) == (3 if max_records == 50_000 else 7)
    assert rows_of(pages) == opportunities()


def test_bulk_query_all_includes_deleted_records(session_for):
    org = Org(clock=Clock(NOW, ticking=False))
    with Emulator(org) as emulator:
        salesforce = Salesforce(
            **way_in(emulator.credentials, "client_credentials"), version=VERSION, session=session_for(emulator)
        )
        record_id = org.insert("Account", {"Name": "gone"})
        org.delete("Account", record_id)
        soql = "SELECT Id, IsDeleted FROM Account"
        assert rows_of(salesforce.bulk2.Account.query(soql, wait=0.01)) == []
        assert rows_of(salesforce.bulk2.Account.query_all(soql, wait=0.01)) == [{"Id": record_id, "IsDeleted": "true"}]
    org.close()


def test_a_bulk_download_writes_the_pages_into_files(salesforce, tmp_path):
    results = salesforce.bulk2.Opportunity.download(SOQL, path=str(tmp_path), max_records=500, wait=0.01)
    assert sum(result["number_of_records"] for result in results) == RECORD_CNT
    pages = [Path(result["file"]).read_bytes().decode() for result in results]
    assert rows_of(pages) == opportunities()


def test_another_delimiter_and_line_ending_are_understood(salesforce):
    pages = salesforce.bulk2.Opportunity.query(
        SOQL, column_delimiter=ColumnDelimiter.PIPE, line_ending=LineEnding.CRLF, wait=0.01
    )
    rows = [
        {name: value or None for name, value in row.items()}
        for page in pages
        for row in csv.DictReader(io.StringIO(page, newline=""), delimiter="|")
    ]
    assert rows == opportunities()


def test_jobs_are_created_looked_at_aborted_and_deleted(org, session_for):
    with Emulator(org, settings=ServerSettings(job_polls=1)) as emulator:
        salesforce = Salesforce(
            **way_in(emulator.credentials, "client_credentials"), version=VERSION, session=session_for(emulator)
        )
        client = salesforce.bulk2.Opportunity._client
        job_id = client.create_job(Operation.query, query="SELECT Id FROM Opportunity")["id"]
        assert client.get_job(job_id, is_query=True)["state"] == "InProgress"
        assert client.abort_job(job_id, is_query=True)["state"] == "Aborted"
        with pytest.raises(SalesforceOperationError, match="Aborted"):
            client.wait_for_job(job_id, is_query=True, wait=0.01)
        # It reads the empty answer as JSON, after the job is gone.
        with pytest.raises(requests.exceptions.JSONDecodeError):
            client.delete_job(job_id, is_query=True)
        with pytest.raises(SalesforceResourceNotFound):
            client.get_job(job_id, is_query=True)


def test_a_failed_job_says_why(emulator, salesforce):
    emulator.faults.add("fail_job", message="InternalServerError : Retried more than fifteen times")
    with pytest.raises(SalesforceOperationError, match="Retried more than fifteen times"):
        list(salesforce.bulk2.Opportunity.query("SELECT Id FROM Opportunity", wait=0.01))
