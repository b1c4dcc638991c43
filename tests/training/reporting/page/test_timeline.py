from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

from training.reporting.page.timeline import timeline


def elements(chart: str, tag: str) -> list[ET.Element]:
    return list(ET.fromstring(chart).iter(tag))  # well-formed, or this raises


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
