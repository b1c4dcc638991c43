"""Why a quarter could not be fetched."""

from __future__ import annotations

from typing import ClassVar

from functions.errors import DrivecastError


class DownloadError(DrivecastError):
    """Published telemetry cannot be fetched, or what came is not what was announced."""

    code: ClassVar[str] = "download"
    title: ClassVar[str] = "The telemetry cannot be downloaded"
    status: ClassVar[int] = 502
