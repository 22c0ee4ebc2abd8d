"""How requests travel: what is asked again and what is not, whole downloads, limits, and where a token never goes."""

import gzip
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from connectors.salesforce import transport
from connectors.salesforce.plan import Patience
from connectors.salesforce.transport import PatientSession
from kam_pipeline.errors import ConnectorError, RequestRefusedError

JOB = {"operation": "queryAll", "query": "SELECT Id FROM Account"}


def calls(emulator, path):
    return len([seen for seen in emulator.requests if path in seen.path])


@pytest.fixture
def waits(monkeypatch):
    """The waits between attempts, which take no time here."""
    taken = []
    monkeypatch.setattr(transport.time, "sleep", taken.append)
    return taken


@pytest.fixture
def bare():
    """Serve one answer of a test's own; returns its origin and what came in."""
    servers = []

    def serve(answer):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                seen.append((self.path, dict(self.headers)))
                answer(self)

            do_POST = do_GET  # noqa: N815 - as the server calls it

            def log_message(self, *_):
                pass

        seen = []
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}", seen

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def reply(handler, body=b"{}", status=200, **headers):
    handler.send_response(status)
    for name, text in headers.items():
        handler.send_header(name.replace("_", "-"), text)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def session_for(origin, attempts=4, share=0.9):
    session = PatientSession(2, Patience(attempts=attempts, first_wait=1, longest_wait=4), share)
    session.allow_loopback(origin)
    return session


# --- what is asked again ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["json", "html", "empty"])
@pytest.mark.parametrize("status", [406, 420, 429, 500, 502, 503, 504])
def test_what_can_pass_is_asked_again_whatever_its_body(serve, connect, status, body):
    emulator = serve()
    emulator.faults.add("status", path="/limits", status=status, body=body, times=2)
    client = connect(emulator)
    assert client.get("limits")["DailyApiRequests"]["Max"] == 100_000
    emulator.faults.add("status", path="/limits", status=status, body=body, times=2)
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
    assert calls(emulator, "/limits") == 6


@pytest.mark.parametrize("when", ["before", "body"])
def test_a_connection_that_is_reset_is_asked_again(serve, connect, when):
    emulator = serve()
    emulator.faults.add("reset", path="/limits", when=when, times=2)
    assert connect(emulator).limits()["DailyApiRequests"]["Max"] == 100_000
    assert calls(emulator, "/limits") == 3


@pytest.mark.parametrize("how", ["length", "chunked"])
def test_an_answer_that_is_cut_off_is_asked_again(serve, connect, how):
    emulator = serve()
    emulator.faults.add("truncate", path="/limits", how=how, times=2)
    assert connect(emulator).get("limits")["DailyApiRequests"]["Max"] == 100_000
    assert calls(emulator, "/limits") == 3


def test_an_answer_that_is_late_is_asked_again(serve, connect):
    emulator = serve()
    emulator.faults.add("slow", path="/limits", seconds=3)
    assert connect(emulator, timeout_seconds=0.3).get("limits")["DailyApiRequests"]["Max"] == 100_000
    assert calls(emulator, "/limits") == 2


def test_a_page_of_a_proxy_in_the_place_of_json_is_asked_again(bare, waits):
    origin, seen = bare(lambda handler: reply(handler, b"<html>" if len(seen) < 3 else b'{"a": 1}'))
    with session_for(origin) as session:
        assert session.get(f"{origin}/services/data/v66.0/limits").json() == {"a": 1}
    assert len(seen) == 3


def test_what_does_not_pass_ends_in_one_message_that_says_how_often_it_was_asked(serve, connect):
    emulator = serve()
    emulator.faults.add("status", path="/limits", status=503, body="html", times=None)
    with pytest.raises(ConnectorError) as info:
        connect(emulator).get("limits")
    assert info.value.can_pass
    assert not isinstance(info.value, RequestRefusedError)
    assert str(info.value) == (
        f"{emulator.url.removeprefix('http://')} does not answer GET limits, asked 4 times (503, Bad Message 503 "
        "reason: We are setting things up); look at https://status.salesforce.com and the network, then run again"
    )


