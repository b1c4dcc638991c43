from __future__ import annotations

import azure.functions as func
import pytest

from functions.http import request as module
from functions.http.body import JSON
from functions.http.errors import TooDeepError
from functions.http.openapi_document import PREFIX
from functions.http.request import Exchange, hashed
from functions.settings import read_settings
from tests.support.running_app import PROJECT


def test_what_a_request_says() -> None:
    request = func.HttpRequest(
        "POST",
        "/api/predict",
        headers={"X-Request-Id": "order-66", "Content-Type": "application/json"},
        params={"reasons": "none"},
        route_params={"name": "drivecast"},
        body=b"{}",
    )
    exchange = Exchange(request)
    assert (exchange.request_id, exchange.header("traceparent")) == ("order-66", "")
    assert (exchange.params["reasons"], exchange.route("name"), exchange.route("version")) == (
        "none",
        "drivecast",
        "",
    )
    assert exchange.body((JSON,), 100) == (b"{}", JSON)
    assert exchange.size == 2


def test_headers_are_found_however_they_are_held() -> None:
    class Plain(func.HttpRequest):
        @property
        def headers(self) -> dict[str, str]:
            return {"X-Request-Id": "order-66", "Content-Type": "text/csv"}

    exchange = Exchange(Plain("POST", "/", body=b"a\n"))
    assert (exchange.request_id, exchange.header("Content-Type")) == ("order-66", "text/csv")
    assert exchange.body(("application/json", "text/csv"), 100) == (b"a\n", "text/csv")


def test_the_depth_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = Exchange(func.HttpRequest("POST", "/", body=b"[" * 9 + b"]" * 9))
    exchange.body((JSON,), 100)
    monkeypatch.setattr(module, "settings", lambda: read_settings({"MAX_JSON_DEPTH": "8"}))
    with pytest.raises(TooDeepError, match="nested 9 deep; at most 8"):
        exchange.body((JSON,), 100)


def test_serial_numbers_are_hashed_with_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    first = hashed("Z300AAAA")
    assert hashed("Z300AAAA") == first != hashed("Z300AAAB")
    assert len(first) == 16
    monkeypatch.setattr(module, "settings", lambda: read_settings({"LOG_HASH_KEY": "k" * 100}))
    assert hashed("Z300AAAA") != first


def test_the_documents_prefix_is_the_hosts() -> None:
    assert f'"routePrefix": "{PREFIX.strip("/")}"' in (PROJECT / "host.json").read_text()
