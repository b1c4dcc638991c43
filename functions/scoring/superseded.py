"""Lines that do not count, because their drive and date is in the file again further down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from functions.scoring.csv_rejects import Reject

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from functions.scoring.csv_lines import Block
    from functions.scoring.csv_parse import Rows


class _Document(msgspec.Struct, frozen=True):
    superseded: dict[int, int]


@dataclass(frozen=True, slots=True)
class Superseded:
    """Lines that do not count, 16 bytes each.

    Attributes
    ----------
    lines : (n,) array of int64
        Ascending.
    kept : (n,) array of int64
        For every such line the one that counts.
    """

    lines: NDArray[np.int64]
    kept: NDArray[np.int64]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.lines)

    def between(self, first: int, end: int) -> Superseded:
        """Return those from one line up to, and without, another."""
        part = slice(*np.searchsorted(self.lines, (first, end)))
        return Superseded(self.lines[part], self.kept[part])

    def encode(self) -> bytes:
        """Return them as JSON."""
        return msgspec.json.encode(_Document(dict(zip(self.lines.tolist(), self.kept.tolist(), strict=True))))

    @classmethod
    def decode(cls, data: bytes) -> Superseded:
        """Read what `encode` has written.

        Raises
        ------
        msgspec.DecodeError
            It is something else.
        """
        found = msgspec.json.decode(data, type=_Document).superseded
        return cls(np.array([*found.keys()], dtype=np.int64), np.array([*found.values()], dtype=np.int64))


NONE = Superseded(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
"""Every line counts."""


def without_superseded(
    block: Block, rows: Rows, rejects: list[Reject], superseded: Superseded
) -> tuple[Rows, list[Reject]]:
    """Turn the rows of a block that do not count into rejects.

    Parameters
    ----------
    block : Block
    rows : Rows
    rejects : list of Reject
        What was rejected of the block before.
    superseded : Superseded
    """
    if not len(superseded) or not len(rows.lines):
        return rows, rejects
    here = superseded.between(int(rows.lines[0]), int(rows.lines[-1]) + 1)
    places = np.flatnonzero(np.isin(rows.lines, here.lines))
    if not len(places):
        return rows, rejects
    texts = block.data.split(b"\n")
    kept = here.kept[np.searchsorted(here.lines, rows.lines[places])]
    for row, last in zip(places.tolist(), kept.tolist(), strict=True):
        line = int(rows.lines[row])
        reason = (
            f"{rows.serials[row].as_py()} is there again for {rows.dates[row]} on line {last}; "
            "the last line of a drive and date counts"
        )
        rejects.append(Reject(line, "repeated_drive", reason, texts[line - block.first_line].rstrip(b"\r")))
    keep = np.ones(len(rows.lines), dtype=bool)
    keep[places] = False
    return rows.where(keep), sorted(rejects, key=lambda reject: reject.line)
