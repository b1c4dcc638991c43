"""HTTP functions over a real connection."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from devhost.errors import DevhostError
from devhost.host_config import HostConfig
from devhost.http.server import function_routes
from devhost.runtime import Function
from tests.conftest import RunApp
from tests.devhost.conftest import EVERY_TRIGGER, own_settings
from tests.support.running_app import RunningApp


def test_a_request_arrives_whole_and_the_answer_leaves_whole(app: RunningApp) -> None:
    answer = httpx.post(
        f"{app.base_url}/api/echo/Bob%20B/-12?a=1&a=2&empty=",
        content="héllo".encode(),
        headers={"X-Test": "yes"},
    )
    reported = answer.json()
    assert answer.status_code == 201
    assert reported["method"] == "POST"
    assert reported["url"] == f"{app.base_url}/api/echo/Bob%20B/-12?a=1&a=2&empty="
    assert reported["route"] == {"name": "Bob B", "number": "-12"}
    assert reported["query"] == {"a": "1,2"}
    assert reported["header"] == "yes"
    assert reported["body"] == "héllo"
    assert reported["function"] == "echo"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers.get_list("set-cookie") == ["a=1; domain=; path=/", "b=2; domain=; path="]


def test_what_a_proxy_says_is_handed_over_and_not_believed(app: RunningApp) -> None:
    headers = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "example.org",
        "X-Forwarded-For": "192.0.2.1",
    }
    assert (
        httpx.get(f"{app.base_url}/api/echo/x", headers=headers).json()["url"] == f"{app.base_url}/api/echo/x"
    )


def test_an_exception_is_500_and_tells_the_caller_nothing(app: RunningApp) -> None:
    answer = httpx.get(f"{app.base_url}/api/fail")
    assert answer.status_code == 500
    assert answer.content == b""
    app.wait_for(r"\[fail [0-9a-f-]{36}\] Failed after \d+ ms: ValueError\('the secret reason'\)")


def test_what_a_function_logs_carries_its_name_and_invocation(app: RunningApp) -> None:
    invocation = httpx.get(f"{app.base_url}/api/echo/log").json()["invocation"]
    app.wait_for(rf"INFO  \[echo {invocation}\] echo speaks")
    app.wait_for(rf"INFO  \[echo {invocation}\] Executed \(Succeeded")


def test_many_at_once_each_get_their_own_answer(app: RunningApp) -> None:
    with httpx.Client(base_url=app.base_url) as client, ThreadPoolExecutor(16) as threads:
        answers = list(
            threads.map(lambda n: client.post("/api/echo/x", content=f"body {n}").json(), range(200))
        )
    assert [answer["body"] for answer in answers] == [f"body {n}" for n in range(200)]
    assert len({answer["invocation"] for answer in answers}) == 200


def test_above_the_limit_of_requests_in_progress_the_answer_is_429(run_app: RunApp) -> None:
    settings = {
        **own_settings("limited"),
        "AzureFunctionsJobHost__extensions__http__maxOutstandingRequests": "1",
    }
    with run_app(EVERY_TRIGGER, settings=settings) as limited, ThreadPoolExecutor(2) as threads:
        url = f"{limited.base_url}/api/slow"
        first = threads.submit(httpx.get, url, params={"seconds": "1.5"})
        time.sleep(0.5)
        refused = httpx.get(url, params={"seconds": "0"})
        assert (refused.status_code, refused.headers["x-function-scaleout"]) == (429, "1")
        assert first.result().status_code == 200


@pytest.mark.parametrize(
    ("routes", "named"),
    [
        ([("f", "/x", None)], ("f", "/x")),
        ([("f", "{a:nonesuch}", None)], ("f", "{a:nonesuch}")),
        ([("f", "admin/x", None)], ("f", "admin/x")),
        ([("f", "RuntimeX", None)], ("f", "RuntimeX")),
        ([("g", "x", ["GET"]), ("f", "X/", ["GET", "POST"])], ("g", "x")),
        ([("g", "x", ["GET"]), ("f", "x", None)], ("g", "x")),
    ],
)
def test_a_route_the_host_would_not_have_is_said(
    routes: list[tuple[str, str, list[str] | None]], named: tuple[str, str]
) -> None:
    with pytest.raises(DevhostError, match=rf"^{named[0]}: .*{re.escape(repr(named[1]))}"):
        function_routes([http_function(*route) for route in routes], HostConfig())


def test_routes_are_tried_in_the_order_of_names() -> None:
    functions = [http_function(name, name, None) for name in ("b", "A", "a_b", "aA")]
    assert [function.name for function, _ in function_routes(functions, HostConfig())] == [
        "A",
        "aA",
        "a_b",
        "b",
    ]


def http_function(name: str, route: str, methods: list[str] | None) -> Function:
    binding = {"name": "req", "type": "httpTrigger", "route": route} | (
        {"methods": methods} if methods else {}
    )
    return Function(name, name, (binding,), False, frozenset())
