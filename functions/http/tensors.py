"""Tensors of the Open Inference Protocol V2: JSON, and bytes, which carry NaN for missing values.

With the header ``Inference-Header-Content-Length`` the body is so many bytes of JSON, then the tensors that
say ``binary_data_size``, one after the other, little-endian.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import numpy as np
from msgspec import UNSET, Meta, UnsetType

from functions.errors import BrokenJsonError
from functions.http.errors import InvalidInputsError, TooManyDrivesError
from functions.scoring.model import INPUT, LOG_ODDS, PROBABILITY
from functions.scoring.telemetry import Fault, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

HEADER_LENGTH = "inference-header-content-length"
OCTETS = "application/octet-stream"
OUTPUTS = (PROBABILITY, LOG_ODDS)
BINARY = "binary_tensor_data"
"""Name of the extension, as the server's metadata lists it."""

_FLOAT_BYTES = 4


class RequestedOutput(msgspec.Struct, frozen=True):
    """An output that is asked for."""

    name: Annotated[str, Meta(description="Which.", extra_json_schema={"enum": list(OUTPUTS)})]
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
    said = "; ".join(f"{fault.field} is {fault.found}, expected {fault.expected}" for fault in faults)
    return InvalidInputsError(f"{said}.", [fault.document() for fault in faults])


def split(body: bytes, header: str) -> tuple[bytes, bytes]:
    """Return the JSON and the bytes behind it.

    Raises
    ------
    InvalidInputsError
        The header is not a length within the body.
    """
    if not header:
        return body, b""
    if not (header.isascii() and header.isdigit() and len(header) < 10 and int(header) <= len(body)):  # noqa: PLR2004
        raise _invalid(Fault(HEADER_LENGTH, shown(header), f"a number of bytes up to {len(body)}"))
    return body[: int(header)], body[int(header) :]


def read_request(document: bytes) -> InferenceRequest:
    """Read the JSON of a request.

    Raises
    ------
    BrokenJsonError, InvalidInputsError
    """
    try:
        return msgspec.json.decode(document, type=InferenceRequest)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at ")
        field = path.strip("`$.") or "body"
        raise _invalid(Fault(field, said, "a request of the Open Inference Protocol V2")) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        msg = f"The body is not JSON: {error}."
        raise BrokenJsonError(msg) from None


def matrix_of(request: InferenceRequest, octets: bytes, width: int, limit: int) -> NDArray[np.float32]:
    """Return the model's input.

    Raises
    ------
    InvalidInputsError, TooManyDrivesError
    """
    faults = [
        Fault(f"outputs[{place}].name", shown(output.name), " or ".join(OUTPUTS))
        for place, output in enumerate(request.outputs)
        if output.name not in OUTPUTS
    ]
    if len(request.inputs) != 1:
        raise _invalid(*faults, Fault("inputs", f"{len(request.inputs)} tensors", f"one tensor, {INPUT!r}"))
    tensor = request.inputs[0]
    if tensor.name != INPUT:
        faults.append(Fault("inputs[0].name", shown(tensor.name), INPUT))
    if tensor.datatype != "FP32":
        faults.append(Fault("inputs[0].datatype", shown(tensor.datatype), "FP32"))
    if len(tensor.shape) != 2 or tensor.shape[1] != width:  # noqa: PLR2004
        faults.append(Fault("inputs[0].shape", str(tensor.shape[:8]), f"rows and {width} features"))
    if faults:
        raise _invalid(*faults)
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
            f"{shown(size)} said, {len(octets)} sent" if tensor.data is UNSET else "data and binary_data_size"
        )
        fault = Fault("inputs[0]", found, f"data, or binary_data_size and so many bytes: {expected}")
        raise _invalid(fault)
    values = np.frombuffer(octets, dtype="<f4").reshape(rows, width).astype(np.float32)
    if np.isinf(values).any():
        raise _invalid(Fault("inputs[0]", "an infinite value", "numbers, or NaN for missing values"))
    return values


def _from_json(data: list[Any], rows: int, width: int) -> NDArray[np.float32]:
    flat = data
    if data and all(isinstance(row, list) for row in data):
        wrong = next((place for place, row in enumerate(data) if len(row) != width), None)
        if wrong is not None:
            raise _invalid(
                Fault(f"inputs[0].data[{wrong}]", shown(data[wrong]), f"a list of {width} numbers")
            )
        flat = [value for row in data for value in row]
    if len(flat) != rows * width:
        raise _invalid(Fault("inputs[0].data", f"{len(flat)} values", f"{rows * width}, as the shape says"))
    largest = float(np.finfo(np.float32).max)
    for place, value in enumerate(flat):
        number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= largest
        if value is not None and not number:
            fault = Fault(f"inputs[0].data[{place}]", shown(value), "a number of 32 bits, or null")
            raise _invalid(fault)
    return np.array([np.nan if value is None else value for value in flat], dtype=np.float32).reshape(
        rows, width
    )


def answer_of(
    request: InferenceRequest, name: str, version: str, scores: dict[str, NDArray[np.float32]]
) -> tuple[bytes, int | None]:
    """Return the answer's body, and the length of its JSON when bytes follow.

    Parameters
    ----------
    request : InferenceRequest
    name, version : str
        Of the model.
    scores : dict of str to (n,) array of float32
        By output.
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
            data = [float(str(value)) for value in values]
            tensors.append(OutputTensor(output.name, "FP32", [len(values)], data))
    document = msgspec.json.encode(InferenceAnswer(name, version, request.id, tensors))
    return document + octets, len(document) if octets else None
