"""How long Kestrel waits for a request that has begun: for its head, and for a body that comes too slowly.

A request that arrives whole, as nearly all do, is never timed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

HEAD_SECONDS = 30.0
"""Longest wait for the end of a head (Kestrel's RequestHeadersTimeout)."""

BODY_GRACE_SECONDS = 5.0
BODY_RATE = 240.0
"""Bytes a second that a body has to come with on average, once the grace is over (MinRequestBodyDataRate)."""

TICK_SECONDS = 1.0
"""How often Kestrel looks."""


class RequestClock:
    """Times one connection's unfinished request."""

    def __init__(self, give_up: Callable[[], None], reads: Callable[[], bool]) -> None:
        """Parameters: what to call, once, when the wait is over; whether more bytes are asked for."""
        self._give_up = give_up
        self._reads = reads
        self._timer: asyncio.TimerHandle | None = None
        self._in_head = True
        self._waited = 0.0
        self._bytes = 0

    def received(self, size: int, *, in_head: bool) -> None:
        """Note that bytes came and the request is not complete."""
        if self._timer is None or in_head is not self._in_head:
            self.stop()
            self._in_head, self._waited, self._bytes = in_head, 0.0, 0
            self._tick_later()
        self._bytes += size

    def stop(self) -> None:
        """End the timing: the request is complete, or its connection gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._reads():  # a client is not slow while nobody takes what it sends
            self._waited += TICK_SECONDS
        if self._is_over():
            self._give_up()
        else:
            self._tick_later()

    def _is_over(self) -> bool:
        if self._in_head:
            return self._waited >= HEAD_SECONDS
        return self._waited > BODY_GRACE_SECONDS and self._bytes < BODY_RATE * self._waited
