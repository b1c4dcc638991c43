"""Numbers as people read them."""

from __future__ import annotations

_KILO = 1000.0
_SMALL = 0.01


def percent(share: float | None, digits: int = 2) -> str:
    """Return a share as per cent with some digits after the point, more where nothing would be left of it."""
    if share is None:
        return "unknown"
    value = share * 100
    if 0 < value < _SMALL:
        return f"{value:.1g} %"
    return f"{value:,.{digits}f} %"


def short(number: float) -> str:
    """Return a whole number in at most four characters: 512, 16k, 1M."""
    for unit in ("", "k", "M", "G", "T"):
        if number < _KILO:
            return f"{number:.0f}{unit}"
        number /= _KILO
    return f"{number:.0f}P"
