"""A real HTTP server with one file, which can be told to misbehave."""

from __future__ import annotations

import io
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def quarter_zip(days: list[str], rows: int = 300) -> bytes:
    """Return a zip of day CSVs, not compressed, so that its size follows from the rows."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for day in days:
            lines = "".join(f"{day},D{number:06},ST4000DM000,0\n" for number in range(rows))
            archive.writestr(f"data_Q2_2025/{day}.csv", "date,serial_number,model,failure\n" + lines)
        archive.writestr(f"__MACOSX/data_Q2_2025/._{days[0]}.csv", "junk")
    return buffer.getvalue()


@dataclass
class Served:
    """What the server does next, and what it was asked.

    Attributes
    ----------
    content : bytes
    etag, modified : str
        Headers; none when empty.
    statuses : list of int
        Answered instead of the file, one for each request, before anything else.
    cuts : list of int
        Bytes of the body after which the connection is closed, one for each request that gets the file.
    ranges : bool
        Whether ``Range`` is honoured.
    conditional : bool
        Whether ``If-Range`` is.
    asked : list of dict
        The requests' headers, names in lower case.
    """

    content: bytes
    etag: str = '"1"'
    modified: str = ""
    statuses: list[int] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    conditional: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client that hangs up is part of the test
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _handler(served: Served) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            served.asked.append(headers)
            if served.statuses:
                self.send_response(served.statuses.pop(0))
                self.send_header("Retry-After", "7")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            first = self._first_byte(headers)
            body = served.content[first:]
            self._send_headers(first, len(body))
            if served.cuts:
                self.wfile.write(body[: served.cuts.pop(0)])
                self.close_connection = True
                return
            self.wfile.write(body)

        def _first_byte(self, headers: dict[str, str]) -> int:
            if not served.ranges or "range" not in headers:
                return 0
            condition = headers.get("if-range", "")
            if served.conditional and condition and condition not in (served.etag, served.modified):
                return 0
            return int(headers["range"].removeprefix("bytes=").removesuffix("-"))

        def _send_headers(self, first: int, length: int) -> None:
            self.send_response(206 if first else 200)
            if first:
                whole = len(served.content)
                self.send_header("Content-Range", f"bytes {first}-{whole - 1}/{whole}")
            for name, value in (("ETag", served.etag), ("Last-Modified", served.modified)):
                if value:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(length))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    return Handler


@contextmanager
def serve(served: Served) -> Iterator[Served]:
    """Serve on a free port of this machine; `Served.url` is the folder's address."""
    server = _Server(("127.0.0.1", 0), _handler(served))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
