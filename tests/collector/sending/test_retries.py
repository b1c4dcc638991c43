from __future__ import annotations

import email.utils
import time

import pytest

from collector.sending.retries import LONGEST_SECONDS, RetryBudget, seconds_asked


def waits(attempts: int, draw: float, asked: float | None = None, seconds: float = 10_000) -> list[float]:
    """Return the waits of a delivery that always fails."""
    slept: list[float] = []
    patience = RetryBudget(attempts, seconds, slept.append, lambda: draw)
    failures = 1
    while patience.wait(failures, asked):
        failures += 1
    return slept


def test_waits_double_up_to_a_limit() -> None:
    assert waits(9, 0.999999) == pytest.approx(
        [1, 2, 4, 8, 16, 32, LONGEST_SECONDS, LONGEST_SECONDS], rel=1e-3
    )


def test_waits_are_drawn_between_half_and_whole() -> None:
    assert waits(4, 0.0) == [0.5, 1.0, 2.0]


def test_one_attempt_waits_never() -> None:
    assert waits(1, 0.5) == []


def test_what_the_receiver_asks_for_counts() -> None:
    assert waits(3, 0.25, asked=7) == [7.25, 7.25]


def test_no_wait_ends_after_all_patience() -> None:
    assert waits(9, 0.5, seconds=2) == [0.75, 1.5]
    assert waits(9, 0.5, asked=3600, seconds=300) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", 0.0), ("120", 120.0), (" 5 ", 5.0), ("", None), ("soon", None), ("-1", None), ("1.5", None)],
)
def test_retry_after(text: str, expected: float | None) -> None:
    assert seconds_asked({"retry-after": text}) == expected


def test_retry_after_as_a_date() -> None:
    later = email.utils.formatdate(time.time() + 90, usegmt=True)
    assert seconds_asked({"retry-after": later}) == pytest.approx(90, abs=5)
    assert seconds_asked({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert seconds_asked({}) is None
