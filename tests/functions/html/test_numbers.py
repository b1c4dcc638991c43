"""Numbers as people read them."""

from __future__ import annotations

import pytest

from functions.html.numbers import DASH, failures, interval, number, percent, probability, share


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(0.19315, 3, "0.193"), (5435600, 0, "5,435,600"), (-1.5, 1, "-1.5"), (0, 2, "0.00")],
)
def test_numbers(value: float, digits: int, shown: str) -> None:
    assert number(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(0.0002, 2, "0.02\u202f%"), (1, 0, "100\u202f%"), (0.00335, 2, "0.34\u202f%")],
)
def test_percent(value: float, digits: int, shown: str) -> None:
    assert percent(value, digits) == shown


@pytest.mark.parametrize("value", [None, "3", True, float("nan"), float("inf"), [], {}])
def test_what_is_no_number(value: object) -> None:
    assert number(value) == percent(value, 1) == DASH


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, DASH),
        (0, 9, "0.0\u202f%"),
        (9, 9, "100.0\u202f%"),
        (1, 30_000, "0.003\u202f%"),
        (29_999, 30_000, "99.997\u202f%"),
        (1, 3, "33.3\u202f%"),
    ],
)
def test_share(part: int, whole: int, shown: str) -> None:
    assert share(part, whole) == shown


def test_figures() -> None:
    assert failures(0.0123) == "0.01"
    assert failures(1234.56) == "1,234.6"
    assert probability(0.000123456) == "0.0123\u202f%"
    assert probability(0.99999) == "99.9\u202f%"
    assert interval((0, 1_200), 0) == "0 to 1,200"
    assert interval([0.1, 0.25], 2) == "0.10 to 0.25"
    assert interval(None) == ""
