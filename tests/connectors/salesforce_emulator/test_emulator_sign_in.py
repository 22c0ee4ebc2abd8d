"""Signing in at the emulated server, and the life of a session."""

import base64
from datetime import timedelta
from html import escape

import jwt
import pytest

from connectors.salesforce_emulator.clock import Clock
from tests.connectors.salesforce_emulator.stand_in import START, StandIn, error_of, serving

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture
def client():
    with serving() as client:
        client.token = ""
        yield client


def refused(answer):
    return answer.status_code, answer.json()["error"], answer.json().get("error_description")


def assertion(client, **claims):
    known = client.emulator.credentials
    expires = client.emulator.org.clock.now() + timedelta(minutes=3)
    right = {
        "iss": known.consumer_key,
        "sub": known.username,
        "aud": "https://login.salesforce.com",
        "exp": int(expires.timestamp()),
    }
    return jwt.encode(right | claims, known.private_key_pem, algorithm="RS256")


def soap(client, username=None, password=None, version="64.0", organisation=""):
    known = client.emulator.credentials
    password = known.password + known.security_token if password is None else password
    header = f"<o:organizationId>{organisation}</o:organizationId>" if organisation else ""
    body = (
        f"<env:Envelope><env:Header>{header}</env:Header><env:Body><n1:login xmlns:n1='urn:partner.soap.sforce.com'>"
        f"<n1:username>{escape(username or known.username)}</n1:username>"
        f"<n1:password>{escape(password)}</n1:password></n1:login></env:Body></env:Envelope>"
    )
    return client.http.post(
        f"{client.emulator.url}/services/Soap/u/{version}", data=body, headers={"SOAPAction": "login"}, timeout=10
    )


def between(text, tag):
    return text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]


# --- OAuth -----------------------------------------------------------------------------------------------------------


def test_client_credentials_open_a_session_that_data_calls_accept(client):
    answer = client.sign_in().json()
    assert answer.keys() == {"access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"}
    assert answer["instance_url"] == client.emulator.url
    assert answer["issued_at"] == str(int(START.timestamp()) * 1000)
    assert answer["id"].endswith("/id/00DNd0000000001MAA/005Nd000000IntgIAC")
    assert client.get("limits").status_code == 200


def test_client_credentials_may_stand_in_the_header(client):
    known = client.emulator.credentials
    url, form = f"{client.emulator.url}/services/oauth2/token", {"grant_type": "client_credentials"}
    right = client.http.post(url, data=form, auth=(known.consumer_key, known.consumer_secret), timeout=10)
    assert right.json()["token_type"] == "Bearer"
    wrong = client.http.post(url, data=form, auth=(known.consumer_key, "wrong"), timeout=10)
    assert refused(wrong) == (400, "invalid_client", "invalid client credentials")
    for broken in ("%%%", base64.b64encode(b"no colon").decode()):
        answer = client.http.post(url, data=form, headers={"Authorization": f"Basic {broken}"}, timeout=10)
        assert refused(answer)[:2] == (401, "invalid_client")


def test_a_wrong_app_is_told_from_a_wrong_secret(client):
    known = client.emulator.credentials
    wrong_app = client.sign_in(grant_type="client_credentials", client_id="x", client_secret=known.consumer_secret)
    assert refused(wrong_app) == (400, "invalid_client_id", "client identifier invalid")
    wrong_secret = client.sign_in(grant_type="client_credentials", client_id=known.consumer_key, client_secret="x")
    assert refused(wrong_secret) == (400, "invalid_client", "invalid client credentials")
    no_secret = client.sign_in(grant_type="client_credentials", client_id=known.consumer_key)
    assert refused(no_secret)[1] == "invalid_client"


def test_an_unknown_grant_is_named(client):
    assert refused(client.sign_in(grant_type="magic")) == (400, "unsupported_grant_type", "grant type not supported")


@pytest.mark.parametrize("audience", ["https://test.salesforce.com", "https://acme--dev.sandbox.my.salesforce.com"])
def test_a_signed_assertion_opens_a_session_without_a_refresh_token(client, audience):
    answer = client.sign_in(grant_type=JWT_GRANT, assertion=assertion(client, aud=audience)).json()
    assert "refresh_token" not in answer
    assert client.get("limits").status_code == 200


