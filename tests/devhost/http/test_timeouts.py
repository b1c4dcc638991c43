"""Requests that begin and do not end: when Kestrel gives up, and what it answers; no function is called."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from devhost.http import timeouts
from devhost.http.timeouts import RequestClock
from tests.devhost.http.test_protocol import connect, converse
from tests.support.running_app import RunningApp
from tests.support.waiting import wait_until

HEAD = b"POST /api/echo/x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


def test_a_body_that_stays_away_is_408(app: RunningApp) -> None:
    began = time.monotonic()
    got = converse(app, HEAD % 1000 + b"ab")
    assert got == b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    assert timeouts.BODY_GRACE_SECONDS < time.monotonic() - began < 20


def test_a_body_that_is_slow_but_comes_is_taken(app: RunningApp) -> None:
    """More than the rate for longer than the grace."""
    pieces = [b"x" * 400] * 7
    with connect(app) as connection:
        connection.sendall(HEAD.replace(b"Host: a", b"Host: a\r\nConnection: close") % sum(map(len, pieces)))
        for piece in pieces:
            time.sleep(1)
            connection.sendall(piece)
        got = b""
        while more := connection.recv(65536):
            got += more
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 201 ")
    assert len(json.loads(body)["body"]) == 2800


def test_an_answer_that_was_given_without_the_body_is_not_followed_by_another(app: RunningApp) -> None:
    got = converse(app, HEAD.replace(b"/api/echo/x", b"/api/nonesuch") % 1000 + b"ab")
    assert got.startswith(b"HTTP/1.1 404 ")
    assert got.count(b"HTTP/1.1 ") == 1


def test_a_client_that_leaves_does_not_have_the_function_called(app: RunningApp) -> None:
    """A part of a body is no body."""
    calls = app.output.count("echo speaks")
    with connect(app) as connection:
        connection.sendall(HEAD % 1000 + b"ab")
        time.sleep(0.5)
    with connect(app) as connection:
        connection.sendall(HEAD % 2 + b"ab")
        assert connection.recv(65536).startswith(b"HTTP/1.1 201 ")
    wait_until(lambda: app.output.count("echo speaks") > calls)
    time.sleep(1)  # a call of the one that left would have begun before
    assert app.output.count("echo speaks") == calls + 1


@pytest.mark.parametrize(
    ("in_head", "size", "reads", "over"),
    [
        (True, 1, True, True),
        (True, 1_000_000, True, True),
        (False, 0, True, True),
        (False, 1_000_000, True, False),
        (False, 0, False, False),
    ],
)
def test_what_the_clock_waits_for(
    monkeypatch: pytest.MonkeyPatch, in_head: bool, size: int, reads: bool, over: bool
) -> None:
    """A head has a time, however much comes; a body a rate, while the host takes what comes."""
    for name, scale in (("HEAD_SECONDS", 0.01), ("BODY_GRACE_SECONDS", 0.01), ("TICK_SECONDS", 0.01)):
        monkeypatch.setattr(timeouts, name, getattr(timeouts, name) * scale)
    given_up: list[bool] = []

    async def wait() -> None:
        clock = RequestClock(lambda: given_up.append(True), lambda: reads)
        clock.received(size, in_head=in_head)
        await asyncio.sleep(1)
        clock.stop()

    asyncio.run(wait())
    assert given_up == [True] * over


def test_a_complete_request_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "HEAD_SECONDS", 0.01)
    monkeypatch.setattr(timeouts, "TICK_SECONDS", 0.01)
    given_up: list[bool] = []

    async def wait() -> None:
        clock = RequestClock(lambda: given_up.append(True), lambda: True)
        clock.received(1, in_head=True)
        clock.stop()
        await asyncio.sleep(0.1)

    asyncio.run(wait())
    assert given_up == []
