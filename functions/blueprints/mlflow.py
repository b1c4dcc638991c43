"""Blueprint of MLflow's scoring protocol, so that a client of ``mlflow models serve`` works unchanged."""

from __future__ import annotations

from typing import Annotated, Any

import azure.functions as func
import msgspec
from msgspec import Meta

from functions.http.body import CSV, JSON
from functions.http.endpoints import WITH_BODY, endpoint
from functions.http.errors import InvalidInputsError, TooManyDrivesError
from functions.http.mlflow_table import model_input, read_table
from functions.http.request import Request
from functions.http.responses import json_answer
from functions.scoring.model.scorer import Observations, known_decimal
from functions.scoring.telemetry import RAW_COLUMNS
from functions.serving.models import scorer
from functions.settings import settings
from functions.version import RELEASE

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]

DIALECT = {"error_code": "code", "message": "detail"}
"""Where MLflow's clients look for what went wrong."""

_ROWS: dict[str, Any] = {"type": "array"}
_TABLE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "One of MLflow's forms. Columns are those of telemetry (model, smart_5_raw, ...) or the "
    "model's own features, as GET model lists them.",
    "oneOf": [
        {"required": [form]} for form in ("dataframe_split", "dataframe_records", "instances", "inputs")
    ],
    "properties": {
        "dataframe_split": {
            "type": "object",
            "properties": {"columns": {"type": "array", "items": {"type": "string"}}, "data": _ROWS},
            "required": ["columns", "data"],
        },
        "dataframe_records": {"type": "array", "items": {"type": "object"}},
        "instances": _ROWS,
        "inputs": {"type": ["array", "object"]},
    },
    "examples": [{"dataframe_records": [{"model": "ST4000DM000", "smart_5_raw": 8, "smart_187_raw": 2}]}],
}
_CSV_SCHEMA = {
    "type": "string",
    "pattern": r"\S",
    "examples": ["model,smart_5_raw,smart_187_raw\nST4000DM000,8,2\n"],
}


class Predictions(msgspec.Struct, frozen=True):
    """The answer of MLflow's scoring protocol."""

    predictions: Annotated[
        list[float | None],
        Meta(
            description="Probability of failing within the horizon, row by row; null for a row of telemetry "
            "whose drive the model knows nothing of (scope unknown)."
        ),
    ]


@endpoint(
    blueprint,
    "POST",
    "invocations",
    body={JSON: _TABLE_SCHEMA, CSV: _CSV_SCHEMA},
    answer=Predictions,
    errors=(*WITH_BODY, TooManyDrivesError, InvalidInputsError),
    dialect=DIALECT,
)
def invocations(request: Request) -> func.HttpResponse:
    """Score a table, by MLflow's protocol.

    Takes dataframe_split, dataframe_records, instances, inputs and text/csv.
    """
    chosen, watch = settings(), request.watch
    answering = scorer()
    body, kind = request.body((JSON, CSV), chosen.max_batch_body_bytes, most=chosen.max_drives)
    wanted = {"model", *RAW_COLUMNS, *(feature.name for feature in answering.model.plan.features)}
    table, rows = read_table(body, kind, wanted, chosen.max_drives)
    watch.lap("parse")
    given = model_input(table, rows, answering, chosen.max_drives)
    watch.lap("features")
    if not rows:
        return json_answer(Predictions([]))
    if isinstance(given, Observations):
        probabilities = answering.score(given).probability
    else:
        _, probabilities = answering.model.predict(given)
    watch.lap("model")
    return json_answer(Predictions([known_decimal(value) for value in probabilities]))


@endpoint(
    blueprint,
    "GET",
    "ping",
    answer={"type": "string"},
    answer_type="text/plain",
    dialect=DIALECT,
    limited=False,
)
def ping(request: Request) -> func.HttpResponse:  # noqa: ARG001
    """Say that the model is loaded, as MLflow's servers do: a line break."""
    scorer()
    return func.HttpResponse(b"\n", mimetype="text/plain")


@endpoint(blueprint, "GET", "version", answer={"type": "string"}, answer_type="text/plain", dialect=DIALECT)
def version(request: Request) -> func.HttpResponse:  # noqa: ARG001
    """Return the version of the app."""
    return func.HttpResponse(RELEASE.encode(), mimetype="text/plain")
