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
from functions.http.oip_diagnosis import (
    DRIVE_MODEL,
    OUTPUTS,
    SHOWN,
    UNSUPPORTED,
    faults_of,
    value_faults,
)
from functions.scoring.model.features import LARGEST_FEATURE, is_feature
from functions.scoring.model.onnx_model import INPUT
from functions.scoring.model.scorer import known_decimal
from functions.scoring.telemetry import Fault, show_value

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

    name: Annotated[
        str,
        Meta(
            description="features, the model's input; or model, which names the drive of each row.",
            extra_json_schema={"enum": [INPUT, DRIVE_MODEL]},
        ),
    ]
    shape: Annotated[
        list[Annotated[int, Meta(ge=0)]], Meta(description="Rows and features; of model the rows alone.")
    ]
    datatype: Annotated[
        str, Meta(description="FP32; of model BYTES.", extra_json_schema={"enum": ["FP32", "BYTES"]})
    ]
    data: Annotated[
        list[Any] | UnsetType,
        Meta(
            description="Row by row, flat or nested; null is a missing value. Of model a text for each row. "
            "Left out when bytes follow."
        ),
    ] = UNSET
    parameters: Annotated[dict[str, Any], Meta(description="binary_data_size, when bytes follow.")] = {}


class InferenceRequest(msgspec.Struct, frozen=True):
    """A request of the Open Inference Protocol V2."""

    inputs: Annotated[
        list[InputTensor],
        Meta(description="features; and model where the drives' names are to say how far it knows them."),
    ]
    id: Annotated[str, Meta(description="Comes back with the answer.")] = ""
    parameters: Annotated[dict[str, Any], Meta(description="binary_data_output asks for bytes.")] = {}
    outputs: Annotated[list[RequestedOutput], Meta(description="All of them when left out.")] = []


class OutputTensor(msgspec.Struct, frozen=True, omit_defaults=True):
    """An output tensor."""

    name: Annotated[str, Meta(description="probability or log_odds.")]
    datatype: Annotated[str, Meta(description="FP32.")]
    shape: Annotated[list[int], Meta(description="Rows.")]
    data: Annotated[
        list[float | None] | UnsetType,
        Meta(
            description="Left out when it follows as bytes. Null, in bytes NaN, for a drive that the input "
            "model names and that nothing is known of."
        ),
    ] = UNSET
    parameters: Annotated[dict[str, int], Meta(description="binary_data_size, when bytes follow.")] = {}


class InferenceAnswer(msgspec.Struct, frozen=True):
    """An answer of the Open Inference Protocol V2."""

    model_name: Annotated[str, Meta(description="As asked.")]
    model_version: Annotated[str, Meta(description="The version that answered.")]
    id: Annotated[str, Meta(description="That of the request.")]
    outputs: Annotated[list[OutputTensor], Meta(description="As asked for, in that order.")]


def invalid_inputs(*faults: Fault) -> InvalidInputsError:
    """Return the error of faulty tensors; clients of the protocol show its detail alone."""
    parts = [f"{fault.field} is {fault.found}, expected {fault.expected}" for fault in faults[:_LISTED]]
    if len(faults) > _LISTED:
        parts.append(f"and {len(faults) - _LISTED} more")
    return InvalidInputsError(f"{'; '.join(parts)}.", [fault.document() for fault in faults])


def split(body: bytes, header: str) -> tuple[bytes, bytes]:
    """Return the JSON and the bytes after it; InvalidInputsError when the header is no length in the body."""
    if not header:
        return body, b""
    if not (header.isascii() and header.isdigit() and len(header) < 10 and int(header) <= len(body)):  # noqa: PLR2004
        raise invalid_inputs(Fault(HEADER_LENGTH, show_value(header), f"a number of bytes up to {len(body)}"))
    return body[: int(header)], body[int(header) :]


def read_request(document: bytes, width: int) -> InferenceRequest:
    """Read the JSON of a request about a tensor of *width* features; BrokenJsonError, InvalidInputsError."""
    try:
        request = msgspec.json.decode(document, type=InferenceRequest)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        seen = Fault(path.strip("`$.") or "body", message, "a request of the Open Inference Protocol V2")
        raise invalid_inputs(*(faults_of(read_any(document), width) or [seen])) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        read_any(document)  # says why
        msg = f"The body is not JSON: {error}."
        raise BrokenJsonError(msg) from None
    if not _fits(request, width):
        raise invalid_inputs(*faults_of(read_any(document), width))
    return request


