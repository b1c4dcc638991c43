"""The lines of a range, read from the blob, and those at its beginning, which every range needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.scoring.csv.blocks import BLOCK_BYTES
from functions.scoring.csv.byte_ranges import byte_range, owned_lines
from functions.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from functions.batch.range_message import RangeMessage
    from functions.storage.pinned_blob import PinnedBlob

HEADER_BYTES = 16_384
"""Read first to find the end of the header; published ones have some 5,000."""


def lines_of(source: PinnedBlob, task: RangeMessage, index: int) -> Iterator[bytes]:
    """Read the lines that belong to a range of a task's file, in chunks."""

    def read(start: int, end: int) -> Iterator[bytes]:
        return source.chunks(settings().download_chunk_bytes, start, end)

    return owned_lines(read, byte_range(index, task.size, task.range_bytes), task.size)


def header_before(source: PinnedBlob, index: int) -> bytes | None:
    """Return the file's first line for a range that does not begin with it: a block of it, if longer."""
    if not index:
        return None
    for size in (HEADER_BYTES, BLOCK_BYTES):
        begin = source.read(0, size)
        if end := begin.find(b"\n") + 1:
            return begin[:end]
    return begin


def beginning(source: PinnedBlob) -> Iterator[bytes]:
    """Read as much as the first block is cut from."""
    return source.chunks(BLOCK_BYTES, end=2 * BLOCK_BYTES)
