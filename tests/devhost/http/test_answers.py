"""Functions' answers as the host writes them."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie
from types import SimpleNamespace

import pytest
from starlette.types import Message

from devhost.http.answers import FAILED, respond, to_answer
from devhost.http.cookies import write_cookie
from devhost.runtime import InvocationOutcome

PLAIN = [(b"content-type", b"text/plain; charset=utf-8")]


def datum(value: object, kind: str = "string") -> SimpleNamespace:
    return SimpleNamespace(value=value, type=kind)


def http(status: str = "200", body: bytes = b"x", headers: dict[str, str] | None = None) -> InvocationOutcome:
    fields = {
        "status_code": datum(status),
        "headers": {name: datum(value) for name, value in (headers or {}).items()},
        "body": datum(body, "bytes"),
        "cookies": None,
    }
    return InvocationOutcome(value=datum(fields, "http"))


def test_an_answer_of_the_function_leaves_as_it_is() -> None:
    assert to_answer(http("418", b"\x00\xff", {"X-Probe": "1"})) == (418, [(b"x-probe", b"1")], b"\x00\xff")


@pytest.mark.parametrize("status", ["204", "205", "304"])
def test_some_statuses_have_no_body(status: str) -> None:
    assert to_answer(http(status, b"body", {"a": "b"})) == (int(status), [(b"a", b"b")], b"")


@pytest.mark.parametrize(
    ("status", "found"), [("600", 600), ("999", 999), ("0", 500), ("1000", 500), ("101", 500)]
)
def test_statuses_no_client_reads_fail(status: str, found: int) -> None:
    assert to_answer(http(status))[0] == found


@pytest.mark.parametrize("headers", [{"x": "é"}, {"x": "a\tb"}, {"x": "a\nb"}, {"x y": "1"}, {"": "1"}])
def test_a_header_kestrel_refuses_is_500(headers: dict[str, str]) -> None:
    assert to_answer(http(headers=headers)) == FAILED


def test_of_two_spellings_of_a_header_the_first_counts() -> None:
    assert to_answer(http(headers={"X-A": "1", "x-a": "2"}))[1] == [(b"x-a", b"1")]


def test_a_failure_and_nothing() -> None:
    assert to_answer(InvocationOutcome(error="ValueError()")) == FAILED
    assert to_answer(InvocationOutcome()) == (204, [], b"")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("a string", (200, PLAIN, b"a string")),
        ("{broken", (200, PLAIN, b"{broken")),
        ('"quoted"', (200, PLAIN, b"quoted")),
        ("true", (200, PLAIN, b"True")),
        ("12", (200, PLAIN, b"12")),
        ("1.0", (200, PLAIN, b"1")),
        ("null", (200, PLAIN, b"")),
        ('{"a":1}', (200, PLAIN, b'{\n  "a": 1\n}')),
        ("NaN", (200, PLAIN, b"NaN")),
        ("[1,2]", (200, PLAIN, b"[\n  1,\n  2\n]")),
        ('{"body":"x","status":404}', (404, PLAIN, b"x")),
        ('{"Body":{"a":1},"statusCode":"201"}', (201, PLAIN, b'{"a":1}')),
        (
            '{"body":"x","headers":{"Content-Type":"text/html","x-a":1}}',
            (200, [(b"content-type", b"text/html"), (b"x-a", b"1")], b"x"),
        ),
        ('{"body":"x","status":204}', (204, PLAIN, b"")),
        ('{"body":"x","headers":{"x":"é"}}', FAILED),
    ],
)
def test_a_text_is_read_as_json_where_it_can_be(text: str, answer: tuple[object, ...]) -> None:
    assert to_answer(InvocationOutcome(value=datum(text))) == answer


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("a=1", "a=1; domain=; path="),
        ("a=1; Path=/X; Domain=example.org", "a=1; domain=example.org; path=/X"),
        (
            "a=1; Path=/; HttpOnly; Secure; SameSite=Strict",
            "a=1; domain=; path=/; secure; samesite=strict; httponly",
        ),
        ("a=1; SameSite=None", "a=1; domain=; path=; samesite=none"),
        ("a=1; SameSite=odd", "a=1; domain=; path="),
        ("a=1; Max-Age=60", "a=1; max-age=60; domain=; path="),
        (
            "a=1; Expires=Sun, 06 Nov 2026 08:49:37 GMT",
            "a=1; expires=Fri, 06 Nov 2026 08:49:37 GMT; domain=; path=",
        ),
        ('a="b c/d"', "a=b%20c%2Fd; domain=; path="),
    ],
)
def test_a_cookie_is_written_anew(given: str, written: str) -> None:
    ((name, cookie),) = SimpleCookie(given).items()
    assert write_cookie(name, cookie) == written


@pytest.mark.parametrize("given", ["a=1; Max-Age=-1", "a=1; Max-Age=soon", "a=1; Expires=tomorrow"])
def test_a_cookie_that_cannot_be_read_fails_the_answer(given: str) -> None:
    outcome = http()
    outcome.value.value["cookies"] = [SimpleCookie(given)]
    assert to_answer(outcome) == FAILED


def sent(*answer: object) -> tuple[int, dict[bytes, bytes], bytes]:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    asyncio.run(respond(send, *answer))  # type: ignore[arg-type]
    return messages[0]["status"], dict(messages[0]["headers"]), messages[1]["body"]


def test_the_length_is_written_and_a_wrong_one_fails() -> None:
    assert sent(200, [], b"abc") == (200, {b"content-length": b"3"}, b"abc")
    assert sent(204, [], b"") == (204, {}, b"")
    assert sent(200, [(b"content-length", b"3")], b"abc") == (200, {b"content-length": b"3"}, b"abc")
    assert sent(200, [(b"content-length", b"9")], b"abc") == (500, {b"content-length": b"0"}, b"")
