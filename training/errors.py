"""Errors of the training commands that people read: one sentence, no traceback."""

from __future__ import annotations

from typing import ClassVar

from functions.errors import DrivecastError


class TelemetrySourceError(DrivecastError):
    """A path does not hold telemetry that training can read.

    The detail names the file, and the column where one is to blame.
    """

    code: ClassVar[str] = "telemetry_source"
    title: ClassVar[str] = "The telemetry cannot be read"
    status: ClassVar[int] = 400


class SplitError(DrivecastError):
    """The data cannot be divided as asked: too short a period, or dates that overlap."""

    code: ClassVar[str] = "split"
    title: ClassVar[str] = "The data cannot be split into train, validation and test"
    status: ClassVar[int] = 400


class SimulationError(DrivecastError):
    """A fleet cannot be simulated as asked."""

    code: ClassVar[str] = "simulation"
    title: ClassVar[str] = "The fleet cannot be simulated"
    status: ClassVar[int] = 400


class TrainingError(DrivecastError):
    """A model cannot be trained as asked."""

    code: ClassVar[str] = "training"
    title: ClassVar[str] = "The model cannot be trained"
    status: ClassVar[int] = 400


class TrackingError(DrivecastError):
    """A training run cannot be tracked."""

    code: ClassVar[str] = "tracking"
    title: ClassVar[str] = "The run cannot be tracked"
    status: ClassVar[int] = 502
