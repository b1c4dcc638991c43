"""Records that go on over a line end because a field in quotes does, found so that no half of one is scored.

Telemetry has no such fields, and a stray quote is likelier than one. So a quote that is open at the end of a
line makes a record of several lines only where the lines behind it close it as RFC 4180 has it and the whole
has as many fields as the header; otherwise it is a fault of its own line. Whether that is so depends on at
most `RECORD_BYTES` from there on, and never on where a file is cut into blocks or ranges.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from functions.scoring.csv_lines import BLOCK_BYTES, Block, Record, line_blocks, line_count
from functions.scoring.csv_quotes import LineEnd, none_open, read_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

RECORD_BYTES = BLOCK_BYTES
"""Longest record of several lines; what is longer is no record, as a longer line is none."""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands before and behind some lines of a file, `RECORD_BYTES` of lines begun each.

    Attributes
    ----------
    before, after : callable
        Read it, in whole lines; called only where a record may reach across.
    """

    before: Callable[[], Iterable[bytes]]
    after: Callable[[], Iterable[bytes]]


class _Opener(NamedTuple):
    """A line at whose end a quote is open; separators less those passed before, offset of its first byte."""

    line: int
    separators: int
    start: int


_BEFORE = _Opener(line=-1, separators=0, start=0)
"""A line before the first that was read, of which nothing is known."""


class _Finder:
    """Goes over consecutive lines and finds the records of several."""

    def __init__(self, width: int) -> None:
        self._width = width
        # Behind any of their lines all are inside quotes, so one reading of the next line serves all.
        self._open: deque[_Opener] = deque()
        self._separators = 0
        self._position = 0
        self.records: list[Record] = []
        self.needs_before = False

    def suspect_before(self) -> None:
        """Take a quote for open before the first line, until that is seen to be wrong."""
        self._open.append(_BEFORE)

    def first_open(self) -> int | None:
        """Return the number of the first line of which it is not known yet whether it begins a record."""
        return self._open[0].line if self._open else None

    def read(self, block: Block) -> None:
        """Go on with the lines of the next block."""
        if block.too_long:
            self._open.clear()
        elif b'"' not in block.data:
            self._position += len(block.data)
            self._give_up_long()
        elif self._open or not none_open(block.data):
            for place, line in enumerate(block.data.split(b"\n")[:-1]):
                self._read_line(block.first_line + place, line)

    def _read_line(self, number: int, line: bytes) -> None:
        start = self._position
        self._position += len(line) + 1
        line = line.removesuffix(b"\r")
        if self._open:
            end, separators = read_line(line, in_quotes=True)
            self._separators += separators
            if end is LineEnd.CLOSED:
                self._close(number)
            if end is not LineEnd.OPEN:
                self._open.clear()
            self._give_up_long()
        end, separators = read_line(line, in_quotes=False)
        if end is LineEnd.OPEN:
            self._open.append(_Opener(number, separators - self._separators, start))

    def _close(self, number: int) -> None:
        self._give_up_long()
        for opener in self._open:
            if opener is _BEFORE:
                self.needs_before = True
            elif opener.separators + self._separators == self._width - 1:
                self.records.append(Record(opener.line, number))
                return

    def _give_up_long(self) -> None:
        while self._open and self._position - self._open[0].start > RECORD_BYTES:
            self._open.popleft()


class _Marker:
    """Holds blocks back until it is known which of their lines belong to records of several."""

    def __init__(self, width: int, around: Around | None) -> None:
        self._width = width
        self._around = around
        self._finder = _Finder(width)
        if around is not None:
            self._finder.suspect_before()
        self._held: deque[Block] = deque()

    def feed(self, block: Block) -> Iterator[Block]:
        """Take the next block; yield those of which all is known."""
        self._held.append(block)
        self._finder.read(block)
        if self._finder.needs_before and self._around is not None:
            self._look_before(self._around)
        while self._held and self._is_settled():
            yield self._marked(self._held.popleft())

    def waits(self, line: int) -> bool:
        """Tell whether a block that begins before a line is held."""
        return bool(self._held) and self._held[0].first_line < line

    def rest(self) -> Iterator[Block]:
        """Yield what is held, there being no line behind it."""
        while self._held:
            yield self._marked(self._held.popleft())

    def _look_before(self, around: Around) -> None:
        """Begin anew, with what stands before the first block; nothing has been let go so far."""
        before = list(line_blocks(around.before()))
        number = self._held[0].first_line - sum(line_count(block.data) for block in before)
        self._finder = _Finder(self._width)
        for block in (*_numbered(before, number), *self._held):
            self._finder.read(block)

    def _is_settled(self) -> bool:
        line = self._finder.first_open()
        return line is None or (len(self._held) > 1 and self._held[1].first_line <= line)

    def _marked(self, block: Block) -> Block:
        records = self._finder.records = [
            record for record in self._finder.records if record.last >= block.first_line
        ]
        return dataclasses.replace(block, records=tuple(records)) if records else block


def with_records(blocks: Iterable[Block], width: int, around: Around | None = None) -> Iterator[Block]:
    """Tell of each block which of its lines belong to records of several lines.

    Parameters
    ----------
    blocks : iterable of Block
        Consecutive ones, numbered as in the file.
    width : int
        Fields of the header.
    around : Around, optional
        Where the blocks are not all of the file's data lines.

    Yields
    ------
    Block
        In order. One at whose end a quote is open waits until it is known what becomes of it.
    """
    marker = _Marker(width, around)
    last = None
    for last in blocks:
        yield from marker.feed(last)
    if last is None:
        return
    end = last.first_line + line_count(last.data)
    if around is not None and marker.waits(end):
        for behind in _numbered(line_blocks(around.after()), end):
            for block in marker.feed(behind):
                if block.first_line < end:
                    yield block
            if not marker.waits(end):
                return
    for block in marker.rest():
        if block.first_line < end:
            yield block


def _numbered(blocks: Iterable[Block], first_line: int) -> Iterator[Block]:
    """Give blocks that count from 1 their line numbers in the file."""
    for block in blocks:
        yield dataclasses.replace(block, first_line=block.first_line + first_line - 1)
