"""The run summary that the app publishes last for each telemetry file, as far as ops reads it."""

from __future__ import annotations

import msgspec

from functions.errors import NO_JSON
from ops.errors import OpsError


class SummaryProblem(msgspec.Struct):
    """Why a file failed."""

    code: str
    title: str
    detail: str


PASSING = "run_failed"
"""The code of a failure that says nothing about the file: it is tried again, and the summary replaced."""


class SummarySource(msgspec.Struct):
    """The telemetry file that was read."""

    name: str
    etag: str


class SummaryLines(msgspec.Struct):
    """Data lines of a file: scored, and rejected by code."""

    data: int
    accepted: int
    rejected: int


class SummaryHistory(msgspec.Struct):
    """How much earlier telemetry was joined."""

    rows_with_history: int


class SummaryNoNumber(msgspec.Struct):
    """Why no number of failures is given."""

    code: str
    sentence: str


class SummaryFleet(msgspec.Struct):
    """The drives of the date that stands for the fleet, and the failures to expect of them."""

    drives: int
    scope: dict[str, int]
    forecast_drives: int
    expected_failures: float | None = None
    interval_95: tuple[int, int] | None = None
    no_number_because: SummaryNoNumber | None = None

    @property
    def forecast(self) -> str:
        """The failures to expect and the drives they stand for, or why there is no number; in a sentence."""
        if self.no_number_because is not None:
            return f"No number of failures is given. {self.no_number_because.sentence}"
        if self.expected_failures is None or self.interval_95 is None:
            return "No number of failures is given."
        low, high = self.interval_95
        return (
            f"{self.expected_failures:,.1f} failures expected (95 % interval {low:,} to {high:,}), for "
            f"{self.forecast_drives:,} of {self.drives:,} drives."
        )


class RunSummary(msgspec.Struct):
    """The result of one telemetry file; fields not named here are left alone."""

    status: str
    source: SummarySource
    model_version: str | None = None
    error: SummaryProblem | None = None
    lines: SummaryLines | None = None
    rejects: dict[str, int] = {}
    risk: dict[str, int] = {}
    fleet: SummaryFleet | None = None
    history: SummaryHistory | None = None

    @property
    def is_final(self) -> bool:
        """Whether the file was scored or refused, and not just given back to be tried again."""
        return self.error is None or self.error.code != PASSING


def read(content: bytes) -> RunSummary:
    """Read the content of `<name>.summary.json`; OpsError when it is not what the app is to write."""
    try:
        return msgspec.json.decode(content, type=RunSummary)
    except NO_JSON as error:
        raise OpsError(f"the run summary is not as documented: {error}") from None
