"""A stream of bytes cut into blocks on line ends, with line numbers and bounded memory.

A record is a line. That makes any line end a safe place to cut, keeps a stray quote from swallowing the rest
of a file, and lets every line be accounted for. Quoted fields may hold commas and quotes, but no line break:
no release of drive telemetry has one, and the first and the last line of such a record are rejected.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from functions.errors import TelemetryFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BLOCK_BYTES = 1 << 20
"""Size of a block, and of the longest line: 1 MiB parses fastest, as it stays in the processor's cache."""

BLOCK_LINES = 32_768
"""Most lines of a block, for a line may take a kilobyte once it is read. Telemetry has 2,700 in 1 MiB, a file
of nothing but line ends a million."""

KEPT_OF_LONG_LINE = 1024
"""Bytes kept of a line that is longer than a block."""

_PIECE_BYTES = 64 * 1024
"""Inflated at once: what follows the end of a gzip member is copied, and a file may have a member a line."""

_LINE_FEED = ord("\n")
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive whole lines.

    Attributes
    ----------
    first_line : int
        Line number of the first one within the file, from 1.
    data : bytes
        The lines, each ended by a line feed. Of a line that is too long only the beginning.
    too_long : bool
        The block is one line of more than `BLOCK_BYTES`.
    """

    first_line: int
    data: bytes
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class Chunks:
    """The bytes of a file; *read* begins again each time they are iterated."""

    read: Callable[[], Iterator[bytes]]

    def __iter__(self) -> Iterator[bytes]:
        """Read the file from its beginning."""
        return self.read()


def decompress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass plain bytes through and decompress gzip, known by its first two bytes.

    Chunks decompressed hold at most `BLOCK_BYTES`: a bomb costs time but no memory.

    Raises
    ------
    TelemetryFileError
        The gzip stream is damaged or ends early.
    """
    source: Iterator[bytes] = filter(None, chunks)  # an empty chunk is not the end
    head = b""
    for chunk in source:
        head += chunk
        if len(head) >= len(_GZIP_MAGIC):
            break
    if not head.startswith(_GZIP_MAGIC):
        if head:
            yield head
        yield from source
        return
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    source = _in_pieces(chain([head], source))
    try:
        data = next(source)
        while True:
            if inflater.eof:
                # Another member may follow, after zero bytes that pad a tape block.
                data = inflater.unused_data.lstrip(b"\0")
                while not data:
                    if not (chunk := next(source, b"")):
                        return
                    data = chunk.lstrip(b"\0")
                inflater = zlib.decompressobj(_GZIP_WINDOW)
            yield inflater.decompress(data, BLOCK_BYTES)
            while inflater.unconsumed_tail:
                yield inflater.decompress(inflater.unconsumed_tail, BLOCK_BYTES)
            data = b"" if inflater.eof else next(source, b"")
            if not data and not inflater.eof:
                msg = "The gzip stream ends early; the file was cut off. Upload it again."
                raise TelemetryFileError(msg)
    except zlib.error as error:
        msg = f"The gzip stream is damaged ({error}). Compress and upload the file again."
        raise TelemetryFileError(msg) from error


def _in_pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE_BYTES):
            yield chunk[start : start + _PIECE_BYTES]


def line_count(data: bytes, start: int = 0, end: int | None = None) -> int:
    """Count line feeds from an offset up to another; several times as fast as ``data.count``."""
    return int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8)[start:end] == _LINE_FEED))


def line_blocks(chunks: Iterable[bytes], block_bytes: int = BLOCK_BYTES) -> Iterator[Block]:
    """Cut a stream into blocks of whole lines, in order; the last line gets a line feed when it has none.

    Parameters
    ----------
    chunks : iterable of bytes
        Of any size; the blocks do not depend on where they are cut.
    block_bytes : int
        Largest block, and longest line; a block has at most `BLOCK_LINES` lines too.
    """
    buffer = bytearray()
    line = 1
    skipping = False
    for chunk in chunks:
        view = memoryview(chunk)
        while len(view) > 0:
            if skipping:
                end = chunk.find(b"\n", len(chunk) - len(view))
                if end < 0:
                    break
                view = view[end + 1 - (len(chunk) - len(view)) :]
                skipping = False
                line += 1
                continue
            room = block_bytes - len(buffer)
            buffer += view[:room]
            view = view[room:]
            if len(buffer) < block_bytes:
                break
            end = buffer.rfind(b"\n") + 1
            if end:
                with memoryview(buffer) as whole, whole[:end] as lines:
                    data = bytes(lines)
                del buffer[:end]
                yield from _short(Block(line, data), count := line_count(data))
                line += count
            else:
                yield Block(line, bytes(buffer[:KEPT_OF_LONG_LINE]) + b"\n", too_long=True)
                buffer.clear()
                skipping = True
    if buffer:
        data = bytes(buffer)
        data = data if data.endswith(b"\n") else data + b"\n"
        yield from _short(Block(line, data), line_count(data))


def _short(block: Block, lines: int) -> Iterator[Block]:
    """Cut a block after every `BLOCK_LINES` lines."""
    if lines <= BLOCK_LINES:
        yield block
        return
    ends = np.flatnonzero(np.frombuffer(block.data, dtype=np.uint8) == _LINE_FEED)[:-1] + 1
    start = 0
    for number, end in enumerate([*ends[BLOCK_LINES - 1 :: BLOCK_LINES].tolist(), len(block.data)]):
        yield Block(block.first_line + number * BLOCK_LINES, block.data[start:end])
        start = end
