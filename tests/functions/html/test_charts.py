from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from functions.html.charts import Bar, Interval, bars, intervals
from tests.functions.scoring.report.page.made_report import HOSTILE


def widths(chart: str) -> list[float]:
    return [float(width) for width in re.findall(r'<rect [^>]*width="([0-9.]+)"', chart)]


def test_bars() -> None:
    rows = [Bar("a", 100, "100", "blue"), Bar("b", 50, "50", "blue"), Bar("c", 0, "0", "blue")]
    longest, half, none = widths(bars(rows, "name"))
    assert half == longest / 2
    assert none == 0
    _, one, _ = widths(bars([rows[0], Bar("b", 1, "1", "blue"), rows[2]], "name", logarithmic=True))
    assert longest / 10 < one < longest / 5
    assert widths(bars([rows[2]], "name")) == [0]


def test_intervals_stand_on_one_axis() -> None:
    rows = [Interval("a", 2.0, 0, 4), Interval("b", 1.0, 0, 2)]
    chart = intervals(rows, "name")
    found = re.findall(r'x1="([0-9.]+)" x2="([0-9.]+)" [^>]*stroke="var\(--blue\)"', chart)
    (start, end), (other, half) = [tuple(map(float, each)) for each in found]
    assert start == other
    assert half - other == (end - start) / 2


def test_well_formed_whatever_the_names() -> None:
    for name in HOSTILE:
        ET.fromstring(intervals([Interval(name, 0.0, 0, 0)], name))
        ET.fromstring(bars([Bar(name, 1, name, "blue")], name))
