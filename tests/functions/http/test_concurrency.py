"""429: through the function as the app binds it, with handlers that do not come back."""

from __future__ import annotations

import threading

import azure.functions as func
import msgspec
import pytest

from functions.http import responses
from functions.http.concurrency import Places
from functions.http.errors import TooManyRequestsError
from functions.http.request import Exchange


def test_a_place_is_given_back() -> None:
    places = Places(1)
    for _ in range(3):
        places.take()
        with pytest.raises(TooManyRequestsError, match="1 requests are in progress"):
            places.take()
        places.give_back()


def test_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places(2)
    monkeypatch.setattr(responses, "_places", lambda: places)
    inside, go = threading.Barrier(3), threading.Event()

    @responses.answering
    def slow(exchange: Exchange) -> func.HttpResponse:
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
    places.take()
    places.take()
