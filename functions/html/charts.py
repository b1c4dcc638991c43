"""Charts as SVG that take their colours from the page, so that they read by day, by night and on paper."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from functions.html.markup import failures, text

if TYPE_CHECKING:
    from collections.abc import Sequence
_WIDTH = 440
_LABELS = 132
_RIGHT = 66
_ROW = 24
_MOST_LABEL = 20


class Bar(NamedTuple):
    """One line of a bar chart.

    Attributes
    ----------
    label : str
    value : int
    shown : str
        The value in words.
    colour : str
        Name of a colour of the style sheet.
    """

    label: str
    value: int
    shown: str
    colour: str


class Interval(NamedTuple):
    """One line of an interval chart.

    Attributes
    ----------
    label : str
    value : float
    low, high : float
    """

    label: str
    value: float
    low: float
    high: float


def bars(rows: Sequence[Bar], name: str, *, logarithmic: bool = False) -> str:
    """Draw one bar a row.

    Parameters
    ----------
    rows : sequence of Bar
    name : str
        For those who do not see it.
    logarithmic : bool
        Lengths by the logarithm of the value: one drive of a hundred thousand can still be seen.
    """

    def length(value: int) -> float:
        return math.log1p(value) if logarithmic else float(value)

    longest = max((length(row.value) for row in rows), default=0.0) or 1.0
    room = _WIDTH - _LABELS - _RIGHT
    parts = []
    for place, row in enumerate(rows):
        y = 4 + _ROW * place
        width = length(row.value) / longest * room
        drawn = max(width, 1.5) if row.value else 0.0
        parts.append(
            f'<text x="{_LABELS - 8}" y="{y + 15}" text-anchor="end">{text(row.label)}</text>'
            f'<rect x="{_LABELS}" y="{y + 3}" width="{drawn:.1f}" height="16" rx="3" '
            f'fill="var(--{row.colour})"/>'
            f'<text x="{_LABELS + drawn + 6:.1f}" y="{y + 15}">{text(row.shown)}</text>'
        )
    return _framed("".join(parts), _ROW * len(rows) + 10, name)


def intervals(rows: Sequence[Interval], name: str) -> str:
    """Draw failures to expect with their intervals on one axis from 0.

    Parameters
    ----------
    rows : sequence of Interval
        From top to bottom; at least one.
    name : str
        For those who do not see it.
    """
    top = max(max(row.high, row.value) for row in rows)
    step = _nice(max(top, 1.0) / 4)
    end = math.ceil(top / step) * step or step
    room = _WIDTH - _LABELS - _RIGHT
    height = _ROW * len(rows) + 30

    def x(value: float) -> float:
        return _LABELS + value / end * room

    parts = []
    for tick in range(round(end / step) + 1):
        at = x(tick * step)
        parts.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="4" y2="{height - 24}" stroke="var(--line)"/>'
            f'<text class="soft" x="{at:.1f}" y="{height - 9}" text-anchor="middle">{tick * step:,.0f}</text>'
        )
    for place, row in enumerate(rows):
        y = 6 + _ROW * place + _ROW / 2
        parts.append(
            f'<text x="{_LABELS - 8}" y="{y + 4:.1f}" text-anchor="end">{text(_short(row.label))}</text>'
            f'<line x1="{x(row.low):.1f}" x2="{x(row.high):.1f}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="var(--blue)" stroke-width="3" stroke-linecap="round" opacity=".55"/>'
            f'<circle cx="{x(row.value):.1f}" cy="{y:.1f}" r="5" fill="var(--blue)"/>'
            f'<text x="{_WIDTH - _RIGHT + 14}" y="{y + 4:.1f}">{failures(row.value)}</text>'
        )
    return _framed("".join(parts), height, name)


def _framed(content: str, height: int, name: str) -> str:
    return (
        f'<div class="chart"><svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{text(name)}">'
        f"{content}</svg></div>"
    )


def _nice(step: float) -> float:
    """Return the next step that reads well; at least one failure."""
    base = 10.0 ** math.floor(math.log10(step))
    return max(1.0, next(factor * base for factor in (1.0, 2.0, 5.0, 10.0) if factor * base >= step))


def _short(label: str) -> str:
    return label if len(label) <= _MOST_LABEL else label[: _MOST_LABEL - 1].rstrip() + "…"
