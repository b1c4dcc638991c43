"""Failure rates as table rows, each with its interval drawn on a common log scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from training.exploration.failure_rates import FailureRate
from training.exploration.page import table
from training.exploration.wording import percent

_LOW, _HIGH = 0.001, 1.0
"""Annualised rates at the ends of the scale; what lies beyond is drawn at its end."""

_MARKS = (0.001, 0.01, 0.1, 1.0)


def rate_table(group: str, rates: Sequence[FailureRate]) -> str:
    """Return a table of failure rates; ``group`` heads the first column."""
    with_drives = any(rate.drives is not None for rate in rates)
    drives = ["Drives"] if with_drives else []
    head = [group, *drives, "Drive-days", "Failures", "Annualised rate", "95 % interval"]
    return table([*head, _axis()], [_row(rate, with_drives) for rate in rates])


def _row(rate: FailureRate, with_drives: bool) -> list[str]:
    low, high = rate.interval
    return [
        escape(rate.group),
        *([f"{rate.drives:,}"] if with_drives else []),
        f"{rate.drive_days:,}",
        f"{rate.failures:,}",
        percent(rate.annualised),
        f"{percent(low, 1)} to {percent(high, 1)}",
        _whisker(rate.annualised, low, high),
    ]


def _whisker(rate: float, low: float, high: float) -> str:
    left, right = _place(low), _place(high)
    marks = "".join(f'<u style="left:{_place(mark):.1f}%"></u>' for mark in _MARKS)
    line = f'<i style="left:{left:.1f}%;width:{right - left:.1f}%"></i>'
    dot = f'<b style="left:{_place(rate):.1f}%"></b>' if rate >= _LOW else ""
    return f'<span class="track">{marks}{line}{dot}</span>'


def _axis() -> str:
    marks = "".join(f'<span style="left:{_place(mark):.1f}%">{100 * mark:g} %</span>' for mark in _MARKS)
    return f'<span class="axis">{marks}</span>'


def _place(rate: float) -> float:
    inside = min(max(rate, _LOW), _HIGH)
    return 100 * math.log(inside / _LOW) / math.log(_HIGH / _LOW)
