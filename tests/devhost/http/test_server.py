"""HTTP functions over a real connection."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.running_app import RunningApp


def test_a_request_arrives_whole_and_the_answer_leaves_whole(app: RunningApp) -> None:
    answer = httpx.post(
        f"{app.base_url}/api/echo/Bob%20B/-12?a=1&a=2&empty=",
        content="héllo".encode(),
        headers={"X-Test": "yes"},
    )
    told = answer.json()
    assert answer.status_code == 201
    assert told["method"] == "POST"
    assert told["url"] == f"{app.base_url}/api/echo/Bob%20B/-12?a=1&a=2&empty="
    assert told["route"] == {"name": "Bob B", "number": "-12"}
    assert told["query"] == {"a": "1,2", "empty": ""}
    assert told["header"] == "yes"
    assert told["body"] == "héllo"
    assert told["function"] == "echo"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]


def test_an_optional_parameter_may_be_left_out(app: RunningApp) -> None:
    assert httpx.get(f"{app.base_url}/api/echo/x").json()["route"] == {"name": "x"}


@pytest.mark.parametrize("path", ["/api/echo/x/notanumber", "/api/nonesuch", "/echo/x", "/api/echo"])
def test_an_unknown_path_is_404(app: RunningApp, path: str) -> None:
    assert httpx.get(app.base_url + path).status_code == 404


def test_a_method_the_route_does_not_have_is_405(app: RunningApp) -> None:
    answer = httpx.delete(f"{app.base_url}/api/echo/x")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST"}


def test_head_is_not_added_to_get(app: RunningApp) -> None:
    assert httpx.head(f"{app.base_url}/api/fail").status_code == 405


def test_an_exception_is_500_and_tells_the_caller_nothing(app: RunningApp) -> None:
    answer = httpx.get(f"{app.base_url}/api/fail")
    assert answer.status_code == 500
    assert answer.content == b""
    app.wait_for(r"\[fail [0-9a-f-]{36}\] Failed after \d+ ms: ValueError\('the secret reason'\)")


def test_an_async_function_and_a_catch_all(app: RunningApp) -> None:
    assert httpx.get(f"{app.base_url}/api/files/a/b%2Fc/d.txt").text == "a/b/c/d.txt"
    assert httpx.get(f"{app.base_url}/api/files").text == ""


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


def test_a_large_body_arrives(app: RunningApp) -> None:
    body = "x" * 3_000_000
    assert httpx.post(f"{app.base_url}/api/echo/big", content=body).json()["body"] == body


def test_the_host_says_it_runs(app: RunningApp) -> None:
    assert httpx.get(f"{app.base_url}/admin/host/status").json()["state"] == "Running"
    assert "development only" in httpx.get(app.base_url).text
