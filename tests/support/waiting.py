"""Wait for something that other processes bring about."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until[T](found: Callable[[], T], seconds: float = 20.0, what: str = "it") -> T:
    """Ask again until the answer is true; AssertionError with the last answer when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        answer = found()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s; last seen: {answer!r}"
        time.sleep(0.05)
