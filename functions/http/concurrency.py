"""How much may be in progress at once in this process; what is more is refused, not queued."""

from __future__ import annotations

from functools import cache, wraps
from threading import Lock
from typing import TYPE_CHECKING

from functions.http.errors import TooManyRequestsError
from functions.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable


class ConcurrencyLimit:
    """At most ``limit`` in progress, of requests or of what they weigh.

    Parameters
    ----------
    unit : str
        What is counted, for messages.
    """

    __slots__ = ("_limit", "_lock", "_running", "_unit")

    def __init__(self, limit: int, unit: str = "requests") -> None:
        self._limit = limit
        self._unit = unit
        self._lock = Lock()
        self._running = 0

    def acquire(self, weight: int = 1) -> None:
        """Count a request that weighs so much; alone it may weigh more than the limit.

        Raises
        ------
        TooManyRequestsError
            It would be too much beside the others.
        """
        with self._lock:
            if not self._running or self._running + weight <= self._limit:
                self._running += weight
                return
            running = self._running
        msg = f"{running} {self._unit} are in progress, of at most {self._limit}; send it again soon."
        raise TooManyRequestsError(msg)

    def release(self, weight: int = 1) -> None:
        """Count it no longer."""
        with self._lock:
            self._running -= weight


def once_per_process(make: Callable[[], ConcurrencyLimit]) -> Callable[[], ConcurrencyLimit]:
    """Call a function once, though many calls may be the first, and return its limit from then on."""
    first_call, made = Lock(), cache(make)

    @wraps(make)
    def limit_of_process() -> ConcurrencyLimit:
        with first_call:
            return made()

    return limit_of_process


@once_per_process
def bytes_in_progress() -> ConcurrencyLimit:
    """Return this process's limit of bytes in bodies.

    A body is work and memory by its length, and what holds the interpreter longest: a few large ones at a
    time keep both processors busy, and probes and small requests get their turns between them.
    """
    return ConcurrencyLimit(settings().max_bytes_in_progress, "bytes of large bodies")
