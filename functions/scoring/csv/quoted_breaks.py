"""Blocks told which of their lines belong to records of several lines, so that no half of one is scored.

A block waits for those behind it while a quote is open at its end. What stands around the lines of a range is
read only where a record may reach across.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.scoring.csv.blocks import line_blocks, line_count
from functions.scoring.csv.multiline import RecordFinder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from functions.scoring.csv.blocks import Block


@dataclass(frozen=True, slots=True)
class Around:
    """The lines that begin within `RECORD_BYTES` before and behind a range.

    Attributes
    ----------
    before : callable or None
        Reads those before, in chunks of any size; None for the first range.
    behind : callable
        Reads those behind.
    """

    before: Callable[[], Iterable[bytes]] | None
    behind: Callable[[], Iterable[bytes]]


class _Marker:
    """Holds blocks back until it is known which of their lines belong to records of several."""

    def __init__(self, width: int, around: Around | None) -> None:
        self._width = width
        self._around = around
        before = around is not None and around.before is not None
        self._finder = RecordFinder(width, suspects_before=before)
        self._held: deque[Block] = deque()
        self._behind: list[Block] = []
        self._end: int | None = None

    def feed(self, block: Block) -> Iterator[Block]:
        """Take the next block; yield those that are decided."""
        self._held.append(block)
        yield from self._read(block)

    def look_behind(self) -> Iterator[Block]:
        """Yield what can be decided by the lines behind the last block."""
        if self._held and self._around is not None:
            last = self._held[-1]
            self._end = last.first_line + line_count(last.data)
            for block in _numbered(line_blocks(self._around.behind()), self._end):
                self._behind.append(block)
                yield from self._read(block)
                if not self._held:
                    return

    def flush(self) -> Iterator[Block]:
        """Yield what is held, there being nothing behind it that could change it."""
        while self._held:
            yield self._marked(self._held.popleft())

    def _read(self, block: Block) -> Iterator[Block]:
        self._finder.read(block)
        if self._finder.needs_before:
            self._restart_with_lines_before()
        while self._held and self._is_decided():
            yield self._marked(self._held.popleft())

    def _restart_with_lines_before(self) -> None:
        # Nothing has been let go so far: a line before them all was undecided.
        read = self._around.before if self._around is not None else None
        before = list(line_blocks(read() if read is not None else ()))
        first_line = self._held[0].first_line - sum(line_count(block.data) for block in before)
        self._finder = RecordFinder(self._width)
        for block in (*_numbered(before, first_line), *self._held, *self._behind):
            self._finder.read(block)

    def _is_decided(self) -> bool:
        undecided = self._finder.first_undecided_line()
        if undecided is None:
            return True
        end = self._held[1].first_line if len(self._held) > 1 else self._end
        return end is not None and end <= undecided

    def _marked(self, block: Block) -> Block:
        records = [record for record in self._finder.records if record.last >= block.first_line]
        self._finder.records = records
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
        In order.
    """
    marker = _Marker(width, around)
    for block in blocks:
        yield from marker.feed(block)
    yield from marker.look_behind()
    yield from marker.flush()


def _numbered(blocks: Iterable[Block], first_line: int) -> Iterator[Block]:
    """Give blocks that count from 1 their line numbers in the file."""
    for block in blocks:
        yield dataclasses.replace(block, first_line=block.first_line + first_line - 1)
