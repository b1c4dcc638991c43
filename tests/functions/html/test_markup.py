from __future__ import annotations

import pytest

from functions.html import markup


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("ST4000DM000", "ST4000DM000"),
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
        ("a\u202eb\x00", "a\\u202eb\\u0000"),
        ("\ud800", "\\ud800"),
        ("x" * 257, "x" * 255 + "…"),
    ],
)
def test_text(given: str, shown: str) -> None:
    assert markup.text(given) == shown
    assert markup.isolated(given) == f"<bdi>{shown}</bdi>"


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, markup.DASH),
        (0, 9, "0.0\u202f%"),
        (9, 9, "100.0\u202f%"),
        (1, 30_000, "0.003\u202f%"),
        (29_999, 30_000, "99.997\u202f%"),
        (1, 3, "33.3\u202f%"),
    ],
)
def test_share(part: int, whole: int, shown: str) -> None:
    assert markup.share(part, whole) == shown


def test_figures() -> None:
    assert markup.failures(0.0123) == "0.01"
    assert markup.failures(1234.56) == "1,234.6"
    assert markup.probability(0.000123456) == "0.0123\u202f%"
    assert markup.span((0, 1_200)) == "0 to 1,200"
    assert markup.section("a", "Title", "", "") == ""
