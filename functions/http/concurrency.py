"""How many requests may be in progress at once in this process; one more is refused, not queued."""

from __future__ import annotations

from threading import Lock

from functions.http.errors import TooManyRequestsError


class Places:
    """A fixed number of places."""

    __slots__ = ("_limit", "_lock", "_taken")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._taken = 0

    def take(self) -> None:
        """Take a place; TooManyRequestsError when all are taken."""
        with self._lock:
            if self._taken < self._limit:
                self._taken += 1
                return
        msg = f"{self._limit} requests are in progress, the most this process takes; send it again soon."
        raise TooManyRequestsError(msg)

    def give_back(self) -> None:
        """Give a place back."""
        with self._lock:
            self._taken -= 1
