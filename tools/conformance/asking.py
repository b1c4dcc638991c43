"""Sends a recorded request over a raw socket, byte for byte as it was recorded, and reads the answer.

An HTTP client would mend what is asked here on purpose: dot segments, broken escapes, headers given twice.
"""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

NOT_COMPARED = frozenset(
    {
        "date",
        "server",
        "x-request-id",
        "traceparent",
        "server-timing",
        "transfer-encoding",
        "keep-alive",
        "connection",
        "content-length",
        "etag",
        "request-context",
    }
)
"""Headers left out of answers: they differ from run to run, or are the connection's."""

LONGEST_BODY = 3000
"""Longer bodies are kept by their first 300 letters and their length."""

SECONDS = 40.0
"""How long an answer may take."""

_GZIP_HEADER = bytes.fromhex("1f8b0800000000000203")
"""As recorded; Python's versions write different ones, and the probe tells a digest of what reached it."""


@dataclass(frozen=True)
class Answer:
    """An answer; a connection that ends without one has an error."""

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    error: str | None = None

    @staticmethod
    def of(recorded: Mapping[str, Any]) -> Answer:
        """Read an answer as it is recorded; a JSON body may be there as an object."""
        headers = tuple((str(name), str(value)) for name, value in recorded.get("headers", ()))
        body = recorded.get("body", "")
        text = body if isinstance(body, str) else json.dumps(body)
        return Answer(recorded.get("status"), headers, text, recorded.get("error"))


@dataclass(frozen=True)
class HostKeys:
    """The keys of the host that is asked, under the names requests call them by."""

    function: str = ""
    master: str = ""
    system: str = ""
    named: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "named", {"FUNCTION": self.function, "MASTER": self.master, "SYSTEM": self.system}
        )

    def hide(self, text: str) -> str:
        """Put the keys' names where an answer holds the keys."""
        for name, key in self.named.items():
            text = text.replace(key, "{" + name + "}") if key else text
        return text


def ask(host: str, port: int, request: Mapping[str, Any], keys: HostKeys) -> Answer:
    """Send one recorded request; what the connection does wrong is in the answer."""
    got = b""
    with socket.create_connection((host, port), timeout=SECONDS) as connection:
        # A request may be refused before all of it was sent; the answer is there all the same.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request_bytes(host, port, request, keys))
        try:
            while piece := connection.recv(65536):
                got += piece
        except (ConnectionResetError, TimeoutError) as error:
            if not got:
                return Answer(error=type(error).__name__)
    return _answer(got, keys)


def ask_all(host: str, port: int, requests: Iterable[Mapping[str, Any]], keys: HostKeys) -> dict[str, Answer]:
    """Send a list of requests, one after the other; answers by the requests' names."""
    return {str(request["name"]): ask(host, port, request, keys) for request in requests}


def request_bytes(host: str, port: int, request: Mapping[str, Any], keys: HostKeys) -> bytes:
    """Write a request as it goes over the wire."""
    body = _body(request)
    target = str(request["target"])
    for name, key in keys.named.items():
        target = target.replace("{" + name + "}", key)
    headers = [(name, keys.named.get(value[1:-1], value)) for name, value in request.get("headers", ())]
    names = {name.lower() for name, _ in headers}
    if "host" not in names:
        headers.insert(0, ("Host", f"{host}:{port}"))
    if called := request.get("key"):
        headers.append(("x-functions-key", keys.named.get(called, called)))
    chunked = bool(request.get("chunked"))
    if chunked:
        headers.append(("Transfer-Encoding", "chunked"))
    elif (body or request["method"] in ("POST", "PUT", "PATCH")) and "content-length" not in names:
        headers.append(("Content-Length", str(len(body))))
    headers.append(("Connection", "close"))
    lines = [f"{request['method']} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode() + (_chunks(body) if chunked else body)


def _body(request: Mapping[str, Any]) -> bytes:
    body = request.get("body", "")
    match request.get("body_kind", "text"):
        case "json":
            return json.dumps(body).encode()
        case "hex":
            return bytes.fromhex(body)
        case "repeat":
            return bytes(body[0].encode() * body[1])
        case "gzip":
            return _GZIP_HEADER + gzip.compress(body.encode(), mtime=0)[len(_GZIP_HEADER) :]
        case _:
            return bytes(body.encode())


def _chunks(body: bytes) -> bytes:
    step = max(1, len(body) // 3)
    pieces = [body[start : start + step] for start in range(0, len(body), step)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _answer(got: bytes, keys: HostKeys) -> Answer:
    while got.startswith(b"HTTP/1.1 100"):
        got = got.partition(b"\r\n\r\n")[2]
    head, _, rest = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    if not first:
        return Answer(error="empty")
    headers = sorted((name.strip().lower(), value.strip()) for name, _, value in _cut(lines))
    if ("transfer-encoding", "chunked") in headers:
        rest = _join(rest)
    text = rest.decode("utf-8", "backslashreplace")
    if len(text) > LONGEST_BODY:
        text = f"{text[:300]}... {len(rest)} bytes"
    kept = tuple((name, keys.hide(value)) for name, value in headers if name not in NOT_COMPARED)
    return Answer(int(first.split()[1]), kept, keys.hide(text))


def _cut(lines: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    return (line.partition(":") for line in lines)


def _join(rest: bytes) -> bytes:
    """Join the chunks of a body."""
    body = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size.split(b";")[0] or b"0", 16)
        if length == 0:
            break
        body += rest[:length]
        rest = rest[length + 2 :]
    return body
