"""POST /api/predict on the running app."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.functions.conftest import MAX_BODY_BYTES
from tests.support.drives import WORN, faults, record
from tests.support.running_app import RunningApp
from tests.support.waiting import wait_until


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
    assert "ST4000DM000" in found.pop("basis")
    assert found == {
        "serial_number": "Z300AAAA",
        "model": "ST4000DM000",
        "date": "2014-01-25",
        "horizon_days": 30,
        "risk": "critical",
        "scope": "trained",
        "missing": [188, 194, 198],
        "stand_ins": {},
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


DRIVE = json.dumps(record(**WORN)).encode()


@pytest.mark.parametrize(
    ("status", "code", "body", "headers"),
    [
        (400, "empty_body", b"  \n", {}),
        (400, "broken_json", b"{", {}),
        (400, "broken_json", b"[]", {}),
        (400, "too_deep", b"[" * 15_000, {}),
        (400, "broken_encoding", DRIVE, {"content-encoding": "gzip"}),
        (413, "body_too_large", gzip.compress(b" " * 10_000_000), {"content-encoding": "gzip"}),
        (415, "unsupported_encoding", DRIVE, {"content-encoding": "br"}),
        (415, "unsupported_media_type", DRIVE, {"content-type": "text/csv"}),
        (415, "unsupported_media_type", DRIVE, {"content-type": "application/json; charset=utf-16"}),
    ],
)
def test_bodies_that_are_refused(
    http: httpx.Client, status: int, code: str, body: bytes, headers: dict[str, str]
) -> None:
    """One of each kind; tests/functions/http/test_body.py has them all."""
    refused(http, status, code, content=body, headers=headers)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(DRIVE), {"content-encoding": "gzip"}),
        (DRIVE, {"content-type": 'Application/JSON; charset="UTF-8"'}),
    ],
)
def test_bodies_that_are_taken(http: httpx.Client, body: bytes, headers: dict[str, str]) -> None:
    answer = http.post("/predict", content=body, headers=headers)
    assert answer.json() == http.post("/predict", content=DRIVE).json()


def test_faulty_fields(http: httpx.Client) -> None:
    document = refused(
        http,
        422,
        "invalid_telemetry",
        json=record(date="25.01.2014", smart_5_raw=-1, history=[{"date": "2014-01-18", "smart_5_raw": "x"}]),
    )
    assert faults(document) == {
        "date": "'25.01.2014'",
        "smart_5_raw": "-1",
        "history[0].smart_5_raw": "'x'",
    }
    assert document["errors"][0]["expected"] == "a date as YYYY-MM-DD from 2000-01-01 to 2099-12-31"


def test_what_the_model_does_not_need_may_be_anything(http: httpx.Client) -> None:
    odd = {"smart_9_raw": "40311 (52 181 0)", "smart_1_raw": -1, "capacity_bytes": "4 TB"}
    history = [{"date": "2014-01-18", "smart_5_raw": 1}]
    for path in ("/predict", "/explain"):
        sound = http.post(path, json=record(**WORN, history=history)).json()
        answer = http.post(path, json=record(**WORN, **odd, history=[{**history[0], **odd}]))
        assert answer.status_code == 200, answer.text
        assert answer.json() == sound


def test_the_limit_of_a_body(http: httpx.Client) -> None:
    body = b'{"a": "' + b"x" * (MAX_BODY_BYTES - 9) + b'"}'
    assert len(body) == MAX_BODY_BYTES
    refused(http, 422, "invalid_telemetry", content=body)
    assert (
        f"at most {MAX_BODY_BYTES} are accepted"
        in refused(http, 413, "body_too_large", content=body + b" ")["detail"]
    )


def test_reasons_only_where_asked(http: httpx.Client) -> None:
    with_reasons = http.post("/predict", json=record(**WORN)).json()
    without = http.post("/predict?reasons=none", json=record(**WORN)).json()
    assert with_reasons.pop("reasons")
    assert without.pop("reasons") == []
    assert with_reasons == without
    healthy = {"smart_5_raw": 0, "smart_187_raw": 0, "smart_197_raw": 0, "smart_194_raw": 25}
    assert http.post("/predict?reasons=risky", json=record(**healthy)).json()["reasons"] == []
    assert http.post("/predict?reasons=risky", json=record(**WORN)).json()["reasons"]


def test_faults_of_the_query_and_of_the_body_at_once(http: httpx.Client) -> None:
    only_query = refused(http, 400, "bad_query", json=record(**WORN), params={"reasons": "x", "format": "y"})
    assert faults(only_query) == {"?reasons": "'x'", "?format": "'y'"}
    both = refused(http, 422, "invalid_telemetry", json=record(smart_5_raw=-1), params={"reasons": "x"})
    assert faults(both) == {"?reasons": "'x'", "smart_5_raw": "-1"}


def test_a_trace_and_an_id_are_taken_over(http: httpx.Client) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = {"x-request-id": "order-66", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    for answer in (
        http.post("/predict", json=record(**WORN), headers=sent),
        http.post("/predict", content=b"", headers=sent),
    ):
        assert answer.headers["x-request-id"] == "order-66"
        version, same, span, flags = answer.headers["traceparent"].split("-")
        assert (version, same, flags) == ("00", trace, "01")
        assert span != "00f067aa0ba902b7"


def test_server_timing(http: httpx.Client) -> None:
    timing = http.post("/predict", json=record(**WORN)).headers["server-timing"]
    stages = dict(part.split(";dur=") for part in timing.split(", "))
    assert list(stages) == ["parse", "features", "model", "explain", "total"]
    assert sum(map(float, list(stages.values())[:-1])) <= float(stages["total"]) + 0.005


def test_logs_have_no_serial_number(app: RunningApp, http: httpx.Client) -> None:
    serial = "SECRET1234567"
    http.post(
        "/predict", json=record(**{**WORN, "serial_number": serial}), headers={"x-request-id": "log-me"}
    )
    wait_until(lambda: "(request log-me)" in app.output, 10, "the log line")
    refused(http, 422, "invalid_telemetry", json=record(serial_number=serial, smart_5_raw=f"{serial}!"))
    http.post(
        "/predict/batch", json={"drives": [record(serial_number=serial)]}, headers={"x-request-id": "many"}
    )
    wait_until(lambda: "(request many)" in app.output, 10, "the log line")
    assert serial not in app.output


SMARTCTL = sorted((Path(__file__).parents[2] / "data" / "smartctl").glob("*.json"))
ATA = [path for path in SMARTCTL if "ata_smart_attributes" in path.read_text()]


@pytest.mark.parametrize("path", ATA, ids=lambda path: path.stem)
def test_smartctl_output(http: httpx.Client, path: Path) -> None:
    headers = {"content-type": "application/vnd.smartmontools+json"}
    answer = http.post("/predict", content=path.read_bytes(), headers=headers)
    assert answer.status_code == 200, answer.text
    assert http.post("/predict?format=smartctl", content=path.read_bytes()).json() == answer.json()
    document = json.loads(path.read_text())
    raw = {f"smart_{a['id']}_raw": a["raw"]["value"] for a in document["ata_smart_attributes"]["table"]}
    day = "2021-11-16" if document["local_time"]["time_t"] == 1637039918 else "2009-02-13"
    row = {"date": day, "serial_number": document["serial_number"], "model": document["model_name"], **raw}
    assert http.post("/predict", json=row).json() == answer.json()
    assert (answer.json()["risk"] == "critical") == ("failing" in path.stem)


@pytest.mark.parametrize("path", [path for path in SMARTCTL if path not in ATA], ids=lambda path: path.stem)
def test_smartctl_output_of_other_drives(http: httpx.Client, path: Path) -> None:
    for call in ("/predict", "/explain"):
        answer = http.post(call, content=path.read_bytes(), params={"format": "smartctl"})
        assert (answer.status_code, answer.json()["code"]) == (422, "no_ata_attributes")
        assert f"'{'NVMe' if 'nvme' in path.stem else 'SCSI'}'" in answer.json()["detail"]


def test_faults_of_smartctl_output_have_its_paths(http: httpx.Client) -> None:
    table = [{"id": 5, "raw": {"value": -1}}, "x", {"id": 187}]
    document = {"ata_smart_attributes": {"table": table}, "local_time": {"time_t": 10**30}, "model_name": "X"}
    found = faults(refused(http, 422, "invalid_telemetry", json=document, params={"format": "smartctl"}))
    assert found == {
        "ata_smart_attributes.table[0].raw.value": "-1",
        "local_time.time_t": str(10**30),
        "serial_number": "nothing",
    }


def test_a_batch(http: httpx.Client) -> None:
    drives: list[Any] = [
        record(**WORN),
        record(smart_5_raw="x", date="never"),
        "no drive",
        record(
            **WORN,
            history=[{"date": "2014-01-18", "smart_187_raw": 2, "smart_5_raw": 48, "smart_197_raw": 0}],
        ),
        record(smart_5_raw=0, smart_187_raw=0, smart_197_raw=0, smart_194_raw=25),
    ]
    answer = http.post("/predict/batch", json={"drives": drives})
    assert answer.status_code == 200
    document = answer.json()
    assert (document["answered"], document["refused"], document["model_version"]) == (3, 2, "v2")
    results = document["results"]
    for index in (0, 3):
        assert results[index] == {"forecast": http.post("/predict", json=drives[index]).json()}
    assert results[4]["forecast"]["reasons"] == []
    assert faults(results[1]["problem"]) == {"drives[1].date": "'never'", "drives[1].smart_5_raw": "'x'"}
    assert results[1]["problem"]["code"] == "invalid_telemetry"
    assert faults(results[2]["problem"]) == {"drives[2]": "'no drive'"}


def test_a_batch_of_good_drives_answers_as_one_by_one(http: httpx.Client) -> None:
    drives = [record(serial_number=f"Z{n}", smart_5_raw=n, smart_187_raw=n % 3) for n in range(40)]
    results = http.post("/predict/batch?reasons=all", json={"drives": drives}).json()["results"]
    assert results == [{"forecast": http.post("/predict", json=drive).json()} for drive in drives]
    assert http.post("/predict/batch", json={"drives": []}).json()["results"] == []


def test_batches_that_are_refused(http: httpx.Client) -> None:
    def printed(status: int, code: str, **request: Any) -> dict[str, Any]:
        answer = http.post("/predict/batch", **request)
        document: dict[str, Any] = answer.json()
        assert (answer.status_code, document["code"]) == (status, code)
        return document

    assert faults(printed(422, "invalid_telemetry", json={})) == {"drives": "nothing"}
    assert faults(printed(422, "invalid_telemetry", json={"drives": {}}, params={"reasons": "x"})) == {
        "?reasons": "'x'",
        "drives": "an object of 0",
    }
    printed(400, "bad_query", json={"drives": []}, params={"reasons": "x"})
    printed(400, "broken_json", json=7)
    printed(400, "broken_json", content=b"{")
    many = {"drives": [record()] * 1001}
    assert re.search(r"\b1001 drives\b.*\b1000\b", printed(422, "too_many_drives", json=many)["detail"])


def test_an_explanation(http: httpx.Client) -> None:
    document = http.post("/explain", json=record(**WORN)).json()
    assert document["risk"] == "critical"
    assert document["explained"]["model_version"] == "v2"
    assert document["baseline"]["model_version"] == "v1"
    forecast = http.post("/predict", json=record(**WORN)).json()
    assert document["explained"]["probability"] == forecast["probability"]
    for model in (document["explained"], document["baseline"]):
        total = model["base_value"] + sum(c["contribution"] for c in model["contributions"]) + model["rest"]
        assert total == pytest.approx(model["log_odds"], abs=1e-4)
        sizes = [abs(c["contribution"]) for c in model["contributions"]]
        assert sizes == sorted(sizes, reverse=True)
        assert model["rest"] == 0
    (reported,) = [c for c in document["explained"]["contributions"] if c["attribute"] == 187]
    assert (reported["value"], reported["unit"]) == (30.0, "errors")
    missing = [c for c in document["explained"]["contributions"] if c["value"] is None]
    assert {c["attribute"] for c in missing} == {188, 198, 194}


def test_an_explanation_of_a_few_attributes(http: httpx.Client) -> None:
    document = http.post("/explain?top=2", json=record(**WORN)).json()["explained"]
    assert len(document["contributions"]) == 2
    total = (
        document["base_value"] + sum(c["contribution"] for c in document["contributions"]) + document["rest"]
    )
    assert total == pytest.approx(document["log_odds"], abs=1e-4)
    assert document["rest"] != 0
    for top in ("0", "20", "x", "-1", "1.5", "9" * 50, "²"):
        answer = http.post("/explain", json=record(**WORN), params={"top": top})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_query")
        assert faults(answer.json())["?top"].startswith(f"'{top[:10]}")
