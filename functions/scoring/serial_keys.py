"""Serial numbers as arrays: fixed-width keys, and a 64-bit hash of each.

History finds a drive's earlier counters by them, and repeated lines are found by them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray


KEY_BYTES = 32
"""Bytes of a serial number's key; serial numbers of real drives have 8 to 20."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


def serial_hashes(serials: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each serial number, the same whatever the width of the array it stands in."""
    words = -(-serials.dtype.itemsize // 8)
    columns = serials.astype(f"S{8 * words}").view(np.uint64).reshape(len(serials), words)
    hashes = np.zeros(len(serials), dtype=np.uint64)
    for column in columns.T:
        mixed = (hashes ^ column) * _MULTIPLIER
        mixed ^= mixed >> _SHIFT
        # A word of zeros is padding: serial numbers have no NUL.
        hashes = np.where(column == 0, hashes, mixed)
    return hashes


def serial_keys(serials: pa.StringArray) -> NDArray[np.bytes_]:
    """Return serial numbers as a fixed-width byte array: it sorts and compares without Python objects.

    One of more than `KEY_BYTES` is replaced by a digest of that length, which no serial number can be, as it
    begins with a character that cannot be printed: a single long one would widen those of its whole day.
    """
    width = pc.max(pc.binary_length(serials)).as_py() or 1
    if width > KEY_BYTES:
        texts: list[bytes] = serials.cast(pa.binary()).to_pylist()
        return np.array(
            [text if len(text) <= KEY_BYTES else _digest(text) for text in texts], f"S{KEY_BYTES}"
        )
    if not pc.all(pc.string_is_ascii(serials)).as_py():
        return np.array(serials.cast(pa.binary()).to_pylist(), dtype=f"S{width}")
    padded = pc.ascii_rpad(serials, width=width, padding="\0")
    if not len(padded):
        return np.zeros(0, dtype="S1")
    return np.frombuffer(padded.buffers()[2], dtype=f"S{width}", count=len(padded))


def _digest(text: bytes) -> bytes:
    # It must not end in a NUL, which an array leaves out.
    return b"\x01" + hashlib.blake2b(text, digest_size=KEY_BYTES - 2).digest() + b"\x01"
