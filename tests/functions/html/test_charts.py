from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from functions.html.charts import NARROW, WIDE, Bar, Interval, Layout, Reference, bars, intervals
from functions.html.numbers import failures, number
from tests.functions.scoring.report.page.made_report import HOSTILE


def elements(chart: str, tag: str) -> list[ET.Element]:
    return list(ET.fromstring(chart).iter(tag))  # well-formed, or this raises


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
    rows = [Interval("a", 2.0, 0, 4), Interval("b", 1.0, 0, 2), Interval("c", 0.5, None, None, "low")]
    chart = intervals(rows, "name", failures)
    found = [
        (float(line.attrib["x1"]), float(line.attrib["x2"]))
        for line in elements(chart, "line")
        if line.attrib["stroke"] == "var(--blue)"
    ]
    (start, end), (other, half) = found
    assert start == other
    assert half - other == (end - start) / 2
    two, one, _ = (float(circle.attrib["cx"]) for circle in elements(chart, "circle"))
    assert two - start == 2 * (one - start)


@pytest.mark.parametrize("value", [0.0, 1e-7, 0.003, 0.9999, 1.0, 12345.0])
@pytest.mark.parametrize("layout", [NARROW, WIDE])
def test_any_value_fits_the_axis(value: float, layout: Layout) -> None:
    rows = [Interval("only", value, value, value)]
    chart = intervals(rows, "name", number, layout=layout, reference=Reference(value, "chance"))
    (svg,) = elements(chart, "svg")
    width = float(svg.attrib["viewBox"].split()[2])
    assert width == layout.width
    assert all(0 <= float(circle.attrib["cx"]) <= width for circle in elements(chart, "circle"))
    assert 2 <= len(re.findall('text-anchor="middle"', chart)) <= 8


def test_well_formed_whatever_the_names() -> None:
    for name in HOSTILE:
        ET.fromstring(intervals([Interval(name, 0.0, 0, 0)], name, failures))
        ET.fromstring(bars([Bar(name, 1, name, "blue")], name))
