"""HTTP/1.1 as Kestrel takes it: its limits, what it refuses and with which status, methods of any name.

uvicorn's protocol on httptools does the parsing. A refusal has no body and ends the connection.
"""

from __future__ import annotations

import re
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from devhost.http.target import BadTargetError, RequestTarget, read_target
from devhost.http.timeouts import RequestClock

LINE_LIMIT = 8 * 1024
"""Most bytes of a request line, its end included (Kestrel's MaxRequestLineSize)."""

HEADERS_LIMIT = 32 * 1024
"""Most bytes of all headers together (MaxRequestHeadersTotalSize)."""

HEADER_COUNT = 100
"""Most headers (MaxRequestHeaderCount)."""

# uvicorn writes no status above 599; Kestrel writes what a function gives.
STATUS_LINE.update((status, f"HTTP/1.1 {status} \r\n".encode()) for status in range(600, 1000))

BAD_REQUEST, TOO_SLOW, TARGET_TOO_LONG, HEADERS_TOO_LARGE, VERSION_UNKNOWN = 400, 408, 414, 431, 505

_KNOWN_METHODS = (b"GET ", b"POST ", b"PUT ", b"HEAD ", b"DELETE ", b"PATCH ", b"OPTIONS ", b"TRACE ")
_CONNECT = b"CONNECT "
_STAND_IN = b"POST "
"""The parser gets it instead of a method it does not know."""

_METHOD = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+ ")
_METHOD_LIMIT = 64
"""A longer first word is left to the parser, which refuses it."""

_HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\](?::[0-9]+)?|[A-Za-z0-9\-._~!$&'()*+,;=%]+(?::[0-9]+)?)?", re.ASCII
)
_LINGER = 2.0
"""Seconds for which a refused client may go on sending; closing at once would lose it the answer."""


class Refusal(Exception):  # noqa: N818 - said to the client, not a fault here
    """A request that gets no further; the argument is the status."""


class KestrelProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take what uvicorn hands over."""
        super().__init__(*args, **options)
        # Kestrel lets chunks win over a length; the parser would refuse the two together.
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True, lenient_chunked_length=True)
        self._between = True
        """Whether the next byte begins a request."""
        self._held = b""
        """The beginning of a request whose method is not complete yet."""
        self._method: str | None = None
        """The method the parser was not told."""
        self._refusal = BAD_REQUEST
        self._refused = False
        self._header_bytes = 0
        self._in_head = True
        self._head_bytes = 0
        """Bytes that came of a head that is not complete: the parser would wait for its end without limit."""
        self._clock = RequestClock(self._time_out, lambda: not self.flow.read_paused)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, with a method it knows."""
        if self._refused:
            return
        if self._between:
            data = self._held + data
            self._held = b""
            if not data.startswith(_KNOWN_METHODS):
                if b" " not in data[:_METHOD_LIMIT] and len(data) < _METHOD_LIMIT:
                    self._held = data
                    self._time(len(data))
                    return
                data = self._hide_method(data)
            space = data.find(b" ")
            if data[space + 1 : space + 2] == b" ":  # the parser would pass over it
                self._refuse(BAD_REQUEST)
                return
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > LINE_LIMIT + HEADERS_LIMIT and not self._refused:
            self._refuse(HEADERS_TOO_LARGE)
        self._time(len(data))

    def _time(self, size: int) -> None:
        if self._refused or (self._between and not self._held):
            self._clock.stop()
        else:
            self._clock.received(size, in_head=self._in_head)

    def _time_out(self) -> None:
        """End a request that does not come to its end; its function is not called."""
        if not self._in_head and self.cycle.response_started:
            self.transport.close()
            return
        self._refuse(TOO_SLOW)
        if not self._in_head:
            self.cycle.message_event.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the timing."""
        self._clock.stop()
        super().connection_lost(exc)

    def _hide_method(self, data: bytes) -> bytes:
        found = _METHOD.match(data)
        if found is None or found[0] == _CONNECT:
            return data
        self._method = found[0][:-1].decode("ascii")
        return _STAND_IN + data[found.end() :]

    def eof_received(self) -> None:
        """Answer a request that ends in its first word."""
        if self._held and not self._refused:
            self._refuse(BAD_REQUEST)

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._between = False
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target; refuse a line that is too long."""
        super().on_url(url)
        method = self._method or self.parser.get_method()
        if len(method) + len(self.url) + len("  HTTP/1.1\r\n") > LINE_LIMIT:
            self._stop(TARGET_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; refuse too many, or too much of them."""
        self._header_bytes += len(name) + len(value) + len(": \r\n")
        if self._header_bytes > HEADERS_LIMIT or len(self.headers) >= HEADER_COUNT:
            self._stop(HEADERS_TOO_LARGE)
        super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """Check the whole head, then have the application called with the target as ASP.NET sees it."""
        method = self._method or self.parser.get_method().decode("ascii")
        try:
            target = read_target(method, self.url)
            self._check_head(method, target)
        except BadTargetError:
            self._stop(BAD_REQUEST)
        self.url = b"/"  # uvicorn reads another kind of URL in it than Kestrel; its reading is replaced below
        super().on_headers_complete()
        self._in_head = False
        scope = cast("dict[str, Any]", self.scope)
        scope["method"] = method
        scope["path"] = target.path
        scope["raw_path"] = target.url_path.encode()
        scope["query_string"] = target.query.removeprefix("?").encode()
        scope["target"] = target

    def _check_head(self, method: str, target: RequestTarget) -> None:
        version = self.parser.get_http_version()
        if version not in ("1.0", "1.1"):
            self._stop(BAD_REQUEST if version == "0.9" else VERSION_UNKNOWN)  # 0.9: the line names none
        hosts: list[bytes] = []
        length = encoding = None
        for number, (name, value) in enumerate(self.headers):
            if not value.isascii():
                _check_text(value)
            if name == b"host":
                hosts.append(value)
            elif name == b"content-length":
                length = number
            elif name == b"transfer-encoding":
                encoding = value
        _check_host(hosts, target, needed=version == "1.1")
        if encoding is not None:
            if encoding.split(b",")[-1].strip().lower() != b"chunked":
                raise BadTargetError("the last transfer coding is not chunked")
            if length is not None:  # renamed, so nobody takes it for the length of the body
                self.headers[length] = (b"x-content-length", self.headers[length][1])
        elif version == "1.0" and length is None and method in ("POST", "PUT"):
            raise BadTargetError("HTTP/1.0 says how long a body is")

    def on_message_complete(self) -> None:
        """Await the next request."""
        self._between = self._in_head = True
        self._head_bytes = 0
        self._method = None
        super().on_message_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Answer a request that asks for another protocol like any other; what follows it is not HTTP."""
        if self.cycle is not None:
            self.cycle.keep_alive = False
        self._refused = True

    def _stop(self, status: int) -> None:
        """Leave the parser with a refusal."""
        self._refusal = status
        raise Refusal(status)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words are not sent
        """Answer what cannot be parsed, or was refused meanwhile.

        Broken chunks are not: nobody reads them, so the function's own answer goes out, and then the end.
        """
        if self._in_head:
            self._refuse(self._refusal)
            return
        self._refused = True
        self.cycle.keep_alive = self.cycle.more_body = False
        self.cycle.message_event.set()

    def _refuse(self, status: int) -> None:
        self._refused = True
        if self.cycle is not None:  # an earlier request of the connection, whose answer can no longer go out
            self.cycle.disconnected = True
        self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER, self.transport.close)


def _check_text(value: bytes) -> None:
    try:
        value.decode()
    except UnicodeDecodeError:
        raise BadTargetError("a header is UTF-8") from None


def _check_host(hosts: list[bytes], target: RequestTarget, *, needed: bool) -> None:
    """Check that there is one valid Host header, the one a target that names a host itself asks for."""
    if len(hosts) > 1 or (needed and not hosts):
        raise BadTargetError("one Host header is expected")
    for host in hosts:
        if _HOST.fullmatch(host) is None:
            raise BadTargetError("the Host header is not valid")
        if target.authority is not None and host.decode() not in (target.authority, target.default_port):
            raise BadTargetError("the Host header is not the target's")
