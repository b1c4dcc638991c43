"""Small charts as SVG that take their colours from the page, so that they read by day and by night."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from training.reporting.page.markup import text

_WIDTH = 900
_LABELS = 330
_RIGHT = 70
_ROW = 30
_PART_COLOURS = {"train": "var(--grey)", "validation": "var(--amber)", "test": "var(--blue)"}


class Bar(NamedTuple):
    """One line of an interval chart."""

    label: str
    value: float
    low: float | None
    high: float | None
    marked: bool = False


def intervals(bars: Sequence[Bar], chance: float, chance_label: str, name: str) -> str:
    """Draw values with their 95 % intervals on one axis from 0, and a line at the chance level.

    Parameters
    ----------
    bars : sequence of Bar
        From top to bottom; at least one.
    chance : float
    chance_label : str
    name : str
        For those who do not see it.
    """
    top = max(max(bar.value, bar.high or 0.0) for bar in bars)
    step = _nice(max(top, 1e-6) / 4)
    end = math.ceil(top / step) * step or step
    room = _WIDTH - _LABELS - _RIGHT
    height = _ROW * len(bars) + 50

    def x(value: float) -> float:
        return _LABELS + value / end * room

    parts = []
    for tick in range(round(end / step) + 1):
        at = x(tick * step)
        parts.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="6" y2="{height - 40}" stroke="var(--line)"/>'
            f'<text class="soft" x="{at:.1f}" y="{height - 24}" text-anchor="middle">{tick * step:.3g}</text>'
        )
    for place, bar in enumerate(bars):
        y = 8 + _ROW * place + _ROW / 2
        colour = "var(--blue)" if bar.marked else "var(--grey)"
        weight = ' font-weight="700"' if bar.marked else ""
        label = text(_short(bar.label))
        parts.append(f'<text x="{_LABELS - 12}" y="{y + 4:.1f}" text-anchor="end"{weight}>{label}</text>')
        if bar.low is not None and bar.high is not None:
            parts.append(
                f'<line x1="{x(bar.low):.1f}" x2="{x(bar.high):.1f}" y1="{y:.1f}" y2="{y:.1f}" '
                f'stroke="{colour}" stroke-width="3" stroke-linecap="round" opacity=".55"/>'
            )
        parts.append(f'<circle cx="{x(bar.value):.1f}" cy="{y:.1f}" r="5.5" fill="{colour}"/>')
        parts.append(f'<text x="{_WIDTH - _RIGHT + 14}" y="{y + 4:.1f}"{weight}>{bar.value:.3f}</text>')
    parts.append(
        f'<line x1="{x(chance):.1f}" x2="{x(chance):.1f}" y1="6" y2="{height - 40}" stroke="var(--bad)" '
        'stroke-dasharray="4 3"/>'
        f'<text class="soft" x="{_LABELS}" y="{height - 6}">{text(chance_label)}</text>'
    )
    return _framed("".join(parts), height, name)


def timeline(periods: Sequence[Mapping[str, Sequence[str]]], horizon_days: int, name: str) -> str:
    """Draw which days were trained on, validated on and tested on; the embargoes are the gaps between them.

    Parameters
    ----------
    periods : sequence of mapping
        By part, first and last day as ISO dates.
    horizon_days : int
        Days a label looks ahead, drawn pale behind every part.
    name : str
    """
    spans = [
        {
            part: (dt.date.fromisoformat(days[0]), dt.date.fromisoformat(days[1]))
            for part, days in period.items()
        }
        for period in periods
    ]
    parts = []
    height = 62 * len(spans) + 6
    for place, period in enumerate(spans):
        first = min(start for start, _ in period.values())
        days = (max(end for _, end in period.values()) - first).days + 1 + horizon_days
        scale = (_WIDTH - 20) / days
        y = 24 + 62 * place
        for part, (start, end) in sorted(period.items(), key=lambda item: item[1]):
            x, width = 10 + (start - first).days * scale, ((end - start).days + 1) * scale
            colour = _PART_COLOURS.get(part, "var(--grey)")
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width + horizon_days * scale:.1f}" height="18" rx="4" '
                f'fill="{colour}" opacity=".22"/>'
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="18" rx="4" fill="{colour}"/>'
                f'<text x="{x:.1f}" y="{y - 7}">{text(part)}</text>'
                f'<text class="soft" x="{x:.1f}" y="{y + 33}">{start} to {end}</text>'
            )
    return _framed("".join(parts), height, name)


def _framed(content: str, height: int, name: str) -> str:
    return (
        f'<div class="chart"><svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{text(name)}">'
        f"{content}</svg></div>"
    )


def _nice(step: float) -> float:
    base: float = 10.0 ** math.floor(math.log10(step))
    return next(factor * base for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * base >= step)


def _short(label: str, most: int = 46) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"
