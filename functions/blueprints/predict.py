"""Blueprint of the online functions: forecasts and explanations over HTTP."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated, Any, cast

import azure.functions as func
import msgspec
from msgspec import UNSET, Meta, UnsetType

from functions.errors import InvalidTelemetryError, NoAtaAttributesError
from functions.http.body import JSON, SMARTCTL
from functions.http.drives import (
    MANY_DRIVES,
    ONE_DRIVE,
    BatchRequest,
    many_drives,
    one_drive,
)
from functions.http.endpoints import ABOUT_A_DRIVE, WITH_BODY, endpoint
from functions.http.errors import BadQueryError, TooManyDrivesError
from functions.http.problem import Problem
from functions.http.query_params import Choice, Count
from functions.http.request import Request, hash_serial
from functions.http.responses import json_answer
from functions.scoring.online.explanation import Explanation, explain
from functions.scoring.online.forecast import Explained, Forecast, forecasts
from functions.scoring.online.request_types import DriveDay
from functions.scoring.smart import ATTRIBUTES
from functions.scoring.smartctl import EXAMPLE as SMARTCTL_EXAMPLE
from functions.scoring.telemetry import Fault
from functions.serving.models import baseline, scorer
from functions.settings import settings

if TYPE_CHECKING:
    from functions.scoring.online.request_parser import Drive

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]

_log = logging.getLogger(__name__)

REASONS = Choice(
    "reasons", ("all", "risky", "none"), "Which drives get reasons; risky is from medium risk on."
)
REASONS_IN_BATCH = Choice("reasons", ("risky", "all", "none"), REASONS.meaning)
FORMAT = Choice(
    "format",
    ("telemetry", "smartctl"),
    f"Format of the body; smartctl is the same as sending it as {SMARTCTL}.",
)
TOP = Count("top", len(ATTRIBUTES), "Most contributions shown; the others are added up in rest.")

SMARTCTL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "The output of smartctl -a -j for an ATA or SATA drive.",
    "examples": [SMARTCTL_EXAMPLE],
}
ONE_DRIVE_BODIES = {JSON: DriveDay, SMARTCTL: SMARTCTL_SCHEMA}
OUTPUTS_SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "The outputs of smartctl -a -j, each answered or refused on its own.",
    "items": {"anyOf": [SMARTCTL_SCHEMA, {"description": "Answered by a problem of its own."}]},
    "examples": [[SMARTCTL_EXAMPLE]],
}
MANY_DRIVES_BODIES = {JSON: (BatchRequest, OUTPUTS_SCHEMA), SMARTCTL: OUTPUTS_SCHEMA}

WORRYING = {"high", "critical"}
"""Risk levels that a log line is written for."""


class BatchItem(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The answer for one drive of a batch: a forecast or a problem."""

    forecast: Annotated[Forecast | UnsetType, Meta(description="The forecast.")] = UNSET
    problem: Annotated[Problem | UnsetType, Meta(description="Why there is none.")] = UNSET


class BatchAnswer(msgspec.Struct, frozen=True):
    """The answers for many drives."""

    model_version: Annotated[str, Meta(description="The model version that answered.")]
    answered: Annotated[int, Meta(description="Drives with a forecast.", ge=0)]
    refused: Annotated[int, Meta(description="Drives with a problem.", ge=0)]
    results: Annotated[list[BatchItem], Meta(description="One for each drive, in the order of the request.")]


def _is_smartctl(request: Request, kind: str, faults: list[Fault]) -> bool:
    return FORMAT.read(request.params, faults) == "smartctl" or kind == SMARTCTL


