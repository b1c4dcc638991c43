"""Ranges: every line in exactly one of them, wherever the cuts fall."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.csv.blocks import line_blocks
from functions.scoring.csv.byte_ranges import (
    ByteRange,
    byte_range,
    lines_begun,
    owned_lines,
    range_count,
)


def reader(data: bytes, chunk_bytes: int) -> Callable[[int, int], Iterator[bytes]]:
    def read(start: int, end: int) -> Iterator[bytes]:
        for at in range(start, end, chunk_bytes):
            yield data[at : min(at + chunk_bytes, end)]

    return read


def cut(data: bytes, range_bytes: int, chunk_bytes: int, longest: int) -> list[bytes]:
    return [
        b"".join(
            owned_lines(
                reader(data, chunk_bytes), byte_range(index, len(data), range_bytes), len(data), longest
            )
        )
        for index in range(range_count(len(data), range_bytes))
    ]


@given(
    st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b" ")), max_size=12),
    st.booleans(),
    st.integers(1, 40),
    st.integers(1, 17),
)
def test_ranges_put_together_are_the_file(
    lines: list[bytes], ended: bool, range_bytes: int, chunk_bytes: int
) -> None:
    data = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    parts = cut(data, range_bytes, chunk_bytes, longest=100)
    assert b"".join(parts) == data
    assert all(part.endswith(b"\n") for part in parts[:-1] if part and part != data[-len(part) :])


@given(st.lists(st.integers(0, 60), max_size=10), st.integers(1, 50), st.integers(1, 23), st.integers(5, 30))
def test_blocks_of_ranges_hold_the_lines_of_blocks_of_the_file(
    lengths: list[int], range_bytes: int, chunk_bytes: int, longest: int
) -> None:
    """Too long a line is told in a range as it is in the whole file: by the bytes that are kept of it."""
    data = b"".join(bytes([97 + number % 26]) * length + b"\n" for number, length in enumerate(lengths))

    def judged(chunks: Iterator[bytes]) -> list[tuple[bytes, bool]]:
        return [
            (line, block.too_long)
            for block in line_blocks(chunks, longest)
            for line in block.data.splitlines(keepends=True)
        ]

    size = len(data)
    in_ranges = [
        found
        for index in range(range_count(size, range_bytes))
        for found in judged(
            owned_lines(reader(data, chunk_bytes), byte_range(index, size, range_bytes), size, longest)
        )
    ]
    whole = judged(reader(data, chunk_bytes)(0, size))
    # Of a line that is too long `line_blocks` keeps 1,024 bytes, but never more than it has seen.
    assert [(line[:longest], long) for line, long in in_ranges] == [
        (line[:longest], long) for line, long in whole
    ]


@given(st.lists(st.integers(0, 9), max_size=12), st.booleans(), st.integers(1, 30), st.integers(1, 17))
def test_every_data_line_begins_in_one_range(
    lengths: list[int], ended: bool, range_bytes: int, chunk_bytes: int
) -> None:
    data = b"\n".join(b"x" * length for length in lengths) + (b"\n" if ended and lengths else b"")
    count = range_count(len(data), range_bytes)
    # Of the last range nobody needs to know: a line that ends with the file has none behind it.
    found = [
        lines_begun(reader(data, chunk_bytes), byte_range(index, len(data), range_bytes))
        for index in range(count - 1)
    ]
    owned = [len(part.splitlines()) for part in cut(data, range_bytes, chunk_bytes, longest=100)]
    # The header is the first line of the first range.
    assert found == [lines - (index == 0) for index, lines in enumerate(owned[:-1])]


def test_no_more_of_an_endless_line_is_read_than_shows_that_it_is_too_long() -> None:
    asked: list[tuple[int, int]] = []
    data = b"x" * 1000

    def read(start: int, end: int) -> Iterator[bytes]:
        asked.append((start, end))
        yield data[start:end]

    assert b"".join(owned_lines(read, ByteRange(0, 0, 10), 1000, longest=50)) == b"x" * 60
    assert asked == [(0, 60)]


@pytest.mark.parametrize(("size", "expected"), [(0, 1), (1, 1), (64, 1), (65, 2), (128, 2), (129, 3)])
def test_range_count(size: int, expected: int) -> None:
    assert range_count(size, 64) == expected


def test_an_empty_range_is_not_read() -> None:
    assert cut(b"", 10, 4, longest=5) == [b""]
