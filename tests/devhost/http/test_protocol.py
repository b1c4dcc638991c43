"""Kestrel's limits and refusals, over a raw socket."""

from __future__ import annotations

import json
import socket

import pytest

from tests.support.running_app import RunningApp


def connect(app: RunningApp) -> socket.socket:
    """Open a connection."""
    connection = socket.create_connection(("127.0.0.1", int(app.base_url.rsplit(":", 1)[1])), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def converse(app: RunningApp, *pieces: bytes) -> bytes:
    """Send pieces of a conversation, then read until the host ends it."""
    got = b""
    with connect(app) as connection:
        for piece in pieces:
            connection.sendall(piece)
        while more := connection.recv(65536):
            got += more
    return got


def ask(app: RunningApp, line: str, *headers: str, body: bytes = b"") -> tuple[int, bytes]:
    lines = [line, *(headers or ("Host: a",)), "Connection: close", "", ""]
    got = converse(app, "\r\n".join(lines).encode() + body)
    head, _, rest = got.partition(b"\r\n\r\n")
    return int(head.split()[1]), rest


def line_of(length: int) -> str:
    """Return a request line of a number of bytes, its end included."""
    return f"GET /api/files/{'a' * (length - len('GET /api/files/ HTTP/1.1') - 2)} HTTP/1.1"


@pytest.mark.parametrize(("length", "status"), [(8192, 200), (8193, 414), (100_000, 414)])
def test_the_longest_request_line(app: RunningApp, length: int, status: int) -> None:
    assert ask(app, line_of(length))[0] == status


@pytest.mark.parametrize(("count", "status"), [(100, 200), (101, 431)])
def test_the_most_headers(app: RunningApp, count: int, status: int) -> None:
    others = [f"x-{number}: 1" for number in range(count - 2)]  # beside Host and Connection
    assert ask(app, "GET /api/files/a HTTP/1.1", "Host: a", *others)[0] == status


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 431), (200_000, 431)])
def test_the_largest_headers(app: RunningApp, more: int, status: int) -> None:
    fixed = len("Host: a\r\nConnection: close\r\nx: \r\n")
    header = f"x: {'a' * (32 * 1024 - fixed + more)}"
    assert ask(app, "GET /api/files/a HTTP/1.1", "Host: a", header)[0] == status


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        ("GET /api/files/a HTTP/1.1", ("X: 1",), 400),
        ("GET /api/files/a HTTP/1.1", ("Host: a", "Host: a"), 400),
        ("GET /api/files/a HTTP/1.1", ("Host: a b",), 400),
        ("GET /api/files/a HTTP/1.1", ("Host: :80",), 400),
        ("GET /api/files/a HTTP/1.1", ("Host: a:x",), 400),
        ("GET /api/files/a HTTP/1.1", ("Host: [::1]:7071",), 200),
        ("GET /api/files/a HTTP/1.1", ("Host:",), 500),
        ("GET /api/files/a HTTP/1.1", ("Host: a:99999",), 500),
        ("GET /api/files/a HTTP/1.1", ("Host: a,b",), 500),
        ("GET /api/files/a HTTP/1.1", ("Host: ..",), 500),
        ("GET /api/files/a HTTP/1.1", ("Host: a_b.example.:65535",), 200),
        ("GET /api/nonesuch HTTP/1.1", ("Host:",), 404),
        ("GET /admin/host/ping HTTP/1.1", ("Host:",), 200),
        ("GET http://a:7071/api/files/a HTTP/1.1", ("Host: a:7071",), 200),
        ("GET http://a/api/files/a HTTP/1.1", ("Host: a:80",), 200),
        ("GET http://a/api/files/a HTTP/1.1", ("Host: b",), 400),
        ("OPTIONS * HTTP/1.1", (), 404),
        ("GET * HTTP/1.1", (), 400),
        ("CONNECT a:80 HTTP/1.1", ("Host: a:80",), 404),
        ("CONNECT a:80 HTTP/1.1", ("Host: b:80",), 400),
        ("GET /%00 HTTP/1.1", (), 400),
        ("GET /é HTTP/1.1", (), 400),
        ("GET  /api/files/a HTTP/1.1", (), 400),
        ("GE(T /api/files/a HTTP/1.1", (), 400),
        ("GET /api/files/a", (), 400),
        ("GET /api/files/a HTTP/2.0", (), 505),
        ("GET /api/files/a HTTP/1.1", ("Host: a", "Bad Name: 1"), 400),
        ("GET /api/files/a HTTP/1.1", ("Host: a", "X: \x01"), 400),
        ("POST /api/files/a HTTP/1.1", ("Host: a", "Transfer-Encoding: gzip"), 400),
        ("POST /api/files/a HTTP/1.1", ("Host: a", "Content-Length: x"), 400),
        ("POST /api/files/a HTTP/1.0", ("Host: a",), 400),
        ("GET /api/files/a HTTP/1.0", ("Host: a",), 200),
        ("fOO-1 /api/files/a HTTP/1.1", (), 200),
    ],
)
def test_what_is_refused(app: RunningApp, line: str, headers: tuple[str, ...], status: int) -> None:
    answered, body = ask(app, line, *headers)
    assert answered == status
    if status != 200:
        assert body == b""


def test_a_header_that_is_not_utf_8_is_refused(app: RunningApp) -> None:
    got = converse(app, b"GET /api/files/a HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 400 ")


def test_broken_chunks_are_nobodys_and_the_function_answers(app: RunningApp) -> None:
    headers = ("Host: a", "Transfer-Encoding: chunked")
    status, body = ask(app, "POST /api/echo/x HTTP/1.1", *headers, body=b"zz\r\nab")
    assert status == 201
    assert json.loads(body)["body"] == ""


def test_chunks_win_over_a_length(app: RunningApp) -> None:
    headers = ("Host: a", "Content-Length: 2", "Transfer-Encoding: chunked")
    status, body = ask(app, "POST /api/echo/x HTTP/1.1", *headers, body=b"2\r\nab\r\n0\r\n\r\n")
    assert status == 201
    assert json.loads(body)["body"] == ""


def test_requests_follow_each_other_and_arrive_in_pieces(app: RunningApp) -> None:
    request = b"LOOK /api/files/%s HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /api/files/c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    got = converse(
        app, *(bytes([byte]) for byte in request % b"a"), request.replace(b"LOOK", b"GET") % b"b" + last
    )
    assert [piece[-1:] for piece in got.split(b"HTTP/1.1 200 OK")[1:]] == [b"a", b"b", b"c"]


def test_a_head_without_end_is_refused(app: RunningApp) -> None:
    got = converse(app, b"GET /api/files/a HTTP/1.1\r\nx: ", *[b"a" * 10_000] * 6)
    assert got.startswith(b"HTTP/1.1 431 ")


def test_a_refusal_says_only_its_status(app: RunningApp) -> None:
    got = converse(app, b"GET /api/%00 HTTP/1.1\r\nHost: a\r\n\r\n")
    assert got == b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
