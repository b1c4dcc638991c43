"""Serial numbers that are in a file more than once on the same date.

Rows of one drive, of one model that is, are repeated: the last line counts, the others are rejects. Rows of
different models are different drives that share a serial number: each counts, and history that is kept by
serial number alone is no history for any of them.

The end of the file tells which line is the last. While a file is scored, a hash of every row's serial number
and date is put aside, 8 bytes each, in memory at first and then on disk; at the end they are compared. Only
when some are there more than once is the file read again, and compared exactly.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec
import numpy as np
import pyarrow as pa

from functions.errors import DiskFullError, TelemetryFileError
from functions.scoring.csv.rejects import Reject
from functions.scoring.drive_keys import is_among, text_hashes, text_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Self

    from numpy.typing import NDArray

    from functions.scoring.csv.blocks import Block
    from functions.scoring.csv.parser import Rows


class _Document(msgspec.Struct, frozen=True):
    duplicates: dict[int, int]
    shared: list[int]


@dataclass(frozen=True, slots=True)
class RepeatedSerials:
    """Serial numbers that are in a file more than once on a date, as scoring it has to know them.

    Attributes
    ----------
    lines, kept : (n,) arrays of int64
        Lines that do not count, ascending, and for each the line of its drive and date that does.
    shared : (m,) array of uint64
        Serial numbers that drives of different models have on one date: their hashes, ascending, see
        `functions.scoring.drive_keys.DriveKeys`.
    """

    lines: NDArray[np.int64]
    kept: NDArray[np.int64]
    shared: NDArray[np.uint64]

    def between(self, first: int, end: int) -> RepeatedSerials:
        """Return those that matter to the lines from one up to, and without, another."""
        part = slice(*np.searchsorted(self.lines, (first, end)))
        return RepeatedSerials(self.lines[part], self.kept[part], self.shared)

    def encode(self) -> bytes:
        """Return them as JSON."""
        duplicates = dict(zip(self.lines.tolist(), self.kept.tolist(), strict=True))
        return msgspec.json.encode(_Document(duplicates, self.shared.tolist()))

    @classmethod
    def decode(cls, data: bytes) -> RepeatedSerials:
        """Read the bytes of `encode`; msgspec.DecodeError for others."""
        found = msgspec.json.decode(data, type=_Document)
        return cls(
            np.array([*found.duplicates.keys()], dtype=np.int64),
            np.array([*found.duplicates.values()], dtype=np.int64),
            np.array(found.shared, dtype=np.uint64),
        )


NONE = RepeatedSerials(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint64))
"""Every line counts, and no drives share a serial number."""


def without_duplicates(
    block: Block, rows: Rows, rejects: list[Reject], repeated: RepeatedSerials
) -> tuple[Rows, list[Reject]]:
    """Turn the rows of a block that do not count into rejects, merged with its other rejects."""
    if not len(repeated.lines) or not len(rows.lines):
        return rows, rejects
    here = repeated.between(int(rows.lines[0]), int(rows.lines[-1]) + 1)
    indices = np.flatnonzero(np.isin(rows.lines, here.lines))
    if not len(indices):
        return rows, rejects
    texts = block.data.split(b"\n")
    kept = here.kept[np.searchsorted(here.lines, rows.lines[indices])]
    for row, last in zip(indices.tolist(), kept.tolist(), strict=True):
        line = int(rows.lines[row])
        reason = (
            f"{rows.serials[row].as_py()} ({rows.models[row].as_py()}) is there again for {rows.dates[row]} "
            f"on line {last}; the last line of a drive and date counts"
        )
        rejects.append(Reject(line, "repeated_drive", reason, texts[line - block.first_line].rstrip(b"\r")))
    keep = np.ones(len(rows.lines), dtype=bool)
    keep[indices] = False
    return rows.where(keep), sorted(rejects)


IN_MEMORY = 1024 * 1024
"""Bytes of hashes in memory, 131,072 rows; more go to a temporary file."""

COMPARED_AT_ONCE = 2**18
"""Hashes sorted at once, 2 MiB; a larger file takes one pass for each such part."""

MOST_TIMES = 16
"""Most passes over them; of a quarter of 27 million rows 14 MiB are sorted at once then."""

MOST_REPEATED = 2**22
"""Most lines of repeated serial numbers and dates, some 400 MB while they are compared; a file has a few if
any."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of writing for which a disk, a quota or the largest file allowed is too small."""

_ALONE = 15 / 16
"""Share of a disk that a file can have at most; the file system keeps some for itself."""

_CHUNK = 1 << 20
_DAY = np.uint64(0xD6E8FEB86659FD93)


class SerialDayRows(Protocol):
    """Rows with line numbers, dates (datetime64[D]) and drives, as parsed or as kept of a range."""

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

    @property
    def model_hashes(self) -> NDArray[np.uint64]:
        """Hashes of the drive models, see `functions.scoring.drive_keys`."""
        ...


def serial_day_hashes(rows: SerialDayRows) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each row's serial number and date."""
    days = rows.dates.astype(np.int64).astype(np.uint64)
    return text_hashes(text_keys(rows.serials)) ^ (days * _DAY)


