"""The host's own pages, beyond what was recorded."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import RunApp
from tests.devhost.conftest import EVERY_TRIGGER, Calls, own_settings
from tests.support.running_app import RunningApp, RunningAzurite

KEYS = {"DEVHOST_FUNCTION_KEY": "f", "DEVHOST_MASTER_KEY": "m", "DEVHOST_SYSTEM_KEY": "s"}


@pytest.fixture(scope="module")
def keyed(run_app: RunApp) -> Iterator[RunningApp]:
    settings = {**own_settings("pages"), **KEYS, "AzureWebJobsDisableHomepage": "True"}
    with run_app(EVERY_TRIGGER, settings=settings) as running:
        yield running


def statuses(app: RunningApp, method: str, path: str, **options: object) -> list[int]:
    """Statuses without a key, with a wrong one, the function key, the system key and the master key."""
    return [
        httpx.request(
            method,
            app.base_url + path,
            headers={"x-functions-key": key} if key else {},
            **options,  # type: ignore[arg-type]
        ).status_code
        for key in (None, "wrong", "f", "s", "m")
    ]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/ADMIN/Host/Status/", [401, 401, 403, 403, 200]),
        ("POST", "/admin/host/status", [404, 404, 404, 404, 404]),
        ("GET", "/admin/functions/ECHO", [401, 401, 403, 403, 200]),
        ("GET", "/admin/functions/echo/status", [401, 401, 403, 403, 200]),
        ("GET", "/admin/functions/nonesuch/status", [401, 401, 403, 403, 404]),
        ("GET", "/admin/functions/echo/keys", [401, 401, 403, 403, 501]),
        ("GET", "/admin/functions/download", [401, 401, 403, 403, 501]),
        ("GET", "/admin/host/systemkeys", [401, 401, 403, 403, 501]),
        ("PUT", "/admin/host/keys/default", [401, 401, 403, 403, 501]),
        ("GET", "/admin/host/other", [404, 404, 404, 404, 404]),
        ("POST", "/admin/host/ping", [200, 200, 200, 200, 200]),
        ("GET", "/admin/instance/http-health", [200, 200, 200, 200, 200]),
        ("GET", "/runtime/webhooks/blobs/more", [401, 401, 403, 400, 400]),
        ("GET", "/runtime/webhooks/queues", [401, 401, 403, 403, 404]),
        ("PATCH", "/runtime/webhooks/blobs", [404, 404, 404, 404, 404]),
        ("HEAD", "/runtime/webhooks/blobs", [404, 404, 404, 404, 404]),
        ("OPTIONS", "/runtime/webhooks/blobs", [401, 401, 403, 200, 200]),
    ],
)
def test_a_page_and_its_keys(keyed: RunningApp, method: str, path: str, expected: list[int]) -> None:
    assert statuses(keyed, method, path) == expected


def test_a_refusal_says_how_to_sign_in_and_nothing_else(keyed: RunningApp) -> None:
    refused = httpx.get(f"{keyed.base_url}/admin/host/status")
    assert (refused.headers["www-authenticate"], refused.content) == ("Bearer", b"")
    refused = httpx.post(f"{keyed.base_url}/api/files/a", content=b"x" * 100_000)
    assert (refused.status_code, refused.content) == (401, b"")


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_without_a_home_page_the_root_is_an_empty_204(keyed: RunningApp, method: str) -> None:
    answer = httpx.request(method, keyed.base_url)
    assert (answer.status_code, answer.content) == (204, b"")


def test_the_home_page_says_what_this_is(app: RunningApp) -> None:
    home = httpx.get(app.base_url)
    assert "development only" in home.text
    assert home.headers["content-type"] == "text/html"


def test_the_host_says_it_runs(app: RunningApp) -> None:
    assert httpx.get(f"{app.base_url}/admin/host/status").json()["state"] == "Running"


def test_a_queue_function_is_started_by_hand(keyed: RunningApp, azurite: RunningAzurite) -> None:
    url = f"{keyed.base_url}/admin/functions/on_order"
    answer = httpx.post(url, json={"input": "by hand"}, headers={"x-functions-key": "m"})
    assert (answer.status_code, answer.content) == (202, b"")
    (call,) = Calls(azurite, "pages-calls").settled("on_order", 1, body="by hand")
    assert call["dequeue_count"] is None


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"{", "application/json", 400),
        (b"null", "application/json", 400),
        (b"", "application/json", 400),
        (b"{}", "application/x+json; charset=utf-8", 202),
    ],
)
def test_what_cannot_start_a_function(keyed: RunningApp, content: bytes, media: str, status: int) -> None:
    url = f"{keyed.base_url}/admin/functions/echo"
    headers = {"x-functions-key": "m", "content-type": media}
    assert httpx.post(url, content=content, headers=headers).status_code == status
