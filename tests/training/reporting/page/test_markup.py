from __future__ import annotations

from training.reporting.page.markup import DASH, interval, number, percent, section, table


def test_figures_that_do_not_exist_are_dashes() -> None:
    assert (number(None), percent(None), interval(None)) == (DASH, DASH, "")
    assert number(1234.5678, 1) == "1,234.6"
    assert percent(0.00335) == "0.34\u202f%"
    assert interval((0.1, 0.25), 2) == "0.10 to 0.25"


def test_cells_are_escaped_and_rows_marked() -> None:
    made = table(("<model>", "drives"), [("a & b", "<1>"), ("c", "2")], ("c",), "on > 3 drives")
    assert "&lt;model&gt;" in made
    assert "a &amp; b" in made
    assert "<td>&lt;1&gt;</td>" in made
    assert '<tr class="marked"><th scope="row">c</th>' in made
    assert "on &gt; 3 drives" in made


def test_a_section_without_content_is_left_out() -> None:
    assert section("a", "Title", "") == ""
    assert '<section id="a"><h2>T &amp; t</h2>' in section("a", "T & t", "<p>x</p>")
