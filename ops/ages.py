"""How long ago something was, in words."""

from __future__ import annotations

from datetime import timedelta

_UNITS = (("d", 86400), ("h", 3600), ("min", 60))


def in_words(age: timedelta) -> str:
    """Return an age in its largest fitting unit, rounded down: ``3 d``, ``5 h``, ``12 min`` or ``40 s``.

    A negative age, as clocks that differ give it, counts as none.
    """
    seconds = max(0, int(age.total_seconds()))
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
