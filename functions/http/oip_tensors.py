"""Tensors of the Open Inference Protocol V2: JSON, and bytes, which carry NaN for missing values.

With the header ``Inference-Header-Content-Length`` the body is that many bytes of JSON, then the tensors
that have a ``binary_data_size``, one after the other, little-endian.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType

from functions.errors import BrokenJsonError
from functions.http.body import read_any
from functions.http.errors import InvalidInputsError, TooManyDrivesError
from functions.http.oip_diagnosis import OUTPUTS, SHOWN, UNSUPPORTED, faults_of, value_faults
from functions.scoring.model.features import LARGEST_FEATURE, is_feature
from functions.scoring.model.onnx_model import INPUT
from functions.scoring.model.scorer import shortest_decimal
from functions.scoring.telemetry import Fault, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

HEADER_LENGTH = "inference-header-content-length"
OCTETS = "application/octet-stream"
BINARY = "binary_tensor_data"
"""Name of the extension, as the server's metadata lists it."""

_FLOAT_BYTES = 4
_LISTED = 5
"""Most faults listed in the detail; all of them are in ``errors``."""


class RequestedOutput(msgspec.Struct, frozen=True):
    """An output that is asked for."""

    name: Annotated[str, Meta(description="The output's name.", extra_json_schema={"enum": list(OUTPUTS)})]
    parameters: Annotated[dict[str, Any], Meta(description="binary_data asks for bytes.")] = {}


class InputTensor(msgspec.Struct, frozen=True):
    """An input tensor."""

    name: Annotated[str, Meta(description="The model's input.", extra_json_schema={"const": INPUT})]
    shape: Annotated[list[Annotated[int, Meta(ge=0)]], Meta(description="Rows and features.")]
    datatype: Annotated[str, Meta(description="FP32.", extra_json_schema={"const": "FP32"})]
    data: Annotated[
        list[Any] | UnsetType,
        Meta(description="Row by row, flat or nested; null is a missing value. Left out when bytes follow."),
    ] = UNSET
    parameters: Annotated[dict[str, Any], Meta(description="binary_data_size, when bytes follow.")] = {}


class InferenceRequest(msgspec.Struct, frozen=True):
    """A request of the Open Inference Protocol V2."""

    inputs: Annotated[list[InputTensor], Meta(description="Exactly one: features.")]
    id: Annotated[str, Meta(description="Comes back with the answer.")] = ""
    parameters: Annotated[dict[str, Any], Meta(description="binary_data_output asks for bytes.")] = {}
    outputs: Annotated[list[RequestedOutput], Meta(description="All of them when left out.")] = []


class OutputTensor(msgspec.Struct, frozen=True, omit_defaults=True):
    """An output tensor."""

    name: Annotated[str, Meta(description="probability or log_odds.")]
    datatype: Annotated[str, Meta(description="FP32.")]
    shape: Annotated[list[int], Meta(description="Rows.")]
    data: Annotated[list[float] | UnsetType, Meta(description="Left out when it follows as bytes.")] = UNSET
    parameters: Annotated[dict[str, int], Meta(description="binary_data_size, when bytes follow.")] = {}


class InferenceAnswer(msgspec.Struct, frozen=True):
    """An answer of the Open Inference Protocol V2."""

    model_name: Annotated[str, Meta(description="As asked.")]
    model_version: Annotated[str, Meta(description="The version that answered.")]
    id: Annotated[str, Meta(description="That of the request.")]
    outputs: Annotated[list[OutputTensor], Meta(description="As asked for, in that order.")]


def _invalid(*faults: Fault) -> InvalidInputsError:
    # Clients of the protocol show the detail alone.
    parts = [f"{fault.field} is {fault.found}, expected {fault.expected}" for fault in faults[:_LISTED]]
    if len(faults) > _LISTED:
        parts.append(f"and {len(faults) - _LISTED} more")
    return InvalidInputsError(f"{'; '.join(parts)}.", [fault.document() for fault in faults])


def split(body: bytes, header: str) -> tuple[bytes, bytes]:
    """Return the JSON and the bytes after it; InvalidInputsError when the header is no length in the body."""
    if not header:
        return body, b""
    if not (header.isascii() and header.isdigit() and len(header) < 10 and int(header) <= len(body)):  # noqa: PLR2004
        raise _invalid(Fault(HEADER_LENGTH, shown(header), f"a number of bytes up to {len(body)}"))
    return body[: int(header)], body[int(header) :]


