"""A proxy in front of Azurite's blobs or queues that can fail a request, hold it, or call somebody first.

What it does to a request is decided by a function, so that a test says in one place what goes wrong. Requests
are passed on as they are: the signature covers neither host nor port, and Azurite takes any port of its
account for the source of a copy.
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, NamedTuple, Self, override
from urllib.parse import unquote, urlsplit

type Fault = Literal[
    "500", "503", "time-out", "reset", "500 done", "reset done", "silence", "403", "flipped bit"
]
"""What becomes of a request.

``500``, ``503`` and ``time-out`` (what the service says when it gives up by itself) are answered instead of
Azurite, ``reset`` closes the connection instead; ``500 done`` and ``reset done`` come after Azurite has done
what was asked; after ``silence`` nothing comes any more until the proxy stops. ``403`` is a refusal that no
client asks about again. With a ``flipped bit`` in the middle of its body the request is passed on.
"""

PASSING: tuple[Fault, ...] = ("500", "503", "time-out", "reset", "500 done", "reset done")
"""Faults that a client need not wait for."""

_ANSWERS: dict[str, tuple[int, str]] = {
    "500": (500, "InternalError"),
    "503": (503, "ServerBusy"),
    "time-out": (500, "OperationTimedOut"),
    "403": (403, "AuthorizationFailure"),
    "500 done": (500, "InternalError"),
}
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Request(NamedTuple):
    """What a decision is made from.

    Attributes
    ----------
    method : str
    container, blob : str
        Decoded; empty where the request is about the account or a whole container. Of a queue, its name and
        ``messages`` or ``messages/<id>``.
    query : str
    headers : mapping
        With lower-case names.
    port : int
        The client's, which tells its process.
    """

    method: str
    container: str
    blob: str
    query: str
    headers: dict[str, str]
    port: int

    @property
    def is_upload(self) -> bool:
        """Whether it brings a block's content, or that of a whole blob."""
        content = "comp=block&" in f"{self.query}&" or "comp=" not in self.query
        return self.method == "PUT" and bool(self.blob) and content and not self.is_copy

    @property
    def is_copy(self) -> bool:
        """Whether it asks for a server-side copy."""
        return "x-ms-copy-source" in self.headers


type Decide = Callable[[Request], Fault | None]


class FaultProxy:
    """An endpoint that forwards to another one; use it in a ``with`` statement.

    Parameters
    ----------
    target_port : int
    decide : callable
    service : {"Blob", "Queue"}
        Whose endpoint it is.

    Attributes
    ----------
    decide : callable
        Asked about every request before it is passed on, on the request's thread; may be replaced any time.
    port : int
    faults : Counter
        Requests that went wrong, by fault.
    """

    def __init__(
        self,
        target_port: int,
        decide: Decide = lambda _: None,
        *,
        service: Literal["Blob", "Queue"] = "Blob",
    ) -> None:
        self.decide = decide
        self._endpoint = f"{service}Endpoint=http://127.0.0.1:"
        self.faults: Counter[str] = Counter()
        self._target_port = target_port
        self._stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def in_front_of(self, connection_string: str) -> str:
        """Return a connection string with this proxy for its endpoint."""
        theirs, ours = (f"{self._endpoint}{port}/" for port in (self._target_port, self.port))
        assert theirs in connection_string
        return connection_string.replace(theirs, ours)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self) -> None:
                proxy._serve(self)

            do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = handle_any  # noqa: N815

            @override
            def handle(self) -> None:
                # A client that was killed, or gave up waiting.
                try:
                    super().handle()
                except OSError:
                    self.close_connection = True

            @override
            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def _serve(self, client: BaseHTTPRequestHandler) -> None:
        body = client.rfile.read(int(client.headers.get("Content-Length", 0)))
        fault = self.decide(_request(client))
        if fault is not None:
            self.faults[fault] += 1
        if fault == "silence":
            self._stopped.wait()
            client.close_connection = True
            return
        if fault == "flipped bit":
            body, fault = _flipped(body), None
        answer = None
        if fault is None or fault.endswith("done"):
            answer = self._forward(client, body)
        if fault is None and answer is not None:
            _pass_on(client, answer)
        elif fault in _ANSWERS:
            _refuse(client, *_ANSWERS[str(fault)])
        else:
            _reset(client)

    def _forward(self, client: BaseHTTPRequestHandler, body: bytes) -> _Answer | None:
        upstream = http.client.HTTPConnection("127.0.0.1", self._target_port, timeout=60)
        try:
            upstream.putrequest(client.command, client.path, skip_host=True, skip_accept_encoding=True)
            for name, value in client.headers.items():
                if name.lower() != "connection":
                    upstream.putheader(name, value)
            upstream.endheaders(body)
            found = upstream.getresponse()
            return _Answer(found.status, found.reason, found.getheaders(), found.read())
        except (OSError, http.client.HTTPException):
            return None  # Azurite is away
        finally:
            upstream.close()


