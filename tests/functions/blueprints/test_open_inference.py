"""The Open Inference Protocol V2, by the HTTP client of Triton, on the running app."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from functions.scoring.model.manifest import Manifest
from tests.support.drives import faults
from tests.support.running_app import RunningApp

with warnings.catch_warnings():
    # gevent and its kin raise DeprecationWarnings of their own at import
    warnings.simplefilter("ignore")
    from tritonclient import http as triton  # type: ignore[import-untyped]
    from tritonclient.utils import InferenceServerException  # type: ignore[import-untyped]


@pytest.fixture
def client(app: RunningApp) -> Iterator[Any]:
    found = triton.InferenceServerClient(f"{app.base_url.removeprefix('http://')}/api")
    yield found
    found.close()


@pytest.fixture(scope="module")
def golden(small_models: Path) -> tuple[NDArray[np.float32], list[float]]:
    manifest = msgspec.json.decode((small_models / "v2" / "manifest.json").read_bytes(), type=Manifest)
    rows = [[np.nan if value is None else value for value in row.features] for row in manifest.golden]
    return np.array(rows, dtype=np.float32), [row.probability for row in manifest.golden]


def tensor(values: NDArray[np.float32], *, binary: bool) -> Any:
    found = triton.InferInput("features", list(values.shape), "FP32")
    found.set_data_from_numpy(values, binary_data=binary)
    return found


def test_server_and_model(client: Any) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("drivecast")
    assert client.is_model_ready("drivecast", "v2")
    assert not client.is_model_ready("other")
    assert not client.is_model_ready("drivecast", "v1")
    assert client.get_server_metadata()["name"] == "drivecast"
    for metadata in (client.get_model_metadata("drivecast"), client.get_model_metadata("drivecast", "v2")):
        assert metadata["inputs"] == [
            {"name": "features", "datatype": "FP32", "shape": [-1, 16]},
            {"name": "model", "datatype": "BYTES", "shape": [-1]},
        ]
        assert [output["name"] for output in metadata["outputs"]] == ["probability", "log_odds"]
        assert metadata["versions"] == ["v2"]
    with pytest.raises(InferenceServerException, match="drivecast"):
        client.get_model_metadata("other")


@pytest.mark.parametrize("version", ["", "v2"])
@pytest.mark.parametrize("compression", [None, "gzip", "deflate"])
def test_infer_by_bytes(client: Any, golden: Any, version: str, compression: str | None) -> None:
    rows, recorded = golden
    answer = client.infer(
        "drivecast",
        [tensor(rows, binary=True)],
        model_version=version,
        request_id="42",
        request_compression_algorithm=compression,
    )
    assert answer.as_numpy("probability") == pytest.approx(recorded, abs=1e-6)
    assert answer.as_numpy("log_odds").dtype == np.float32
    response = answer.get_response()
    assert (response["id"], response["model_name"], response["model_version"]) == ("42", "drivecast", "v2")


def test_infer_by_json(client: Any, http: httpx.Client, golden: Any) -> None:
    rows, recorded = golden
    known = np.nan_to_num(rows)
    wanted = [triton.InferRequestedOutput("probability", binary_data=False)]
    answer = client.infer("drivecast", [tensor(known, binary=False)], outputs=wanted)
    assert [output["name"] for output in answer.get_response()["outputs"]] == ["probability"]
    binary = client.infer("drivecast", [tensor(known, binary=True)])
    assert answer.as_numpy("probability") == pytest.approx(binary.as_numpy("probability"), abs=0)
    data = [[None if np.isnan(value) else float(value) for value in row] for row in rows]
    flat = [value for row in data for value in row]
    for cells in (data, flat):
        document = {
            "inputs": [{"name": "features", "shape": list(rows.shape), "datatype": "FP32", "data": cells}]
        }
        outputs = http.post("/v2/models/drivecast/infer", json=document).json()["outputs"]
        assert outputs[0]["data"] == pytest.approx(recorded, abs=1e-6)


NAMES = ["ST4000DM000", "CT500MX500SSD1", "WDC WD30EFRX"]


def named(names: list[str], *, binary: bool) -> Any:
    found = triton.InferInput("model", [len(names)], "BYTES")
    found.set_data_from_numpy(np.array([name.encode() for name in names], dtype=object), binary_data=binary)
    return found


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("order", [1, -1])
def test_rows_of_named_drives(client: Any, golden: Any, binary: bool, order: int) -> None:
    """A solid-state drive has no score, in either form; the others have that of the bare features."""
    rows = np.nan_to_num(golden[0][:3])
    bare = client.infer("drivecast", [tensor(rows, binary=binary)])
    inputs = [tensor(rows, binary=binary), named(NAMES, binary=binary)][::order]
    answer = client.infer("drivecast", inputs)
    for output in ("probability", "log_odds"):
        expected = bare.as_numpy(output).copy()
        expected[1] = np.nan
        np.testing.assert_array_equal(answer.as_numpy(output), expected)


def test_a_named_drive_without_a_score_is_null_in_json(http: httpx.Client) -> None:
    inputs = [good(shape=[2, 16], data=[1] * 32), models(["CT500MX500SSD1", "ST4000DM000"])]
    answer = http.post("/v2/models/drivecast/infer", json={"inputs": inputs})
    outputs = {output["name"]: output["data"] for output in answer.json()["outputs"]}
    assert [value is None for value in outputs["probability"]] == [True, False]
    assert [value is None for value in outputs["log_odds"]] == [True, False]


def models(names: list[Any], **fields: Any) -> dict[str, Any]:
    return {"name": "model", "shape": [len(names)], "datatype": "BYTES", "data": names, **fields}


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ([models(["A"])], "inputs"),
        ([models(["A"]), models(["A"])], "inputs"),
        ([None, None], "inputs"),
        ([None, models(["A"]), models(["A"])], "inputs"),
        ([None, models(["A", "B"])], "inputs[1]"),
        ([None, models(["A"], shape=[2])], "inputs[1]"),
        ([None, models(["A"], shape=[1, 1])], "inputs[1].shape"),
        ([None, models(["A"], datatype="FP32")], "inputs[1].datatype"),
        ([None, models([7])], "inputs[1].data[0]"),
        ([None, models([""])], "inputs[1].data[0]"),
        ([None, models(["A"], data="A")], "inputs[1].data"),
        ([None, models(["A"], parameters={"classification": 1})], "inputs[1].parameters.classification"),
        ([models(["A"]), {"name": "other"}], "inputs[1].name"),
    ],
)
def test_faulty_names_of_drives(http: httpx.Client, inputs: list[Any], field: str) -> None:
    """None stands for a sound row of features."""
    given = [good(data=[0] * 16) if one is None else one for one in inputs]
    answer = http.post("/v2/models/drivecast/infer", json={"inputs": given})
    assert answer.status_code == 422
    assert field in faults(answer.json())


@pytest.mark.parametrize(
    ("octets", "size"),
    [
        (b"\x05\0\0\0A", 5),
        (b"\x01\0\0\0\xff", 5),
        (b"\x01\0\0\0A", 4),
        (b"", -1),
        (b"A", 0),
    ],
)
def test_names_that_are_cut_short(http: httpx.Client, octets: bytes, size: int) -> None:
    names = {"name": "model", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": size}}
    head = msgspec.json.encode({"inputs": [good(data=[0] * 16), names]})
    headers = {
        "inference-header-content-length": str(len(head)),
        "content-type": "application/octet-stream",
    }
    answer = http.post("/v2/models/drivecast/infer", content=head + octets, headers=headers)
    assert answer.status_code == 422


def test_what_the_client_says_of_errors(client: Any) -> None:
    wrong = np.zeros((1, 3), dtype=np.float32)
    with pytest.raises(InferenceServerException, match=r"\b16\b"):
        client.infer("drivecast", [tensor(wrong, binary=True)])
    classes = [triton.InferRequestedOutput("probability", class_count=2)]
    right = tensor(np.zeros((1, 16), dtype=np.float32), binary=True)
    with pytest.raises(InferenceServerException, match=r"classification .*\b2\b"):
        client.infer("drivecast", [right], outputs=classes)
    with pytest.raises(InferenceServerException, match="v2"):
        client.infer("drivecast", [tensor(wrong, binary=True)], model_version="v1")


@pytest.mark.parametrize("value", [3.4e38, -3.4e38, 2.0**54, np.inf])
def test_bytes_that_no_telemetry_comes_to(client: Any, value: float) -> None:
    with pytest.raises(InferenceServerException, match=r"inputs\[0\] "):
        client.infer("drivecast", [tensor(np.full((1, 16), value, dtype=np.float32), binary=True)])


@pytest.mark.parametrize("value", [2**53, -(2**53)])
def test_the_largest_values_have_an_answer(http: httpx.Client, value: int) -> None:
    tensors = http.post("/v2/models/drivecast/infer", json={"inputs": [good(data=[value] * 16)]}).json()[
        "outputs"
    ]
    assert all(math.isfinite(output["data"][0]) for output in tensors)


def good(**changes: Any) -> dict[str, Any]:
    return {"name": "features", "shape": [1, 16], "datatype": "FP32", "data": [0] * 16, **changes}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "body"),
        ({}, "inputs"),
        ({"inputs": "x"}, "inputs"),
        ({"inputs": []}, "inputs"),
        ({"inputs": [good(), good()]}, "inputs"),
        ({"inputs": [good(name="x")]}, "inputs[0].name"),
        ({"inputs": [good(datatype="FP64")]}, "inputs[0].datatype"),
        ({"inputs": [good(shape=[16])]}, "inputs[0].shape"),
        ({"inputs": [good(shape=[1, -1])]}, "inputs[0].shape[1]"),
        ({"inputs": [good(data=[0] * 15)]}, "inputs[0].data"),
        ({"inputs": [good(data=[[0] * 15])]}, "inputs[0].data[0]"),
        ({"inputs": [good(data=["x"] * 16)]}, "inputs[0].data[0]"),
        ({"inputs": [good(data=[1e39] * 16)]}, "inputs[0].data[0]"),
        ({"inputs": [good(data=[3.4e38] * 16)]}, "inputs[0].data[0]"),
        ({"inputs": [good(data=[-(2**54)] * 16)]}, "inputs[0].data[0]"),
        ({"inputs": [good(parameters={"binary_data_size": 64})]}, "inputs[0]"),
        ({"inputs": [good(data=None)]}, "inputs[0].data"),
        ({"inputs": [good(data=[[0] * 15 + ["x"]])]}, "inputs[0].data[0][15]"),
        (
            {"inputs": [good(parameters={"shared_memory_region": "a"})]},
            "inputs[0].parameters.shared_memory_region",
        ),
        ({"inputs": ["x"]}, "inputs[0]"),
        ({"inputs": [good()], "id": 7}, "id"),
        ({"inputs": [good()], "parameters": []}, "parameters"),
        ({"inputs": [good()], "outputs": [{"name": "x"}]}, "outputs[0].name"),
        ({"inputs": [good()], "outputs": "probability"}, "outputs"),
        ({"inputs": [good()], "outputs": ["probability"]}, "outputs[0]"),
    ],
)
def test_requests_that_do_not_fit(http: httpx.Client, document: Any, field: str) -> None:
    answer = http.post("/v2/models/drivecast/infer", json=document)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_inputs"), answer.text
    assert field in faults(answer.json())


def test_every_fault_at_once(http: httpx.Client) -> None:
    tensor = good(name="x", datatype="INT8", shape=[1, "16"], data=[0, "a", True, 1e39], parameters=1)
    document = {"id": 1, "inputs": [tensor], "outputs": [{"name": "y", "parameters": {"classification": 2}}]}
    answer = http.post("/v2/models/drivecast/infer", json=document)
    assert answer.status_code == 422
    assert faults(answer.json()) == {
        "id": "1",
        "inputs[0].name": "'x'",
        "inputs[0].datatype": "'INT8'",
        "inputs[0].shape[1]": "'16'",
        "inputs[0].parameters": "1",
        "inputs[0].data[1]": "'a'",
        "inputs[0].data[2]": "true",
        "inputs[0].data[3]": "1e+39",
        "outputs[0].name": "'y'",
        "outputs[0].parameters.classification": "2",
    }


def test_a_tensor_wrong_everywhere_is_told_in_part(http: httpx.Client) -> None:
    answer = http.post("/v2/models/drivecast/infer", json={"inputs": [good(data=["x"] * 1600)]})
    assert answer.status_code == 422
    assert 100 <= len(answer.json()["errors"]) <= 101
    assert answer.json()["detail"].endswith(" 96 more.")


@pytest.mark.parametrize("path", ["models/other", "models/drivecast/versions/v1", "models/other/ready"])
def test_unknown_models(http: httpx.Client, path: str) -> None:
    answer = http.get(f"/v2/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_model")
    assert answer.json()["error"] == answer.json()["detail"]


@pytest.mark.parametrize("length", ["x", "-1", "1000", "9" * 20])
def test_a_length_that_is_none(http: httpx.Client, length: str) -> None:
    answer = http.post(
        "/v2/models/drivecast/infer", content=b"{}", headers={"inference-header-content-length": length}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_inputs")


def test_many_and_no_rows(http: httpx.Client) -> None:
    answer = http.post("/v2/models/drivecast/infer", json={"inputs": [good(shape=[1001, 16])]})
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_drives")
    answer = http.post("/v2/models/drivecast/infer", json={"inputs": [good(shape=[0, 16], data=[])]})
    assert answer.json()["outputs"][0] == {
        "name": "probability",
        "datatype": "FP32",
        "shape": [0],
        "data": [],
    }
