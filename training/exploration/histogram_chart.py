"""A histogram of one attribute as inline SVG: two classes, shares on a log scale."""

from __future__ import annotations

import math
from html import escape

import numpy as np
import numpy.typing as npt

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


def histogram_card(histogram: ValueHistogram) -> str:
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
    bars = "".join(
        _bars(histogram, kind, name, counts, place, len(series))
        for place, (kind, name, counts) in enumerate(series)
        if counts.sum()
    )
    remark = "" if known else " &middot; outcome not known"
    title = escape(f"{attribute.name} (SMART\u00a0{attribute.id})")
    return (
        f'<div class="card"><h3>{title}</h3><span class="quiet">{escape(attribute.unit)}{remark}</span>'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Histogram of {title}">'
        f"{_share_axis()}{bars}{_value_axis(histogram)}</svg></div>"
    )


def _bars(
    histogram: ValueHistogram, kind: str, name: str, counts: npt.NDArray[np.int64], place: int, series: int
) -> str:
    slot = _slot(len(counts))
    width = slot * 0.84 / series
    total = int(counts.sum())
    drawn = []
    for number, count in enumerate(counts.tolist()):
        if not count:
            continue
        top = _y(count / total)
        left = _LEFT + slot * (number + 0.08) + width * place
        share = f"{count:,} of {total:,} drive-days ({percent(count / total)})"
        tip = f"{_bin_name(histogram, number)}: {share}, {name}"
        drawn.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
            f'height="{_HEIGHT - _BOTTOM - top:.1f}"><title>{escape(tip)}</title></rect>'
        )
    return "".join(drawn)


def _share_axis() -> str:
    drawn = []
    for decade in range(0, _DECADES + 1, 2):
        y = _y(10.0**-decade)
        label = f"{100 / 10**decade:g} %"
        drawn.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT - 4}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
        )
    return "".join(drawn)


def _value_axis(histogram: ValueHistogram) -> str:
    bins = len(histogram.edges) - 1
    slot = _slot(bins)
    step = math.ceil(bins / _MARKS)
    y = _HEIGHT - _BOTTOM
    drawn = [f'<line class="base" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>']
    for number in range(0, bins, step):
        x = _LEFT + slot * (number + 0.5)
        label = short(float(histogram.edges[number]))
        drawn.append(f'<text x="{x:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{label}</text>')
    return "".join(drawn)


def _slot(bins: int) -> float:
    return (_WIDTH - _LEFT - _RIGHT) / max(bins, _FEWEST_SLOTS)


def _bin_name(histogram: ValueHistogram, number: int) -> str:
    low, high = histogram.edges[number : number + 2]
    return f"{low:,.0f}" if high - low <= 1 else f"{low:,.0f} to {high - 1:,.0f}"


def _y(share: float) -> float:
    height = _HEIGHT - _TOP - _BOTTOM
    above = (math.log10(share) + _DECADES) / _DECADES if share > 0 else 0.0
    return _HEIGHT - _BOTTOM - height * max(above, 0.008)
