"""A large file cut into byte ranges, and the whole lines that belong to each.

A line belongs to the range its first byte is in. So every line is in exactly one range, wherever the cuts
fall, and nobody has to look for line ends before the work is handed out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from functions.scoring.csv.blocks import BLOCK_BYTES, line_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class ByteRange(msgspec.Struct, frozen=True):
    """One range of a file: its index from 0, and the offsets of its first byte and after its last."""

    index: int
    start: int
    end: int


def range_count(size: int, range_bytes: int) -> int:
    """Return how many ranges a file of ``size`` bytes is cut into; at least one."""
    return max(1, -(-size // range_bytes))


def byte_range(index: int, size: int, range_bytes: int) -> ByteRange:
    """Return range ``index`` of a file of ``size`` bytes."""
    start = index * range_bytes
    return ByteRange(index, start, min(start + range_bytes, size))


def lines_begun(read: Callable[[int, int], Iterator[bytes]], part: ByteRange) -> int:
    r"""Count the data lines that belong to a range; the header is none.

    Parameters
    ----------
    read : callable
        From one offset up to another, in chunks of any size.
    """
    # A line begins after a line feed; the one that ends the range begins none in it.
    return sum(line_count(chunk) for chunk in read(max(0, part.start - 1), part.end - 1))


def owned_lines(
    read: Callable[[int, int], Iterator[bytes]], part: ByteRange, size: int, longest: int = BLOCK_BYTES
) -> Iterator[bytes]:
    r"""Read the lines that belong to a range, in chunks that are never empty.

    Parameters
    ----------
    read : callable
        From one offset up to another, in chunks of any size.
    size : int
        Of the file, in bytes.
    longest : int
        Bytes read of a line that begins in the range and goes on after it, and hardly more than shows that it
        is longer. Such a line, or the file's last one, may lack its line feed.
    """
    if part.start >= part.end:
        return
    # The byte before tells whether a line begins at the range's first byte.
    position = max(0, part.start - 1)
    inside = part.start == 0
    last = part.end - 1
    for chunk in read(position, min(size, part.end + longest)):
        begin = 0
        if not inside:
            begin = chunk.find(b"\n", 0, part.end - position) + 1
            if not begin:
                position += len(chunk)
                if position >= part.end:
                    return
                continue
            inside = True
            if position + begin >= part.end:
                return
        stop = chunk.find(b"\n", max(begin, last - position)) + 1 if position + len(chunk) > last else 0
        data = chunk[begin:stop] if stop else chunk[begin:]
        if data:
            yield data
        if stop:
            return
        position += len(chunk)
