"""Failure rates as table rows, each with its interval drawn on a common log scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

from functions.html.markup import Markup, element, table
from training.exploration.failure_rates import FailureRate
from training.exploration.wording import percent

_LOW, _HIGH = 0.001, 1.0
"""Annualised rates at the ends of the scale; what lies beyond is drawn at its end."""

_MARKS = (0.001, 0.01, 0.1, 1.0)


def rate_table(group: str, rates: Sequence[FailureRate]) -> Markup:
    """Return a table of failure rates; ``group`` heads the first column."""
    with_drives = any(rate.drives is not None for rate in rates)
    drives = ["Drives"] if with_drives else []
    head = [group, *drives, "Drive-days", "Failures", "Annualised rate", "95 % interval"]
    return table([*head, _axis()], [_row(rate, with_drives) for rate in rates])


def _row(rate: FailureRate, with_drives: bool) -> list[str]:
    low, high = rate.interval
    return [
        rate.group,
        *([f"{rate.drives:,}"] if with_drives else []),
        f"{rate.drive_days:,}",
        f"{rate.failures:,}",
        percent(rate.annualised),
        f"{percent(low, 1)} to {percent(high, 1)}",
        _whisker(rate.annualised, low, high),
    ]


def _whisker(rate: float, low: float, high: float) -> Markup:
    left, right = _position(low), _position(high)
    parts = [element("u", style=f"left:{_position(mark):.1f}%") for mark in _MARKS]
    parts.append(element("i", style=f"left:{left:.1f}%;width:{right - left:.1f}%"))
    if rate >= _LOW:
        parts.append(element("b", style=f"left:{_position(rate):.1f}%"))
    return element("span", *parts, class_="track")


def _axis() -> Markup:
    marks = (element("span", f"{100 * mark:g} %", style=f"left:{_position(mark):.1f}%") for mark in _MARKS)
    return element("span", *marks, class_="axis")


def _position(rate: float) -> float:
    inside = min(max(rate, _LOW), _HIGH)
    return 100 * math.log(inside / _LOW) / math.log(_HIGH / _LOW)
