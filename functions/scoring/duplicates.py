"""Drives that are in a file more than once on the same date: the last line counts, the others are rejects.

Which line is the last is known at the end of the file only. While a file is scored its drives and dates go
into a Bloom filter of fixed size; only when one seems to be there already is the file read again, and
compared exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from functions.scoring.csv_rejects import Reject
from functions.scoring.snapshot_lookup import serial_hashes, serial_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

    from functions.scoring.csv_lines import Block
    from functions.scoring.csv_parse import Rows

FILTER_WORDS, FILTER_PROBES, PROBE_BITS = 2**21, 3, 4
"""Size of the Bloom filter (16 MiB in words of 64 bits), words looked at for each drive-day, and bits set in
each word: three places in memory where an ordinary filter has eight or more. By the usual formula, with the
rows that share a word distributed as Poisson, a file without repeated drives is read again for nothing with a
chance of 2 % at 2.5 million rows, of 1e-9 at 300,000."""

_DAY = np.uint64(0xD6E8FEB86659FD93)
_MULTIPLIER, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
_TO_WORD = np.uint64(64 - (FILTER_WORDS.bit_length() - 1))
_ONE, _IN_WORD = np.uint64(1), np.uint64(63)
_TO_BITS = [np.uint64(6 * bit) for bit in range(PROBE_BITS)]


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


class DriveDays:
    """The drive-days of one file, as far as it has been read; `FILTER_WORDS` whatever the file's size.

    Parameters
    ----------
    held : int
        Up to so many drive-days are held in memory instead, 8 bytes each, and compared all at once at the
        end, which takes half the time.
    """

    def __init__(self, held: int = 0) -> None:
        self._filter = np.zeros(FILTER_WORDS, dtype=np.uint64)
        self._suspects: list[NDArray[np.uint64]] = []
        self._held: list[NDArray[np.uint64]] = []
        self._room = held

    def add(self, rows: DriveDayRows) -> None:
        """Add the rows of a block."""
        if not len(rows.lines):
            return
        self._held.append(drive_day_hashes(rows))
        self._room -= len(rows.lines)
        if self._room < 0:
            for hashes in self._held:
                self._filter_out(hashes)
            self._held.clear()

    def _filter_out(self, hashes: NDArray[np.uint64]) -> None:
        hashes, counts = np.unique(hashes, return_counts=True)
        seen = counts > 1
        present = np.ones(len(hashes), dtype=bool)
        mixed = hashes
        for _ in range(FILTER_PROBES):
            # The highest bits say which word, the lowest which bits of it.
            places = (mixed >> _TO_WORD).view(np.intp)
            bits = np.zeros(len(mixed), dtype=np.uint64)
            for shift in _TO_BITS:
                bits |= _ONE << ((mixed >> shift) & _IN_WORD)
            present &= (self._filter[places] & bits) == bits
            np.bitwise_or.at(self._filter, places, bits)
            mixed = mixed * _MULTIPLIER
            mixed ^= mixed >> _SHIFT
        if np.any(seen | present):
            self._suspects.append(hashes[seen | present])

    def suspects(self) -> NDArray[np.uint64]:
        """Return the hashes, ascending, that may be there more than once; all that are, are among them."""
        held = np.sort(np.concatenate([np.zeros(0, dtype=np.uint64), *self._held]))
        return np.unique(np.concatenate([held[1:][held[1:] == held[:-1]], *self._suspects]))


def superseded_lines(blocks: Iterable[DriveDayRows], suspects: NDArray[np.uint64]) -> dict[int, int]:
    """Tell which suspects are really repeated: two drives may share a hash.

    Parameters
    ----------
    blocks : iterable of DriveDayRows
        The whole file once more.
    suspects : (n,) array of uint64
        See `DriveDays.suspects`.

    Returns
    -------
    dict of int to int
        For every line that does not count, the line that does.
    """
    lines: dict[tuple[str, int], list[int]] = {}
    for rows in blocks:
        if not len(rows.lines):
            continue
        for row in np.flatnonzero(np.isin(drive_day_hashes(rows), suspects)).tolist():
            drive_day = rows.serials[row].as_py(), int(rows.dates[row].astype(np.int64))
            lines.setdefault(drive_day, []).append(int(rows.lines[row]))
    return {line: found[-1] for found in lines.values() for line in found[:-1]}


def without_superseded(
    block: Block, rows: Rows, rejects: list[Reject], superseded: Mapping[int, int]
) -> tuple[Rows, list[Reject]]:
    """Turn the rows of a block that do not count into rejects.

    Parameters
    ----------
    block : Block
    rows : Rows
    rejects : list of Reject
        What was rejected of the block before.
    superseded : mapping of int to int
        See `superseded_lines`.
    """
    if not superseded:
        return rows, rejects
    out = np.isin(rows.lines, list(superseded))
    if not out.any():
        return rows, rejects
    texts = block.data.split(b"\n")
    for row in np.flatnonzero(out).tolist():
        line = int(rows.lines[row])
        reason = (
            f"{rows.serials[row].as_py()} is there again for {rows.dates[row]} on line {superseded[line]}; "
            "the last line of a drive and date counts"
        )
        rejects.append(Reject(line, "repeated_drive", reason, texts[line - block.first_line].rstrip(b"\r")))
    return rows.where(~out), sorted(rejects, key=lambda reject: reject.line)
