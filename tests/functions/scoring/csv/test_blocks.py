import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from functions.errors import TelemetryFileError
from functions.scoring.csv import blocks
from functions.scoring.csv.blocks import BLOCK_BYTES, KEPT_OF_LONG_LINE, Block, decompress, line_blocks
from tests.support.drives import cut

TEXT = st.lists(st.sampled_from([b"a", b"bc,d", b"\n", b"\r\n", b"\n\n", b"\xff", b"x" * 20])).map(b"".join)
SIZES = st.lists(st.integers(0, 9), min_size=1, max_size=4)


def cut_blocks(data: bytes, sizes: list[int], block_bytes: int = 16) -> list[Block]:
    return list(line_blocks(cut(data, sizes), block_bytes))


@given(data=TEXT, sizes=SIZES, most=st.integers(1, 9))
def test_no_block_has_more_lines_than_it_may(data: bytes, sizes: list[int], most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_LINES", most)
        found = cut_blocks(data, sizes, 100)
    assert all(1 <= block.data.count(b"\n") <= most for block in found)
    assert b"".join(block.data for block in found) == b"".join(
        block.data for block in cut_blocks(data, sizes, 100)
    )
    first = 1
    for block in found:
        assert block.first_line == first
        first += block.data.count(b"\n")


@given(data=TEXT | st.binary(max_size=300), sizes=SIZES, block_bytes=st.integers(1, 40))
@example(data=b"x" * 16 + b"\n", sizes=[1], block_bytes=16)
@example(data=b"x" * 15 + b"\n", sizes=[5], block_bytes=16)
def test_every_line_is_in_exactly_one_block(data: bytes, sizes: list[int], block_bytes: int) -> None:
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    seen: dict[int, bytes] = {}
    for block in cut_blocks(data, sizes, block_bytes):
        assert block.data.endswith(b"\n")
        for number, line in enumerate(block.data.split(b"\n")[:-1]):
            assert block.first_line + number not in seen
            seen[block.first_line + number] = line
            full = lines[block.first_line + number - 1]
            if block.too_long:
                assert len(full) >= block_bytes
                assert line == full[: min(block_bytes, KEPT_OF_LONG_LINE)]
            else:
                assert line == full
        assert len(block.data) <= block_bytes + 1
    assert sorted(seen) == list(range(1, len(lines) + 1))


def test_a_line_longer_than_a_block_keeps_its_beginning_only() -> None:
    data = b"head\n" + b"x" * (3 * BLOCK_BYTES) + b"\nnext\n"
    head, long, rest = line_blocks(cut(data, [100_000]))
    assert (head.first_line, head.data, head.too_long) == (1, b"head\n", False)
    assert (long.first_line, long.data, long.too_long) == (2, b"x" * KEPT_OF_LONG_LINE + b"\n", True)
    assert (rest.first_line, rest.data, rest.too_long) == (3, b"next\n", False)


def test_a_long_line_at_the_end_and_nothing_at_all() -> None:
    assert [block.too_long for block in cut_blocks(b"y" * 50, [7])] == [True]
    assert cut_blocks(b"", [1]) == []


@given(
    parts=st.lists(st.binary(max_size=200), min_size=1, max_size=3),
    pads=st.lists(st.integers(0, 5), min_size=3, max_size=3),
    sizes=SIZES,
)
@example(parts=[b"a", b"b"], pads=[3, 0, 0], sizes=[1])
@example(parts=[b"a"], pads=[3, 0, 0], sizes=[1])
@example(parts=[b"a", b"b"], pads=[0, 0, 0], sizes=[5, 0])
def test_gzip_of_several_members_cut_anywhere(parts: list[bytes], pads: list[int], sizes: list[int]) -> None:
    members = (gzip.compress(part) + bytes(pad) for part, pad in zip(parts, pads, strict=False))
    assert b"".join(decompress(cut(b"".join(members), sizes))) == b"".join(parts)


def test_a_gzip_member_much_larger_than_a_block_and_others_after_it() -> None:
    """Its end is met while it is decompressed block by block, with the next member in the same piece."""
    parts = [b"\n" * (5 * BLOCK_BYTES), b"x" * (3 * BLOCK_BYTES), b"end"]
    data = b"".join(map(gzip.compress, parts))
    found = b"".join(islice(decompress([data]), 100))
    assert found == b"".join(parts)


@given(data=st.binary(max_size=100).filter(lambda data: data[:2] != b"\x1f\x8b"), sizes=SIZES)
@example(data=b"\x1f", sizes=[1])
def test_plain_bytes_pass_through(data: bytes, sizes: list[int]) -> None:
    assert b"".join(decompress(cut(data, sizes))) == data


@given(data=st.binary(min_size=1, max_size=200), sizes=SIZES, lost=st.integers(1, 12))
def test_a_truncated_stream_is_said(data: bytes, sizes: list[int], lost: int) -> None:
    with pytest.raises(TelemetryFileError) as raised:
        list(decompress(cut(gzip.compress(data)[:-lost], sizes)))
    assert raised.value.__cause__ is None  # not damaged: upload it again


@pytest.mark.parametrize("index", [3, 20, -6, -2])
def test_a_damaged_stream_is_said(index: int) -> None:
    data = bytearray(gzip.compress(bytes(range(256)) * 4))
    data[index] ^= 0xFF
    with pytest.raises(TelemetryFileError) as raised:
        list(decompress([bytes(data)]))
    assert isinstance(raised.value.__cause__, zlib.error)


@given(tail=st.binary(max_size=100), sizes=SIZES)
def test_anything_behind_the_magic_bytes_is_read_or_refused(tail: bytes, sizes: list[int]) -> None:
    try:
        expected = b"".join(decompress([b"\x1f\x8b" + tail]))
    except TelemetryFileError:
        with pytest.raises(TelemetryFileError):
            list(decompress(cut(b"\x1f\x8b" + tail, sizes)))
    else:
        assert b"".join(decompress(cut(b"\x1f\x8b" + tail, sizes))) == expected


def test_a_bomb_costs_no_memory() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(64)), packer.flush()])
    assert len(bomb) < 100_000
    tracemalloc.start()

    def pieces() -> Iterator[int]:
        for piece in decompress([bomb]):
            assert len(piece) <= BLOCK_BYTES
            yield len(piece)

    try:
        assert sum(pieces()) == 64 << 20
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
