"""What Salesforce refuses, in our words; every exception of simple-salesforce is accounted for."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_salesforce import exceptions as theirs

from connectors.salesforce.refusals import (
    EXCEPTIONS,
    WAYS_OUT,
    SessionEndedError,
    read_refusal,
    refusal_error,
    translated,
)
from kam_pipeline.errors import ConnectorError, RequestRefusedError, SignInError


def their_classes():
    found = inspect.getmembers(theirs, lambda item: inspect.isclass(item) and issubclass(item, Exception))
    return {item for _, item in found if item.__module__ == theirs.__name__}


def made(kind, status, content):
    if kind is theirs.SalesforceAuthenticationFailed:
        return kind("INVALID_LOGIN", "wrong")
    if issubclass(kind, theirs.SalesforceError):
        return kind("https://acme.my.salesforce.com/x", status, "Account", content)
    return kind("InternalServerError")


def test_every_exception_of_the_library_has_one_of_ours_and_no_other_is_listed():
    assert set(EXCEPTIONS) == their_classes()
    assert len(EXCEPTIONS) == 11


@pytest.mark.parametrize("kind", sorted(EXCEPTIONS, key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_every_exception_of_the_library_becomes_the_one_that_the_table_says(kind):
    error = translated(made(kind, 400, [{"errorCode": "X", "message": "said"}]), "GET limits")
    assert isinstance(error, EXCEPTIONS[kind])
    if not isinstance(error, SessionEndedError):
        assert "GET limits" in str(error)


def test_a_general_error_of_the_server_can_pass_and_one_of_the_request_cannot():
    busy = translated(made(theirs.SalesforceGeneralError, 503, "busy"), "GET limits")
    wrong = translated(made(theirs.SalesforceGeneralError, 409, [{"errorCode": "VERSION"}]), "GET limits")
    assert busy.can_pass
    assert not wrong.can_pass


@pytest.mark.parametrize("code", sorted(WAYS_OUT))
def test_every_known_code_keeps_the_words_of_salesforce_and_names_a_way_out(code):
    error = refusal_error(read_refusal(400, [{"errorCode": code, "message": "As they say."}]), "GET query of Account")
    assert isinstance(error, RequestRefusedError)
    assert error.code == code
    said = f"Salesforce refuses GET query of Account (400, {code}: As they say)"
    assert str(error) == f"{said}; {WAYS_OUT[code]}"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("API_DISABLED_FOR_ORG", "API Enabled"),
        ("TXN_SECURITY_METERING_ERROR", "Exempt from Transaction Security"),
        ("OPERATION_TOO_LARGE", "View All Data"),
        ("INVALID_FIELD", "field-level security"),
        ("QUERY_TIMEOUT", "source.bulk_from"),
        ("UNSUPPORTED_API_VERSION", "source.api_version"),
    ],
)
def test_a_way_out_names_the_permission_or_the_setting(code, words):
    assert words in WAYS_OUT[code]


def test_an_unknown_code_keeps_the_words_of_salesforce_alone():
    error = refusal_error(read_refusal(400, b'[{"message":"Odd\\n thing","errorCode":"BRAND_NEW"}]'), "GET limits")
    assert str(error) == "Salesforce refuses GET limits (400, BRAND_NEW: Odd thing)"
    assert error.code == "BRAND_NEW"


def test_calls_of_the_day_and_calls_at_a_time_are_two_limits():
    def limit(words):
        return refusal_error(read_refusal(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": words}]), "GET x")

    day, moment = limit("TotalRequests Limit exceeded."), limit("ConcurrentRequests Limit exceeded.")
    assert not day.can_pass
    assert moment.can_pass
    assert type(moment) is ConnectorError


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b'[{"message":"no","errorCode":"NOT_FOUND"}]', "NOT_FOUND", "no"),
        (b'{"exceptionCode":"InvalidSessionId","exceptionMessage":"Invalid session id"}', "InvalidSessionId",
         "Invalid session id"),
        (b"<h1>Bad Message 431</h1><pre>reason: Request Header Fields Too Large</pre>", "",
         "Bad Message 431 reason: Request Header Fields Too Large"),
        (b"", "", ""),
        (b"[]", "", ""),
        (b"null", "", ""),
        (b"[7]", "", "7"),
        (b"\xff\xfe", "", "\ufffd\ufffd"),
    ],
)  # fmt: skip
def test_a_refusal_is_read_from_json_html_and_nothing(content, code, words):
    refusal = read_refusal(400, content)
    assert (refusal.code, refusal.words) == (code, words)


def test_an_address_that_is_too_long_says_to_take_fewer_fields():
    for status in (414, 431):
        error = refusal_error(read_refusal(status, b"<h1>Bad Message</h1>"), "GET query of Account")
        assert "take fewer fields along" in str(error)


def test_a_long_answer_is_shortened():
    message = str(refusal_error(read_refusal(400, b"x" * 10_000), "GET limits"))
    assert len(message) < 700


def test_a_refused_sign_in_is_one_error_with_the_way_out():
    error = translated(theirs.SalesforceAuthenticationFailed("invalid_grant", None), "GET limits")
    assert isinstance(error, SignInError)
    assert "see source.sign_in" in str(error)


@given(st.integers(300, 599), st.one_of(st.binary(), st.text(), st.recursive(st.none() | st.text(), st.lists)))
def test_whatever_an_answer_holds_it_is_read_on_one_line(status, content):
    message = str(refusal_error(read_refusal(status, content), "GET limits"))
    assert message.splitlines() == [message]
    assert "GET limits" in message
