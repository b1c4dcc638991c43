"""How many requests may be in progress at once in this process; one more is refused, not queued."""

from __future__ import annotations

from threading import Lock

from functions.http.errors import TooManyRequestsError


class ConcurrencyLimit:
    """At most ``limit`` requests in progress."""

    __slots__ = ("_limit", "_lock", "_running")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._running = 0

    def acquire(self) -> None:
        """Count one more request; raises TooManyRequestsError at the limit."""
        with self._lock:
            if self._running < self._limit:
                self._running += 1
                return
        msg = f"{self._limit} requests are in progress, the most this process takes; send it again soon."
        raise TooManyRequestsError(msg)

    def release(self) -> None:
        """Count one request less."""
        with self._lock:
            self._running -= 1
