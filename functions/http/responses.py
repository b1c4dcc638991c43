"""HTTP answers: JSON, and one error shape for every route (RFC 9457 problem details)."""

from __future__ import annotations

import logging
import os
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import azure.functions as func
import msgspec

from functions.errors import DrivecastError
from functions.http.concurrency import ConcurrencyLimit, once_per_process
from functions.http.errors import MethodNotAllowedError
from functions.http.request import Request
from functions.http.trace_context import REQUEST_ID, TRACEPARENT
from functions.platform_settings import too_few_threads
from functions.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"

RETRY_AFTER = {HTTPStatus.TOO_MANY_REQUESTS: "1", HTTPStatus.SERVICE_UNAVAILABLE: "10"}
"""Seconds to wait, by status."""

_log = logging.getLogger(__name__)
_PLAIN: Mapping[str, str] = MappingProxyType({})

_encode = msgspec.json.Encoder().encode


def json_answer(document: Any, status: int = 200) -> func.HttpResponse:
    """Answer with a document as JSON."""
    answer = func.HttpResponse(_encode(document), status_code=status, mimetype=JSON)
    answer.headers.add("content-type", JSON)  # Azure's library would, after looking for it in vain
    return answer


def problem_answer(error: DrivecastError, dialect: Mapping[str, str] = _PLAIN) -> func.HttpResponse:
    """Answer with an error's problem document.

    *dialect*: members that clients of another protocol read, and the member each repeats.
    """
    document = error.problem()
    for name, member in dialect.items():
        document[name] = document[member]
    headers = {}
    if error.status in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[HTTPStatus(error.status)]
    if isinstance(error, MethodNotAllowedError):
        headers["Allow"] = ", ".join(error.allow)
    return func.HttpResponse(
        _encode(document), status_code=error.status, mimetype=PROBLEM_JSON, headers=headers
    )


@once_per_process
def _limit_of_process() -> ConcurrencyLimit:
    """Return this process's limit of requests."""
    limit = settings().max_requests_in_progress
    fault = too_few_threads(limit, os.environ)
    if fault is not None:
        # Not earlier, when the app is loaded: the host drops records that belong to no call.
        _log.warning("%s", fault)
    return ConcurrencyLimit(limit)


def _within_limit(handler: Callable[[Request], func.HttpResponse], request: Request) -> func.HttpResponse:
    running = _limit_of_process()
    running.acquire()
    try:
        return handler(request)
    finally:
        running.release()


def answering(
    handler: Callable[[Request], func.HttpResponse],
    dialect: Mapping[str, str] = _PLAIN,
    *,
    limited: bool = True,
) -> Callable[[func.HttpRequest], func.HttpResponse]:
    """Make a handler a function of the app.

    An error becomes a problem document; an unforeseen one is logged, not shown. Every answer carries the
    request's id, its trace and the times of its stages. Logged are codes, sizes and ids. *dialect* is that of
    `problem_answer`; a *limited* one counts among MAX_REQUESTS_IN_PROGRESS.
    """
    name = handler.__name__

    def answered(req: func.HttpRequest) -> func.HttpResponse:
        request = Request(req)
        try:
            answer = _within_limit(handler, request) if limited else handler(request)
        except DrivecastError as error:
            answer = problem_answer(error, dialect)
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                _log.error("%s: %s (request %s)", error.code, error.detail, request.request_id)
            else:
                _log.info(
                    "%s refused %d bytes with %d %s (request %s)",
                    name, request.size, error.status, error.code, request.request_id,
                )  # fmt: skip
        except Exception:  # noqa: BLE001 - whatever it is, it is logged and the caller gets JSON
            _log.exception("unforeseen error in %s (request %s)", name, request.request_id)
            unforeseen = DrivecastError("The error was logged under this request's id; try again later.")
            answer = problem_answer(unforeseen, dialect)
        finally:
            request.done()
        headers = answer.headers
        headers.add(REQUEST_ID, request.request_id)
        headers.add(TRACEPARENT, request.traceparent)
        headers.add("Server-Timing", request.watch.header())
        return answer

    # Not functools.wraps: the host would read the handler's own parameters.
    answered.__name__ = name
    answered.__qualname__ = handler.__qualname__
    answered.__doc__ = handler.__doc__
    return answered
