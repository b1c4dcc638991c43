from __future__ import annotations

import azure.functions as func
import pytest

from functions.errors import BrokenJsonError
from functions.http import request as module
from functions.http.body import JSON
from functions.http.errors import LengthRequiredError, TooDeepError
from functions.http.openapi_document import PREFIX
from functions.http.request import Request, hash_serial
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
    read = Request(request)
    assert (read.request_id, read.header("traceparent")) == ("order-66", "")
    assert (read.params["reasons"], read.route("name"), read.route("version")) == (
        "none",
        "drivecast",
        "",
    )
    assert read.body((JSON,), 100) == (b"{}", JSON)
    assert read.size == 2


def test_headers_are_found_however_they_are_held() -> None:
    class Plain(func.HttpRequest):
        @property
        def headers(self) -> dict[str, str]:
            return {"X-Request-Id": "order-66", "Content-Type": "text/csv"}

    request = Request(Plain("POST", "/", body=b"a\n"))
    assert (request.request_id, request.header("Content-Type")) == ("order-66", "text/csv")
    assert request.body(("application/json", "text/csv"), 100) == (b"a\n", "text/csv")


def test_a_header_of_another_protocol_skips_no_check() -> None:
    """Infer alone checks by itself, as bytes may follow its JSON."""
    headers = {"inference-header-content-length": "0"}
    request = Request(func.HttpRequest("POST", "/", headers=headers, body=b'"\xff"'))
    with pytest.raises(BrokenJsonError, match="UTF-8"):
        request.body((JSON,), 100)
    assert request.body((JSON,), 100, mixed=True) == (b'"\xff"', JSON)


def test_the_depth_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    request = Request(func.HttpRequest("POST", "/", body=b"[" * 9 + b"]" * 9))
    request.body((JSON,), 100)
    monkeypatch.setattr(module, "settings", lambda: read_settings({"MAX_JSON_DEPTH": "8"}))
    with pytest.raises(TooDeepError, match=r"\b9\b.*\b8\b"):
        request.body((JSON,), 100)


def test_serial_numbers_are_hashed_with_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    first = hash_serial("Z300AAAA")
    assert hash_serial("Z300AAAA") == first != hash_serial("Z300AAAB")
    assert len(first) == 16
    monkeypatch.setattr(module, "settings", lambda: read_settings({"LOG_HASH_KEY": "k" * 100}))
    assert hash_serial("Z300AAAA") != first


def test_the_documents_prefix_is_the_hosts() -> None:
    assert f'"routePrefix": "{PREFIX.strip("/")}"' in (PROJECT / "host.json").read_text()


@pytest.mark.parametrize("encoding", ["chunked", "Chunked", "gzip, chunked"])
@pytest.mark.parametrize("more", [{}, {"Content-Encoding": "gzip"}, {"Content-Type": "text/plain"}])
def test_a_body_in_chunks_that_did_not_arrive(encoding: str, more: dict[str, str]) -> None:
    headers = {"Transfer-Encoding": encoding, **more}
    with pytest.raises(LengthRequiredError, match="LoadIntoBufferAsync") as caught:
        Request(func.HttpRequest("POST", "/api/predict", headers=headers, body=b"")).body((JSON,), 100)
    assert (caught.value.status, caught.value.code) == (411, "length_required")


def test_a_body_in_chunks_that_arrived() -> None:
    """As other hosts hand it over, and devhost once did."""
    headers = {"Transfer-Encoding": "chunked"}
    request = func.HttpRequest("POST", "/api/predict", headers=headers, body=b"{}")
    assert Request(request).body((JSON,), 100) == (b"{}", JSON)