def _fits(request: InferenceRequest, width: int) -> bool:
    """Say whether names, type and shape are the model's, and no parameter asks for what is not known."""
    tensors: list[InputTensor | RequestedOutput] = [*request.inputs, *request.outputs]
    forms = {tensor.name: (tensor.datatype, tensor.shape[1:]) for tensor in request.inputs if tensor.shape}
    return (
        len(request.inputs) == len(forms)
        and forms.pop(INPUT, None) == ("FP32", [width])
        and forms.pop(DRIVE_MODEL, ("BYTES", [])) == ("BYTES", [])
        and not forms
        and all(output.name in OUTPUTS for output in request.outputs)
        and not any(name in tensor.parameters for tensor in tensors for name in UNSUPPORTED)
    )


def octets_of(request: InferenceRequest, octets: bytes) -> dict[str, bytes]:
    """Part the bytes after the JSON among the inputs, which have them in their order; InvalidInputsError."""
    if len(request.inputs) == 1:
        return {request.inputs[0].name: octets}
    parts, start = {}, 0
    for tensor in request.inputs:
        size = tensor.parameters.get("binary_data_size", 0)
        if not isinstance(size, int) or size < 0:
            index = request.inputs.index(tensor)
            raise invalid_inputs(
                Fault(f"inputs[{index}]", f"binary_data_size {show_value(size)}", "a number of bytes")
            )
        parts[tensor.name] = octets[start : start + size]
        start += size
    if start != len(octets):
        expected = f"{start}, the sum of their binary_data_size"
        raise invalid_inputs(Fault("inputs", f"{len(octets)} bytes sent", expected))
    return parts


def matrix_of(request: InferenceRequest, octets: bytes, width: int, limit: int) -> NDArray[np.float32]:
    """Return the model's input, (n, width).

    Parameters
    ----------
    octets : bytes
        Those of this input, after the JSON.
    limit : int
        Most rows.

    Raises
    ------
    InvalidInputsError, TooManyDrivesError
    """
    index = [tensor.name for tensor in request.inputs].index(INPUT)
    tensor, path = request.inputs[index], f"inputs[{index}]"
    rows = tensor.shape[0]
    if rows > limit:
        msg = f"The request has {rows} rows; at most {limit} are accepted. Send several requests."
        raise TooManyDrivesError(msg)
    size = tensor.parameters.get("binary_data_size")
    if size is None and tensor.data is not UNSET:
        return _from_json(tensor.data, rows, width, f"{path}.data")
    expected = rows * width * _FLOAT_BYTES
    if tensor.data is not UNSET or size != expected or len(octets) != expected:
        found = (
            f"binary_data_size {show_value(size)}, {len(octets)} bytes sent"
            if tensor.data is UNSET
            else "data and binary_data_size"
        )
        fault = Fault(path, found, f"data, or binary_data_size {expected} and as many bytes")
        raise invalid_inputs(fault)
    values = np.frombuffer(octets, dtype="<f4").reshape(rows, width).astype(np.float32)
    beyond = np.abs(values[np.abs(values) > LARGEST_FEATURE])
    if beyond.size:
        wanted = f"numbers from -{LARGEST_FEATURE} to {LARGEST_FEATURE}, or NaN for missing values"
        raise invalid_inputs(Fault(path, f"a value of the size {beyond[0]}", wanted))
    return values


def _from_json(data: list[Any], rows: int, width: int, path: str) -> NDArray[np.float32]:
    nested = bool(data) and all(isinstance(row, list) for row in data)
    flat = [value for row in data for value in row] if nested else data
    right = all(value is None or is_feature(value) for value in flat) and not (
        nested and any(len(row) != width for row in data)
    )
    faults = [] if right else list(islice(value_faults(data, width, path), SHOWN))
    if len(flat) != rows * width:
        faults.insert(0, Fault(path, f"{len(flat)} values", f"{rows * width}, as the shape says"))
    if faults:
        raise invalid_inputs(*faults)
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
            data = [known_decimal(value) for value in values]
            tensors.append(OutputTensor(output.name, "FP32", [len(values)], data))
    document = msgspec.json.encode(InferenceAnswer(name, version, request.id, tensors))
    return document + octets, len(document) if octets else None
