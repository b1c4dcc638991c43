"""HTTP answers: JSON, and one error shape for every route (RFC 9457 problem details)."""

from __future__ import annotations

import logging
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import azure.functions as func
import msgspec

from functions.errors import DrivecastError

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"

_log = logging.getLogger(__name__)


def json_answer(document: Any, status: int = HTTPStatus.OK) -> func.HttpResponse:
    """Answer with a document as JSON."""
    return func.HttpResponse(msgspec.json.encode(document), status_code=status, mimetype=JSON)


def problem_answer(error: DrivecastError) -> func.HttpResponse:
    """Answer with an error's problem document."""
    return func.HttpResponse(
        msgspec.json.encode(error.problem()), status_code=error.status, mimetype=PROBLEM_JSON
    )


def answering(
    handler: Callable[[func.HttpRequest], func.HttpResponse],
) -> Callable[[func.HttpRequest], func.HttpResponse]:
    """Turn what a handler raises into a problem document; what was not foreseen is logged, not shown."""

    @wraps(handler)
    def answered(req: func.HttpRequest) -> func.HttpResponse:
        try:
            return handler(req)
        except DrivecastError as error:
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                _log.error("%s: %s", error.code, error.detail)
            return problem_answer(error)
        except Exception:  # noqa: BLE001 - whatever it is, it is logged and the caller gets JSON
            _log.exception("unforeseen error in %s", handler.__name__)
            return problem_answer(
                DrivecastError("The error was logged under this invocation's id; try again later.")
            )

    return answered
