from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET

import pytest

from training.reporting.page.charts import Bar, intervals, timeline


def elements(chart: str, tag: str) -> list[ET.Element]:
    return list(ET.fromstring(chart).iter(tag))  # well-formed, or this raises


def test_points_stand_where_their_values_are() -> None:
    bars = [
        Bar("best & marked", 0.4, 0.3, 0.5, marked=True),
        Bar("none", 0.0, None, None),
        Bar("half", 0.2, 0.1, 0.3),
    ]
    chart = intervals(bars, 0.05, "chance", "name")
    at = [float(circle.attrib["cx"]) for circle in elements(chart, "circle")]
    assert at[1] < at[2] < at[0]
    assert at[2] - at[1] == pytest.approx(at[0] - at[2], abs=0.2)
    assert [circle.attrib["fill"] for circle in elements(chart, "circle")].count("var(--blue)") == 1
    assert "best &amp; marked" in chart


@pytest.mark.parametrize("value", [0.0, 1e-7, 0.003, 0.9999, 1.0])
def test_any_value_fits_the_axis(value: float) -> None:
    chart = intervals([Bar("only", value, value, value)], value, "chance", "name")
    width = float(elements(chart, "svg")[0].attrib["viewBox"].split()[2])
    assert all(0 <= float(circle.attrib["cx"]) <= width for circle in elements(chart, "circle"))
    assert 2 <= len(re.findall('text-anchor="middle"', chart)) <= 8


def test_parts_follow_each_other_on_the_time_line() -> None:
    period = {
        "test": ["2018-05-05", "2018-05-31"],
        "train": ["2018-01-02", "2018-02-15"],
        "validation": ["2018-03-18", "2018-04-04"],
    }
    chart = timeline([period, {"train": ["2013-04-10", "2013-07-20"]}], 30, "days")
    boxes = [(float(box.attrib["x"]), float(box.attrib["width"])) for box in elements(chart, "rect")]
    pale, solid = boxes[:6:2], boxes[1:6:2]
    assert len(boxes) == 8
    for (start, width), (later, _) in itertools.pairwise(pale):
        assert start + width <= later + 0.2  # labels of a part end before the next begins
    assert [round(width / solid[0][1] * 45) for _, width in solid] == [45, 18, 27]
