"""Blocks put together to larger ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv.blocks import Block
from functions.scoring.engine import gathered_blocks
from functions.scoring.engine.gathered_blocks import gathered


def blocks_of(sizes: list[int], too_long: set[int]) -> list[Block]:
    """Blocks of so many lines, of which some are a line that is too long."""
    blocks, line = [], 2
    for place, size in enumerate(sizes):
        count = 1 if place in too_long else size
        data = b"".join(b"%d\n" % number for number in range(line, line + count))
        blocks.append(Block(line, data, place in too_long))
        line += count
    return blocks


@given(
    sizes=st.lists(st.integers(1, 9), max_size=12),
    too_long=st.sets(st.integers(0, 11), max_size=3),
    answers=st.lists(st.booleans(), min_size=12, max_size=12),
    large=st.integers(1, 40),
    lines=st.integers(1, 20),
)
def test_the_same_lines_in_the_same_order(
    sizes: list[int], too_long: set[int], answers: list[bool], large: int, lines: int
) -> None:
    blocks = blocks_of(sizes, too_long)
    turns = iter(answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathered_blocks, "LARGE_BYTES", large)
        patch.setattr(gathered_blocks, "LARGE_LINES", lines)
        found = list(gathered(blocks, lambda: next(turns)))
    assert b"".join(block.data for block in found) == b"".join(block.data for block in blocks)
    for block in found:
        assert block.data.startswith(b"%d\n" % block.first_line)
    assert [block for block in found if block.too_long] == [block for block in blocks if block.too_long]
    largest = max((len(block.data) for block in blocks), default=0)
    assert all(len(block.data) < large + largest for block in found)
    most = max((block.data.count(b"\n") for block in blocks), default=0)
    assert all(block.data.count(b"\n") < lines + most for block in found)


def test_nothing_waits_unless_large_blocks_are_preferred() -> None:
    blocks = blocks_of([3, 3, 3], set())
    passed_on = gathered(iter(blocks), lambda: False)
    assert next(passed_on) is blocks[0]
    assert list(gathered(blocks, lambda: True)) == [Block(2, b"".join(block.data for block in blocks))]
