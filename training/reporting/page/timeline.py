"""The days a model was trained, validated and tested on, drawn on one line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from functions.html.charts import WIDE, frame
from functions.html.markup import Markup, element

_PART_COLOURS = {"train": "var(--unknown)", "validation": "var(--medium)", "test": "var(--blue)"}


def timeline(periods: Sequence[Mapping[str, Sequence[str]]], horizon_days: int, name: str) -> Markup:
    """Draw the days of the parts; the embargoes are the gaps between them.

    Parameters
    ----------
    periods : sequence of mapping
        By part, first and last day as ISO dates.
    horizon_days : int
        Days a label looks ahead, drawn pale after every part.
    name : str
        For those who do not see it.
    """
    parts = []
    for index, period in enumerate(periods):
        spans = {
            part: (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
            for part, (first, last) in period.items()
        }
        begin = min(start for start, _ in spans.values())
        days = (max(end for _, end in spans.values()) - begin).days + 1 + horizon_days
        scale = (WIDE.width - 20) / days
        y = 24 + 62 * index
        for part, (start, end) in sorted(spans.items(), key=lambda item: item[1]):
            x = f"{10 + (start - begin).days * scale:.1f}"
            width = ((end - start).days + 1) * scale
            bar = {"x": x, "y": y, "height": 18, "rx": 4, "fill": _PART_COLOURS.get(part, "var(--unknown)")}
            parts += [
                element("rect", **bar, width=f"{width + horizon_days * scale:.1f}", opacity=0.22),
                element("rect", **bar, width=f"{width:.1f}"),
                element("text", part, x=x, y=y - 7),
                element("text", f"{start} to {end}", class_="soft", x=x, y=y + 33),
            ]
    return frame(parts, WIDE.width, 62 * len(periods) + 6, name)
