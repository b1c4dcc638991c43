"""A real HTTP server on this machine that fails, hangs, drips and comes back, as a test tells it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HANG = "hang"
RESET = "reset"
DRIP = "drip"
"""Behaviours instead of an answer: none at all, a closed connection, or an answer a byte at a time."""


@dataclass(frozen=True)
class Received:
    """One request; names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Scripted:
    """One answer."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


type Behaviour = Scripted | str | Callable[[Received], Scripted]


class ScriptedReceiver:
    """The server: ``script`` holds what it does next, ``then`` what it does when that is used up."""

    def __init__(self) -> None:
        self.script: list[Behaviour] = []
        self.then: Behaviour = Scripted()
        self.received: list[Received] = []
        self.over = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(self.command, self.path, headers, self.rfile.read(length))
                receiver.received.append(request)
                behaviour = receiver.script.pop(0) if receiver.script else receiver.then
                if callable(behaviour):
                    behaviour = behaviour(request)
                if isinstance(behaviour, Scripted):
                    self.send_response(behaviour.status)
                    for name, value in behaviour.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(behaviour.body)))
                    self.end_headers()
                    self.wfile.write(behaviour.body)
                else:
                    receiver.misbehave(behaviour, self.connection)
                    self.close_connection = True

            do_GET = do_POST = do_PUT = handle_one  # noqa: N815 - as the base class asks for them

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def misbehave(self, how: str, connection: socket.socket) -> None:
        """Hang, reset or drip."""
        if how == HANG:
            self.over.wait(60)
        elif how == DRIP:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not self.over.wait(0.1):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    def stop(self) -> None:
        """End it; nobody listens at its address any more."""
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def scripted_receiver() -> Iterator[ScriptedReceiver]:
    """Run one until the block ends."""
    receiver = ScriptedReceiver()
    try:
        yield receiver
    finally:
        receiver.stop()


def seconds_of(what: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.monotonic()
    what()
    return time.monotonic() - began
