"""429: through the function as the app binds it, with handlers that do not come back."""

from __future__ import annotations

import threading

import azure.functions as func
import msgspec
import pytest

from functions.http import responses
from functions.http.concurrency import ConcurrencyLimit
from functions.http.errors import TooManyRequestsError
from functions.http.request import Request


def test_a_place_is_given_back() -> None:
    running = ConcurrencyLimit(1)
    for _ in range(3):
        running.acquire()
        with pytest.raises(TooManyRequestsError, match="1 requests are in progress"):
            running.acquire()
        running.release()


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
