"""A digest after stored content: damage is found before a parser written in C meets it.

A seal follows the content: a mark, the number of dates of the file it was made from, the content's length,
and a SHA-256 of all of that.
"""

from __future__ import annotations

import hashlib
import os
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import BinaryIO

_HEAD = struct.Struct("<8sIQ")
_MARK = b"\0DCSEAL1"

SEAL_BYTES = _HEAD.size + hashlib.sha256().digest_size


class DamagedError(ValueError):
    """The content is not what was sealed."""


class Sealed(NamedTuple):
    """The bytes before a seal.

    Attributes
    ----------
    dates : int or None
        Of the file it was made from; None of what was stored without a seal, by earlier versions of the app.
    """

    content: memoryview
    dates: int | None


class SealingSink:
    """Writes through, and a seal at the end."""

    closed = False

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._digest = hashlib.sha256()
        self._length = 0

    def write(self, data: bytes) -> int:
        """Append content."""
        self._digest.update(data)
        self._length += len(data)
        self._sink.write(data)
        return len(data)

    def tell(self) -> int:
        """Return the content's bytes so far."""
        return self._length

    def flush(self) -> None:
        """Do nothing: the sink knows best."""

    def seal(self, dates: int) -> None:
        """Write the seal; nothing may follow."""
        head = _HEAD.pack(_MARK, dates, self._length)
        self._digest.update(head)
        self._sink.write(head + self._digest.digest())


def seal(content: bytes, dates: int = 0) -> bytes:
    """Return content with its seal."""
    head = _HEAD.pack(_MARK, dates, len(content))
    return content + head + hashlib.sha256(content + head).digest()


def dates_sealed(file: BinaryIO) -> int | None:
    """Return how many dates a sealed file was made from, by its end alone; None if it has no seal."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - SEAL_BYTES))
    seal = file.read(_HEAD.size)
    if len(seal) < _HEAD.size or seal[: len(_MARK)] != _MARK:
        return None
    dates: int = _HEAD.unpack(seal)[1]
    return dates


def unseal(data: bytes) -> Sealed:
    """Check a seal, if there is one.

    Raises
    ------
    DamagedError
        The content is not what was sealed.
    """
    view = memoryview(data)
    content, seal = view[:-SEAL_BYTES], view[-SEAL_BYTES:]
    if len(data) < SEAL_BYTES or seal[: len(_MARK)] != _MARK:
        return Sealed(view, None)
    _, dates, length = _HEAD.unpack(seal[: _HEAD.size])
    digest = seal[_HEAD.size :]
    if length != len(content):
        msg = f"it has {len(content):,} bytes, {length:,} were written"
        raise DamagedError(msg)
    if hashlib.sha256(view[: -len(digest)]).digest() != digest:
        msg = f"its {length:,} bytes are not those that were written (SHA-256)"
        raise DamagedError(msg)
    return Sealed(content, dates)
