"""Faults of a request of the Open Inference Protocol V2: every faulty value, by its path."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from functions.scoring.model.features import EXPECTED_FEATURE, is_feature
from functions.scoring.model.onnx_model import INPUT, LOG_ODDS, PROBABILITY
from functions.scoring.telemetry import EXPECTED, TEXT_LIMITS, Fault, read_text, show_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OUTPUTS = (PROBABILITY, LOG_ODDS)
DRIVE_MODEL = "model"
"""The input that names the drives; it may be left out."""

UNSUPPORTED = ("classification", "shared_memory_region")
"""Parameters of Triton's extensions that would change the answer, and are not known here."""

SHOWN = 100
"""Most faults listed: a tensor wrong in every value does not get a list as long."""


def faults_of(document: Any, width: int) -> list[Fault]:
    """Return the first `SHOWN` faults of a decoded request to a model of *width* features."""
    if not isinstance(document, dict):
        return [Fault("body", show_value(document), "an object with a list inputs")]
    return list(islice(_request(document, width), SHOWN))


def _request(document: dict[str, Any], width: int) -> Iterator[Fault]:
    yield from _kind(document, "id", str, "", "a text, or left out")
    yield from _kind(document, "parameters", dict, "", "an object, or left out")
    yield from _kind(document, "outputs", list, "", "a list, or left out")
    inputs = document.get("inputs")
    if not isinstance(inputs, list) or not _are_inputs(inputs):
        found = f"{len(inputs)} tensors" if isinstance(inputs, list) else show_value(inputs)
        yield Fault("inputs", found, f"a list of the tensor {INPUT} and, where wanted, {DRIVE_MODEL}")
    for index, tensor in enumerate(_objects(inputs)):
        yield from _input(tensor, f"inputs[{index}]", width)
    for index, output in enumerate(_objects(document.get("outputs"))):
        yield from _output(output, f"outputs[{index}]")


def _are_inputs(tensors: list[Any]) -> bool:
    """Say whether these may be the inputs, one of them or both; how each is called is judged by itself."""
    names = [tensor.get("name") if isinstance(tensor, dict) else None for tensor in tensors]
    return names != [DRIVE_MODEL] and (len(names) == 1 or (len(names) == 2 and names[0] != names[1]))  # noqa: PLR2004


def _objects(items: Any) -> Iterable[Any]:
    return items if isinstance(items, list) else ()


def _kind(holder: dict[str, Any], name: str, kind: type, path: str, expected: str) -> Iterator[Fault]:
    if name in holder and not isinstance(holder[name], kind):
        yield Fault(f"{path}{name}", show_value(holder[name]), expected)


def _parameters(holder: dict[str, Any], path: str) -> Iterator[Fault]:
    yield from _kind(holder, "parameters", dict, f"{path}.", "an object, or left out")
    parameters = holder.get("parameters")
    if not isinstance(parameters, dict):
        return
    for name in UNSUPPORTED:
        if name in parameters:
            expected = "no such parameter: the extension is not supported"
            yield Fault(f"{path}.parameters.{name}", show_value(parameters[name]), expected)


def _output(output: Any, path: str) -> Iterator[Fault]:
    if not isinstance(output, dict):
        yield Fault(path, show_value(output), "an object with a name")
        return
    if output.get("name") not in OUTPUTS:
        yield Fault(f"{path}.name", show_value(output.get("name")), " or ".join(OUTPUTS))
    yield from _parameters(output, path)


def _input(tensor: Any, path: str, width: int) -> Iterator[Fault]:
    if not isinstance(tensor, dict):
        yield Fault(path, show_value(tensor), "an object with name, shape, datatype and data")
        return
    if tensor.get("name") == DRIVE_MODEL:
        yield from _drive_models(tensor, path)
        return
    for name, expected in {"name": INPUT, "datatype": "FP32"}.items():
        if tensor.get(name) != expected:
            yield Fault(f"{path}.{name}", show_value(tensor.get(name)), expected)
    yield from _shape(tensor.get("shape"), f"{path}.shape", width)
    yield from _parameters(tensor, path)
    if "data" in tensor:
        yield from value_faults(tensor["data"], width, f"{path}.data")


def _drive_models(tensor: dict[str, Any], path: str) -> Iterator[Fault]:
    if tensor.get("datatype") != "BYTES":
        yield Fault(f"{path}.datatype", show_value(tensor.get("datatype")), "BYTES")
    shape = tensor.get("shape")
    if not isinstance(shape, list) or len(shape) != 1 or not _is_size(shape[0]):
        yield Fault(f"{path}.shape", str(shape)[:SHOWN], "a list of one number: rows")
    yield from _parameters(tensor, path)
    if "data" in tensor:
        data = tensor["data"]
        if not isinstance(data, list):
            yield Fault(f"{path}.data", show_value(data), "a list of texts")
            return
        for index, value in enumerate(data):
            if read_text(value, TEXT_LIMITS["model"]) is None:
                yield Fault(f"{path}.data[{index}]", show_value(value), EXPECTED["model"])


def _shape(shape: Any, path: str, width: int) -> Iterator[Fault]:
    if not isinstance(shape, list):
        yield Fault(path, show_value(shape), f"a list of two numbers: rows and {width} features")
        return
    faulty = [index for index, size in enumerate(shape[:SHOWN]) if not _is_size(size)]
    for index in faulty:
        yield Fault(f"{path}[{index}]", show_value(shape[index]), "a whole number from 0")
    if not faulty and (len(shape) != 2 or shape[1] != width):  # noqa: PLR2004 - rows and features
        yield Fault(path, str(shape[:8]), f"rows and {width} features")


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def value_faults(data: Any, width: int, path: str) -> Iterator[Fault]:
    """Yield the faults of a tensor's values, flat or row by row."""
    if not isinstance(data, list):
        yield Fault(path, show_value(data), "a list of numbers, flat or row by row")
        return
    nested = bool(data) and all(isinstance(row, list) for row in data)
    if not nested:
        yield from _numbers(data, path)
        return
    for index, row in enumerate(data):
        if len(row) != width:
            yield Fault(f"{path}[{index}]", show_value(row), f"a list of {width} numbers")
        yield from _numbers(row, f"{path}[{index}]")


def _numbers(values: list[Any], path: str) -> Iterator[Fault]:
    for index, value in enumerate(values):
        if value is not None and not is_feature(value):
            yield Fault(f"{path}[{index}]", show_value(value), EXPECTED_FEATURE)
