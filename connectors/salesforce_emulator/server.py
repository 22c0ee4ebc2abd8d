"""The emulator as a server: a real HTTP server on loopback in front of an organisation.

What belongs here: starting, stopping, reading requests. What does not: answering them (site.py), sending (wire.py).
"""

import contextlib
import socket
import sys
import tempfile
import threading
import traceback
from dataclasses import dataclass
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from connectors.salesforce_emulator.credentials import Credentials
from connectors.salesforce_emulator.faults import Faults
from connectors.salesforce_emulator.messages import Request, not_found, refusal
from connectors.salesforce_emulator.organisation import Organisation
from connectors.salesforce_emulator.server_settings import ServerSettings
from connectors.salesforce_emulator.site import Site
from connectors.salesforce_emulator.wire import compressed_for, delivery_of, opened, read_body, send

_DEFAULT_SETTINGS = ServerSettings()


class EmulatorCrashError(RuntimeError):
    """Raised when the emulator stops after a defect of its own; the message holds its traceback."""


@dataclass(frozen=True)
class SeenRequest:
    """A request as tests may count it; it holds no header, hence no secret of one.

    Attributes
    ----------
    method, path : str
        As sent, the path without the query.
    query : str
        What stands behind the question mark, as sent.
    body_size : int
        Bytes of the body.
    soql : str or None
        The query that is asked for, of REST and Bulk alike.
    """

    method: str
    path: str
    query: str
    body_size: int
    soql: str | None


class Emulator:
    """A Salesforce organisation on 127.0.0.1: My Domain, login host and instance in one.

    Parameters
    ----------
    org : Organisation
        Its data; an `Org`.
    settings : ServerSettings
        How it behaves.
    port : int
        0 for any free one.

    Attributes
    ----------
    url : str
        http://127.0.0.1:PORT, once it is started.
    credentials : Credentials
        What one signs in with.
    faults : Faults
        What goes wrong.
    requests : list[SeenRequest]
        All requests so far, in the order they came in.
    """

    def __init__(self, org: Organisation, *, settings: ServerSettings = _DEFAULT_SETTINGS, port: int = 0) -> None:
        self.org = org
        self.settings = settings
        self.credentials = Credentials(org.user_id)
        self.faults = Faults()
        self.requests: list[SeenRequest] = []
        self.url = ""
        self._port = port
        self._crashes: list[str] = []
        self._running: _Running | None = None

    def start(self) -> Self:
        """Start to serve; `url` is known from then on."""
        if self._running is not None:
            raise RuntimeError(f"the emulator already serves {self.url}; stop it first")
        server = _Server(self, self._port)
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        folder = tempfile.TemporaryDirectory(prefix="salesforce-emulator-")
        server.site = Site(self.org, self.settings, self.credentials, self.url, Path(folder.name), self.crashed)
        # Stopping waits for the next look at whether to stop.
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="salesforce-emulator")
        thread.start()
        self._running = _Running(server, thread, folder)
        return self

    def stop(self) -> None:
        """Stop to serve, in the middle of what it is doing."""
        if self._running is not None:
            self._running.stop()
            self._running = None
        if self._crashes:
            crashes, self._crashes = "\n".join(self._crashes), []
            raise EmulatorCrashError(f"the emulator has a defect; a request to {self.url} ended in\n{crashes}")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def end_sessions(self) -> None:
        """End all sessions, as an administrator may."""
        if self._running is not None:
            self._running.server.site.sessions.end_all()

    def crashed(self, error: BaseException) -> None:
        """Keep a defect of the emulator, to be raised when it stops."""
        self._crashes.append("".join(traceback.format_exception(error)))


@dataclass(frozen=True)
class _Running:
    """What an emulator holds while it serves."""

    server: "_Server"
    thread: threading.Thread
    folder: "tempfile.TemporaryDirectory[str]"

    def stop(self) -> None:
        self.server.stopping.set()
        self.server.shutdown()
        self.thread.join()
        self.server.hang_up()
        self.server.server_close()
        self.server.site.jobs.close()
        self.folder.cleanup()


class _Server(ThreadingHTTPServer):
    # Closing waits for the threads, so that none outlives a test.
    daemon_threads = False
    request_queue_size = 128
    site: Site

    def __init__(self, emulator: Emulator, port: int) -> None:
        self.emulator = emulator
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as inherited
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as inherited
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections on which clients may ask for more."""
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002 - as inherited
        error = sys.exc_info()[1]
        # A client that hangs up is no defect of ours.
        if error is not None and not isinstance(error, ConnectionError):
            self.emulator.crashed(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version = "SalesforceEmulator"
    server: _Server

    def do_GET(self) -> None:
        emulator, site = self.server.emulator, self.server.site
        received = read_body(self)
        path, _, query_text = self.path.partition("?")
        headers = {name.lower(): text for name, text in self.headers.items()}
        request = Request(self.command, path, query_text, headers, received)
        emulator.requests.append(SeenRequest(request.method, path, query_text, len(received), request.soql))
        faults = emulator.faults.striking(request)
        try:
            answer = site.answer(request, faults)
            if emulator.settings.gzip:
                answer = compressed_for(request, answer)
            body = opened(answer)
        except FileNotFoundError:
            # Somebody deleted the Bulk job meanwhile, and its pages with it.
            gone = not_found()
            answer = refusal(gone.code, gone.message, gone.status)
            body = opened(answer)
        with body:
            send(self, answer, body, delivery_of(faults), self.server.stopping)

    do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = do_GET  # noqa: N815 - as http.server asks for them

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 - as inherited
        """Return the time by the organisation's clock, for the header Date."""
        return format_datetime(self.server.emulator.org.clock.now(), usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as inherited
        """Say nothing."""
