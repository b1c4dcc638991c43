"""Blueprint of the online functions: a forecast over HTTP."""

from __future__ import annotations

from typing import Any

import azure.functions as func
import msgspec

from functions.answers import answering, json_answer
from functions.errors import BodyTooLargeError, BrokenJsonError, EmptyBodyError
from functions.scoring.forecast import forecast
from functions.scoring.telemetry import shown
from functions.serving import scorer
from functions.settings import settings

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]


def read_object(body: bytes, limit: int) -> dict[str, Any]:
    """Read a request's body as a JSON object.

    Raises
    ------
    EmptyBodyError, BodyTooLargeError, BrokenJsonError
    """
    if not body.strip():
        msg = (
            "The body is empty; send a JSON object with the drive's telemetry: "
            "date, serial_number, model, smart_…_raw."
        )
        raise EmptyBodyError(msg)
    if len(body) > limit:
        msg = (
            f"The body has {len(body)} bytes; at most {limit} are accepted. "
            "Drop whole fleets into the container telemetry."
        )
        raise BodyTooLargeError(msg)
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        msg = f"The body is not JSON: {error}."
        raise BrokenJsonError(msg) from None
    if not isinstance(document, dict):
        msg = f"The body is {shown(document)}; a JSON object with one drive's telemetry is expected."
        raise BrokenJsonError(msg)
    return document


@blueprint.function_name("predict")
@blueprint.route(route="predict", methods=[func.HttpMethod.POST])
@answering
def predict(req: func.HttpRequest) -> func.HttpResponse:
    """Answer for one drive: how likely it fails within the horizon, why, and what to do."""
    return json_answer(forecast(read_object(req.get_body(), settings().max_body_bytes), scorer()))