def test_a_host_that_does_not_listen_is_asked_again_and_then_named(waits):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with session_for(origin) as session, pytest.raises(ConnectorError, match=r"asked 4 times \(no connection\)"):
            session.get(f"{origin}/services/data/")
    assert waits == [1, 2, 4]


def test_waits_double_up_to_the_longest(bare, waits):
    origin, _ = bare(lambda handler: reply(handler, status=503))
    with session_for(origin, attempts=6) as session, pytest.raises(ConnectorError, match="asked 6 times"):
        session.get(f"{origin}/x")
    assert waits == [1, 2, 4, 4, 4]


@pytest.mark.parametrize(
    ("said", "waited"),
    [("7", 7), ("0", 1), ("soon", 1), ("Wed, 01 Jul 2026 00:00:30 GMT", 30), ("Tue, 30 Jun 2026 00:00:00 GMT", 1)],
)
def test_a_server_that_says_when_to_come_back_is_given_that_time(bare, waits, said, waited):
    def answer(handler):
        handler.date_time_string = lambda: "Wed, 01 Jul 2026 00:00:00 GMT"
        if len(seen) == 1:
            reply(handler, status=429, Retry_After=said)
        else:
            reply(handler)

    origin, seen = bare(answer)
    with session_for(origin) as session:
        assert session.get(f"{origin}/x").ok
    assert waits == [waited]


def test_a_server_that_asks_for_an_hour_is_not_waited_for(bare, waits):
    origin, seen = bare(lambda handler: reply(handler, status=503, Retry_After="3600"))
    with session_for(origin) as session, pytest.raises(ConnectorError, match="asked once"):
        session.get(f"{origin}/x")
    assert (len(seen), waits) == (1, [])


def test_too_many_calls_at_a_time_are_waited_for(serve, connect):
    emulator = serve()
    emulator.faults.add("request_limit", path="/limits", concurrent=True, times=2)
    assert connect(emulator).get("limits")["DailyApiRequests"]["Max"] == 100_000
    assert calls(emulator, "/limits") == 3


def test_calls_of_the_day_that_are_used_up_are_not_waited_for(serve, connect):
    emulator = serve()
    emulator.faults.add("request_limit", path="/limits")
    with pytest.raises(RequestRefusedError, match="API calls of the last 24 hours are used up") as info:
        connect(emulator).get("limits")
    assert info.value.code == "REQUEST_LIMIT_EXCEEDED"
    assert not info.value.can_pass
    assert calls(emulator, "/limits") == 1


# --- what is not asked again -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "sent"), [(503, 2), (429, 2), (500, 1), (502, 1)])
def test_a_job_is_asked_for_again_only_where_the_first_was_turned_away(serve, connect, status, sent):
    emulator = serve()
    emulator.faults.add("status", path="/jobs/query", method="POST", status=status, body="html")
    emulator.faults.add("refuse_job", after=sent - 1, times=None, code="LIMIT_EXCEEDED", message="Max jobs")
    words = "refuses POST jobs/query of Account" if sent == 2 else "may have received POST jobs/query"
    with pytest.raises(ConnectorError, match=words):
        connect(emulator).post("jobs/query", JOB)
    assert calls(emulator, "/jobs/query") == sent


def test_a_job_whose_answer_is_lost_is_asked_for_again_only_by_one_who_says_that_it_does_no_harm(serve, connect):
    emulator = serve()
    emulator.faults.add("reset", path="/jobs/query", method="POST")
    with pytest.raises(ConnectorError, match="may have received") as info:
        connect(emulator).post("jobs/query", JOB)
    assert info.value.can_pass
    emulator.faults.add("reset", path="/jobs/query", method="POST")
    emulator.faults.add("refuse_job", times=None, code="LIMIT_EXCEEDED", message="Max jobs")
    with pytest.raises(RequestRefusedError, match="Max jobs"):
        connect(emulator).post("jobs/query", JOB, is_repeatable=True)


def test_a_refusal_is_asked_once(serve, connect):
    emulator = serve()
    emulator.faults.add("status", path="/query", status=400, code="MALFORMED_QUERY", message="unexpected token: 'FORM'")
    with pytest.raises(RequestRefusedError, match=r"refuses GET query of Account \(400, MALFORMED_QUERY") as info:
        connect(emulator).query("SELECT Id FROM Account")
    assert info.value.code == "MALFORMED_QUERY"
    assert calls(emulator, "/query") == 1


