"""Bodies of requests and answers on a connection; answers whole, or as the faults that strike them leave them.

What belongs here: bytes on sockets. What does not: what is in them.
"""

import gzip
import io
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler
from typing import IO

from connectors.salesforce_emulator.bulk_pages import compressed
from connectors.salesforce_emulator.faults import Fault
from connectors.salesforce_emulator.messages import Answer, Request

_WORTH_COMPRESSING = 1024
_BODILESS = (204, 304)


@dataclass(frozen=True)
class Delivery:
    """How an answer goes out.

    Attributes
    ----------
    keep : float
        Share of the body that is sent.
    is_chunked : bool
        Sent in chunks, without the last one.
    is_reset : bool
        The connection is reset behind what is sent, and before the status line where `keep` is negative.
    wait_before, wait_within : float
        Seconds before it, and in the middle of its body.
    """

    keep: float = 1.0
    is_chunked: bool = False
    is_reset: bool = False
    wait_before: float = 0.0
    wait_within: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether all of it is sent."""
        return self.keep == 1.0


def delivery_of(faults: tuple[Fault, ...]) -> Delivery:
    """Return how an answer goes out that some faults strike."""
    delivery = Delivery()
    for fault in faults:
        options = fault.options
        if fault.kind == "slow":
            seconds = float(options["seconds"])
            if options["when"] == "before":
                delivery = replace(delivery, wait_before=seconds)
            else:
                delivery = replace(delivery, wait_within=seconds)
        elif fault.kind == "truncate":
            delivery = replace(delivery, keep=float(options["keep"]), is_chunked=options["how"] == "chunked")
        elif fault.kind == "reset":
            keep = -1.0 if options["when"] == "before" else float(options["keep"])
            delivery = replace(delivery, keep=keep, is_reset=True)
    return delivery


def read_body(handler: BaseHTTPRequestHandler) -> bytes:
    """Return the body of a request, of an announced length or in chunks."""
    if handler.headers.get("transfer-encoding", "").lower() != "chunked":
        return handler.rfile.read(int(handler.headers.get("content-length", 0)))
    parts = []
    while size := int(handler.rfile.readline().split(b";")[0] or b"0", 16):
        parts.append(handler.rfile.read(size))
        handler.rfile.readline()
    # Trailers, up to the empty line that ends them.
    while handler.rfile.readline().strip():
        pass
    return b"".join(parts)


def compressed_for(request: Request, answer: Answer) -> Answer:
    """Return an answer compressed, where the client accepts it and it is worth it."""
    body = answer.body
    if "gzip" not in request.headers.get("accept-encoding", "").lower():
        return answer
    if isinstance(body, bytes):
        if len(body) < _WORTH_COMPRESSING:
            return answer
        body = gzip.compress(body, compresslevel=1, mtime=0)
    else:
        body = compressed(body)
    return replace(answer, body=body).with_headers({"Content-Encoding": "gzip"})


def send(
    handler: BaseHTTPRequestHandler, answer: Answer, body: IO[bytes], delivery: Delivery, stopping: threading.Event
) -> None:
    """Send an answer and its opened body; pauses end when the server stops."""
    stopping.wait(delivery.wait_before)
    if delivery.keep < 0:
        _reset(handler)
        return
    size = body.seek(0, io.SEEK_END)
    body.seek(0)
    _send_head(handler, answer, None if delivery.is_chunked else size)
    if handler.command != "HEAD" and answer.status not in _BODILESS:
        _send_body(handler, body, int(size * delivery.keep), delivery, stopping.wait)
    if not delivery.is_whole:
        handler.close_connection = True
    if delivery.is_reset:
        _reset(handler)


def opened(answer: Answer) -> IO[bytes]:
    """Return the body of an answer, to be read from its beginning and closed."""
    return io.BytesIO(answer.body) if isinstance(answer.body, bytes) else answer.body.open("rb")


def _send_head(handler: BaseHTTPRequestHandler, answer: Answer, size: int | None) -> None:
    handler.send_response(answer.status)
    for name, text in answer.headers.items():
        handler.send_header(name, text)
    if answer.content_type:
        handler.send_header("Content-Type", answer.content_type)
    if size is None:
        handler.send_header("Transfer-Encoding", "chunked")
    elif answer.status not in _BODILESS:
        handler.send_header("Content-Length", str(size))
    handler.end_headers()


def _send_body(
    handler: BaseHTTPRequestHandler, body: IO[bytes], size: int, delivery: Delivery, wait: Callable[[float], bool]
) -> None:
    if delivery.is_chunked:
        part = body.read(size)
        handler.wfile.write(b"%x\r\n" % len(part) + part + b"\r\n" if part else b"")
        return
    half = size // 2 if delivery.wait_within else 0
    _send_part(handler, body, half)
    wait(delivery.wait_within)
    _send_part(handler, body, size - half)


def _send_part(handler: BaseHTTPRequestHandler, body: IO[bytes], count: int) -> None:
    if isinstance(body, io.BytesIO):
        handler.wfile.write(body.read(count))
    elif count:
        # The kernel copies the file, whatever its size. It leaves the position behind what was sent.
        handler.connection.sendfile(body, body.tell(), count)


def _reset(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection so that the other side sees a reset, not an end."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
