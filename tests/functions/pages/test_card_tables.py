"""Values as people read them."""

from __future__ import annotations

import pytest

from functions.pages.card_tables import NONE, facts, number, percent, table, tiles


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(0.19315, 3, "0.193"), (5435600, 0, "5,435,600"), (-1.5, 1, "-1.5"), (0, 2, "0.00")],
)
def test_numbers(value: float, digits: int, shown: str) -> None:
    assert number(value, digits) == shown


def test_percent() -> None:
    assert percent(0.0002, 2) == "0.02 %"
    assert percent(1, 0) == "100 %"


@pytest.mark.parametrize("value", [None, "3", True, float("nan"), float("inf"), [], {}])
def test_what_is_no_number(value: object) -> None:
    assert number(value) == percent(value, 1) == NONE


def test_cells_are_escaped() -> None:
    assert table(("a<b",), [("<i>", "&")]).count("&lt;") == 2
    assert "<td>&amp;</td>" in table(("a",), [("b", "&")])
    assert "&lt;i&gt;" in facts({"<i>": "x"})


def test_nothing_to_show() -> None:
    assert tiles([(NONE, "unknown")]) == ""
    assert facts({}) == ""
