"""What is known of one scored range, and how ranges add up to their file.

While a range is scored nobody knows how many lines stand before it. Its line numbers are those of a file made
of the header and the range alone; they are moved when all ranges are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from functions.scoring.summary import Tally, WorstDrive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class RangePart(msgspec.Struct):
    """The record of one scored range; written last, so that its being there says the range is done.

    Attributes
    ----------
    index : int
        Position among the file's ranges, from 0.
    tally : Tally
    blocks : list of str
        Ids of the staged blocks of the scored CSV, in order.
    days_joined : list of str
        Snapshot days its rows were joined with.
    """

    index: int
    tally: Tally
    blocks: list[str]
    days_joined: list[str]


def lines_before(parts: Sequence[RangePart]) -> list[int]:
    """Return how many data lines stand before each range, given all of them in order."""
    before, offsets = 0, []
    for part in parts:
        offsets.append(before)
        before += part.tally.lines
    return offsets


def tally_of_file(parts: Sequence[RangePart]) -> Tally:
    """Add the ranges up, as if the file had been scored in one piece."""
    whole = Tally()
    for part, offset in zip(parts, lines_before(parts), strict=True):
        worst = [_moved(drive, offset) for drive in part.tally.worst]
        whole.add(msgspec.structs.replace(part.tally, worst=worst))
    return whole


def _moved(drive: WorstDrive, offset: int) -> WorstDrive:
    return msgspec.structs.replace(drive, line=drive.line + offset, before=drive.before - offset)


def renumbered(rejects: Iterable[bytes], offset: int) -> Iterator[bytes]:
    """Add ``offset`` to the line numbers of a rejects file.

    Parameters
    ----------
    rejects : iterable of bytes
        Rows without the header, in chunks of any size. A row is a line: its texts are lines of telemetry.
    offset : int

    Yields
    ------
    bytes
        Whole rows.
    """
    rest = b""
    for chunk in rejects:
        *rows, rest = (rest + chunk).split(b"\n")
        if rows:
            yield b"".join(_renumbered(row, offset) for row in rows)


def _renumbered(row: bytes, offset: int) -> bytes:
    line, comma, others = row.partition(b",")
    return b"%d%b%b\n" % (int(line) + offset, comma, others)