def read_request(document: bytes, width: int) -> InferenceRequest:
    """Read the JSON of a request about a tensor of *width* features; BrokenJsonError, InvalidInputsError."""
    try:
        request = msgspec.json.decode(document, type=InferenceRequest)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        seen = Fault(path.strip("`$.") or "body", message, "a request of the Open Inference Protocol V2")
        raise _invalid(*(faults_of(read_any(document), width) or [seen])) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        read_any(document)  # says why
        msg = f"The body is not JSON: {error}."
        raise BrokenJsonError(msg) from None
    if not _fits(request, width):
        raise _invalid(*faults_of(read_any(document), width))
    return request


def _fits(request: InferenceRequest, width: int) -> bool:
    """Say whether names, type and shape are the model's, and no parameter asks for what is not known."""
    tensors: list[InputTensor | RequestedOutput] = [*request.inputs, *request.outputs]
    return (
        len(request.inputs) == 1
        and request.inputs[0].name == INPUT
        and request.inputs[0].datatype == "FP32"
        and len(request.inputs[0].shape) == 2  # noqa: PLR2004 - rows and features
        and request.inputs[0].shape[1] == width
        and all(output.name in OUTPUTS for output in request.outputs)
        and not any(name in tensor.parameters for tensor in tensors for name in UNSUPPORTED)
    )


def matrix_of(request: InferenceRequest, octets: bytes, width: int, limit: int) -> NDArray[np.float32]:
    """Return the model's input, (n, width).

    Parameters
    ----------
    octets : bytes
        The bytes after the JSON.
    limit : int
        Most rows.

    Raises
    ------
    InvalidInputsError, TooManyDrivesError
    """
    tensor = request.inputs[0]
    rows = tensor.shape[0]
    if rows > limit:
        msg = f"The request has {rows} rows; at most {limit} are accepted. Send several requests."
        raise TooManyDrivesError(msg)
    size = tensor.parameters.get("binary_data_size")
    if size is None and tensor.data is not UNSET:
        return _from_json(tensor.data, rows, width)
    expected = rows * width * _FLOAT_BYTES
    if tensor.data is not UNSET or size != expected or len(octets) != expected:
        found = (
            f"binary_data_size {shown(size)}, {len(octets)} bytes sent"
            if tensor.data is UNSET
            else "data and binary_data_size"
        )
        fault = Fault("inputs[0]", found, f"data, or binary_data_size {expected} and as many bytes")
        raise _invalid(fault)
    values = np.frombuffer(octets, dtype="<f4").reshape(rows, width).astype(np.float32)
    beyond = np.abs(values[np.abs(values) > LARGEST_FEATURE])
    if beyond.size:
        wanted = f"numbers from -{LARGEST_FEATURE} to {LARGEST_FEATURE}, or NaN for missing values"
        raise _invalid(Fault("inputs[0]", f"a value of the size {beyond[0]}", wanted))
    return values


def _from_json(data: list[Any], rows: int, width: int) -> NDArray[np.float32]:
    path = "inputs[0].data"
    nested = bool(data) and all(isinstance(row, list) for row in data)
    flat = [value for row in data for value in row] if nested else data
    right = all(value is None or is_feature(value) for value in flat) and not (
        nested and any(len(row) != width for row in data)
    )
    faults = [] if right else list(islice(value_faults(data, width, path), SHOWN))
    if len(flat) != rows * width:
        faults.insert(0, Fault(path, f"{len(flat)} values", f"{rows * width}, as the shape says"))
    if faults:
        raise _invalid(*faults)
    return np.array([np.nan if value is None else value for value in flat], dtype=np.float32).reshape(
        rows, width
    )


def answer_of(
    request: InferenceRequest, name: str, version: str, scores: dict[str, NDArray[np.float32]]
) -> tuple[bytes, int | None]:
    """Return the answer's body, and the length of its JSON when bytes follow.

    *name* and *version* are the model's; *scores* are (n,) by output.
    """
    asked: Sequence[RequestedOutput] = request.outputs or [RequestedOutput(output) for output in OUTPUTS]
    everywhere = bool(request.parameters.get("binary_data_output", False))
    tensors, octets = [], b""
    for output in asked:
        values = scores[output.name]
        if output.parameters.get("binary_data", everywhere) is True:
            piece = values.astype("<f4").tobytes()
            octets += piece
            shape = {"binary_data_size": len(piece)}
            tensors.append(OutputTensor(output.name, "FP32", [len(values)], parameters=shape))
        else:
            data = [shortest_decimal(value) for value in values]
            tensors.append(OutputTensor(output.name, "FP32", [len(values)], data))
    document = msgspec.json.encode(InferenceAnswer(name, version, request.id, tensors))
    return document + octets, len(document) if octets else None
