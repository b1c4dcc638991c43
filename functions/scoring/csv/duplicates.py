"""Drives that are in a file more than once on the same date: the last line counts, the others are rejects.

The end of the file tells which line is the last. While a file is scored, a hash of every row's drive and date
is put aside, 8 bytes each, in memory at first and then on disk; at the end they are compared. Only when some
are there more than once is the file read again, and compared exactly.
"""

from __future__ import annotations

import errno
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
import numpy as np

from functions.errors import TelemetryFileError
from functions.scoring.csv.rejects import Reject
from functions.scoring.serial_keys import serial_hashes, serial_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Self

    import pyarrow as pa
    from numpy.typing import NDArray

    from functions.scoring.csv.blocks import Block
    from functions.scoring.csv.parser import Rows


class _Document(msgspec.Struct, frozen=True):
    duplicates: dict[int, int]


@dataclass(frozen=True, slots=True)
class DuplicateLines:
    """Lines that do not count, ascending, and for each the line that does: two (n,) arrays of int64."""

    lines: NDArray[np.int64]
    kept: NDArray[np.int64]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.lines)

    def between(self, first: int, end: int) -> DuplicateLines:
        """Return those from one line up to, and without, another."""
        part = slice(*np.searchsorted(self.lines, (first, end)))
        return DuplicateLines(self.lines[part], self.kept[part])

    def encode(self) -> bytes:
        """Return them as JSON."""
        return msgspec.json.encode(_Document(dict(zip(self.lines.tolist(), self.kept.tolist(), strict=True))))

    @classmethod
    def decode(cls, data: bytes) -> DuplicateLines:
        """Read the bytes of `encode`; msgspec.DecodeError for others."""
        found = msgspec.json.decode(data, type=_Document).duplicates
        return cls(np.array([*found.keys()], dtype=np.int64), np.array([*found.values()], dtype=np.int64))


