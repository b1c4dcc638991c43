"""Errors of HTTP requests beyond what the library raises; the base classes are in `functions.errors`."""

from __future__ import annotations

from typing import Any

from functions.errors import DrivecastError, RequestError


class BadQueryError(RequestError):
    """A query parameter has a value that cannot be used."""

    code = "bad_query"
    title = "A query parameter cannot be used"


class LengthRequiredError(RequestError):
    """The body was sent in chunks, without a Content-Length, and did not arrive."""

    code = "length_required"
    title = "The body came without its length"
    status = 411


class TooDeepError(RequestError):
    """The JSON is nested more deeply than the limit."""

    code = "too_deep"
    title = "The body is nested too deeply"


class BrokenEncodingError(RequestError):
    """The body does not match its Content-Encoding."""

    code = "broken_encoding"
    title = "The body cannot be decompressed"


class UnsupportedEncodingError(RequestError):
    """The body has a Content-Encoding that is not taken."""

    code = "unsupported_encoding"
    title = "The body's encoding is not supported"
    status = 415


class UnsupportedMediaTypeError(RequestError):
    """The body has a Content-Type that the endpoint does not take."""

    code = "unsupported_media_type"
    title = "The body's media type is not supported"
    status = 415


class TooManyDrivesError(RequestError):
    """The request asks about more drives than the limit."""

    code = "too_many_drives"
    title = "The request has too many drives"
    status = 422


class InvalidInputsError(RequestError):
    """The columns or tensors do not fit the model."""

    code = "invalid_inputs"
    title = "The inputs do not fit the model"
    status = 422


class NotFoundError(RequestError):
    """There is nothing at this path."""

    code = "not_found"
    title = "There is no such endpoint"
    status = 404


class UnknownModelError(RequestError):
    """The path names a model or version that is not served."""

    code = "unknown_model"
    title = "This model is not served here"
    status = 404


class MethodNotAllowedError(RequestError):
    """The path exists, but not for this method.

    *allow* lists the methods it has.
    """

    code = "method_not_allowed"
    title = "The endpoint does not take this method"
    status = 405

    def __init__(self, detail: str, allow: list[str] | None = None) -> None:
        super().__init__(detail)
        self.allow = allow or []


class TooManyRequestsError(DrivecastError):
    """More requests are in progress than the limit."""

    code = "too_many_requests"
    title = "Too many requests are in progress"
    status = 429
    retryable = True


class NotReadyError(DrivecastError):
    """A part the app needs does not answer.

    *checks* is the state of every part.
    """

    code = "not_ready"
    title = "The app is not ready"
    status = 503
    retryable = True

    def __init__(self, detail: str, checks: dict[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.checks = checks or {}

    def problem(self) -> dict[str, Any]:
        """Return the problem document with the state of every part in ``checks``."""
        document = super().problem()
        if self.checks:
            document["checks"] = self.checks
        return document
