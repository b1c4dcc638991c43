"""Drives as arrays: fixed-width keys of their serial numbers, and 64-bit hashes of serial numbers and models.

A drive is a model and a serial number: two makers may give out the same number, and some USB bridges give
one of their own for every drive behind them. History finds a drive's earlier counters by these arrays, and
repeated lines are found by them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray


KEY_BYTES = 32
"""Bytes of a key; serial numbers of real drives have 8 to 20, their models up to 40."""

# Snapshots keep hashes of models: with other constants drives would lose their history.
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_MODEL = np.uint64(0xC2B2AE3D27D4EB4F)


class DriveKeys(NamedTuple):
    """Some drives.

    Two are the same where the bytes of their serial numbers and `by_drive` are equal: then the hashes of
    their models are equal as well.

    Attributes
    ----------
    serials : (n,) array of bytes
        See `text_keys`.
    by_serial : (n,) array of uint64
        Hashes of the serial numbers.
    by_drive : (n,) array of uint64
        Hashes of serial number and model; those of the serial numbers where no models are known.
    """

    serials: NDArray[np.bytes_]
    by_serial: NDArray[np.uint64]
    by_drive: NDArray[np.uint64]

    @classmethod
    def of(cls, serials: pa.StringArray, models: NDArray[np.uint64] | None) -> Self:
        """Return the keys of drives, given the `model_hashes`; None where they are not known."""
        keys = text_keys(serials)
        by_serial = text_hashes(keys)
        return cls(keys, by_serial, by_serial if models is None else by_serial ^ models)

    def rows(self, rows: NDArray[np.intp] | slice) -> Self:
        """Return some of them."""
        return type(self)(self.serials[rows], self.by_serial[rows], self.by_drive[rows])


def model_hashes(models: pa.DictionaryArray) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each row's drive model, never 0; a model of the dictionary is hashed once."""
    # Multiplied, so that it does not cancel the hash of a serial number with the same text.
    hashes = np.maximum(text_hashes(text_keys(models.dictionary)) * _MODEL, np.uint64(1))
    found: NDArray[np.uint64] = hashes[models.indices.to_numpy()]
    return found


def text_hashes(keys: NDArray[np.bytes_]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each key, the same whatever the width of the array it stands in."""
    words = -(-keys.dtype.itemsize // 8)
    columns = keys.astype(f"S{8 * words}").view(np.uint64).reshape(len(keys), words)
    hashes = np.zeros(len(keys), dtype=np.uint64)
    for column in columns.T:
        mixed = (hashes ^ column) * _MULTIPLIER
        mixed ^= mixed >> _SHIFT
        # A word of zeros is padding: keys have no NUL.
        hashes = np.where(column == 0, hashes, mixed)
    return hashes


def is_among(hashes: NDArray[np.uint64], some: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which hashes are among some, which ascend."""
    if not len(some):
        return np.zeros(len(hashes), dtype=bool)
    found: NDArray[np.bool_] = some.take(np.searchsorted(some, hashes), mode="clip") == hashes
    return found


def text_keys(texts: pa.StringArray) -> NDArray[np.bytes_]:
    """Return serial numbers or models as a fixed-width byte array: it compares without Python objects.

    One of more than `KEY_BYTES` is replaced by a digest of that length, which no other can be, as it begins
    with a character that cannot be printed: a single long one would widen those of its whole day.
    """
    width = pc.max(pc.binary_length(texts)).as_py() or 1
    if width > KEY_BYTES:
        encoded: list[bytes] = texts.cast(pa.binary()).to_pylist()
        return np.array(
            [text if len(text) <= KEY_BYTES else _digest(text) for text in encoded], f"S{KEY_BYTES}"
        )
    if not pc.all(pc.string_is_ascii(texts)).as_py():
        return np.array(texts.cast(pa.binary()).to_pylist(), dtype=f"S{width}")
    padded = pc.ascii_rpad(texts, width=width, padding="\0")
    if not len(padded):
        return np.zeros(0, dtype="S1")
    return np.frombuffer(padded.buffers()[2], dtype=f"S{width}", count=len(padded))


def _digest(text: bytes) -> bytes:
    # It must not end in a NUL, which an array leaves out.
    return b"\x01" + hashlib.blake2b(text, digest_size=KEY_BYTES - 2).digest() + b"\x01"