class _Answer(NamedTuple):
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes


def _flipped(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


def _request(client: BaseHTTPRequestHandler) -> Request:
    parts = urlsplit(client.path)
    _, _, container, *rest = [*parts.path.split("/", 3), "", ""][:4]
    headers = {name.lower(): value for name, value in client.headers.items()}
    blob = unquote(rest[0]) if rest else ""
    return Request(client.command, unquote(container), blob, parts.query, headers, client.client_address[1])


def _pass_on(client: BaseHTTPRequestHandler, answer: _Answer) -> None:
    client.send_response_only(answer.status, answer.reason)
    length = str(len(answer.body))
    for name, value in answer.headers:
        if name.lower() == "content-length" and client.command == "HEAD":
            length = value
        if name.lower() not in _HOP_BY_HOP:
            client.send_header(name, value)
    client.send_header("Content-Length", length)
    client.end_headers()
    client.wfile.write(answer.body)


def _refuse(client: BaseHTTPRequestHandler, status: int, code: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>A test.</Message></Error>'
    )
    client.send_response_only(status, code)
    client.send_header("x-ms-error-code", code)
    client.send_header("Content-Type", "application/xml")
    client.send_header("Content-Length", str(len(text)))
    client.end_headers()
    if client.command != "HEAD":
        client.wfile.write(text.encode())


def _reset(client: BaseHTTPRequestHandler) -> None:
    # Closed with data unsent and no time to linger: the client sees a reset, not an end.
    client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.connection.close()
    client.close_connection = True


APP_CONTAINERS = ("telemetry", "predictions", "runs", "history")
"""What the app works on; the rest is the host's, which has its own ways with faults."""


class EachOnce:
    """Fails sending, taking, keeping and deleting of messages once in every way; every other one passes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: Counter[str] = Counter()
        self.left = {method: list(PASSING) for method in ("POST", "GET", "PUT", "DELETE")}
        """Faults to come, by method: in this order of what is done to messages."""

    def __call__(self, request: Request) -> Fault | None:
        """Decide."""
        if request.blob.split("/")[0] != "messages":
            return None
        with self._lock:
            self._asked[request.method] += 1
            left = self.left[request.method]
            return left.pop(0) if left and self._asked[request.method] % 2 else None


class Hold:
    """Holds the first request that matches until it is released; all others pass.

    Parameters
    ----------
    matches : callable
    """

    def __init__(self, matches: Callable[[Request], bool]) -> None:
        self._matches = matches
        self._lock = threading.Lock()
        self._free = threading.Event()
        self.arrived = threading.Event()
        """Set while a request is held, and from then on."""

    def __call__(self, request: Request) -> Fault | None:
        """Decide; returns for the held request when it is released."""
        with self._lock:
            mine = not self.arrived.is_set() and self._matches(request)
            if mine:
                self.arrived.set()
        if mine:
            self._free.wait()
        return None

    def release(self) -> None:
        """Let the held request go on."""
        self._free.set()
