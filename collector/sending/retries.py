"""When a receiver that did not answer, or asked to wait, is tried again."""

from __future__ import annotations

import email.utils
import random
import time
from typing import Callable, Mapping

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0
"""Waits double from the first to the longest, each between its half and its whole: hosts of a fleet that
failed together do not come back together."""

LATER = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""HTTP statuses that another try may change."""


class RetryBudget:
    """How long one run tries: attempts for each delivery, and seconds for all together.

    Parameters
    ----------
    attempts : int
        Of one delivery, the first counted.
    seconds : float
        From now on; no wait is begun that ends later.
    sleep : callable
        Takes seconds.
    draw : callable
        Returns a number from 0 to below 1.
    """

    def __init__(
        self,
        attempts: int,
        seconds: float,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.attempts = attempts
        self._ends = time.monotonic() + seconds
        self._sleep = sleep
        self._draw = draw

    def wait(self, failures: int, asked: float | None) -> bool:
        """Wait before the next attempt; False, at once, where there shall be none.

        Parameters
        ----------
        failures : int
            Attempts that failed so far.
        asked : float or None
            Seconds that the receiver asked for, which count instead of our own.
        """
        if failures >= self.attempts:
            return False
        longest = min(FIRST_SECONDS * 2 ** (failures - 1), LONGEST_SECONDS)
        seconds = longest * (1 + self._draw()) / 2 if asked is None else asked + self._draw()
        if time.monotonic() + seconds > self._ends:
            return False
        self._sleep(seconds)
        return True


def seconds_asked(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a ``Retry-After``, which is a number or a date; None where there is none."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
