from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pytest

from tests.training.small_evaluation_json import evaluation
from training.reporting.evaluation_page import FIGURES, evaluation_page

PNG = b"\x89PNG not really"
VOID = {"meta", "img"}


class Outline(HTMLParser):
    """Checks that every element is closed in order, and collects what the page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.loads += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    content = evaluation("v2", 3.0)
    content["probes"] = [
        {
            "code": "DCL001",
            "fired": False,
            "measured": 0.0,
            "limit": 0.0,
            "explanation": "no part <begins> early",
        }
    ]
    return evaluation_page(content, {f"figures/{name}.png": PNG for name in [*FIGURES, "another"]})


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    assert found.open == []
    return found


def test_the_page_is_whole_and_loads_nothing(page: str) -> None:
    found = outline(page)
    assert all(link.startswith(("data:image/png;base64,", "#")) for link in found.loads)
    anchors = {link[1:] for link in found.loads if link.startswith("#")}
    assert anchors == set(re.findall(r'<section id="(\w+)">', page))
    assert "<script" not in page
    assert page.count(base64.b64encode(PNG).decode()) == len(FIGURES) + 1


def test_every_figure_says_prevalence_split_and_horizon(page: str) -> None:
    figures = re.findall(r"<figure>.*?</figure>", page, flags=re.DOTALL)
    assert len(figures) == len(FIGURES) + 1
    for figure in figures:
        for needed in (
            "Prevalence",
            "split: forward in time, test 2018-05-05 to 2018-05-31",
            "horizon 30 days",
        ):
            assert needed in figure


def test_the_numbers_are_those_of_the_json(page: str) -> None:
    figures = evaluation("v2", 3.0)["candidates"]["own"]
    text = " ".join(outline(page).text)
    drives = figures["all_drives"]["drives"]
    assert f"{drives['average_precision']:.3f}" in text
    assert f"({drives['positives']:,} of {drives['count']:,} drives " in text
    high = figures["all_drives"]["decisions"]["high"]
    assert f"{high['threshold']:.4g}" in text
    assert f"{high['lift']:.1f}" in text
    assert text.index("critical") < text.index("medium")


def test_what_comes_from_the_data_cannot_break_the_page(page: str) -> None:
    assert "&lt;b&gt;odd &amp; model&lt;/b&gt;" in page
    assert "<b>odd" not in page
    assert "no part &lt;begins&gt; early" in page


def test_an_evaluation_without_the_later_parts_has_a_page_too() -> None:
    content = evaluation("v1", 1.0)
    for figures in content["candidates"].values():
        del figures["unseen_drives"]
        figures["all_drives"]["intervals"] = {}
        for found in figures["all_drives"]["decisions"].values():
            found["precision"] = found["lift"] = found["median_lead_days"] = None
    made = evaluation_page(content, {})
    assert "Leak probes" not in made
    assert "not computed" in made
    outline(made)


def test_the_same_evaluation_gives_the_same_page(page: str) -> None:
    content = evaluation("v2", 3.0)
    assert evaluation_page(content, {}) == evaluation_page(content, {})
