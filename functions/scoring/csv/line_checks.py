"""Lines taken out of a block before the parser sees it, because it would misread them.

The parser works on whole blocks. It would count a carriage return as a line end, let an open quote run on
over the following lines, and give up on the block at a byte that is not UTF-8. These are found here line by
line, in blocks that hold such bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from functions.scoring.csv.quotes import doubtful_lines, fault_of_quotes
from functions.scoring.csv.rejects import Reject

_LINE_FEED = ord("\n")


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines for the parser: their numbers in the file, (n,), and their bytes, each ended by a line feed."""

    numbers: NDArray[np.int64]
    data: bytes

    def text(self, index: int) -> bytes:
        """Return one line without its line feed."""
        return self.data.split(b"\n", index + 1)[index]


def _utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _fault(line: bytes, *, doubtful: bool) -> tuple[str, str] | None:
    if b"\r" in line:
        return "carriage_return", f"a carriage return stands at byte {line.index(b'\r') + 1} of the line"
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return "not_utf8", f"byte {error.start + 1} of the line, 0x{line[error.start]:02x}, is not UTF-8"
    fault = fault_of_quotes(line) if doubtful else None
    return ("bad_quotes", f"{fault}; a quoted field must close on its line") if fault else None


def check_lines(first_line: int, data: bytes) -> tuple[Lines, list[Reject]]:
    """Separate the lines a parser can read from those it cannot; each ends with a line feed."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    # Several times as fast as searching and counting within bytes: telemetry is dense with line feeds.
    ends = np.frombuffer(data, dtype=np.uint8) == _LINE_FEED
    count = int(np.count_nonzero(ends))
    numbers = np.arange(first_line, first_line + count)
    rejects: list[Reject] = []
    if data.startswith(b"\n") or (ends[1:] & ends[:-1]).any():
        numbers, data, rejects = _without_blank(numbers, data, np.flatnonzero(ends))
    doubtful = frozenset(doubtful_lines(data).tolist())
    if not (doubtful or b"\r" in data) and (data.isascii() or _utf8(data)):
        return Lines(numbers, data), rejects
    lines = data.split(b"\n")[:-1]
    keep = np.ones(len(lines), dtype=bool)
    faulty = []
    for index, line in enumerate(lines):
        if fault := _fault(line, doubtful=index in doubtful):
            keep[index] = False
            faulty.append(Reject(int(numbers[index]), *fault, line))
    if faulty:
        data = b"".join(line + b"\n" for line, kept in zip(lines, keep, strict=True) if kept)
        rejects = sorted([*rejects, *faulty])
    return Lines(numbers[keep], data), rejects


def _without_blank(
    numbers: NDArray[np.int64], data: bytes, ends: NDArray[np.intp]
) -> tuple[NDArray[np.int64], bytes, list[Reject]]:
    """Take the blank lines out, all at once: a file may have nothing else, a million to the block."""
    blank = np.diff(ends, prepend=-1) == 1
    keep = np.ones(len(data), dtype=bool)
    keep[ends[blank]] = False
    data = np.frombuffer(data, dtype=np.uint8)[keep].tobytes()
    fields = (repeat(text) for text in ("empty_line", "the line is empty", b""))
    return numbers[~blank], data, list(map(Reject, numbers[blank].tolist(), *fields))
