"""No secret and no token in a log, an error, what caused it, or a file: in good nights and in bad ones.

What belongs here: whole extractions by each way to sign in. What does not: a whole run with Dagster's history
(tests/pipeline/test_salesforce_run.py).
"""

import logging
import re
import traceback

import pytest

from connectors.salesforce_emulator.sessions import Sessions
from kam_pipeline.errors import ConnectorError
from tests.connectors.salesforce.disturbed.fragile_nights import BULK_FROM, PLACES, land

WAYS = ("client_credentials", "jwt", "refresh_token", "password")
SIGN_IN = {"client_credentials": "/oauth2/token", "jwt": "/oauth2/token", "refresh_token": "/oauth2/token",
           "password": "/Soap/u/"}  # fmt: skip
TROUBLE = {
    "none": None,
    "a busy sign-in": ("status", {"path": "SIGN-IN", "status": 503, "body": "html", "times": None}),
    "a refused sign-in": ("status", {"path": "SIGN-IN", "status": 400, "code": "invalid_grant", "times": None}),
    "a reset sign-in": ("reset", {"path": "SIGN-IN", "times": None}),
    "a cut sign-in": ("truncate", {"path": "SIGN-IN", "times": None}),
    "a sign-in at a portal": ("status", {"path": "SIGN-IN", "status": 200, "body": "html", "times": None}),
    "sessions that end": ("expire_session", {"path": "/queryAll", "times": None}),
    "a refused query": ("status", {"path": "/queryAll", "status": 400, "code": "API_ERROR", "times": None}),
    "a reset page": ("reset", {**PLACES["page"], "when": "body", "times": None}),
    "a refused page": ("status", {**PLACES["page"], "status": 403, "code": "INSUFFICIENT_ACCESS", "times": None}),
    "a cut description": ("truncate", {**PLACES["describe"], "times": None}),
    "the limit of the day": ("request_limit", {**PLACES["wait"], "times": None}),
}


@pytest.fixture
def tokens(monkeypatch):
    """Every access token that was ever given out."""
    given, opened = [], Sessions.open

    def note(self, now):
        given.append(opened(self, now))
        return given[-1]

    monkeypatch.setattr(Sessions, "open", note)
    return given


@pytest.fixture(autouse=True)
def all_are_heard(caplog, monkeypatch):
    """Let every logger speak: our own webhooks quieten urllib3, and what configures logging silences all there are."""
    for name in list(logging.root.manager.loggerDict):
        monkeypatch.setattr(logging.getLogger(name), "disabled", False)
        caplog.set_level(logging.DEBUG, logger=name)


def chain(error):
    """An error and all that led to it, what its traceback leaves out too."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def shown_by(error):
    texts = traceback.format_exception(error)
    for one in chain(error):
        texts += [str(one), repr(one), *map(str, getattr(one, "__notes__", []))]
    return "\n".join(texts)


def secrets_of(emulator, tokens):
    known = emulator.credentials
    pem = [line for line in known.private_key_pem.splitlines() if len(line) > 20 and "-----" not in line]
    texts = [known.consumer_secret, known.password, known.security_token, known.refresh_token, *pem, *tokens]
    # as XML, as a form, and as HTTP Basic write them
    texts += [known.password.replace("&", "&amp;"), known.password.replace("&", "%26"), known.password.split()[-1]]
    return texts


def assert_silent(text, secrets):
    assert [secret for secret in secrets if secret in text] == []
    assert not re.search(r"(Bearer|Basic) [A-Za-z0-9+/!_-]{8}", text)
    # a signed assertion lets its finder in for three minutes
    assert "eyJ" not in text


@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize("way", [WAYS[0], *(pytest.param(way, marks=pytest.mark.slow) for way in WAYS[1:])])
def test_a_night_tells_no_secret(emulator, source_settings, company, tokens, caplog, tmp_path, way, trouble):
    caplog.set_level(logging.DEBUG)
    settings = source_settings(emulator, way, bulk_from=BULK_FROM)
    said = repr(settings)
    if TROUBLE[trouble]:
        kind, options = TROUBLE[trouble]
        where = SIGN_IN[way] if options["path"] == "SIGN-IN" else options["path"]
        fault = emulator.faults.add(kind, **options | {"path": where})
        with pytest.raises(ConnectorError) as caught:
            land(settings, tmp_path, company.clock.now())
        said += shown_by(caught.value)
        assert fault.struck_cnt
    else:
        land(settings, tmp_path, company.clock.now())
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert tokens or "sign-in" in trouble
    assert "urllib3" in caplog.text
    assert_silent(said + caplog.text + written.decode("utf-8", "replace"), secrets_of(emulator, tokens))


@pytest.mark.parametrize("variable", ["SF_SECRET", "SF_REFRESH", "SF_PASSWORD", "SF_TOKEN", "SF_PEM"])
@pytest.mark.parametrize("value", ["two\nlines-of-Geheim", "Geheim-€-\U0001f511", "Geheim\x01\x7f", " Geheim "])
def test_a_secret_that_nobody_would_expect_ends_in_a_refusal_and_is_not_shown(
    emulator, source_settings, company, tokens, caplog, monkeypatch, tmp_path, variable, value
):
    caplog.set_level(logging.DEBUG)
    ways = {"SF_SECRET": "client_credentials", "SF_REFRESH": "refresh_token", "SF_PEM": "jwt"}
    settings = source_settings(emulator, ways.get(variable, "password"))
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConnectorError) as caught:
        land(settings, tmp_path, company.clock.now())
    assert "Geheim" not in shown_by(caught.value) + caplog.text
