"""Both channels against real listeners: what arrives, what goes wrong, and that no secret is said of it."""

import json
import logging
import socket
import threading
import time

import pytest

from kam_pipeline.alerting import channel_problems, send
from kam_pipeline.alerting.rendering import payload, text
from kam_pipeline.settings.alerts import Alerts
from tests.alerting.listeners import (
    HOOK_TOKEN,
    PASSWORD,
    Hook,
    free_port,
    mail_alerts,
    start_mail_server,
    webhook_alerts,
)

QUICK = {"timeout_seconds": 0.5, "pauses_seconds": (), "patience_seconds": 10}
SECRETS = (HOOK_TOKEN, PASSWORD)


@pytest.fixture(autouse=True)
def nothing_secret_is_said(caplog, capfd):
    """Whatever a test does: no secret in a log, down to the libraries' own debugging, and none on the terminal."""
    caplog.set_level(logging.DEBUG)
    yield
    logged = [record.getMessage() for record in caplog.get_records("call")]
    said = "\n".join([*logged, *capfd.readouterr()])
    assert [secret for secret in SECRETS if secret in said] == []


def test_both_channels_get_the_alert(alert, hook, mailbox):
    alerts = Alerts(webhook=webhook_alerts().webhook, email=mail_alerts(mailbox.port).email)
    assert send(alert, alerts) == []
    assert [json.loads(body) for body in hook.bodies] == [payload(alert)]
    [message] = mailbox.messages
    assert message.get_content().replace("\r\n", "\n") == text(alert) + "\n"
    assert message["To"] == "ops@acme.test"


def test_without_channels_nothing_is_done(alert):
    assert send(alert, Alerts()) == []


# --- webhook ---------------------------------------------------------------------------------------------------------


def test_a_listener_that_answers_an_error_is_a_problem_and_the_mail_still_goes(alert, hook, mailbox):
    hook.status = 500
    alerts = Alerts(webhook=webhook_alerts().webhook, email=mail_alerts(mailbox.port).email)
    assert send(alert, alerts, **QUICK) == ["alerts.webhook: answered with status 500"]
    assert len(hook.bodies) == 1
    assert len(mailbox.messages) == 1


def test_an_alert_goes_nowhere_else_than_where_it_was_addressed(alert, hook):
    other = Hook()
    server = other.serve()
    hook.status, hook.location = 307, other.url
    assert send(alert, webhook_alerts(), **QUICK) == ["alerts.webhook: answered with status 307"]
    assert other.bodies == []
    server.shutdown()
    server.server_close()


def test_a_listener_that_is_down_is_tried_again_and_then_a_problem(alert, monkeypatch):
    monkeypatch.setenv("KAM_TEST_HOOK", f"http://127.0.0.1:{free_port()}/{HOOK_TOKEN}")
    began = time.monotonic()
    assert send(alert, webhook_alerts(), pauses_seconds=(0.2,)) == ["alerts.webhook: could not be reached"]
    assert time.monotonic() - began >= 0.2


def test_a_listener_that_comes_up_between_two_tries_gets_the_alert(alert, monkeypatch):
    listener = Hook(port=free_port())
    monkeypatch.setenv("KAM_TEST_HOOK", listener.url)
    servers = []
    timer = threading.Timer(0.3, lambda: servers.append(listener.serve()))
    timer.start()
    assert send(alert, webhook_alerts(), pauses_seconds=(0.5, 1.0, 2.0)) == []
    assert len(listener.bodies) == 1
    servers[0].shutdown()
    servers[0].server_close()


def test_a_slow_listener_is_given_up_and_not_told_twice(alert, hook):
    hook.waits = threading.Event()
    assert send(alert, webhook_alerts(), timeout_seconds=0.3, pauses_seconds=(0.0,)) == [
        "alerts.webhook: did not answer within 0.3 seconds"
    ]
    hook.waits.set()
    assert len(hook.bodies) == 1


def test_a_listener_that_never_ends_its_answer_keeps_nobody(alert, monkeypatch, mailbox):
    with socket.socket() as endless:
        endless.bind(("127.0.0.1", 0))
        endless.listen()
        stop = threading.Event()
        threading.Thread(target=drip, args=(endless, stop), daemon=True).start()
        monkeypatch.setenv("KAM_TEST_HOOK", f"http://127.0.0.1:{endless.getsockname()[1]}/{HOOK_TOKEN}")
        alerts = Alerts(webhook=webhook_alerts().webhook, email=mail_alerts(mailbox.port).email)
        problems = send(alert, alerts, timeout_seconds=1, patience_seconds=3)
        stop.set()
    assert problems == ["alerts.webhook: was not done within 3 seconds"]
    assert len(mailbox.messages) == 1


def drip(endless: socket.socket, stop: threading.Event) -> None:
    """Answer with one more header, over and over: each comes in time, and there is always another."""
    connection, _ = endless.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not stop.wait(0.1):
            connection.sendall(b"X")


