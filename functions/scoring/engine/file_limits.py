"""When a file fails as a whole for its lines: too many of them are rejected, or there are too many.

The verdict and its words are the same for one piece and for ranges. A file with few rejects fails at its end,
with all counts. One with more than the rejects CSV lists fails as soon as that is certain, wherever that is
noticed: so its summary holds no counts, but the first reject of the file, which everybody can read again.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.errors import TelemetryFileError
from functions.scoring.csv.blocks import MAX_RATIO
from functions.scoring.csv.rejects import MOST_LISTED, SOUND_CODES
from functions.scoring.report.tally import DamagedFileError, refuse_damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from functions.scoring.engine.pipeline import ScoredBlocks
    from functions.scoring.report.tally import Tally

MAX_GZIP_LINES = 250_000_000
"""Data lines of a gzip file: about what an instance scores in the 30 minutes it has. No size tells."""


MAX_OBJECTS = 5_000_000
"""Objects of a JSON file, for the same reason, with a margin: each is read by itself, which takes 0.1 ms on
a fast core and several times that on a slow or a shared one."""


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Bounds of the lines of one file.

    Attributes
    ----------
    reject_share : float
        Share of rejected lines above which it fails.
    most_bytes : int
        Most bytes it can have, uncompressed.
    most_lines : int or None
        Data lines above which it fails.
    """

    reject_share: float
    most_bytes: int
    most_lines: int | None = None

    @classmethod
    def of_file(cls, size: int, reject_share: float, *, packed: bool, json: bool = False) -> FileLimits:
        """Return those of a file of *size* bytes, plain or gzip, CSV or JSON."""
        most_bytes = size * MAX_RATIO if packed else size
        if json:
            return cls(reject_share, most_bytes, MAX_OBJECTS)
        return cls(reject_share, most_bytes, MAX_GZIP_LINES if packed else None)

    def check(self, tally: Tally, bytes_read: int, shortest_row: int) -> None:
        """Make sure that the file can still be scored.

        Parameters
        ----------
        tally : Tally
            Of the lines of some part of the file, as far as they have been read.
        bytes_read : int
            Of that part. All the rest of the file may be rows yet.
        shortest_row : int
            Bytes of the shortest row.

        Raises
        ------
        DamagedFileError
            However the rest turns out, too many lines will have been rejected.
        TelemetryFileError
            There are too many lines.
        """
        if self.most_lines is not None and tally.lines > self.most_lines:
            msg = (
                f"The file has more than {self.most_lines:,} lines or objects, which is the most of a gzip "
                "or JSON file. Split it by date, or upload an uncompressed CSV."
            )
            raise TelemetryFileError(msg)
        if tally.faulty <= MOST_LISTED:
            return
        # The last line may lack its line feed.
        rows_left = (max(0, self.most_bytes - bytes_read) + 1) // shortest_row
        if self.most_lines is not None:
            rows_left = min(rows_left, self.most_lines - tally.lines)
        refuse_damaged(tally, self.reject_share, rows_left)


@contextmanager
def naming_first_reject(
    blocks: ScoredBlocks, tally: Tally, begin: Callable[[], Iterable[bytes]]
) -> Iterator[None]:
    """Turn a `DamagedFileError` into one that names the first reject, and forget what was counted.

    Parameters
    ----------
    tally : Tally
        What the summary would count.
    begin : callable
        Reads the file from its beginning, uncompressed; a block of it is enough.

    Raises
    ------
    TelemetryFileError
        In place of the other.
    """
    try:
        yield
    except DamagedFileError as damaged:
        tally.reset()
        with closing(blocks.rejects(begin())) as found:
            rejects = [each for each in next(found, []) if each.code not in SOUND_CODES]
        # Which drives are repeated shows in the whole file alone.
        first = "None of them is in its first MiB, unless drives are repeated there (repeated_drive)."
        if rejects:
            first = f"The first of them is line {rejects[0].line} ({rejects[0].code}): {rejects[0].reason}."
        raise TelemetryFileError(f"{damaged} {first}") from None
