"""Whether the quotes of a line are closed at its end, by RFC 4180 and as Python's strict csv reader says.

A record that goes on over a line end has an odd number of quotes on its first line and on its last. So does a
stray quote, and neither is a row.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_QUOTE, _COMMA, _RETURN, _LINE_FEED = b'",\r\n'
_PLAIN_FIELDS = re.compile(rb'(?:"[^",]*+",|[^"]*,)*+')
"""Fields with no quote or comma in them, in quotes or not, each with the comma after it."""


def fault_of_quotes(line: bytes) -> str | None:
    """Return what is wrong with the quotes of a line, given without its line end; None if nothing is."""
    position = 0
    while True:
        # Of nearly every line all of it, and many times as fast as field by field.
        if plain := _PLAIN_FIELDS.match(line, position):
            position = plain.end()
        # A quote opens a field only where it is the first of it.
        if not line.startswith(b'"', position):
            position = line.find(b',"', position) + 1
            if not position:
                break
        position = _closing_quote(line, position + 1) + 1
        if not position:
            return "unexpected end of data"
        if position == len(line):
            break
        if line[position] != _COMMA:
            return "',' expected after '\"'"
        position += 1
    return "a quote without its pair" if line.count(b'"') % 2 else None


def _closing_quote(line: bytes, position: int) -> int:
    """Return the offset of the next quote that is not a doubled one; -1 if there is none."""
    while (found := line.find(b'"', position)) >= 0 and line.startswith(b'"', found + 1):
        position = found + 2
    return found


def doubtful_lines(data: bytes) -> NDArray[np.intp]:
    """Return the positions, from 0 and ascending, of lines whose quotes may not all be closed at their end.

    `fault_of_quotes` finds nothing wrong with any other line, nor with a returned one that has two quotes
    inside a field that does not begin with one. Lines end with a line feed, or with a carriage return and
    one.
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
    # The rest pairs up within lines. A doubled quote is then a pair's end and the beginning of the next.
    begins, closes = quotes[::2], quotes[1::2]
    # Before the first byte stands, for numpy, the line feed that ends the last line.
    before, behind = found[begins - 1], found[closes + 1]
    returns = np.flatnonzero(behind == _RETURN)
    behind[returns[found[closes[returns] + 2] == _LINE_FEED]] = _LINE_FEED
    wrong = ~(_may_stand_beside(before) & _may_stand_beside(behind))
    doubtful[np.searchsorted(ends, begins[wrong])] = True
    return np.flatnonzero(doubtful)


def _may_stand_beside(found: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which bytes may stand before or after a pair of quotes."""
    beside: NDArray[np.bool_] = (found == _COMMA) | (found == _LINE_FEED) | (found == _QUOTE)
    return beside