@endpoint(
    blueprint,
    "POST",
    "predict",
    body=ONE_DRIVE_BODIES,
    answer=Forecast,
    query=(REASONS, FORMAT),
    errors=(*ABOUT_A_DRIVE, NoAtaAttributesError),
)
def predict(request: Request) -> func.HttpResponse:
    """Forecast one drive.

    Probability of failing within the horizon, reasons and advice. Takes a row of telemetry, optionally with
    earlier rows as history, or the output of smartctl -a -j.
    """
    faults: list[Fault] = []
    model = scorer()
    watch = request.watch
    body, kind = request.body(ONE_DRIVE, settings().max_body_bytes)
    explained = cast(Explained, REASONS.read(request.params, faults))
    drive = one_drive(body, _is_smartctl(request, kind, faults), model.attributes, faults, model.needed)
    watch.lap("parse")
    answer = forecasts([drive], model, explained, watch.lap)[0]
    if answer.risk in WORRYING:
        _log.info(
            "drive %s: %s risk (request %s)",
            hash_serial(drive.serial_number),
            answer.risk,
            request.request_id,
        )
    return json_answer(answer)


@endpoint(
    blueprint,
    "POST",
    "predict/batch",
    name="predict_batch",
    body=MANY_DRIVES_BODIES,
    answer=BatchAnswer,
    query=(REASONS_IN_BATCH,),
    errors=(*WITH_BODY, BadQueryError, TooManyDrivesError, InvalidTelemetryError),
)
def predict_batch(request: Request) -> func.HttpResponse:
    """Forecast many drives.

    Takes rows of telemetry under drives, or an array with the output of smartctl -a -j of each drive. Each
    is answered or refused on its own, in the order of the request; one that cannot be used does not fail the
    others.
    """
    faults: list[Fault] = []
    model, watch, chosen = scorer(), request.watch, settings()
    body, _ = request.body(MANY_DRIVES, chosen.max_batch_body_bytes, most=chosen.max_drives)
    explained = cast(Explained, REASONS_IN_BATCH.read(request.params, faults))
    drives, faulty = many_drives(body, model.attributes, chosen.max_drives, faults, model.needed)
    watch.lap("parse")
    good: list[Drive] = [drive for drive in drives if drive is not None]
    answers = iter(forecasts(good, model, explained, watch.lap))
    results = [
        BatchItem(forecast=next(answers))
        if drive is not None
        else BatchItem(problem=msgspec.convert(faulty[index].problem(), Problem))
        for index, drive in enumerate(drives)
    ]
    _log.info("batch of %d drives, %d refused (request %s)", len(drives), len(faulty), request.request_id)
    return json_answer(BatchAnswer(model.model.version, len(good), len(faulty), results))


@endpoint(
    blueprint,
    "POST",
    "explain",
    name="explain",
    body=ONE_DRIVE_BODIES,
    answer=Explanation,
    query=(TOP, FORMAT),
    errors=(*ABOUT_A_DRIVE, NoAtaAttributesError),
)
def explain_drive(request: Request) -> func.HttpResponse:
    """Explain one drive's forecast.

    Every SMART attribute's contribution in log-odds, exact: base value, contributions and rest add up to the
    log-odds. The baseline model is taken apart in the same way.
    """
    faults: list[Fault] = []
    model, watch = scorer(), request.watch
    body, kind = request.body(ONE_DRIVE, settings().max_body_bytes)
    top = TOP.read(request.params, faults)
    smartctl = _is_smartctl(request, kind, faults)
    drive = one_drive(body, smartctl, model.attributes, faults, model.needed)
    watch.lap("parse")
    found = explain(drive, model, top, watch.lap)
    simple = baseline()
    compared = None
    if found.model is not None and simple is not None and simple.model.version != model.model.version:
        # What the baseline alone reads is no fault of a request that is answered.
        same = one_drive(body, smartctl, simple.attributes, [], needed=model.needed)
        compared = explain(same, simple, top, _no_time).model
    return json_answer(
        Explanation(
            drive.serial_number,
            drive.model,
            drive.date.isoformat(),
            model.model.manifest.horizon_days,
            found.risk,
            found.scope,
            found.basis.sentence,
            found.basis.missing,
            found.basis.stand_ins,
            found.model,
            compared,
            None if found.basis.unknown is None else found.basis.sentence,
            found.basis.unknown,
        )
    )


def _no_time(stage: str) -> None:
    """Leave the baseline out of the timings."""
