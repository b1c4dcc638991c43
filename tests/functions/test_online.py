"""POST /api/predict on the running app."""

from typing import Any

import httpx
import pytest

from tests.functions.conftest import MAX_BODY_BYTES
from tests.support.drives import WORN, faults, record


def refused(http: httpx.Client, status: int, code: str, **request: Any) -> dict[str, Any]:
    answer = http.post("/predict", **request)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["code"] == code
    assert document["type"] == f"urn:drivecast:problem:{code}"
    assert document["title"]
    return document


def test_a_forecast(http: httpx.Client) -> None:
    history = [{"date": "2014-01-18", "smart_187_raw": 2, "smart_5_raw": 48, "smart_197_raw": 0}]
    answer = http.post(
        "/predict", json=record(**WORN, capacity_bytes=4000787030016, failure=0, history=history)
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    found = answer.json()
    reasons = found.pop("reasons")
    assert 0.5 < found.pop("probability") < 1
    assert found == {
        "serial_number": "Z300AAAA",
        "model": "ST4000DM000",
        "date": "2014-01-25",
        "horizon_days": 30,
        "risk": "critical",
        "advice": "Move its data off now and replace it.",
        "history_days": [7],
        "model_version": "v2",
    }
    (reported,) = [reason for reason in reasons if reason["attribute"] == 187]
    assert reported.pop("contribution") > 0.05
    assert reported == {
        "attribute": 187,
        "name": "Reported Uncorrectable Errors",
        "value": 30.0,
        "change": 28.0,
        "change_days": 7,
        "sentence": "Uncorrectable errors reported to the host rose from 2 to 30 in 7 days",
    }


def test_too_little_to_go_on(http: httpx.Client) -> None:
    answer = http.post("/predict", json=record()).json()
    assert (answer["risk"], answer["history_days"]) == ("unknown", [])


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_an_empty_body(http: httpx.Client, body: bytes) -> None:
    assert "send a JSON object" in refused(http, 400, "empty_body", content=body)["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "The body is not JSON: "),
        (b'{"date": NaN}', "The body is not JSON: "),
        (b'{"date": "\xff"}', "The body is not JSON: "),
        (b'{"smart_5_raw": 1e400}', "The body is not JSON: "),
        (b"[" * 15_000, "The body is not JSON: "),
        (b"[]", "The body is a list of 0; a JSON object"),
        (b"null", "The body is nothing; a JSON object"),
        (b'"x"', "The body is 'x'; a JSON object"),
    ],
)
def test_broken_json(http: httpx.Client, body: bytes, said: str) -> None:
    assert refused(http, 400, "broken_json", content=body)["detail"].startswith(said)


def test_faulty_fields(http: httpx.Client) -> None:
    document = refused(
        http,
        422,
        "invalid_telemetry",
        json=record(date="25.01.2014", smart_5_raw=-1, history=[{"date": "2014-01-18", "smart_9_raw": "x"}]),
    )
    assert faults(document) == {
        "date": "'25.01.2014'",
        "smart_5_raw": "-1",
        "history[0].smart_9_raw": "'x'",
    }
    assert document["errors"][0]["expected"] == "a date as YYYY-MM-DD from 2000-01-01 to 2099-12-31"


def test_the_limit_of_a_body(http: httpx.Client) -> None:
    body = b'{"a": "' + b"x" * (MAX_BODY_BYTES - 9) + b'"}'
    assert len(body) == MAX_BODY_BYTES
    refused(http, 422, "invalid_telemetry", content=body)
    assert (
        f"at most {MAX_BODY_BYTES} are accepted"
        in refused(http, 413, "body_too_large", content=body + b" ")["detail"]
    )


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods(http: httpx.Client, method: str) -> None:
    assert http.request(method, "/predict").status_code in {404, 405}
