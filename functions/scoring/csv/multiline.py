"""Goes over lines and finds the records of several: a field in quotes has a line break.

Telemetry has no such fields, and a stray quote is likelier than one. So a quote that is open at the end of a
line makes a record of several lines only where the lines behind it close it by RFC 4180 and the whole has as
many fields as the header; otherwise it is a fault of its own line. Every line is asked, also one that an
earlier record ends with, so the answer depends on at most `RECORD_BYTES` and not on where a file is cut.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from functions.scoring.csv.blocks import BLOCK_BYTES, Record
from functions.scoring.csv.quotes import LineEnd, doubtful_lines, read_line

if TYPE_CHECKING:
    from functions.scoring.csv.blocks import Block

RECORD_BYTES = BLOCK_BYTES
"""Longest record of several lines, with its line ends; what is longer is none, as a longer line is none."""


class _Opener(NamedTuple):
    """A line at whose end a quote is open.

    Attributes
    ----------
    line : int
        Its number.
    start : int
        Offset of its first byte.
    separators : int
        Those of the line itself.
    passed : int
        Those of all lines that were read inside quotes, up to it.
    """

    line: int
    start: int
    separators: int
    passed: int


_BEFORE = _Opener(line=-1, start=0, separators=0, passed=0)
"""A line before the first that is read, of which nothing is known; before any line there is."""


class RecordFinder:
    """Finds the records of several lines in consecutive blocks.

    Parameters
    ----------
    width : int
        Fields of a record.
    suspects_before : bool
        Take a quote for open before the first line, until that is seen to be wrong.

    Attributes
    ----------
    records : list of Record
        Those found, ascending. Two may share a line, the end of one and the beginning of the other.
    needs_before : bool
        What is read first looks like the end of a record that begins before it.
    """

    def __init__(self, width: int, *, suspects_before: bool = False) -> None:
        self.records: list[Record] = []
        self.needs_before = False
        self._most_separators = width - 1
        # Behind each of their lines everything is inside quotes: one reading of the next line serves all.
        self._open: deque[_Opener] = deque([_BEFORE] if suspects_before else [])
        self._passed = 0
        self._position = 0

    def first_undecided_line(self) -> int | None:
        """Return the first line that may begin a record whose end is not read yet; -1 if before them all."""
        return self._open[0].line if self._open else None

    def read(self, block: Block) -> None:
        """Go on with the lines of the next block."""
        if block.too_long:
            self._open.clear()
            return
        doubtful = frozenset(doubtful_lines(block.data).tolist())
        if not doubtful and not (self._open and b'"' in block.data):
            self._position += len(block.data)
            self._give_up()
            return
        for place, line in enumerate(block.data.split(b"\n")[:-1]):
            start = self._position
            self._position += len(line) + 1
            if self._open:
                self._go_on(block.first_line + place, line.removesuffix(b"\r"))
            if place in doubtful:
                self._begin(block.first_line + place, line.removesuffix(b"\r"), start)

    def _go_on(self, number: int, line: bytes) -> None:
        """Read a line as what follows an open quote."""
        end, separators = read_line(line, in_quotes=True)
        self._passed += separators
        self._give_up()
        if end is LineEnd.CLOSED:
            self._close(number)
        if end is not LineEnd.OPEN:
            self._open.clear()

    def _begin(self, number: int, line: bytes, start: int) -> None:
        """Read a line as the first of a record."""
        end, separators = read_line(line, in_quotes=False)
        if end is LineEnd.OPEN:
            self._open.append(_Opener(number, start, separators, self._passed))

    def _close(self, number: int) -> None:
        for opener in self._open:
            if opener is _BEFORE:
                self.needs_before = True
            elif self._separators(opener) == self._most_separators:
                self.records.append(Record(opener.line, number))
                return

    def _separators(self, opener: _Opener) -> int:
        return opener.separators + self._passed - opener.passed

    def _give_up(self) -> None:
        """Forget the openers of what has become too long or too wide for a record."""
        while self._open and (
            self._position - self._open[0].start > RECORD_BYTES
            or self._separators(self._open[0]) > self._most_separators
        ):
            self._open.popleft()
