"""The input of the Open Inference Protocol V2 that names the drive of each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from functions.http.oip_diagnosis import DRIVE_MODEL, SHOWN
from functions.http.oip_tensors import invalid_inputs
from functions.scoring.model.onnx_model import INPUT
from functions.scoring.telemetry import EXPECTED, TEXT_LIMITS, Fault, read_text, show_value

if TYPE_CHECKING:
    from functions.http.oip_tensors import InferenceRequest

_LENGTH_BYTES = 4


def drive_models_of(request: InferenceRequest, octets: bytes, rows: int) -> list[str] | None:
    """Return the drive model of each of the rows; None without the input that names them.

    *octets* are those of this input. A text that comes as bytes has its length before it, four bytes.

    Raises
    ------
    InvalidInputsError
    """
    index = next((at for at, tensor in enumerate(request.inputs) if tensor.name == DRIVE_MODEL), None)
    if index is None:
        return None
    tensor, path = request.inputs[index], f"inputs[{index}]"
    given = _texts(octets) if tensor.data is UNSET else tensor.data
    if given is None:
        raise invalid_inputs(
            Fault(path, f"{len(octets)} bytes", "texts, each after its length in four bytes")
        )
    if tensor.shape[0] != rows or len(given) != rows:
        found = f"{len(given)} texts, shape {tensor.shape}"
        raise invalid_inputs(Fault(path, found, f"{rows}, as {INPUT} has rows"))
    names = [read_text(value, TEXT_LIMITS["model"]) for value in given]
    faults = [
        Fault(f"{path}.data[{row}]", show_value(given[row]), EXPECTED["model"])
        for row, name in enumerate(names)
        if name is None
    ]
    if faults:
        raise invalid_inputs(*faults[:SHOWN])
    return [name for name in names if name is not None]


def _texts(octets: bytes) -> list[str] | None:
    """Read texts, each with its length before it; None where they are cut short or are no UTF-8."""
    texts, start = [], 0
    while start < len(octets):
        begin = start + _LENGTH_BYTES
        start = begin + int.from_bytes(octets[start:begin], "little")
        if start > len(octets):
            return None
        try:
            texts.append(octets[begin:start].decode())
        except UnicodeDecodeError:
            return None
    return texts
