"""Drives that are in a file more than once on the same date: the last line counts, the others are rejects.

Which line is the last is known at the end of the file only. While a file is scored, a 64-bit hash of each
row's drive and date is kept, 8 bytes a row; only when two hashes meet is the file read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from functions.scoring.csv_rejects import Reject
from functions.scoring.snapshot_lookup import serial_hashes, serial_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from functions.scoring.csv_lines import Block
    from functions.scoring.csv_parse import Rows

_DAY = np.uint64(0xD6E8FEB86659FD93)


def drive_day_hashes(rows: Rows) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each row's drive and date."""
    days = rows.dates.astype(np.int64).astype(np.uint64)
    return serial_hashes(serial_keys(rows.serials)) ^ (days * _DAY)


class DriveDays:
    """The drive-days of one file, as far as it has been read."""

    def __init__(self) -> None:
        # Grows in place: a list of arrays would be there twice when it is put together.
        self._hashes = bytearray()

    def add(self, rows: Rows) -> None:
        """Add the rows of a block."""
        if len(rows.lines):
            self._hashes += drive_day_hashes(rows).tobytes()

    def suspects(self) -> NDArray[np.uint64]:
        """Return the hashes, ascending, that are there more than once. Nothing can be added afterwards."""
        hashes = np.frombuffer(self._hashes, dtype=np.uint64)
        hashes.sort()
        repeated: NDArray[np.uint64] = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
        return repeated


def superseded_lines(blocks: Iterable[Rows], suspects: NDArray[np.uint64]) -> dict[int, int]:
    """Tell which suspects are really repeated: two drives may share a hash.

    Parameters
    ----------
    blocks : iterable of Rows
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
