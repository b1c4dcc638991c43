"""MLflow's scoring protocol on the running app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from functions.scoring.model.manifest import Manifest
from functions.version import RELEASE
from tests.functions.conftest import MAX_BODY_BYTES
from tests.support.drives import WORN, faults, record
from tests.support.running_app import PROJECT

RAW = {"model": "ST4000DM000", **WORN}
HEALTHY = {"model": "ST4000DM000", "smart_5_raw": 0, "smart_187_raw": 0, "smart_197_raw": 0}
ROWS = [RAW, HEALTHY]
COLUMNS = list(RAW)
CELLS = [[row[name] for name in COLUMNS] for row in ROWS]


@pytest.fixture
def expected(http: httpx.Client) -> list[float]:
    return [http.post("/predict", json=record(**row)).json()["probability"] for row in ROWS]


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": COLUMNS, "index": [0, 1], "data": CELLS}},
        {"dataframe_records": ROWS},
        {"instances": ROWS},
        {"inputs": {name: [row[name] for row in ROWS] for name in COLUMNS}},
        {"dataframe_records": ROWS, "params": {"temperature": 1}},
    ],
    ids=["split", "records", "instances", "inputs", "params"],
)
def test_columns_of_telemetry(http: httpx.Client, expected: list[float], body: dict[str, Any]) -> None:
    answer = http.post("/invocations", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"predictions": expected}


def test_csv(http: httpx.Client, expected: list[float]) -> None:
    body = "\n".join([",".join(COLUMNS), *(",".join(map(str, row)) for row in CELLS)]) + "\n"
    for kind in ("text/csv", "text/csv; charset=utf-8"):
        answer = http.post("/invocations", content=body, headers={"content-type": kind})
        assert answer.json() == {"predictions": expected}
    empty = http.post("/invocations", content="model,smart_5_raw\n", headers={"content-type": "text/csv"})
    assert empty.json() == {"predictions": []}


def test_the_models_own_features(http: httpx.Client, small_models: Path) -> None:
    manifest = msgspec.json.decode((small_models / "v2" / "manifest.json").read_bytes(), type=Manifest)
    names = [feature.name for feature in manifest.features]
    rows = [row.features for row in manifest.golden]
    recorded = [row.probability for row in manifest.golden]
    records = [dict(zip(names, row, strict=True)) for row in rows]
    for body in (
        {"dataframe_split": {"columns": names, "data": rows}},
        {"instances": rows},
        {"inputs": rows},
        {"dataframe_records": records},
    ):
        answer = http.post("/invocations", json=body).json()
        assert answer["predictions"] == pytest.approx(recorded, abs=1e-6)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "form"),
        ({"instances": [], "inputs": []}, "form"),
        ({"instances": 5}, "instances"),
        ({"instances": [[1], {}]}, "instances[1]"),
        ({"instances": [[1, 2]]}, "[0]"),
        ({"dataframe_records": [[1]]}, "dataframe_records[0]"),
        ({"dataframe_records": [{}, 1, "x"]}, "dataframe_records[2]"),
        ({"dataframe_records": [{"other": 1}]}, "model"),
        ({"dataframe_records": [{}]}, "model"),
        ({"dataframe_split": []}, "dataframe_split.columns"),
        ({"dataframe_split": []}, "dataframe_split.data"),
        ({"dataframe_split": {"columns": ["model", "model"], "data": []}}, "dataframe_split.columns"),
        ({"dataframe_split": {"columns": ["a"]}}, "dataframe_split.data"),
        ({"dataframe_split": {"columns": ["a"], "data": [[1, 2]]}}, "dataframe_split.data[0]"),
        ({"inputs": {"model": "x"}}, "inputs.model"),
        ({"inputs": {"model": ["x"], "smart_5_raw": []}}, "inputs"),
        ({"dataframe_records": [{"smart_5_raw": 1}]}, "model"),
        ({"dataframe_records": [{"model": ""}]}, "model[0]"),
        ({"dataframe_records": [{"model": "a\0"}]}, "model[0]"),
        ({"dataframe_records": [{"model": "x" * 129}]}, "model[0]"),
        ({"dataframe_records": [{"model": "x", "smart_5_raw": -1}]}, "smart_5_raw[0]"),
        ({"dataframe_records": [{"smart_5": 1}]}, "smart_187"),
        ({"instances": [["x"] * 16]}, "smart_5[0]"),
        ({"instances": [[1e39] * 16]}, "smart_5[0]"),
        ({"instances": [[3.4e38] * 16]}, "smart_5[0]"),
    ],
)
def test_tables_that_do_not_fit(http: httpx.Client, body: dict[str, Any], field: str) -> None:
    answer = http.post("/invocations", json=body)
    document = answer.json()
    assert (answer.status_code, document["code"]) == (422, "invalid_inputs"), answer.text
    assert field in faults(document)
    assert (document["error_code"], document["message"]) == (document["code"], document["detail"])


@pytest.mark.parametrize("body", [b"{}", b"\xff", b'a,"b\n1', b"a,b\n1\n", b"\xef\xbb\xbf"])
def test_broken_csv(http: httpx.Client, body: bytes) -> None:
    answer = http.post("/invocations", content=body, headers={"content-type": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_inputs")


@pytest.mark.parametrize("number", ["1_000", "\uff11\uff12", "\u0661", "inf", "0x1"])
def test_what_is_no_number_in_a_file_is_none_in_a_table(http: httpx.Client, number: str) -> None:
    body = f"model,smart_5_raw\nX,{number}\n".encode()
    answer = http.post("/invocations", content=body, headers={"content-type": "text/csv"})
    assert faults(answer.json()) == {"smart_5_raw[0]": repr(number)}


def test_a_model_of_digits_is_a_text(http: httpx.Client) -> None:
    body = b"model,smart_5_raw\n123,8\n"
    answer = http.post("/invocations", content=body, headers={"content-type": "text/csv"})
    assert answer.status_code == 200


def test_limits(http: httpx.Client) -> None:
    answer = http.post("/invocations", json={"instances": [[]] * 1001})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_drives")
    answer = http.post("/invocations", content=b"x" * 30, headers={"content-type": "application/xml"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert MAX_BODY_BYTES < 30_000  # tables have a limit of their own
    answer = http.post("/invocations", json={"instances": [], "params": "x" * 30_000})
    assert answer.json() == {"predictions": []}


def test_ping_and_version(http: httpx.Client) -> None:
    assert http.get("/ping").text == "\n"
    assert http.get("/version").text == RELEASE
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = next(line for line in changelog.splitlines() if line.startswith("## "))
    assert newest.split()[1] == RELEASE