def test_deleting_what_is_gone_is_no_failure(serve, connect):
    connect(serve()).delete("jobs/query/750000000000001AAA")


# --- downloads -------------------------------------------------------------------------------------------------------

CSV = b'"Id","Name"\n' + b"".join(b'"%018d","Caf\xc3\xa9 ""NA"""\n' % number for number in range(20_000))


def page_client(bare, connect, serve, monkeypatch, answer):
    origin, seen = bare(answer)
    client = connect(serve())
    session = client._sessions.current()
    client._sessions.http.allow_loopback(origin)
    monkeypatch.setattr(type(session), "url", lambda self, path: f"{origin}/{path}")
    return client, seen


def test_a_page_is_asked_for_in_gzip_and_written_unpacked(bare, connect, serve, monkeypatch, tmp_path):
    def answer(handler):
        reply(handler, gzip.compress(CSV), Content_Encoding="gzip", Sforce_NumberOfRecords="20000", SFORCE_locator="x")

    client, seen = page_client(bare, connect, serve, monkeypatch, answer)
    headers = client.download("results", {"locator": "a&b"}, tmp_path / "page.csv")
    assert (tmp_path / "page.csv").read_bytes() == CSV
    assert headers["sforce-numberofrecords"] == "20000"
    assert headers["Sforce-Locator"] == "x"
    path, asked = seen[0]
    assert path == "/results?locator=a%26b"
    assert asked["Accept-Encoding"] == "gzip"
    assert asked["Accept"] == "text/csv"


@pytest.mark.parametrize("flaw", ["short", "reset", "chunk", "gzip", "503"])
def test_a_page_that_breaks_off_is_written_anew_from_its_start(
    bare, connect, serve, monkeypatch, tmp_path, flaw, waits
):
    def answer(handler):
        packed = gzip.compress(CSV)
        if len(seen) > 2:
            reply(handler, packed, Content_Encoding="gzip")
        elif flaw == "503":
            reply(handler, b"busy", status=503)
        elif flaw == "gzip":
            reply(handler, packed[:100] + b"damage" + packed[106:], Content_Encoding="gzip")
        elif flaw == "chunk":
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            handler.wfile.write(b"%x\r\n" % len(CSV) + CSV[:70_000])
            handler.close_connection = True
        else:
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(CSV)))
            handler.end_headers()
            handler.wfile.write(CSV[:70_000])
            handler.close_connection = True
            if flaw == "reset":
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    client, seen = page_client(bare, connect, serve, monkeypatch, answer)
    client.download("results", {}, tmp_path / "page.csv")
    assert (tmp_path / "page.csv").read_bytes() == CSV
    assert len(seen) == 3


def test_a_page_that_is_refused_is_no_file_of_rows(serve, connect, tmp_path):
    with pytest.raises(RequestRefusedError, match="refuses GET jobs/query/750000000000001AAA/results") as info:
        connect(serve()).download("jobs/query/750000000000001AAA/results", {}, tmp_path / "page.csv")
    assert info.value.code == "NOT_FOUND"
    assert not (tmp_path / "page.csv").exists()


def test_a_folder_that_is_not_there_is_named(bare, connect, serve, monkeypatch, tmp_path):
    client, _ = page_client(bare, connect, serve, monkeypatch, lambda handler: reply(handler, CSV))
    with pytest.raises(ConnectorError, match=r"nowhere/page\.csv: cannot be written"):
        client.download("results", {}, tmp_path / "nowhere" / "page.csv")


# --- limits, time, threads -------------------------------------------------------------------------------------------


def test_reading_stops_at_the_share_of_the_days_calls_that_the_settings_allow(serve, connect):
    emulator = serve(daily_calls_limit=20)
    client = connect(emulator, max_api_share=0.5)
    for _ in range(10):
        client.get("limits")
    with pytest.raises(RequestRefusedError, match=r"10 of .* 20 API calls .*max_api_share is 0\.5") as info:
        client.get("limits")
    assert info.value.code == "REQUEST_LIMIT_EXCEEDED"
    assert calls(emulator, "/limits") == 10


