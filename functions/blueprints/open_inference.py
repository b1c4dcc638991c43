"""Blueprint of the Open Inference Protocol V2, as KServe, Triton and their clients speak it."""

from __future__ import annotations

from typing import Annotated, Any

import azure.functions as func
import msgspec
import numpy as np
from msgspec import Meta

from functions.http.body import check_json
from functions.http.endpoints import WITH_BODY, endpoint
from functions.http.errors import InvalidInputsError, TooManyDrivesError, UnknownModelError
from functions.http.oip_diagnosis import DRIVE_MODEL, OUTPUTS
from functions.http.oip_drive_models import drive_models_of
from functions.http.oip_tensors import (
    BINARY,
    HEADER_LENGTH,
    OCTETS,
    InferenceAnswer,
    InferenceRequest,
    answer_of,
    matrix_of,
    octets_of,
    read_request,
    split,
)
from functions.http.request import Request
from functions.http.responses import JSON, json_answer
from functions.scoring.model.onnx_model import INPUT, LOG_ODDS, PROBABILITY
from functions.scoring.model.scorer import Scorer
from functions.scoring.telemetry import show_value
from functions.serving.models import scorer
from functions.settings import settings
from functions.version import RELEASE

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]

NAME = "drivecast"
"""The model's name in the protocol; its versions are those of the registry."""

DIALECT = {"error": "detail"}
"""Where clients of the protocol look for what went wrong."""

_NAMED = (UnknownModelError,)


class ServerMetadata(msgspec.Struct, frozen=True):
    """The server."""

    name: Annotated[str, Meta(description="drivecast.")]
    version: Annotated[str, Meta(description="Of the app.")]
    extensions: Annotated[list[str], Meta(description="Extensions of the protocol it knows.")]


class Live(msgspec.Struct, frozen=True):
    """The server is alive."""

    live: Annotated[bool, Meta(description="True.")]


class Ready(msgspec.Struct, frozen=True):
    """The server is ready."""

    ready: Annotated[bool, Meta(description="True.")]


class ModelReady(msgspec.Struct, frozen=True):
    """The model is ready."""

    name: Annotated[str, Meta(description="As asked.")]
    ready: Annotated[bool, Meta(description="True.")]


class TensorMetadata(msgspec.Struct, frozen=True):
    """A tensor of the model."""

    name: Annotated[str, Meta(description="Its name.")]
    datatype: Annotated[str, Meta(description="FP32, or BYTES for text.")]
    shape: Annotated[list[int], Meta(description="-1 is any number of rows.")]


_INPUTS = "The features, in the order of GET model; and the drives' models, which may be left out."


class ModelMetadata(msgspec.Struct, frozen=True):
    """The model."""

    name: Annotated[str, Meta(description="As asked.")]
    versions: Annotated[list[str], Meta(description="The version that is served.")]
    platform: Annotated[str, Meta(description="onnxruntime_onnx.")]
    inputs: Annotated[list[TensorMetadata], Meta(description=_INPUTS)]
    outputs: Annotated[list[TensorMetadata], Meta(description="Probability and log-odds.")]


@endpoint(blueprint, "GET", "v2", name="oip_server", answer=ServerMetadata, dialect=DIALECT)
def server(request: Request) -> func.HttpResponse:  # noqa: ARG001
    """Describe the server (Open Inference Protocol V2)."""
    return json_answer(ServerMetadata(NAME, RELEASE, [BINARY]))


@endpoint(blueprint, "GET", "v2/health/live", name="oip_live", answer=Live, dialect=DIALECT, limited=False)
def live(request: Request) -> func.HttpResponse:  # noqa: ARG001
    """Say that the server is alive (Open Inference Protocol V2)."""
    return json_answer(Live(live=True))


@endpoint(blueprint, "GET", "v2/health/ready", name="oip_ready", answer=Ready, dialect=DIALECT, limited=False)
def ready(request: Request) -> func.HttpResponse:  # noqa: ARG001
    """Say that the model is loaded (Open Inference Protocol V2)."""
    scorer()
    return json_answer(Ready(ready=True))


def _served_model(request: Request) -> tuple[str, Scorer]:
    """Return the name that was asked for and the model's scorer; refuse other names and versions."""
    answering = scorer()
    served = answering.model.version
    name, version = request.route("name"), request.route("version")
    if name != NAME:
        msg = f"The path names the model {show_value(name)}; expected {NAME}."
        raise UnknownModelError(msg)
    if version and version != served:
        msg = f"The path names the version {show_value(version)}; {served} is served."
        raise UnknownModelError(msg)
    return name, answering