NONE = DuplicateLines(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
"""Every line counts."""


def without_duplicates(
    block: Block, rows: Rows, rejects: list[Reject], duplicates: DuplicateLines
) -> tuple[Rows, list[Reject]]:
    """Turn the rows of a block that do not count into rejects, merged with its other rejects."""
    if not len(duplicates) or not len(rows.lines):
        return rows, rejects
    here = duplicates.between(int(rows.lines[0]), int(rows.lines[-1]) + 1)
    indices = np.flatnonzero(np.isin(rows.lines, here.lines))
    if not len(indices):
        return rows, rejects
    texts = block.data.split(b"\n")
    kept = here.kept[np.searchsorted(here.lines, rows.lines[indices])]
    for row, last in zip(indices.tolist(), kept.tolist(), strict=True):
        line = int(rows.lines[row])
        reason = (
            f"{rows.serials[row].as_py()} is there again for {rows.dates[row]} on line {last}; "
            "the last line of a drive and date counts"
        )
        rejects.append(Reject(line, "repeated_drive", reason, texts[line - block.first_line].rstrip(b"\r")))
    keep = np.ones(len(rows.lines), dtype=bool)
    keep[indices] = False
    return rows.where(keep), sorted(rejects, key=lambda reject: reject.line)


IN_MEMORY = 1024 * 1024
"""Bytes of hashes in memory, 131,072 rows; more go to a temporary file."""

COMPARED_AT_ONCE = 2**18
"""Hashes sorted at once, 2 MiB; a larger file takes one pass for each such part."""

MOST_TIMES = 16
"""Most passes over them; of a quarter of 27 million rows 14 MiB are sorted at once then."""

MOST_REPEATED = 2**22
"""Most lines of repeated drives and dates, some 300 MB while they are compared; a file has a few if any."""

_CHUNK = 1 << 20
_DAY = np.uint64(0xD6E8FEB86659FD93)


class DriveDayRows(Protocol):
    """Rows with line numbers, dates (datetime64[D]) and serial numbers, as parsed or as kept of a range."""

    @property
    def lines(self) -> NDArray[np.int64]:
        """Line numbers, ascending."""
        ...

    @property
    def dates(self) -> NDArray[np.datetime64]:
        """Dates."""
        ...

    @property
    def serials(self) -> pa.StringArray:
        """Serial numbers."""
        ...


def drive_day_hashes(rows: DriveDayRows) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each row's drive and date."""
    days = rows.dates.astype(np.int64).astype(np.uint64)
    return serial_hashes(serial_keys(rows.serials)) ^ (days * _DAY)


class DuplicateFinder:
    """The drive-days of one file, as far as it has been read. A context manager: its file is deleted."""

    def __init__(self) -> None:
        self._hashes = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - see __exit__
        self._count = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Delete what was put aside."""
        self._hashes.close()

    def add(self, rows: DriveDayRows) -> None:
        """Add the rows of a block; TelemetryFileError when there is no room on the disk."""
        self._count += len(rows.lines)
        try:
            self._hashes.write(drive_day_hashes(rows).tobytes())
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            msg = (
                f"The temporary disk is full after {self._count:,} rows, of which each takes 8 bytes there "
                "until the file is scored. Split the file by date, or score it where there is more room."
            )
            raise TelemetryFileError(msg) from error

    def suspects(self) -> NDArray[np.uint64]:
        """Return the hashes, ascending, that are there more than once."""
        parts = min(MOST_TIMES, -(-self._count // COMPARED_AT_ONCE))
        found = [self._repeated(np.uint64(part), np.uint64(parts)) for part in range(parts)]
        return np.sort(np.concatenate([np.zeros(0, dtype=np.uint64), *found]))

    def _repeated(self, part: np.uint64, parts: np.uint64) -> NDArray[np.uint64]:
        hashes = np.concatenate([chunk[chunk % parts == part] for chunk in self._chunks()])
        hashes.sort()
        return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])

    def _chunks(self) -> Iterator[NDArray[np.uint64]]:
        self._hashes.seek(0)
        while data := self._hashes.read(_CHUNK):
            yield np.frombuffer(data, dtype=np.uint64)
        self._hashes.seek(0, 2)


class _Suspects(NamedTuple):
    """Rows that may be repeated: hashes of drive and date, line numbers, days and serial numbers."""

    hashes: NDArray[np.uint64]
    lines: NDArray[np.int64]
    days: NDArray[np.int64]
    serials: NDArray[np.bytes_]


def duplicate_lines(blocks: Iterable[DriveDayRows], suspects: NDArray[np.uint64]) -> DuplicateLines:
    """Find the suspects that are really repeated: two drives may share a hash.

    Parameters
    ----------
    blocks : iterable of DriveDayRows
        The whole file once more.
    suspects : (n,) array of uint64
        See `DuplicateFinder.suspects`.

    Raises
    ------
    TelemetryFileError
        More than `MOST_REPEATED` lines are repeated.
    """
    parts: list[_Suspects] = []
    count = 0
    for rows in blocks:
        if not len(rows.lines):
            continue
        found = _suspects_of(rows, suspects)
        count += len(found.lines)
        if count > MOST_REPEATED:
            msg = (
                f"More than {MOST_REPEATED:,} lines are of drives that are in the file more than once for "
                "their date. Put every drive in once for each date, or split the file by date."
            )
            raise TelemetryFileError(msg)
        if len(found.lines):
            parts.append(found)
    if not parts:
        return NONE
    return _duplicate_lines(_Suspects(*(np.concatenate(column) for column in zip(*parts, strict=True))))


def _suspects_of(rows: DriveDayRows, suspects: NDArray[np.uint64]) -> _Suspects:
    hashes = drive_day_hashes(rows)
    indices = np.searchsorted(suspects, hashes)
    here = suspects.take(indices, mode="clip") == hashes if len(suspects) else indices > 0
    serials = serial_keys(rows.serials)[here]
    return _Suspects(hashes[here], rows.lines[here], rows.dates[here].astype(np.int64), serials)


def _duplicate_lines(found: _Suspects) -> DuplicateLines:
    # Lines ascend; a sort that keeps their order puts the last of each drive and date last.
    order = np.argsort(found.hashes, kind="stable")
    same_hash, same = _like_the_next(found, order)
    if (same_hash & ~same).any():
        # Two drives share a hash, about once in 10**5 quarters of 27 million rows.
        order = np.lexsort((found.lines, found.days, found.serials))
        _, same = _like_the_next(found, order)
    lines = found.lines[order]
    last = np.flatnonzero(~np.append(same, False))
    kept = lines[last[np.searchsorted(last, np.arange(len(lines)))]]
    out = np.flatnonzero(same)
    ascending = np.argsort(lines[out])
    return DuplicateLines(lines[out][ascending], kept[out][ascending])


def _like_the_next(found: _Suspects, order: NDArray[np.intp]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell of all rows but the last, in an order, whether the next has their hash, and is their drive-day."""
    hashes, days, serials = found.hashes[order], found.days[order], found.serials[order]
    same_hash = hashes[1:] == hashes[:-1]
    return same_hash, same_hash & (days[1:] == days[:-1]) & (serials[1:] == serials[:-1])
