"""Signing in: four ways, what a refused one says, and that nothing secret gets into a text."""

import html
import logging
import re
import traceback
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce import signing_in
from connectors.salesforce.client import SalesforceClient
from kam_pipeline.errors import ConfigurationError, ConnectorError, RequestRefusedError, SignInError
from kam_pipeline.settings.salesforce import SalesforceSource

WAYS = ["client_credentials", "jwt", "refresh_token", "password"]


def refused(client):
    with pytest.raises(SignInError) as info:
        _ = client.org_id
    assert not info.value.can_pass
    assert info.value.exit_code == 2
    return str(info.value)


def token_calls(emulator):
    return [seen for seen in emulator.requests if "oauth2" in seen.path or "Soap" in seen.path]


@pytest.mark.parametrize("way", WAYS)
def test_each_of_the_four_ways_lets_us_in(serve, connect, org, way):
    emulator = serve()
    client = connect(emulator, way)
    assert client.org_id == org.org_id
    assert client.instance_url == emulator.url
    assert client.notes == ()
    assert len(token_calls(emulator)) == 1


def test_nothing_is_sent_before_the_first_question(serve, connect):
    emulator = serve()
    connect(emulator)
    assert emulator.requests == []


def test_a_private_key_may_lie_in_a_file_beside_the_configuration(serve, source_settings, tmp_path, org):
    emulator = serve()
    settings = source_settings(emulator, "jwt", sign_in={"private_key": None, "private_key_file": "server.key"})
    with SalesforceClient(settings, tmp_path) as client:
        assert f"private_key_file: {tmp_path}/server.key cannot be read (No such file" in refused(client)
    (tmp_path / "server.key").write_text(emulator.credentials.private_key_pem, encoding="utf-8")
    with SalesforceClient(settings, tmp_path) as client:
        assert client.org_id == org.org_id


def test_a_private_key_may_have_its_lines_written_as_one(serve, connect, monkeypatch, org):
    emulator = serve()
    client = connect(emulator, "jwt")
    monkeypatch.setenv("SF_PEM", emulator.credentials.private_key_pem.replace("\n", "\\n"))
    assert client.org_id == org.org_id


def test_a_private_key_that_is_none_is_named_and_not_shown(serve, connect, monkeypatch):
    client = connect(serve(), "jwt")
    monkeypatch.setenv("SF_PEM", "no-key-at-all")
    message = refused(client)
    assert "source.sign_in.private_key: is no RSA private key" in message
    assert "no-key-at-all" not in message


def test_a_user_without_security_token_comes_in_from_a_trusted_network(serve, connect, org):
    client = connect(serve(trusted_network=True), "password", sign_in={"security_token": None})
    assert client.org_id == org.org_id


def test_a_security_token_may_hold_what_means_something_in_xml(serve, connect, org):
    emulator = serve()
    emulator.stop()
    emulator.credentials = replace(emulator.credentials, security_token="a&amp;b<c>")
    emulator.start()
    assert connect(emulator, "password").org_id == org.org_id


def test_a_secret_that_the_answer_repeats_is_blanked_out(serve, connect):
    emulator = serve()
    echo = f"you sent {emulator.credentials.consumer_secret} for us"
    emulator.faults.add("status", path="oauth2", status=400, body="html", message=echo)
    assert "you sent *** for us" in refused(connect(emulator))


def test_a_secret_that_is_not_set_is_named_by_its_variable(serve, connect, monkeypatch):
    client = connect(serve())
    monkeypatch.delenv("SF_SECRET")
    with pytest.raises(ConfigurationError, match=r"source.sign_in.client_secret: .* SF_SECRET is not set"):
        _ = client.org_id


@pytest.mark.parametrize(
    ("way", "variable", "words"),
    [
        ("client_credentials", "SF_KEY", "source.sign_in.client_id is not the Consumer Key"),
        ("client_credentials", "SF_SECRET", "client_secret is not that of"),
        ("jwt", "SF_KEY", "source.sign_in.client_id is not the Consumer Key"),
        ("refresh_token", "SF_REFRESH", "turn refresh token rotation off"),
        ("password", "SF_PASSWORD", "the user is not locked"),
        ("password", "SF_TOKEN", "Summer '27"),
    ],
)
def test_a_wrong_secret_is_named_by_its_setting_and_tried_once(serve, connect, monkeypatch, way, variable, words):
    emulator = serve()
    client = connect(emulator, way)
    monkeypatch.setenv(variable, "wrong-s3cret")
    message = refused(client)
    assert words in message
    assert f"source.sign_in.method {way}" in message
    assert "wrong-s3cret" not in message
    assert len(token_calls(emulator)) == 1