def test_an_assertion_may_name_the_server_itself_and_write_its_end_as_text(client):
    ends = str(int(START.timestamp()) + 180)
    claims = assertion(client, aud=client.emulator.url, exp=ends)
    assert client.sign_in(grant_type=JWT_GRANT, assertion=claims).status_code == 200


@pytest.mark.parametrize(
    ("claims", "error", "description"),
    [
        ({"iss": "another app"}, "invalid_client_id", "client identifier invalid"),
        ({"aud": "https://example.com"}, "invalid_grant", "audience is invalid"),
        ({"sub": "somebody@else.example"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"exp": 1_000_000_000}, "invalid_grant", "expired authorization code"),
        ({"exp": "soon"}, "invalid_grant", "invalid assertion"),
    ],
)
def test_each_claim_of_an_assertion_is_checked(client, claims, error, description):
    answer = client.sign_in(grant_type=JWT_GRANT, assertion=assertion(client, **claims))
    assert refused(answer) == (400, error, description)


def test_an_assertion_signed_by_another_key_is_refused(client):
    with serving() as other:
        strange = jwt.encode(
            {"iss": client.emulator.credentials.consumer_key},
            other.emulator.credentials.private_key_pem,
            algorithm="RS256",
        )
    for wrong in (strange, "nonsense", jwt.encode({"iss": "x"}, "a secret of at least 32 characters", "HS256")):
        answer = client.sign_in(grant_type=JWT_GRANT, assertion=wrong)
        assert refused(answer) == (400, "invalid_grant", "invalid assertion")


def test_a_refresh_token_opens_any_number_of_sessions(client):
    known = client.emulator.credentials
    form = {"grant_type": "refresh_token", "client_id": known.consumer_key, "refresh_token": known.refresh_token}
    answers = [client.sign_in(**form).json() for _ in range(2)]
    assert answers[0]["access_token"] != answers[1]["access_token"]
    assert "refresh_token" not in answers[0]
    assert refused(client.sign_in(**form, client_secret="wrong"))[1] == "invalid_client"
    assert refused(client.sign_in(**form | {"refresh_token": "x"}))[2] == "expired access/refresh token"


def test_a_rotating_refresh_token_works_once_and_its_second_use_revokes_the_grant():
    with serving(refresh_token_rotation=True) as client:
        known = client.emulator.credentials

        def refresh(token):
            return client.sign_in(grant_type="refresh_token", client_id=known.consumer_key, refresh_token=token)

        second = refresh(known.refresh_token).json()["refresh_token"]
        third = refresh(second).json()["refresh_token"]
        gone = (400, "invalid_grant", "expired access/refresh token")
        assert refused(refresh(second)) == gone
        assert refused(refresh(third)) == gone


def test_a_password_needs_the_security_token_behind_it(client):
    known = client.emulator.credentials
    form = {
        "grant_type": "password",
        "client_id": known.consumer_key,
        "client_secret": known.consumer_secret,
        "username": known.username,
    }
    assert client.sign_in(**form, password=known.password + known.security_token).status_code == 200
    assert refused(client.sign_in(**form, password=known.password))[1:] == ("invalid_grant", "authentication failure")
    with serving(trusted_network=True) as trusting:
        known = trusting.emulator.credentials
        form |= {"client_id": known.consumer_key, "client_secret": known.consumer_secret}
        assert trusting.sign_in(**form, password=known.password).status_code == 200


def test_grants_that_an_organisation_does_not_allow_are_refused():
    with serving(sign_in_methods=("jwt",)) as client:
        assert refused(client.sign_in())[1:] == ("invalid_grant", "no client credentials user enabled")
        assert refused(client.sign_in(grant_type="password"))[2] == "authentication failure"
        assert refused(client.sign_in(grant_type="refresh_token"))[1] == "unsupported_grant_type"


def test_data_calls_may_have_another_address_than_sign_in():
    with serving(instance_url="https://acme.my.salesforce.com") as client:
        assert client.sign_in().json()["instance_url"] == "https://acme.my.salesforce.com"


