"""Wait for something that other processes bring about."""

from __future__ import annotations

import time
from collections.abc import Callable


def pause(waited: float, first: float = 0.05) -> float:
    """Return the seconds until the next look: a fiftieth of those waited so far, as looking is work."""
    return min(0.25, max(first, waited / 50))


def wait_until[T](found: Callable[[], T], seconds: float = 20.0, what: str = "it") -> T:
    """Ask again until the answer is true; AssertionError with the last answer when the time is up."""
    began = time.monotonic()
    while True:
        answer = found()
        if answer:
            return answer
        waited = time.monotonic() - began
        assert waited < seconds, f"{what} did not happen within {seconds} s; last seen: {answer!r}"
        time.sleep(pause(waited))
