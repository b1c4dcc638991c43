"""One step of the smoke test, and the clock that all of them share."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from ops.errors import OpsError

type StepResult = Literal["ok", "failed", "not tried"]


@dataclass(frozen=True)
class SmokeStep:
    """The result of a step, and its finding or advice."""

    name: str
    result: StepResult
    message: str


class Clock:
    """A time limit, in seconds from now on."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left; never less than zero."""
        return max(0.0, self._end - time.monotonic())

    def check(self) -> None:
        """Raise OpsError when the time is over."""
        if not self.left:
            raise OpsError(f"the time limit of {self.seconds:g} s is over; raise it with --timeout")
