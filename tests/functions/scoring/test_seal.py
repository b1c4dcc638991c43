"""Whatever happens to what was sealed, it shows."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.scoring.seal import SEAL_BYTES, DamagedError, SealingSink, seal, unseal


@given(
    content=st.binary(max_size=200), dates=st.integers(0, 400), cuts=st.lists(st.integers(0, 200), max_size=3)
)
def test_what_was_sealed_comes_back(content: bytes, dates: int, cuts: list[int]) -> None:
    sink = io.BytesIO()
    sealing = SealingSink(sink)
    at = 0
    for cut in sorted(cuts):
        sealing.write(content[at:cut])
        at = max(at, cut)
    sealing.write(content[at:])
    sealing.seal(dates)
    assert sink.getvalue() == seal(content, dates)
    found = unseal(sink.getvalue())
    assert (bytes(found.content), found.dates) == (content, dates)


@given(content=st.binary(max_size=200), at=st.integers(0, 10_000), mask=st.integers(1, 255))
def test_one_changed_byte_shows(content: bytes, at: int, mask: int) -> None:
    data = bytearray(seal(content))
    at %= len(data)
    data[at] ^= mask
    try:
        found = unseal(bytes(data))
    except DamagedError:
        return
    # The mark itself: what is left is no Arrow file, for that ends otherwise.
    assert found.dates is None
    assert len(data) - SEAL_BYTES <= at < len(data) - SEAL_BYTES + 8


def test_bytes_that_are_missing_show() -> None:
    data = seal(b"x" * 100)
    with pytest.raises(DamagedError, match=r"\b99\b.*\b100\b"):
        unseal(data[1:])
    for end in range(len(data) - SEAL_BYTES + 1, len(data)):
        assert unseal(data[:end]).dates is None
