"""Any text put into the kit comes out as that text: no element, no attribute, no direction of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.html import charts, markup
from functions.html.markup import NOTHING, Markup, Section, Tile
from tests.functions.scoring.report.page.made_report import HOSTILE

KIT: dict[str, Callable[[str], str]] = {
    "escape": markup.escape,
    "text": markup.text,
    "isolate": markup.isolate,
    "element": lambda given: markup.element("p", given, title=given),
    "join": lambda given: markup.join([given, NOTHING, given]),
    "paragraph": lambda given: markup.paragraph(given, given),
    "table": lambda given: markup.table(
        [given] * 2, [[given] * 2], f"cards {given}", anchor=given, marked=[given], caption=given
    ),
    "tiles": lambda given: markup.tiles([Tile(given, given), Tile(given, given, given, given)]),
    "facts": lambda given: markup.facts({given: given}),
    "document": lambda given: markup.document(
        given, [markup.element("h1", given)], [Section(given, given, markup.paragraph(given))]
    ),
    "bars": lambda given: charts.bars([charts.Bar(given, 1, given, given)], given),
    "intervals": lambda given: charts.intervals(
        [charts.Interval(given, 1.0, 0.0, 2.0, given)],
        given,
        lambda _: given,
        reference=charts.Reference(1.0, given),
    ),
    "frame": lambda given: charts.frame([NOTHING], 1, 1, given),
}


class Outline(HTMLParser):
    """Names of elements and of attributes, in order; every element must be closed where it was opened."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.names: list[tuple[str, ...]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append((tag, *(name for name, _ in attrs)))
        if tag not in markup._VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)


def test_every_function_that_makes_markup_is_tried() -> None:
    makers = {
        name
        for module in (markup, charts)
        for name, made in vars(module).items()
        if callable(made)
        and getattr(made, "__module__", "") == module.__name__
        and not name.startswith("_")
        and name[0].islower()
    }
    assert set(KIT) == makers


@pytest.mark.parametrize("name", KIT)
@given(st.one_of(st.text(min_size=1, max_size=300), st.sampled_from(HOSTILE)))
def test_any_text_comes_out_as_text(name: str, given: str) -> None:
    made = KIT[name](given)
    harmless = Outline(KIT[name]("x"))
    found = Outline(made)
    assert found.names == harmless.names
    made.encode()  # no lone surrogate is left
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", made)
    if given.isprintable() and len(given) <= 20 and given.strip() == given and name != "frame":
        assert given in found.text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("ST4000DM000", "ST4000DM000"),
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
        ("a\u202eb\x00", "a\\u202eb\\u0000"),
        ("\ud800", "\\ud800"),
        ("5\u202f%", "5\u202f%"),
        ("x" * 257, "x" * 255 + "…"),
    ],
)
def test_text(given: str, shown: str) -> None:
    assert markup.text(given) == shown
    assert markup.isolate(given) == f"<bdi>{shown}</bdi>"


def test_markup_is_escaped_once() -> None:
    bold = markup.element("b", "a & b")
    assert markup.paragraph(markup.join([bold, "<"])) == "<p><b>a &amp; b</b>&lt;</p>"
    # A string put together from markup is text again: too much is escaped, never too little.
    assert markup.escape(f"{bold}").startswith("&lt;b&gt;")
    assert isinstance(bold, Markup)


def test_tables() -> None:
    cards = markup.table(("a", "b"), [("1", "2"), ("3", "4")], "cards", marked=["3"], caption="of 2")
    assert '<td data-name="b">2</td>' in cards
    assert '<tr class="marked"><th scope="row">3</th>' in cards
    assert cards.endswith('<p class="caption">of 2</p>')
    assert "data-name" not in markup.table(("a", "b"), [("1", "2")])


def test_nothing_to_show() -> None:
    assert markup.tiles([]) == markup.facts({}) == NOTHING
    page = markup.document("t", [], [Section("empty", "Empty", NOTHING)])
    assert "empty" not in page.partition("</style>")[2].lower()
