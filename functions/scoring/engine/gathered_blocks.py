"""Blocks put together to larger ones, while what is done once a block takes longer than its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.scoring.csv.blocks import Block, line_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LARGE_BYTES = 16 * 1024 * 1024
"""Of a block that has been put together, at least; five of them may be under way at once."""

LARGE_LINES = 65_536
"""Of such a block where lines are short, at least: some 43,000 lines of telemetry are 16 MiB."""


def gathered(blocks: Iterable[Block], prefers_large: Callable[[], bool]) -> Iterator[Block]:
    """Pass blocks on, or larger ones made of them.

    Parameters
    ----------
    blocks : iterable of Block
        Consecutive ones.
    prefers_large : callable
        Asked before a block is passed on; the answer may change.

    Yields
    ------
    Block
        The same lines in the same order.
    """
    held: list[Block] = []
    size = lines = 0
    for block in blocks:
        if block.too_long:
            yield from _as_one(held)
            held.clear()
            yield block
            size = lines = 0
            continue
        held.append(block)
        size += len(block.data)
        lines += line_count(block.data)
        if size >= LARGE_BYTES or lines >= LARGE_LINES or not prefers_large():
            yield from _as_one(held)
            held.clear()
            size = lines = 0
    yield from _as_one(held)


def _as_one(blocks: list[Block]) -> Iterator[Block]:
    if not blocks:
        return
    first, *rest = blocks
    if not rest:
        yield first
        return
    yield Block(first.first_line, b"".join(block.data for block in blocks))
