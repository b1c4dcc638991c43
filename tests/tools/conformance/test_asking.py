"""What goes over the wire, and how an answer is read."""

from __future__ import annotations

import gzip
import socket
import threading

import pytest

from tools.conformance.asking import Answer, HostKeys, ask, request_bytes
from tools.conformance.recordings import load

KEYS = HostKeys(function="f-key", master="m-key")


def sent(**request: object) -> bytes:
    return request_bytes("h", 1, {"method": "GET", "target": "/", **request}, KEYS)


def test_a_request_goes_out_as_it_is_written() -> None:
    assert sent(target="/a/../%zz?x=é") == (
        "GET /a/../%zz?x=é HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n\r\n".encode()
    )


def test_keys_take_the_place_of_their_names() -> None:
    data = sent(target="/a?code={FUNCTION}", key="MASTER", headers=[["x-a", "{MASTER}"], ["Host", "other"]])
    assert data.startswith(
        b"GET /a?code=f-key HTTP/1.1\r\nx-a: m-key\r\nHost: other\r\nx-functions-key: m-key\r\n"
    )


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        ({"body": "é"}, "é".encode()),
        ({"body": {"a": 1}, "body_kind": "json"}, b'{"a": 1}'),
        ({"body": "00ff", "body_kind": "hex"}, b"\x00\xff"),
        ({"body": ["x", 3], "body_kind": "repeat"}, b"xxx"),
    ],
)
def test_bodies(request_: dict[str, object], body: bytes) -> None:
    head, _, found = sent(**request_).partition(b"\r\n\r\n")
    assert found == body
    assert f"Content-Length: {len(body)}".encode() in head


def test_a_gzip_body_has_the_recorders_header_and_comes_back() -> None:
    body = sent(body="{}", body_kind="gzip").partition(b"\r\n\r\n")[2]
    assert body[:10].hex() == "1f8b0800000000000203"
    assert gzip.decompress(body) == b"{}"


def test_a_chunked_body() -> None:
    data = sent(method="POST", body="abcd", chunked=True)
    assert data.endswith(b"\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n1\r\nd\r\n0\r\n\r\n")
    assert b"Content-Length" not in data


def answered(raw: bytes) -> Answer:
    """Ask a server that answers with these bytes and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(raw)

        thread = threading.Thread(target=serve)
        thread.start()
        found = ask("127.0.0.1", server.getsockname()[1], {"method": "GET", "target": "/"}, KEYS)
        thread.join()
    return found


def test_an_answer_is_read_without_what_differs_from_run_to_run() -> None:
    raw = b"HTTP/1.1 200 OK\r\nDate: now\r\nX-B: f-key\r\nA: 1\r\nContent-Length: 5\r\n\r\nf-key"
    assert answered(raw) == Answer(200, (("a", "1"), ("x-b", "{FUNCTION}")), "{FUNCTION}")


def test_chunks_and_a_100_before_the_answer() -> None:
    head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 C\r\nTransfer-Encoding: chunked\r\n\r\n"
    raw = head + b"2;x\r\nab\r\n1\r\n\xff\r\n0\r\n\r\n"
    assert answered(raw) == Answer(201, (), "ab\\xff")


def test_long_bodies_are_cut_and_no_answer_is_an_error() -> None:
    raw = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 4000
    assert answered(raw).body == "x" * 300 + "... 4000 bytes"
    assert answered(b"") == Answer(error="empty")


@pytest.mark.parametrize(("name", "count"), [("probe", 238), ("drivecast", 264)])
def test_every_recorded_request_has_an_answer(name: str, count: int) -> None:
    recording = load(name)
    names = [str(request["name"]) for request in recording.requests]
    assert len(names) == len(set(names)) == count
    assert set(names) == set(recording.answers)


def test_differences_are_told_part_by_part() -> None:
    recording = load("probe")
    same = dict(recording.answers)
    assert recording.differences(same) == {}
    same["path: NUL"] = Answer(404, (("x", "1"),), "body")
    assert recording.differences(same) == {
        "path: NUL": [
            "status 404, expected 400",
            "headers (('x', '1'),), expected ()",
            "body 'body', expected ''",
        ]
    }
    same["path: root"] = Answer(200, (("content-type", "text/html"),), "another page")
    assert list(recording.differences(same)) == ["path: NUL"]