# --- SOAP ------------------------------------------------------------------------------------------------------------


def test_soap_login_answers_with_a_session_and_where_to_go(client):
    answer = soap(client)
    assert answer.status_code == 200
    client.token = between(answer.text, "sessionId")
    assert between(answer.text, "serverUrl") == f"{client.emulator.url}/services/Soap/u/64.0/00DNd0000000001"
    assert between(answer.text, "sessionSecondsValid") == "7200"
    assert client.get("limits").status_code == 200


def test_soap_login_with_a_wrong_password_is_a_fault_of_status_500(client):
    answer = soap(client, password="wrong")
    assert answer.status_code == 500
    assert between(answer.text, "sf:exceptionCode") == "INVALID_LOGIN"
    assert between(answer.text, "sf:exceptionMessage").startswith("Invalid username, password, security token")
    assert "<sf:LoginFault" in answer.text


def test_soap_login_checks_the_organisation_that_is_named(client):
    assert soap(client, organisation="00DNd0000000001").status_code == 200
    assert soap(client, organisation=client.emulator.org.org_id).status_code == 200
    assert between(soap(client, organisation="00D000000000009").text, "sf:exceptionCode") == "INVALID_LOGIN"


@pytest.mark.parametrize(
    ("version", "code"), [("65.0", "INVALID_OPERATION"), ("30.0", "UNSUPPORTED_API_VERSION"), ("x", "UNSUPPORTED_API")]
)
def test_soap_login_is_gone_from_version_65_on_and_from_retired_ones(client, version, code):
    answer = soap(client, version=version)
    assert (answer.status_code, between(answer.text, "sf:exceptionCode")[: len(code)]) == (500, code)


@pytest.mark.parametrize(
    ("way", "code", "words"),
    [
        ("disabled", "INVALID_OPERATION", "SOAP API login() is disabled by default in this org."),
        ("absent", "INVALID_OPERATION", "not available in the API version specified (64.0)"),
        ("insufficient_access", "INSUFFICIENT_ACCESS", "Use Any API Auth"),
    ],
)
def test_soap_login_can_be_switched_off(way, code, words):
    with serving(soap_login=way) as client:
        answer = soap(client)
        assert between(answer.text, "sf:exceptionCode") == code
        assert words in between(answer.text, "sf:exceptionMessage")


def test_other_calls_of_soap_are_not_spoken(client):
    answer = client.http.post(f"{client.emulator.url}/services/Soap/u/60.0", data="<logout/>", timeout=10)
    assert between(answer.text, "sf:exceptionCode") == "INVALID_OPERATION"


# --- Sessions --------------------------------------------------------------------------------------------------------

EXPIRED = (401, "INVALID_SESSION_ID", "Session expired or invalid")


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_a_data_call_without_a_living_session_is_refused_as_an_array(client, token):
    client.token = token
    assert error_of(client.get("limits")) == EXPIRED
    assert error_of(client.create_job()) == EXPIRED


def test_a_session_ends_after_so_many_calls():
    with serving(token_lives_calls=2) as client:
        assert [client.get("limits").status_code for _ in range(4)] == [200, 200, 401, 401]
        client.sign_in()
        assert client.get("limits").status_code == 200


def test_a_session_ends_after_two_idle_hours_and_use_extends_it():
    clock = Clock(START, ticking=False)
    with serving(StandIn(clock=clock)) as client:
        for _ in range(3):
            clock.advance(hours=2)
            assert client.get("limits").status_code == 200
        clock.advance(hours=2, seconds=1)
        assert error_of(client.get("limits")) == EXPIRED


def test_sessions_end_by_revocation_and_by_an_administrator(client):
    client.sign_in()
    client.http.post(f"{client.emulator.url}/services/oauth2/revoke", data={"token": client.token}, timeout=10)
    assert error_of(client.get("limits")) == EXPIRED
    client.sign_in()
    client.emulator.end_sessions()
    assert error_of(client.get("limits")) == EXPIRED


def test_a_second_session_leaves_the_first_alive(client):
    first = client.sign_in().json()["access_token"]
    client.sign_in()
    client.token = first
    assert client.get("limits").status_code == 200