def _metadata(request: Request) -> func.HttpResponse:
    name, answering = _served_model(request)
    inputs = [
        TensorMetadata(INPUT, "FP32", [-1, len(answering.model.plan.features)]),
        TensorMetadata(DRIVE_MODEL, "BYTES", [-1]),
    ]
    outputs = [TensorMetadata(output, "FP32", [-1]) for output in OUTPUTS]
    versions = [answering.model.version]
    return json_answer(ModelMetadata(name, versions, "onnxruntime_onnx", inputs, outputs))


def _model_ready(request: Request) -> func.HttpResponse:
    name, _ = _served_model(request)
    return json_answer(ModelReady(name, ready=True))


def _infer(request: Request) -> func.HttpResponse:
    chosen, watch = settings(), request.watch
    name, answering = _served_model(request)
    body, _ = request.body((JSON, OCTETS), chosen.max_batch_body_bytes, mixed=True)
    document, octets = split(body, request.header(HEADER_LENGTH))
    check_json(document, chosen.max_json_depth, chosen.max_drives)
    width = len(answering.model.plan.features)
    wanted = read_request(document, width)
    watch.lap("parse")
    parts = octets_of(wanted, octets)
    matrix = matrix_of(wanted, parts[INPUT], width, chosen.max_drives)
    drive_models = drive_models_of(wanted, parts.get(DRIVE_MODEL, b""), len(matrix))
    watch.lap("features")
    if not len(matrix):
        log_odds = probability = np.empty(0, dtype=np.float32)
    elif drive_models is None:
        log_odds, probability = answering.model.predict(matrix)
    else:
        by_name = np.array([answering.scopes.of_model(each) for each in drive_models], dtype=np.int8)
        log_odds, probability = answering.score_features(matrix, by_name)
    watch.lap("model")
    scores = {LOG_ODDS: log_odds, PROBABILITY: probability}
    content, length = answer_of(wanted, name, answering.model.version, scores)
    if length is None:
        return func.HttpResponse(content, mimetype=JSON)
    return func.HttpResponse(
        content, mimetype=OCTETS, headers={"Inference-Header-Content-Length": str(length)}
    )


_INFERENCE: dict[str, Any] = {
    "body": {JSON: InferenceRequest},
    "answer": InferenceAnswer,
    "errors": (*WITH_BODY, *_NAMED, InvalidInputsError, TooManyDrivesError),
    "dialect": DIALECT,
}


@endpoint(
    blueprint,
    "GET",
    "v2/models/{name}",
    name="oip_model",
    answer=ModelMetadata,
    errors=_NAMED,
    dialect=DIALECT,
)
def model_metadata(request: Request) -> func.HttpResponse:
    """Describe the model's tensors (Open Inference Protocol V2)."""
    return _metadata(request)


@endpoint(
    blueprint,
    "GET",
    "v2/models/{name}/versions/{version}",
    name="oip_model_version",
    answer=ModelMetadata,
    errors=_NAMED,
    dialect=DIALECT,
)
def model_version_metadata(request: Request) -> func.HttpResponse:
    """Describe a version's tensors (Open Inference Protocol V2)."""
    return _metadata(request)


@endpoint(
    blueprint,
    "GET",
    "v2/models/{name}/ready",
    name="oip_model_ready",
    answer=ModelReady,
    errors=_NAMED,
    dialect=DIALECT,
    limited=False,
)
def model_ready(request: Request) -> func.HttpResponse:
    """Say that the model is ready (Open Inference Protocol V2)."""
    return _model_ready(request)


@endpoint(
    blueprint,
    "GET",
    "v2/models/{name}/versions/{version}/ready",
    name="oip_model_version_ready",
    answer=ModelReady,
    errors=_NAMED,
    dialect=DIALECT,
    limited=False,
)
def model_version_ready(request: Request) -> func.HttpResponse:
    """Say that a version is ready (Open Inference Protocol V2)."""
    return _model_ready(request)


@endpoint(blueprint, "POST", "v2/models/{name}/infer", name="oip_infer", **_INFERENCE)
def infer(request: Request) -> func.HttpResponse:
    """Score rows of features (Open Inference Protocol V2).

    Takes JSON, and the binary tensor extension of Triton, which carries NaN for missing values. With the
    input model, a drive model for each row, drives are answered as telemetry is: by what is known of them.
    """
    return _infer(request)


@endpoint(
    blueprint, "POST", "v2/models/{name}/versions/{version}/infer", name="oip_infer_version", **_INFERENCE
)
def infer_version(request: Request) -> func.HttpResponse:
    """Score rows of features with a version (Open Inference Protocol V2)."""
    return _infer(request)
