"""A histogram of one attribute as inline SVG: two classes, shares on a log scale."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from functions.html.markup import Markup, element, join
from functions.scoring.smart import ATTRIBUTES
from training.exploration.histograms import ValueHistogram
from training.exploration.wording import percent, short

_WIDTH, _HEIGHT = 320, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 6, 8, 24
_DECADES = 6
"""Powers of ten on the axis of shares: from one in a million to all."""

_MARKS = 6

_FEWEST_SLOTS = 10
"""Room for bars: where nearly all is zero, a bar as wide as the chart would look like much."""


def histogram_card(histogram: ValueHistogram) -> Markup:
    """Return a card with the attribute's name and its chart.

    Where any outcome is known, blue shows drive-days not followed by a failure and red those followed by one;
    else blue shows all.
    """
    attribute = ATTRIBUTES[histogram.attribute]
    known = histogram.surviving.sum() + histogram.failing.sum() > 0
    calm = histogram.surviving if known else histogram.unknown
    series = [("calm", "drives that go on" if known else "all drive-days", calm)]
    if histogram.failing.sum():
        series.append(("alarm", "drives that fail within 30 days", histogram.failing))
    bars = [
        _bars(histogram, kind, name, counts, index, len(series))
        for index, (kind, name, counts) in enumerate(series)
        if counts.sum()
    ]
    title = f"{attribute.name} (SMART\u00a0{attribute.id})"
    drawn = element(
        "svg",
        _share_axis(),
        *bars,
        _value_axis(histogram),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=f"Histogram of {title}",
    )
    unit = element(
        "span", attribute.unit if known else f"{attribute.unit} · outcome not known", class_="soft"
    )
    return element("div", element("h3", title), unit, drawn, class_="card")


def _bars(
    histogram: ValueHistogram, kind: str, name: str, counts: npt.NDArray[np.int64], index: int, series: int
) -> Markup:
    slot = _slot(len(counts))
    width = slot * 0.84 / series
    total = int(counts.sum())
    drawn = []
    for number, count in enumerate(counts.tolist()):
        if not count:
            continue
        top = _y(count / total)
        share = f"{count:,} of {total:,} drive-days ({percent(count / total)})"
        drawn.append(
            element(
                "rect",
                element("title", f"{_bin_name(histogram, number)}: {share}, {name}"),
                class_=kind,
                x=f"{_LEFT + slot * (number + 0.08) + width * index:.1f}",
                y=f"{top:.1f}",
                width=f"{width:.1f}",
                height=f"{_HEIGHT - _BOTTOM - top:.1f}",
            )
        )
    return join(drawn)


def _share_axis() -> Markup:
    drawn = []
    for decade in range(0, _DECADES + 1, 2):
        y = _y(10.0**-decade)
        label = f"{100 / 10**decade:g} %"
        drawn.append(_line("grid", y))
        drawn.append(element("text", label, x=_LEFT - 4, y=f"{y + 4:.1f}", text_anchor="end"))
    return join(drawn)


def _value_axis(histogram: ValueHistogram) -> Markup:
    bins = len(histogram.edges) - 1
    drawn = [_line("base", _HEIGHT - _BOTTOM)]
    for number in range(0, bins, math.ceil(bins / _MARKS)):
        x = f"{_LEFT + _slot(bins) * (number + 0.5):.1f}"
        label = short(float(histogram.edges[number]))
        drawn.append(element("text", label, x=x, y=_HEIGHT - 8, text_anchor="middle"))
    return join(drawn)


def _line(kind: str, y: float) -> Markup:
    return element("line", class_=kind, x1=_LEFT, x2=_WIDTH - _RIGHT, y1=f"{y:.1f}", y2=f"{y:.1f}")


def _slot(bins: int) -> float:
    return (_WIDTH - _LEFT - _RIGHT) / max(bins, _FEWEST_SLOTS)


def _bin_name(histogram: ValueHistogram, number: int) -> str:
    low, high = histogram.edges[number : number + 2]
    return f"{low:,.0f}" if high - low <= 1 else f"{low:,.0f} to {high - 1:,.0f}"


def _y(share: float) -> float:
    height = _HEIGHT - _TOP - _BOTTOM
    above = (math.log10(share) + _DECADES) / _DECADES if share > 0 else 0.0
    return _HEIGHT - _BOTTOM - height * max(above, 0.008)
