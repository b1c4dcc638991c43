"""Unknown paths and methods on the running app."""

import re

import azure.functions as func
import httpx
import pytest

from functions.blueprints import operations as endpoints
from functions.blueprints import wildcard

METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY"]


def refused(answer: httpx.Response, path: str, method: str, allow: str) -> None:
    assert (answer.status_code, answer.headers.get("allow")) == (405, allow), f"{method} {path}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"]
    if method == "HEAD":
        return
    document = answer.json()
    assert document["code"] == "method_not_allowed"
    named = r"\b.*\b".join([*allow.split(", "), method])
    assert re.search(rf"{re.escape(path)} .*\b{named}\b", document["detail"])


def test_every_endpoint_with_every_other_method(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        allow = sorted(
            {method.upper() for method in operations} | ({"HEAD"} if "get" in operations else set())
        )
        for method in METHODS:
            if method not in allow:
                refused(http.request(method, path), path, method, ", ".join(allow))


def test_head_is_get_without_the_body(http: httpx.Client) -> None:
    """As probes ask; the length is that of the body that is left out."""
    paths = [*http.get("/openapi.json").json()["paths"], "/", "/pages/docs.js", "/v2/models/nothing"]
    for path in paths:
        got = http.get(path)
        if got.status_code == 405:
            continue
        answer = http.head(path)
        assert (answer.status_code, answer.content) == (got.status_code, b""), path
        assert int(answer.headers["content-length"]) > 0, path
        same = ("content-type", "etag", "cache-control")
        assert [answer.headers.get(name) for name in same] == [got.headers.get(name) for name in same], path


@pytest.mark.parametrize("path", ["/", "", "/pages/docs.js", "/Predict/batch", "/v2/models/drivecast/infer/"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_paths(http: httpx.Client, method: str, path: str) -> None:
    allow = "POST" if "Predict" in path or "infer" in path else "GET, HEAD"
    # httpx puts a slash between base and path
    answer = http.request(method, f"{str(http.base_url).rstrip('/')}{path}")
    refused(answer, path.rstrip("/"), method, allow)


def test_what_the_home_page_does_not_take(http: httpx.Client) -> None:
    document = http.post("/", json={}).json()
    assert re.match(r"/ .*\bGET\b.*\bPOST\b", document["detail"])


def test_a_path_that_the_method_would_take_is_unknown() -> None:
    """`//model`, where a host lets it through: it does not take GET for being GET."""
    assert endpoints.model.__name__ == "model"  # it is known by importing it
    asked_by_host = wildcard.wildcard._function.get_user_function()

    def ask(method: str, path: str) -> int:
        request = func.HttpRequest(method, f"/api/{path}", route_params={"path": path}, body=b"")
        return int(asked_by_host(request).status_code)

    for path in ("/model", "//model", "model//"):
        assert ask("GET", path) == 404
        assert ask("POST", path) == 405


@pytest.mark.parametrize("path", ["/nothing", "/predict/x", "/v2/models", "/v2/models/drivecast/x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_paths(http: httpx.Client, path: str, method: str) -> None:
    answer = http.request(method, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"
    assert answer.headers["x-request-id"]