class DuplicateFinder:
    """Serial numbers and dates of one file, as far as it was read. A context manager: its file is deleted."""

    def __init__(self, name: str = "the file") -> None:
        self._name = name
        self._hashes = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - see __exit__
        self._count = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Delete what was put aside, also what a full disk has no room for."""
        with suppress(OSError):
            self._hashes.close()

    def add(self, rows: SerialDayRows) -> None:
        """Add the rows of a block.

        Raises
        ------
        DiskFullError
            Others leave no room on the temporary disk.
        TelemetryFileError
            The file alone is larger than that disk.
        """
        self._count += len(rows.lines)
        with self._on_disk():
            self._hashes.write(serial_day_hashes(rows).tobytes())

    def suspects(self) -> NDArray[np.uint64]:
        """Return the hashes, ascending, that are there more than once; raises as `add` does."""
        parts = min(MOST_TIMES, -(-self._count // COMPARED_AT_ONCE))
        with self._on_disk():
            found = [self._repeated(np.uint64(part), np.uint64(parts)) for part in range(parts)]
        return np.sort(np.concatenate([np.zeros(0, dtype=np.uint64), *found]))

    @contextmanager
    def _on_disk(self) -> Iterator[None]:
        """Say what an error of a full disk means."""
        try:
            yield
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            folder = tempfile.gettempdir()
            needed = f"{self._name} has {self._count:,} rows so far, of which each takes 8 bytes there"
            if error.errno == errno.EFBIG or self._count * 8 > _ALONE * _capacity(folder):
                msg = (
                    f"The temporary disk is too small: {needed}. Split the file by date, or score it where "
                    "there is a larger one."
                )
                raise TelemetryFileError(msg) from error
            msg = f"The temporary disk is full: {needed}, and something else takes the rest. Make room."
            raise DiskFullError(msg, folder) from error

    def _repeated(self, part: np.uint64, parts: np.uint64) -> NDArray[np.uint64]:
        hashes = np.concatenate([chunk[chunk % parts == part] for chunk in self._chunks()])
        hashes.sort()
        return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])

    def _chunks(self) -> Iterator[NDArray[np.uint64]]:
        self._hashes.seek(0)
        while data := self._hashes.read(_CHUNK):
            yield np.frombuffer(data, dtype=np.uint64)
        self._hashes.seek(0, 2)


def _capacity(folder: str) -> int:
    """Return the bytes that could be had of a disk if nobody else used it."""
    usage = shutil.disk_usage(folder)
    return usage.used + usage.free


class _Suspects(NamedTuple):
    """Rows that may be repeated: hashes of serial number and date, and what they are made of, with models."""

    hashes: NDArray[np.uint64]
    lines: NDArray[np.int64]
    days: NDArray[np.int64]
    serials: NDArray[np.bytes_]
    models: NDArray[np.uint64]


def repeated_serials(blocks: Iterable[SerialDayRows], suspects: NDArray[np.uint64]) -> RepeatedSerials:
    """Find the suspects that are really repeated: two serial numbers may share a hash.

    Parameters
    ----------
    blocks : iterable of SerialDayRows
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
                f"More than {MOST_REPEATED:,} lines have a serial number that is in the file more than once "
                "for their date. Put every drive in once for each date, or split the file by date."
            )
            raise TelemetryFileError(msg)
        if len(found.lines):
            parts.append(found)
    if not parts:
        return NONE
    return _repeated_serials(_Suspects(*(np.concatenate(column) for column in zip(*parts, strict=True))))


def _suspects_of(rows: SerialDayRows, suspects: NDArray[np.uint64]) -> _Suspects:
    hashes = serial_day_hashes(rows)
    here = is_among(hashes, suspects)
    return _Suspects(
        hashes[here],
        rows.lines[here],
        rows.dates[here].astype(np.int64),
        text_keys(rows.serials.filter(pa.array(here))),
        rows.model_hashes[here] if here.any() else np.zeros(0, np.uint64),
    )


def _repeated_serials(found: _Suspects) -> RepeatedSerials:
    # Lines ascend; a sort that keeps their order puts the last of each drive and date last.
    order = np.lexsort((found.models, found.hashes))
    same_hash, same_day, same_drive = _like_the_next(found, order)
    if (same_hash & ~same_day).any():
        # Two serial numbers share a hash, about once in 10**5 quarters of 27 million rows.
        order = np.lexsort((found.models, found.days, found.serials))
        _, same_day, same_drive = _like_the_next(found, order)
    lines = found.lines[order]
    last = np.flatnonzero(~np.append(same_drive, False))
    kept = lines[last[np.searchsorted(last, np.arange(len(lines)))]]
    out = np.flatnonzero(same_drive)
    ascending = np.argsort(lines[out])
    shared = found.serials[order][1:][same_day & ~same_drive]
    return RepeatedSerials(lines[out][ascending], kept[out][ascending], np.unique(text_hashes(shared)))


def _like_the_next(
    found: _Suspects, order: NDArray[np.intp]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell of all rows but the last, in an order, whether the next has their hash, their day, their drive."""
    hashes, _, days, serials, models = (column[order] for column in found)
    same_hash = hashes[1:] == hashes[:-1]
    same_day = same_hash & (days[1:] == days[:-1]) & (serials[1:] == serials[:-1])
    return same_hash, same_day, same_day & (models[1:] == models[:-1])
