"""How far the quotes of a line are closed, by RFC 4180 and as Python's csv module reads it when strict.

A carriage return is text here; what it means is up to the caller.
"""

from __future__ import annotations

import enum

import numpy as np

_QUOTE, _COMMA, _RETURN, _LINE_FEED = b'",\r\n'


class LineEnd(enum.Enum):
    """What the end of a line finds."""

    CLOSED = "no quote is open"
    OPEN = "a quote is open"
    WRONG = "a field in quotes went on behind its closing quote"


def read_line(line: bytes, *, in_quotes: bool) -> tuple[LineEnd, int]:
    """Read the quotes of one line.

    Parameters
    ----------
    line : bytes
        Without its line end.
    in_quotes : bool
        A field of an earlier line is open.

    Returns
    -------
    end : LineEnd
    separators : int
        Commas passed that separate fields.
    """
    place = separators = 0
    while True:
        if in_quotes:
            place = _closing_quote(line, place) + 1
            if not place:
                return LineEnd.OPEN, separators
            if place == len(line):
                return LineEnd.CLOSED, separators
            if line[place] != _COMMA:
                return LineEnd.WRONG, separators
            place += 1
            separators += 1
        # A quote opens a field only where it is the first of it.
        begin = place
        if not line.startswith(b'"', place):
            begin = line.find(b',"', place) + 1
            if not begin:
                return LineEnd.CLOSED, separators + line.count(b",", place)
        separators += line.count(b",", place, begin)
        place = begin + 1
        in_quotes = True


def _closing_quote(line: bytes, place: int) -> int:
    """Return where the next quote stands that is not a doubled one; -1 if there is none."""
    while (found := line.find(b'"', place)) >= 0 and line.startswith(b'"', found + 1):
        place = found + 2
    return found


def all_closed(data: bytes) -> bool:
    """Tell whether every quote stands first or last in its field, and every field in quotes ends on its line.

    False also for some lines that are right, those with doubled quotes: this is what is quick to see of many
    lines at once.

    Parameters
    ----------
    data : bytes
        Whole lines, each ended by a line feed, or by a carriage return and one.
    """
    if b'"' not in data:
        return True
    found = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(found == _QUOTE)
    ends = np.flatnonzero(found == _LINE_FEED)
    if (np.searchsorted(quotes, ends) % 2).any():
        return False
    # Before the first byte stands, for numpy, the line feed that ends the last line.
    before, behind = found[quotes[::2] - 1], found[quotes[1::2] + 1]
    returns = found[quotes[1::2][behind == _RETURN] + 2]
    return bool(
        ((before == _COMMA) | (before == _LINE_FEED)).all()
        and ((behind == _COMMA) | (behind == _LINE_FEED) | (behind == _RETURN)).all()
        and (returns == _LINE_FEED).all()
    )


def none_open(data: bytes) -> bool:
    """Tell whether no line's end finds a quote open, as far as that is quick to see; see `all_closed`."""
    # Without its pairs a run of quotes opens or closes as before: """a is as open as "a.
    return all_closed(data) or all_closed(data.replace(b'""', b""))
