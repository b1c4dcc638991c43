"""Charts as SVG that take their colours from the page, so that they read by day, by night and on paper."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from functions.html.markup import Markup, element, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Layout(NamedTuple):
    """Measures of a chart in SVG units, and the characters of a label."""

    width: int
    labels: int
    right: int
    row: int
    most_label: int


NARROW = Layout(440, 132, 66, 24, 20)
"""Half a page, or a phone."""

WIDE = Layout(900, 330, 70, 30, 46)


class Bar(NamedTuple):
    """One line of a bar chart: label, value, the value in words, and a colour of the style sheet."""

    label: str
    value: int
    shown: str
    colour: str


class Interval(NamedTuple):
    """One line of an interval chart; *low* and *high* are None where no interval is known."""

    label: str
    value: float
    low: float | None
    high: float | None
    colour: str = "blue"


class Reference(NamedTuple):
    """A dashed line across an interval chart, and its meaning."""

    value: float
    meaning: str


def bars(rows: Sequence[Bar], name: str, *, logarithmic: bool = False) -> Markup:
    """Draw one bar a row.

    Parameters
    ----------
    name : str
        For those who do not see it.
    logarithmic : bool
        Lengths by the logarithm of the value: one drive of a hundred thousand can still be seen.
    """

    def length(value: int) -> float:
        return math.log1p(value) if logarithmic else float(value)

    layout = NARROW
    longest = max((length(row.value) for row in rows), default=0.0) or 1.0
    room = layout.width - layout.labels - layout.right
    parts = []
    for index, row in enumerate(rows):
        y = 4 + layout.row * index
        width = max(length(row.value) / longest * room, 1.5) if row.value else 0.0
        fill = f"var(--{row.colour})"
        parts += [
            element("text", text(row.label), x=layout.labels - 8, y=y + 15, text_anchor="end"),
            element("rect", x=layout.labels, y=y + 3, width=f"{width:.1f}", height=16, rx=3, fill=fill),
            element("text", text(row.shown), x=f"{layout.labels + width + 6:.1f}", y=y + 15),
        ]
    return frame(parts, layout.width, layout.row * len(rows) + 10, name)


def intervals(
    rows: Sequence[Interval],
    name: str,
    show: Callable[[float], str],
    *,
    layout: Layout = NARROW,
    least_step: float = 0.0,
    reference: Reference | None = None,
) -> Markup:
    """Draw values with their intervals on one axis from 0.

    Parameters
    ----------
    rows : sequence of Interval
        From top to bottom; at least one.
    name : str
        For those who do not see it.
    show : callable
        Gives a value in words.
    least_step : float
        Least distance of two marks of the axis.
    """
    top = max(max(row.high or 0.0, row.value) for row in rows)
    step = max(least_step, _nice(max(top, 1e-6) / 4))
    end = math.ceil(top / step) * step or step
    room = layout.width - layout.labels - layout.right
    axis = layout.row * len(rows) + 6

    def x(value: float) -> str:
        return f"{layout.labels + value / end * room:.1f}"

    def upright(value: float, **style: object) -> Markup:
        return element("line", x1=x(value), x2=x(value), y1=4, y2=axis, **style)

    parts = []
    for tick in range(round(end / step) + 1):
        value = tick * step
        mark = f"{value:,.0f}" if step >= 1 else f"{value:.3g}"
        parts.append(upright(value, stroke="var(--line)"))
        parts.append(element("text", mark, class_="soft", x=x(value), y=axis + 15, text_anchor="middle"))
    for index, row in enumerate(rows):
        middle = 6 + layout.row * (index + 0.5)
        y, below = f"{middle:.1f}", f"{middle + 4:.1f}"
        colour = f"var(--{row.colour})"
        label = text(_short(row.label, layout.most_label))
        parts.append(element("text", label, x=layout.labels - 8, y=below, text_anchor="end"))
        if row.low is not None and row.high is not None:
            ends = {"x1": x(row.low), "x2": x(row.high), "y1": y, "y2": y}
            pale = {"stroke_width": 3, "stroke_linecap": "round", "opacity": 0.55}
            parts.append(element("line", **ends, stroke=colour, **pale))
        parts.append(element("circle", cx=x(row.value), cy=y, r=5, fill=colour))
        parts.append(element("text", show(row.value), x=layout.width - layout.right + 14, y=below))
    height = axis + 24
    if reference is not None:
        parts.append(upright(reference.value, stroke="var(--critical)", stroke_dasharray="4 3"))
        height += 20
        parts.append(element("text", reference.meaning, class_="soft", x=layout.labels, y=height - 6))
    return frame(parts, layout.width, height, name)


def frame(content: Sequence[Markup], width: int, height: int, name: str) -> Markup:
    """Return a chart of the drawn parts, with a name for those who do not see it."""
    drawn = element("svg", *content, viewBox=f"0 0 {width} {height}", role="img", aria_label=text(name))
    return element("div", drawn, class_="chart")


def _nice(step: float) -> float:
    """Return the next step that reads well."""
    base = 10.0 ** math.floor(math.log10(step))
    return next(factor * base for factor in (1.0, 2.0, 5.0, 10.0) if factor * base >= step)


def _short(label: str, most: int) -> str:
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"