def test_the_time_is_the_servers(serve, connect, org):
    client = connect(serve())
    assert client.server_time() == datetime(2026, 7, 1, 3, 4, 5, tzinfo=UTC)
    org.clock.advance(hours=1)
    assert client.server_time() == datetime(2026, 7, 1, 4, 4, 5, tzinfo=UTC)


def test_an_answer_without_a_time_is_said(serve, connect):
    emulator = serve()
    client = connect(emulator)
    response = requests.Response()
    client._send = lambda *_: response
    with pytest.raises(ConnectorError, match="answers without a time"):
        client.server_time()


def test_threads_share_one_session_and_sign_in_again_once_for_all(serve, connect):
    emulator = serve()
    client = connect(emulator)
    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(lambda _: client.get("limits"), range(12)))
        emulator.end_sessions()
        assert all(pool.map(lambda _: client.get("limits"), range(12)))
    assert calls(emulator, "oauth2") == 2


def test_numbers_stay_as_they_are_written_where_that_is_asked(bare, connect, serve, monkeypatch):
    client, _ = page_client(bare, connect, serve, monkeypatch, lambda handler: reply(handler, b'{"a": 1.0E7, "b": 10}'))
    assert client.get("x", numbers_as_text=True) == {"a": "1.0E7", "b": "10"}
    assert client.get("x") == {"a": 1e7, "b": 10}


# --- where a token never goes ----------------------------------------------------------------------------------------


def test_a_redirect_to_another_host_is_not_followed(bare):
    elsewhere, seen_elsewhere = bare(reply)
    origin, seen = bare(lambda handler: reply(handler, status=302, Location=f"{elsewhere}/services/data/"))
    with session_for(origin) as session, pytest.raises(RequestRefusedError, match=r"set source\.login") as info:
        session.get(f"{origin}/services/data/", headers={"Authorization": "Bearer t0ken"})
    assert elsewhere.removeprefix("http://") in str(info.value)
    assert (len(seen), seen_elsewhere) == (1, [])


def test_plain_http_is_for_the_loopback_host_of_the_settings_alone(bare):
    other, seen = bare(reply)
    origin, _ = bare(reply)
    with session_for(origin) as session:
        with pytest.raises(RequestRefusedError, match="plain http"):
            session.get(f"{other}/services/data/")
        with pytest.raises(RequestRefusedError, match="plain http"):
            session.get("http://acme.my.salesforce.com/services/data/")
        with pytest.raises(ValueError, match="not this machine"):
            session.allow_loopback("http://acme.my.salesforce.com")
    assert seen == []


def test_a_proxy_a_netrc_and_cookies_do_not_touch_a_loopback_organisation(bare, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    origin, seen = bare(lambda handler: reply(handler, Set_Cookie="BrowserId=abc"))
    with session_for(origin) as session:
        for _ in range(2):
            session.get(f"{origin}/x", headers={"Authorization": "Bearer t0ken"})
    assert [headers["Authorization"] for _, headers in seen] == ["Bearer t0ken"] * 2
    assert [headers.get("Cookie") for _, headers in seen] == [None, None]


@pytest.mark.parametrize(
    ("words", "said", "waited"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed", "REQUESTS_CA_BUNDLE", []),
        ("[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol", "broke off", [1, 2, 4]),
    ],
)
def test_a_certificate_that_nobody_trusts_is_not_asked_again_and_a_broken_line_is(
    monkeypatch, waits, words, said, waited
):
    def fail(*_, **__):
        raise requests.exceptions.SSLError(words)

    monkeypatch.setattr(requests.Session, "request", fail)
    with session_for("http://127.0.0.1:1") as session, pytest.raises(ConnectorError, match=said):
        session.get("https://acme.my.salesforce.com/")
    assert waits == waited


def test_every_request_has_a_time_limit(bare):
    entered = threading.Event()

    def answer(handler):
        entered.set()
        time.sleep(0.6)
        handler.close_connection = True

    origin, _ = bare(answer)
    session = PatientSession(0.1, Patience(attempts=1), 0.9)
    session.allow_loopback(origin)
    with session, pytest.raises(ConnectorError, match="no answer in time"):
        session.get(f"{origin}/x", timeout=None)
    assert entered.is_set()
