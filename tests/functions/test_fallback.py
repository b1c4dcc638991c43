"""Unknown paths and methods on the running app."""

import httpx
import pytest


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/predict", "/Predict/batch", "/v2/models/drivecast/infer"])
def test_other_methods(http: httpx.Client, method: str, path: str) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    document = answer.json()
    assert document["code"] == "method_not_allowed"
    assert f"takes POST, not {method}" in document["detail"]
    assert http.post("/health").headers["allow"] == "GET"


@pytest.mark.parametrize("path", ["/nothing", "/predict/x", "/v2/models", "/v2/models/drivecast/x"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_paths(http: httpx.Client, path: str, method: str) -> None:
    answer = http.request(method, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"
    assert answer.headers["x-request-id"]