def test_an_unapproved_app_is_refused_with_where_to_approve_it_and_no_warning_shows_its_key(serve, connect, recwarn):
    client = connect(serve(), "jwt", sign_in={"username": "somebody@acme.example"})
    assert "Admin approved users are pre-authorized" in refused(client)
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize("state", ["disabled", "absent"])
def test_a_retired_password_sign_in_names_what_to_use_instead(serve, connect, state):
    message = refused(connect(serve(soap_login=state), "password"))
    assert "retires signing in with user name and password" in message
    assert "set source.sign_in.method to client_credentials or jwt" in message


def test_the_password_goes_to_the_last_version_that_takes_one_whatever_the_api_version(serve, connect, org):
    emulator = serve()
    assert connect(emulator, "password", api_version="66.0").org_id == org.org_id
    assert connect(emulator, "password", api_version="50.0").org_id == org.org_id
    assert [seen.path for seen in token_calls(emulator)] == ["/services/Soap/u/64.0", "/services/Soap/u/50.0"]


def test_a_user_without_the_permission_for_password_sign_in_is_told(serve, connect):
    assert "Use Any API Auth" in refused(connect(serve(soap_login="insufficient_access"), "password"))


def test_an_app_that_may_not_sign_in_by_itself_is_told_where_to_allow_it(serve, connect):
    message = refused(connect(serve(sign_in_methods=("jwt",)), "client_credentials"))
    assert "Client Credentials Flow: name the user to run as" in message


def test_a_rotated_refresh_token_works_this_once_and_is_said(serve, connect, org):
    emulator = serve(refresh_token_rotation=True)
    client = connect(emulator, "refresh_token")
    assert client.org_id == org.org_id
    assert len(client.notes) == 1
    assert "turn Refresh Token Rotation off" in client.notes[0]
    emulator.end_sessions()
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
    assert "turn refresh token rotation off" in refused(connect(emulator, "refresh_token"))


@pytest.mark.parametrize("way", WAYS)
def test_a_sign_in_outlives_a_busy_server_and_a_broken_connection(serve, connect, org, way):
    emulator = serve()
    path = "Soap" if way == "password" else "oauth2"
    emulator.faults.add("status", path=path, status=503, body="html")
    emulator.faults.add("reset", path=path, after=1)
    assert connect(emulator, way).org_id == org.org_id
    assert len(token_calls(emulator)) == 3


def test_a_server_that_stays_busy_can_get_well_again(serve, connect):
    emulator = serve()
    emulator.faults.add("status", path="oauth2", status=500, times=None)
    with pytest.raises(ConnectorError, match=r"asked 4 times \(500, SERVER_UNAVAILABLE") as info:
        _ = connect(emulator).org_id
    assert info.value.can_pass


def test_a_host_that_is_no_salesforce_is_told_apart(serve, connect):
    emulator = serve()
    emulator.faults.add("status", path="oauth2", status=404, body="html", times=None)
    assert "404" in refused(connect(emulator))
    assert "404" in refused(connect(emulator, "refresh_token"))


def test_an_answer_without_a_description_is_a_refusal_too():
    settings = SalesforceSource.model_validate(
        {"kind": "salesforce", "login": "https://acme.my.salesforce.com",
         "sign_in": {"method": "client_credentials", "client_id": "${A}", "client_secret": "${B}"}}
    )  # fmt: skip
    message = str(signing_in._refused(settings, "invalid_grant", "", []))
    assert message == (
        "https://acme.my.salesforce.com: does not let us in by source.sign_in.method client_credentials (invalid_grant)"
        "; Setup > App Manager, the connected app: turn on the Client Credentials Flow and name the user to run as"
    )


@given(st.lists(st.text("ab&<'+ %", min_size=4), max_size=3), st.data())
def test_no_secret_is_left_in_what_salesforce_says_however_it_is_written(secrets, data):
    written = st.sampled_from(secrets or ["nothing"]).flatmap(
        lambda one: st.sampled_from([one, html.escape(one), quote(one, safe="")])
    )
    said = " - ".join(data.draw(st.lists(written, max_size=4)))
    left = signing_in._without(secrets, said)
    assert [one for one in secrets if one in left] == []


