"""429: through the function as the app binds it, with handlers that do not come back."""

from __future__ import annotations

import threading

import azure.functions as func
import msgspec
import pytest

from functions.http import request, responses
from functions.http.concurrency import ConcurrencyLimit
from functions.http.errors import TooManyRequestsError
from functions.http.request import Request


def test_a_place_is_given_back() -> None:
    running = ConcurrencyLimit(1)
    for _ in range(3):
        running.acquire()
        with pytest.raises(TooManyRequestsError, match=r"\b1 requests\b.* 1\b"):
            running.acquire()
        running.release()


def test_large_ones_weigh_more_and_one_alone_always_passes() -> None:
    running = ConcurrencyLimit(10, "bytes")
    running.acquire(25)
    with pytest.raises(TooManyRequestsError, match=r"\b25 bytes\b.* 10\b"):
        running.acquire(1)
    running.release(25)
    running.acquire(6)
    running.acquire(4)
    with pytest.raises(TooManyRequestsError):
        running.acquire(1)
    running.release(6)
    running.acquire(5)


def test_a_large_body_counts_until_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    running = ConcurrencyLimit(100_000, "bytes")
    monkeypatch.setattr(request, "bytes_in_progress", lambda: running)
    seen: list[int] = []

    @responses.answering
    def read(asked: Request) -> func.HttpResponse:
        asked.body(("application/json",), 200_000)
        if not seen:
            seen.append(0)
            seen.extend(post(b"1" * size).status_code for size in (70_000, 60_000))
        return responses.json_answer({})

    def post(body: bytes) -> func.HttpResponse:
        return read(func.HttpRequest("POST", "/api/read", body=body))

    for _ in range(3):
        seen.clear()
        assert post(b"1" * 70_000).status_code == 200
        assert seen == [0, 429, 200]  # small ones do not count
    running.acquire(100_000)  # nothing is counted any more


def test_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    running = ConcurrencyLimit(2)
    monkeypatch.setattr(responses, "_limit_of_process", lambda: running)
    inside, go = threading.Barrier(3), threading.Event()

    @responses.answering
    def slow(request: Request) -> func.HttpResponse:
        inside.wait(10)
        go.wait(10)
        return responses.json_answer({})

    def call() -> func.HttpResponse:
        return slow(func.HttpRequest("GET", "/api/slow", body=b""))

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    inside.wait(10)
    refused = call()
    go.set()
    for thread in threads:
        thread.join(10)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert msgspec.json.decode(refused.get_body())["code"] == "too_many_requests"
    running.acquire()
    running.acquire()
