"""CORS by the host's settings: what ASP.NET's CorsService adds, over a real connection."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from devhost.errors import DevhostError
from devhost.http.cors import CREDENTIALS, ENABLED, ORIGINS, Cors, read_cors
from tests.conftest import RunApp
from tests.devhost.conftest import EVERY_TRIGGER, own_settings
from tests.support.running_app import RunningApp

HERE, THERE = "https://dashboard.example.com", "http://localhost:5173"
PREFLIGHT = {"Origin": HERE, "Access-Control-Request-Method": "PUT"}


@pytest.fixture(scope="module")
def shared(run_app: RunApp) -> Iterator[RunningApp]:
    """An app that asks for keys and lets pages of two origins read."""
    settings = {
        **own_settings("cors"),
        "DEVHOST_FUNCTION_KEY": "k",
        ENABLED: "1",
        ORIGINS: f'["{HERE.upper()}", "{THERE}"]',
    }
    with run_app(EVERY_TRIGGER, settings=settings, options=("--no-azurite", "--no-blob-watch")) as running:
        yield running


def access(answer: httpx.Response) -> dict[str, str]:
    """Return the headers that CORS is about."""
    return {name: value for name, value in answer.headers.items() if name.startswith(("access-", "vary"))}


def test_a_preflight_needs_no_key_and_reaches_no_function(shared: RunningApp) -> None:
    asked = {**PREFLIGHT, "Access-Control-Request-Headers": "content-type, x-functions-key"}
    answer = httpx.options(f"{shared.base_url}/api/echo/x", headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert access(answer) == {
        "access-control-allow-origin": HERE,
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "content-type,x-functions-key",
        "vary": "Origin",
    }


@pytest.mark.parametrize(
    ("path", "status"), [("api/echo/x", 201), ("api/fail?code=k", 500), ("api/fail", 401), ("api/x", 404)]
)
def test_an_answer_may_be_read_whatever_its_status(shared: RunningApp, path: str, status: int) -> None:
    answer = httpx.get(f"{shared.base_url}/{path}", headers={"Origin": THERE})
    assert answer.status_code == status
    assert access(answer) == {"access-control-allow-origin": THERE, "vary": "Origin"}


@pytest.mark.parametrize("origin", ["https://elsewhere.example.com", f"{HERE}:8443", "null", ""])
def test_another_origin_gets_an_answer_without_headers(shared: RunningApp, origin: str) -> None:
    answer = httpx.get(f"{shared.base_url}/api/echo/x", headers={"Origin": origin})
    assert (answer.status_code, access(answer)) == (201, {})
    answer = httpx.options(f"{shared.base_url}/api/echo/x", headers={**PREFLIGHT, "Origin": origin})
    assert (answer.status_code, access(answer)) == (204, {})


def test_without_an_origin_nothing_is_added(shared: RunningApp) -> None:
    answer = httpx.get(f"{shared.base_url}/api/echo/x")
    assert (answer.status_code, access(answer)) == (201, {})


def test_off_by_default(app: RunningApp) -> None:
    answer = httpx.get(f"{app.base_url}/api/echo/x", headers={"Origin": HERE})
    assert (answer.status_code, access(answer)) == (201, {})


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, None),
        ({ORIGINS: '["*"]'}, None),
        ({ENABLED: "true", ORIGINS: '["*"]'}, None),
        ({ENABLED: "1"}, Cors((), credentials=False)),
        ({ENABLED: "1", ORIGINS: '["*"]'}, Cors(("*",), credentials=False)),
        ({ENABLED: "1", ORIGINS: f'["{HERE}"]', CREDENTIALS: "True"}, Cors((HERE,), credentials=True)),
    ],
)
def test_the_hosts_settings(given: dict[str, str], found: Cors | None) -> None:
    assert read_cors(given) == found


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({ORIGINS: HERE}, ORIGINS),
        ({ORIGINS: f'{{"origin": "{HERE}"}}'}, ORIGINS),
        ({ORIGINS: "[1]"}, ORIGINS),
        ({ORIGINS: '["*"]', CREDENTIALS: "yes"}, CREDENTIALS),
        ({ORIGINS: '["*"]', CREDENTIALS: "true"}, CREDENTIALS),
    ],
)
def test_what_the_host_would_not_start_with(given: dict[str, str], named: str) -> None:
    with pytest.raises(DevhostError, match=named):
        read_cors({ENABLED: "1", **given})


def test_every_origin_and_credentials() -> None:
    request = {b"origin": b"https://a.example"}
    assert Cors(("*",), credentials=False).headers(request, preflight=False) == [
        (b"access-control-allow-origin", b"*")
    ]
    assert Cors(("https://a.example",), credentials=True).headers(request, preflight=False) == [
        (b"access-control-allow-origin", b"https://a.example"),
        (b"access-control-allow-credentials", b"true"),
    ]
