"""Errors that people read: each class owns its code, its title and its HTTP status.

Raise with a sentence that says what was found, what was expected and what to do. Whoever answers (the HTTP
blueprints, the batch path, the command line) turns the same object into a problem document, a failed summary
or one line of text.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What `msgspec.json.decode` raises of bytes that it cannot read; not all of it is its own."""


class DrivecastError(Exception):
    """Base of every error a user can cause or must act on.

    Parameters
    ----------
    detail : str
        Found, expected, where, and what to do about it. Shown to users as it is.

    Attributes
    ----------
    code : str
        Stable identifier, safe to program against.
    title : str
        The kind of problem, equal for every occurrence.
    status : int
        HTTP status when it is answered over HTTP.
    retryable : bool
        Whether the same input can succeed later: a batch invocation then fails and is tried again instead of
        recording the file as failed.
    """

    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"
    status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def problem(self) -> dict[str, Any]:
        """Return the RFC 9457 problem document of this error."""
        return {
            "type": f"urn:drivecast:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }


class SettingError(DrivecastError):
    """An app setting is missing or has a value that cannot be used."""

    code = "bad_setting"
    title = "An app setting cannot be used"


class ModelError(DrivecastError):
    """A model version is missing, damaged or does not score as recorded."""

    code = "model_unusable"
    title = "The model cannot be served"
    status = 503


class TelemetryFileError(DrivecastError):
    """A telemetry file as a whole cannot be scored."""

    code = "bad_file"
    title = "The telemetry file cannot be scored"
    status = 422


class SnapshotError(DrivecastError):
    """A history snapshot is damaged, which says nothing about the file that is to be joined with it."""

    code = "bad_snapshot"
    title = "A history snapshot cannot be read"
    status = 503
    retryable = True


class DiskFullError(DrivecastError):
    """A disk of this machine is full of what others keep there, which says nothing about the file.

    Parameters
    ----------
    detail : str
        See `DrivecastError`; names no path.
    path : str, optional
        File or folder on the full disk, for those who are on this machine.
    """

    code = "disk_full"
    title = "A disk is full"
    status = 503
    retryable = True

    def __init__(self, detail: str, path: str = "") -> None:
        super().__init__(detail)
        self.path = path

    def __str__(self) -> str:
        """Return the detail and the path, as logs and the command line have it."""
        return f"{self.detail} ({self.path})" if self.path else self.detail


class RangeMessageError(DrivecastError):
    """A message that asks for a range of a file is not one of ours."""

    code = "bad_range_message"
    title = "A queue message cannot be read"


class NewerAppError(DrivecastError):
    """The ranges of a file are scored by a newer version of the app than this one."""

    code = "newer_app"
    title = "A newer version of the app has begun this file"
    status = 503
    retryable = True


class EventMessageError(DrivecastError):
    """A message that announces a file is not one of Event Grid's."""

    code = "bad_event_message"
    title = "A queue message cannot be read"


class RequestError(DrivecastError):
    """An HTTP request cannot be answered as it stands.

    Parameters
    ----------
    detail : str
        See `DrivecastError`.
    errors : list of dict, optional
        One entry a faulty field: ``field`` (such as ``history[0].smart_5_raw``), ``found``, ``expected``.
    """

    code = "bad_request"
    title = "The request cannot be read"
    status = 400

    def __init__(self, detail: str, errors: list[dict[str, Any]] | None = None) -> None:
        super().__init__(detail)
        self.errors = errors or []

    def problem(self) -> dict[str, Any]:
        """Return the problem document with every faulty field named in ``errors``."""
        document = super().problem()
        if self.errors:
            document["errors"] = self.errors
        return document


class EmptyBodyError(RequestError):
    """The request has no body."""

    code = "empty_body"
    title = "The request has no body"


class BrokenJsonError(RequestError):
    """The body is not JSON, or not a JSON object."""

    code = "broken_json"
    title = "The body is not a JSON object"


class BodyTooLargeError(RequestError):
    """The body is larger than the limit."""

    code = "body_too_large"
    title = "The body is too large"
    status = 413


class InvalidTelemetryError(RequestError):
    """Fields of the telemetry are missing, of the wrong type or impossible."""

    code = "invalid_telemetry"
    title = "The telemetry has faulty fields"
    status = 422


class NoAtaAttributesError(RequestError):
    """The smartctl output is not that of a drive with ATA SMART attributes."""

    code = "no_ata_attributes"
    title = "The smartctl output has no ATA SMART attributes"
    status = 422
