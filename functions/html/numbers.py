"""Numbers as people read them on a page; a dash for what is none."""

from __future__ import annotations

import math
from typing import TypeIs

DASH = "\N{EN DASH}"

CERTAIN = 99.9
"""Largest probability shown, in percent."""


def number(value: object, digits: int = 3) -> str:
    """Return a number with its thousands apart; a dash for NaN, infinity and what is no number."""
    return f"{value:,.{digits}f}" if _is_number(value) else DASH


def percent(value: object, digits: int = 2) -> str:
    """Return a share of 0 to 1 in percent; a dash as `number` does."""
    return f"{100 * value:.{digits}f}\u202f%" if _is_number(value) else DASH


def interval(value: object, digits: int = 3) -> str:
    """Return a pair as a range; nothing for what is none."""
    if not isinstance(value, list | tuple):
        return ""
    low, high = value
    return f"{low:,.{digits}f} to {high:,.{digits}f}"


def count(value: int) -> str:
    """Return a count with its thousands apart."""
    return f"{value:,}"


def share(part: int, whole: int) -> str:
    """Return a share in percent; a dash when there is nothing to share."""
    if not whole:
        return DASH
    percentage = 100 * part / whole
    # 99.97 % is not all, and 0.02 % is not nothing.
    digits = 1 if part in (0, whole) or 0.1 <= percentage <= 99.9 else 3  # noqa: PLR2004
    return f"{percentage:.{digits}f}\u202f%"


def probability(value: float) -> str:
    """Return a probability in percent, with three significant digits; nothing is certain to fail."""
    return f"{min(100 * value, CERTAIN):.3g}\u202f%"


def failures(value: float) -> str:
    """Return a number of failures to expect."""
    return f"{value:,.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004


def _is_number(value: object) -> TypeIs[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
