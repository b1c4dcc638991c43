"""One step of the smoke test, and the clock that all of them share."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from ops.errors import OpsError

type StepResult = Literal["ok", "failed", "not tried"]


@dataclass(frozen=True)
class SmokeStep:
    """How a step went.

    Parameters
    ----------
    name : str
        What was tried.
    result : {"ok", "failed", "not tried"}
        How it went.
    told : str
        What was seen, or what to do.
    """

    name: str
    result: StepResult
    told: str


class Clock:
    """A time limit.

    Parameters
    ----------
    seconds : float
        From now on.
    """

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
