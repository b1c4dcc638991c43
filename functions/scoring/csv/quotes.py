"""How far the quotes of a line are closed, by RFC 4180 and as Python's csv module reads it when strict.

A carriage return is text here; what it means is up to the caller.
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_QUOTE, _COMMA, _RETURN, _LINE_FEED = b'",\r\n'
_PLAIN_FIELDS = re.compile(rb'(?:"[^",]*+",|[^"]*,)*+')
"""Fields with no quote or comma in them, in quotes or not, each with the comma behind it."""


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
        # Of nearly every line all of it, and many times as fast as field by field.
        if plain := _PLAIN_FIELDS.match(line, place):
            separators += line.count(b",", place, plain.end())
            place = plain.end()
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


def doubtful_lines(data: bytes) -> NDArray[np.intp]:
    """Find the lines whose quotes are not, at a glance, all closed where the line ends.

    All others are: `read_line` finds them `LineEnd.CLOSED`. So it does some of these, with a quote inside a
    field that does not begin with one.

    Parameters
    ----------
    data : bytes
        Whole lines, each ended by a line feed, or by a carriage return and one.

    Returns
    -------
    (n,) array of int
        Places of these lines, from 0, ascending.
    """
    if b'"' not in data:
        return np.zeros(0, dtype=np.intp)
    found = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(found == _QUOTE)
    ends = np.flatnonzero(found == _LINE_FEED)
    counts = np.diff(np.searchsorted(quotes, ends), prepend=0)
    doubtful = counts % 2 == 1
    if doubtful.any():
        quotes = quotes[np.repeat(~doubtful, counts)]
    # What is left pairs up within lines. A doubled quote is then a pair's end and the beginning of the next.
    begins, closes = quotes[::2], quotes[1::2]
    # Before the first byte stands, for numpy, the line feed that ends the last line.
    before, behind = found[begins - 1], found[closes + 1]
    returns = np.flatnonzero(behind == _RETURN)
    behind[returns[found[closes[returns] + 2] == _LINE_FEED]] = _LINE_FEED
    wrong = ~(_may_stand_beside(before) & _may_stand_beside(behind))
    doubtful[np.searchsorted(ends, begins[wrong])] = True
    return np.flatnonzero(doubtful)


def _may_stand_beside(found: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell which bytes may stand before or behind a pair of quotes."""
    beside: NDArray[np.bool_] = (found == _COMMA) | (found == _LINE_FEED) | (found == _QUOTE)
    return beside