def test_a_webhook_with_a_certificate_that_nobody_vouches_for_gets_nothing(alert, certificate, monkeypatch):
    listener = Hook()
    server = listener.serve(certificate.context())
    monkeypatch.setenv("KAM_TEST_HOOK", listener.url.replace("http:", "https:"))
    [problem] = send(alert, webhook_alerts(), **QUICK)
    assert problem == "alerts.webhook: its certificate could not be verified, or it speaks no TLS"
    assert listener.bodies == []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate.path))
    assert send(alert, webhook_alerts(), **QUICK) == []
    assert len(listener.bodies) == 1
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (None, "alerts.webhook.url: the environment variable KAM_TEST_HOOK is not set"),
        (f"http://hooks.acme.test/{HOOK_TOKEN}", "holds is an open line to another machine; use https://"),
        (f"ftp://hooks.acme.test/{HOOK_TOKEN}", "holds is no address; it begins with https://"),
        (HOOK_TOKEN, "holds is no address; it begins with https://"),
        (f"https://hooks.acme.test:{HOOK_TOKEN}/", "holds is no address; it begins with https://"),
        (f"https://[{HOOK_TOKEN}/", "holds is no address; it begins with https://"),
    ],
)
def test_an_address_that_cannot_be_used_is_named_by_its_variable_alone(alert, monkeypatch, held, said):
    if held is None:
        monkeypatch.delenv("KAM_TEST_HOOK", raising=False)
    else:
        monkeypatch.setenv("KAM_TEST_HOOK", held)
    [problem] = send(alert, webhook_alerts(), **QUICK)
    assert said in problem
    assert "KAM_TEST_HOOK" in problem
    assert channel_problems(webhook_alerts()) == {"alerts.webhook": problem}
    assert HOOK_TOKEN not in problem


def test_no_problem_repeats_the_address(alert, monkeypatch):
    for held in (f"https://{HOOK_TOKEN}.test/", f"https://{'x' * 70}.test/{HOOK_TOKEN}", f"https://*/{HOOK_TOKEN}"):
        monkeypatch.setenv("KAM_TEST_HOOK", held)
        [problem] = send(alert, webhook_alerts(), timeout_seconds=5, pauses_seconds=())
        assert HOOK_TOKEN not in problem
        assert "xxxx" not in problem


# --- e-mail ----------------------------------------------------------------------------------------------------------

SIGNED_IN = {"security": "starttls", "user": "kam", "password": "${KAM_TEST_PASSWORD}"}


def test_a_mail_server_that_wants_tls_and_a_password_gets_both(alert, safe_mailbox, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    assert send(alert, mail_alerts(safe_mailbox.port, **SIGNED_IN)) == []
    assert safe_mailbox.signed_in == [("kam", PASSWORD)]
    assert len(safe_mailbox.messages) == 1


def test_a_mail_server_that_nobody_vouches_for_gets_no_password(alert, safe_mailbox):
    assert send(alert, mail_alerts(safe_mailbox.port, **SIGNED_IN), **QUICK) == [
        "alerts.email: its certificate could not be verified, or it speaks no TLS"
    ]
    assert safe_mailbox.signed_in == []
    assert safe_mailbox.messages == []


def test_tls_from_the_first_byte_on_works_and_is_verified(alert, certificate, monkeypatch):
    listener, controller = start_mail_server(ssl_context=certificate.context())
    assert send(alert, mail_alerts(listener.port, security="tls"), **QUICK) == [
        "alerts.email: its certificate could not be verified, or it speaks no TLS"
    ]
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    assert send(alert, mail_alerts(listener.port, security="tls"), **QUICK) == []
    controller.stop()
    assert len(listener.messages) == 1


def test_a_password_that_is_refused_is_a_problem_with_a_number(alert, safe_mailbox, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    safe_mailbox.takes_password = "another"
    assert send(alert, mail_alerts(safe_mailbox.port, **SIGNED_IN), **QUICK) == [
        "alerts.email: the server refused to sign in (535)"
    ]


def test_a_password_that_is_not_set_names_its_variable(alert, mailbox, monkeypatch):
    monkeypatch.delenv("KAM_TEST_PASSWORD", raising=False)
    [problem] = send(alert, mail_alerts(mailbox.port, **SIGNED_IN), **QUICK)
    assert problem.startswith("alerts.email.password: the environment variable KAM_TEST_PASSWORD is not set")
    assert channel_problems(mail_alerts(mailbox.port, **SIGNED_IN)) == {"alerts.email": problem}
    assert channel_problems(mail_alerts(mailbox.port)) == {"alerts.email": None}


def test_a_server_without_starttls_gets_neither_password_nor_message(alert, mailbox, monkeypatch):
    monkeypatch.setenv("KAM_TEST_PASSWORD", PASSWORD)
    [problem] = send(alert, mail_alerts(mailbox.port, **SIGNED_IN), **QUICK)
    assert problem.startswith("alerts.email: the server does not do what alerts.email asks of it: STARTTLS")
    assert mailbox.messages == []


def test_an_address_that_the_server_refuses_is_counted(alert, mailbox):
    mailbox.refuses = frozenset({"gone@acme.test"})
    to = ("ops@acme.test", "gone@acme.test")
    assert send(alert, mail_alerts(mailbox.port, to=to)) == ["alerts.email: the server refused 1 of 2 addresses"]
    assert len(mailbox.messages) == 1
    mailbox.refuses = frozenset(to)
    assert send(alert, mail_alerts(mailbox.port, to=to)) == [
        "alerts.email: the server refused every address in alerts.email.to"
    ]


def test_a_mail_server_that_is_down_or_says_nothing_is_a_problem_and_the_webhook_still_told(alert, hook):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        for port, said in (
            (silent.getsockname()[1], "the server hung up, or said nothing"),
            (free_port(), "could not be reached"),
        ):
            alerts = Alerts(webhook=webhook_alerts().webhook, email=mail_alerts(port).email)
            assert send(alert, alerts, **QUICK) == [f"alerts.email: {said}"]
    assert len(hook.bodies) == 2