@pytest.mark.parametrize(
    ("login", "domain", "audience"),
    [
        ("https://login.salesforce.com", "login", "login"),
        ("https://test.salesforce.com", "test", "test"),
        ("https://acme.my.salesforce.com", "acme.my", "login"),
        ("https://acme--dev.sandbox.my.salesforce.com", "acme--dev.sandbox.my", "test"),
        ("https://acme-dev-ed.scratch.my.salesforce.com", "acme-dev-ed.scratch.my", "test"),
        ("https://acme.my.salesforce.mil", "acme.my.salesforce.mil/sign-in", "login"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080/sign-in", "login"),
    ],
)
def test_the_library_is_told_the_host_of_the_setting_and_no_other(login, domain, audience):
    assert signing_in._domain(login) == domain
    assert signing_in._audience(login) == audience


def test_a_session_that_ends_is_replaced_once_and_the_request_repeated(serve, connect):
    emulator = serve()
    client = connect(emulator)
    client.limits()
    emulator.end_sessions()
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
    emulator.end_sessions()
    assert client.get("limits")["DailyApiRequests"]["Max"] == 100_000
    assert len(token_calls(emulator)) == 3


@pytest.mark.parametrize("ask", ["get", "limits", "query", "describe", "download"])
def test_a_session_that_is_never_valid_fails_after_one_more_sign_in(serve, connect, tmp_path, ask):
    emulator = serve()
    emulator.faults.add("expire_session", times=None)
    client = connect(emulator)
    asked = {
        "get": lambda: client.get("limits"),
        "limits": client.limits,
        "query": lambda: client.query("SELECT Id FROM Account"),
        "describe": lambda: client.describe("Account"),
        "download": lambda: client.download("limits", {}, tmp_path / "page.csv"),
    }
    with pytest.raises(SignInError, match="lets us in and says at once that the session is over"):
        asked[ask]()
    assert len(token_calls(emulator)) == 2


def test_sessions_that_end_after_two_calls_are_renewed_as_often_as_needed(serve, connect):
    emulator = serve(token_lives_calls=2)
    client = connect(emulator)
    assert [client.get("limits")["DailyApiRequests"]["Max"] for _ in range(7)] == [100_000] * 7
    assert len(token_calls(emulator)) == 4


def test_a_version_that_the_organisation_lacks_is_named_with_those_it_has(serve, connect):
    emulator = serve(versions=(60, 61, 62))
    for asked in (lambda client: client.get("limits"), lambda client: client.describe_global()):
        with pytest.raises(RequestRefusedError, match=r"source.api_version 66.0: .* has 60.0 to 62.0") as info:
            asked(connect(emulator))
        assert info.value.code == "UNSUPPORTED_API_VERSION"
    with pytest.raises(RequestRefusedError, match=r"source.api_version 55.0: .* best 62.0"):
        connect(emulator, api_version="55.0").get("limits")


@pytest.mark.parametrize("way", WAYS)
def test_no_secret_gets_into_a_log_a_traceback_or_a_representation(serve, connect, caplog, way):
    caplog.set_level(logging.DEBUG)
    emulator = serve()
    client = connect(emulator, way)
    assert client.org_id
    session = client._sessions.current()
    emulator.faults.add("status", path="limits", status=400, code="INVALID_FIELD", message="No such column", times=None)
    emulator.faults.add("status", path="oauth2", status=400, body="json", times=None)
    shown = [repr(session), repr(session.signed_in), caplog.text]
    for ask in (lambda: client.get("limits"), client.limits, lambda: connect(emulator, way).get("limits")):
        try:
            ask()
        except ConnectorError as error:
            shown += [*traceback.format_exception(error), str(error), repr(error)]
    shown.append(caplog.text)
    known = emulator.credentials
    secrets = [known.consumer_secret, known.password, known.security_token, known.refresh_token,
               session.signed_in.token, known.consumer_key, known.private_key_pem.splitlines()[1]]  # fmt: skip
    text = "\n".join(shown)
    assert "INVALID_FIELD" in text
    assert [secret for secret in secrets if secret in text] == []
    assert not re.search(r"Bearer \S", text)
